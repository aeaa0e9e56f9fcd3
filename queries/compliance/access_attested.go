package compliance

import (
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// attested is the set of ways in which a principal's calls told who it is.
type attested uint16

const (
	byRoot attested = 1 << iota
	byIdentityCenter
	bySourceIdentity
	byUser
	byProvider
	byWorkload
	byService
	byPersonsName
	byProgramsName
	byConsole
	byAccount
	byRole
	byNothing
)

// attestations say how sure each is: what AWS attests, what somebody else vouches for, and
// what the caller chose.
var attestations = []struct {
	how  attested
	text string
}{
	{byRoot, "root's own credentials (certain)"},
	{byIdentityCenter, "IAM Identity Center (certain)"},
	{bySourceIdentity, "source identity (strong)"},
	{byUser, "IAM user's credentials (strong)"},
	{byProvider, "identity provider (strong)"},
	{byWorkload, "function, task or instance that AWS gave the credentials to (certain)"},
	{byService, "AWS service (certain)"},
	{byPersonsName, "session name like a person's (claim)"},
	{byProgramsName, "session name like a program's (claim)"},
	{byConsole, "console session (claim)"},
	{byAccount, "account only (unknown)"},
	{byRole, "role only (unknown)"},
	{byNothing, "nothing (unknown)"},
}

func (a attested) texts() (all []string) {
	for _, one := range attestations {
		if a&one.how != 0 {
			all = append(all, one.text)
		}
	}
	return all
}

// attestedBy says what tells who made a call: of several things the surest.
func attestedBy(t *schema.Touch) attested {
	switch {
	case t.ActorKind == schema.ActorRoot:
		return byRoot
	case t.ActorKind == schema.ActorAWS:
		return byService
	case t.OnBehalfOf != "", t.PrincipalType == "IdentityCenterUser", strings.Contains(t.IssuerARN, ":role/aws-reserved/sso.amazonaws.com/"):
		return byIdentityCenter
	case t.SourceIdentity != "":
		return bySourceIdentity
	}
	switch t.PrincipalType {
	case "IAMUser":
		return byUser
	case "SAMLUser", "WebIdentityUser", "Directory":
		return byProvider
	case "AWSAccount":
		return byAccount
	}
	if t.InScopeOf != "" {
		return byWorkload
	}
	return bySession(t)
}

// bySession is what is left of a role's session: its name, which the caller chose.
func bySession(t *schema.Touch) attested {
	switch schema.SessionShape(t.SessionName) {
	case schema.SessionOfPerson:
		return byPersonsName
	case schema.SessionOfInstance, schema.SessionOfTask, schema.SessionOfPod, schema.SessionOfWorkload:
		return byProgramsName
	}
	switch {
	case t.Console == schema.True:
		return byConsole
	case t.Actor == "" || t.Actor == "unknown":
		return byNothing
	}
	return byRole
}
