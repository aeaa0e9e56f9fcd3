package queries

import (
	"cmp"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// end is what an identity says itself of who is behind it.
type end struct {
	person, program string
	certainty       Certainty
	why             string
	final           bool // nobody further up would tell more
}

// endOf judges an identity. The order is that of what AWS attests: first what it
// knows of people, then of programs, at last what callers say of themselves.
func endOf(t *schema.Touch) end {
	switch {
	case t.PrincipalType == "IdentityCenterUser", t.OnBehalfOf != "":
		name := t.OnBehalfOf
		if sso(t) && t.SessionName != "" {
			name = t.SessionName
		}
		return end{person: cmp.Or(name, t.ActorName), certainty: Certain, why: "Identity Center", final: true}
	case sso(t) && t.SessionName != "":
		return end{person: t.SessionName, certainty: Certain, why: "Identity Center", final: true}
	case t.InScopeOf != "":
		return end{program: quoted(t.InScopeOf), certainty: Certain, why: "AWS issued the credentials to it", final: true}
	case serviceLinked(t):
		return end{program: quoted(t.ActorName), certainty: Certain, why: "service-linked role", final: true}
	case strings.HasPrefix(t.InvokedBy, "rolesanywhere."):
		return end{why: "IAM Roles Anywhere: whoever holds a certificate's key", final: true}
	case t.PrincipalType == "AWSService":
		return end{program: quoted(cmp.Or(t.InvokedBy, t.ActorName)), certainty: Certain, why: "AWS service", final: true}
	case t.PrincipalType == "Root":
		return end{person: "root/" + t.PrincipalAccountID, certainty: Strong, why: "root user: whoever holds its password", final: true}
	case t.PrincipalType == "IAMUser":
		return end{person: t.ActorName, certainty: Strong, why: "IAM user", final: true}
	case t.PrincipalType == "Directory":
		return end{person: t.ActorName, certainty: Strong, why: "directory user", final: true}
	case t.PrincipalType == "SAMLUser":
		return end{person: t.UserName, certainty: Strong, why: "SAML identity provider", final: t.UserName != ""}
	case t.PrincipalType == "WebIdentityUser":
		return webIdentity(t)
	case t.PrincipalType == "" && t.InvokedBy != "":
		return end{program: quoted(t.InvokedBy), certainty: Certain, why: "AWS service", final: true}
	}
	return claimed(t)
}

// webIdentity is whoever an OpenID Connect provider vouches for.
func webIdentity(t *schema.Touch) end {
	subject := cmp.Or(t.UserName, lastPart(t.PrincipalID), t.PrincipalID)
	switch provider := t.PrincipalID; {
	case strings.Contains(provider, "oidc.eks."):
		return end{program: "EKS " + quoted(subject), certainty: Certain, why: "the cluster's identity provider", final: true}
	case strings.Contains(provider, "token.actions.githubusercontent.com"):
		return end{program: "GitHub Actions " + quoted(subject), certainty: Certain, why: "GitHub's identity provider", final: true}
	case schema.PersonShaped(subject):
		return end{person: subject, certainty: Strong, why: "web identity provider", final: true}
	}
	return end{program: "web identity " + quoted(subject), certainty: Strong, why: "web identity provider: it need not be a person", final: true}
}

// claimed is what a session says of itself while the event that gave it is unknown.
func claimed(t *schema.Touch) end {
	switch {
	case schema.PersonShaped(t.SessionName):
		return end{person: t.SessionName, certainty: Claim, why: "session name, which the caller chose"}
	case t.ActorKind == schema.ActorService:
		return end{program: quoted(t.ActorName), certainty: Claim, why: "session name, which the caller chose"}
	}
	return end{why: "nothing in the session says who"}
}

// roleOf is the name of a session's role.
func roleOf(t *schema.Touch) string {
	if strings.Contains(t.IssuerARN, ":role/") {
		return lastPart(t.IssuerARN)
	}
	_, path, _ := strings.Cut(t.PrincipalARN, ":assumed-role/")
	role, _, _ := strings.Cut(path, "/")
	return role
}

// sso reports a role that Identity Center made: its sessions carry people's names.
// IAM keeps the path for AWS; a name like that anybody may give a role.
func sso(t *schema.Touch) bool {
	return strings.Contains(t.IssuerARN, ":role/aws-reserved/sso.amazonaws.com/")
}

// serviceLinked reports a role that a service of AWS made for itself: known by its
// path, too.
func serviceLinked(t *schema.Touch) bool {
	return strings.Contains(t.IssuerARN, ":role/aws-service-role/")
}

// label is an identity as a chain names it.
func label(t *schema.Touch) string {
	kind, name := "", cmp.Or(t.ActorName, t.Actor)
	switch role := roleOf(t); t.PrincipalType {
	case "AssumedRole", "Role":
		kind, name = "role/", cmp.Or(role, t.ActorName)
		if sso(t) {
			kind, name = "sso/", shortRole(role)
		}
	case "IAMUser":
		kind = "user/"
	case "FederatedUser":
		kind = "federated/"
	case "AWSAccount":
		kind, name = "account/", cmp.Or(t.PrincipalAccountID, t.ActorName)
	case "AWSService":
		kind, name = "service/", cmp.Or(t.InvokedBy, t.ActorName)
	case "SAMLUser":
		kind, name = "saml/", t.UserName
	case "WebIdentityUser":
		kind, name = "oidc/", cmp.Or(t.UserName, t.ActorName)
	case "Root":
		return "root/" + quoted(t.PrincipalAccountID)
	}
	return kind + quoted(name)
}

// quoted puts text from the log in quotes where it could be taken for ours: a name
// must not write a chain of its own.
func quoted(name string) string {
	if strings.ContainsAny(name, " \"()[];>") {
		return canonical(name)
	}
	return name
}
