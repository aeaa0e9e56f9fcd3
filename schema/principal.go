package schema

import "strings"

// Identity is a record's userIdentity as it stands, with what else tells who
// acted. Empty text means the record did not say.
type Identity struct {
	Type, PrincipalID, ARN, AccountID, AccessKeyID, UserName, InvokedBy, CredentialID string

	IssuerType, IssuerARN, IssuerUserName, IssuerAccountID, IssuerPrincipalID string

	SourceIdentity    string
	OnBehalfOf        string // onBehalfOf.userId
	IdentityStore     string // onBehalfOf.identityStoreArn
	InScopeOfType     string // inScopeOf.issuerType
	InScopeOf         string // inScopeOf.credentialsIssuedTo, else inScopeOf.sourceArn
	IdentityProvider  string // userIdentity.identityProvider
	FederatedProvider string // webIdFederationData.federatedProvider

	UserAgent, SourceIP string
	RecipientAccountID  string
	Console             Tri // sessionCredentialFromConsole
}

// Principal is who acted.
type Principal struct {
	Actor       string // stable id: the same for every session of a role; never empty
	Name        string // what a person would call it; never empty
	Kind        string // one of the Actor constants
	SessionName string // role session name; empty when there is none
}

// nobody is the actor of a record that names none.
const nobody = "unknown"

// ResolvePrincipal says who acted. The strings of the result are substrings of
// id's, save where an ARN or account id has to be put together because the
// record has only its parts.
//
// Who somebody is comes from what AWS attests first: the identity type, Identity
// Center, source identity, the function or task that credentials were issued to.
// Session names are the caller's claim and come after. The user agent never
// makes anybody human.
func ResolvePrincipal(id *Identity) Principal {
	s := sessionOf(id)
	p := Principal{Actor: actorOf(id, &s), Kind: kindOf(id, &s), SessionName: s.name}
	p.Name = first(nameOf(id, &s), p.Actor)
	return p
}

// actorOf is the stable id.
func actorOf(id *Identity, s *session) string {
	switch id.Type {
	case "Root":
		account := first(id.AccountID, id.PrincipalID)
		if id.ARN == "" && account != "" {
			return "arn:aws:iam::" + account + ":root"
		}
	case "AssumedRole", "Role":
		if id.IssuerARN != "" {
			return id.IssuerARN
		}
		if s.fromARN {
			return "arn:" + s.partition + ":iam::" + s.account + ":role/" + s.role
		}
	case "AWSAccount":
		principal, _, _ := strings.Cut(id.PrincipalID, ":")
		switch {
		case id.AccountID == "" && principal != "":
			return principal
		case id.AccountID != "" && principal == "":
			return id.AccountID
		case id.AccountID != "":
			return id.AccountID + ":" + principal
		}
	case "AWSService":
		return first(id.InvokedBy, id.PrincipalID, id.ARN, nobody)
	case "IdentityCenterUser":
		return first(id.OnBehalfOf, id.CredentialID, id.PrincipalID, id.ARN, nobody)
	case "SAMLUser", "WebIdentityUser":
		return first(id.PrincipalID, id.UserName, id.ARN, nobody)
	case "Directory":
		return first(id.UserName, id.PrincipalID, id.ARN, nobody)
	case "IAMUser", "FederatedUser":
		// their ARN, below
	default:
		if id.InvokedBy != "" {
			return id.InvokedBy
		}
	}
	return first(id.ARN, id.PrincipalID, id.UserName, id.InvokedBy, id.AccountID, nobody)
}

// nameOf is what a person would call the actor, or empty.
func nameOf(id *Identity, s *session) string {
	switch id.Type {
	case "Root":
		if account := first(id.AccountID, id.PrincipalID); account != "" {
			return "root of " + account
		}
		return ""
	case "IAMUser":
		return first(id.UserName, lastPart(id.ARN))
	case "AssumedRole", "Role":
		return roleName(id, s)
	case "FederatedUser":
		return lastPart(id.ARN)
	case "AWSAccount":
		return first(s.name, id.AccountID)
	case "SAMLUser", "WebIdentityUser":
		return id.UserName
	case "AWSService", "IdentityCenterUser", "Directory":
		return ""
	default:
		return first(id.InvokedBy, id.UserName, lastPart(id.ARN))
	}
}

// roleName is the person, the workload or else the role behind a session.
func roleName(id *Identity, s *session) string {
	switch {
	case s.linkedService != "":
		return s.linkedService
	case s.serviceLinked():
		return first(id.InvokedBy, s.role)
	case s.sso() && s.name != "":
		return s.name
	case id.SourceIdentity != "":
		return id.SourceIdentity
	case id.InScopeOf != "":
		return workloadName(id.InScopeOf)
	case s.name != "" && s.shape != shapeGeneric && s.shape != shapeTask && s.shape != shapeDefault:
		return s.name
	}
	return first(s.role, s.name)
}

// workloadName is the function, task or instance at the end of an ARN.
func workloadName(arn string) string {
	if _, name, ok := strings.Cut(arn, ":function:"); ok {
		name, _, _ = strings.Cut(name, ":") // a version or alias may follow
		return name
	}
	return first(lastPart(arn), arn)
}

// lastPart is what follows the last "/" or ":".
func lastPart(arn string) string {
	return arn[strings.LastIndexAny(arn, "/:")+1:]
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// kindOf is the actor's kind: the first rule that applies.
func kindOf(id *Identity, s *session) string {
	switch {
	case id.Type == "Root":
		return ActorRoot
	case foreign(id):
		return ActorExternal
	case id.Type == "AWSService", s.serviceLinked(), untyped(id) && id.InvokedBy != "":
		return ActorAWS
	case human(id, s):
		return ActorHuman
	case workload(id, s):
		return ActorService
	case strings.HasSuffix(id.InvokedBy, ".amazonaws.com"), strings.HasSuffix(id.InvokedBy, ".amazonaws.com.cn"):
		return ActorAWS
	}
	return ActorUnknown
}

// foreign reports whether the caller belongs to another account than the one
// whose trail delivered the record.
func foreign(id *Identity) bool {
	switch id.Type {
	case "AWSAccount":
		return true
	case "AssumedRole", "Role", "IAMUser", "FederatedUser":
		return id.AccountID != "" && id.RecipientAccountID != "" && id.AccountID != id.RecipientAccountID
	}
	return false
}

func untyped(id *Identity) bool { return id.Type == "" || id.Type == "Unknown" }

// human reports signs of a person. They outweigh those of a workload, but for
// the console: AWS's word that credentials belong to a workload outweighs that.
func human(id *Identity, s *session) bool {
	inScope := id.InScopeOf != "" || id.InScopeOfType != ""
	switch id.Type {
	case "IdentityCenterUser", "SAMLUser", "Directory":
		return true
	case "IAMUser":
		if !inScope {
			return true
		}
	case "FederatedUser":
		if emailShaped(lastPart(id.ARN)) {
			return true
		}
	}
	return s.sso() || id.SourceIdentity != "" || id.OnBehalfOf != "" || s.shape == shapeEmail ||
		id.Console == True && !inScope
}

// workload reports signs of a program.
func workload(id *Identity, s *session) bool {
	switch s.shape {
	case shapeInstance, shapeTask, shapePod, shapeWorkload, shapeDefault:
		return true
	}
	return id.InScopeOf != "" || id.InScopeOfType != "" ||
		id.Type == "WebIdentityUser" ||
		programProvider(id.FederatedProvider) || programProvider(id.IdentityProvider) ||
		s.name != "" && s.shape != shapeGeneric && InLambda(id.UserAgent)
}

// LambdaAgent is in the user agents of what runs in AWS Lambda.
const LambdaAgent = "exec-env/AWS_Lambda_"

// InLambda reports whether a user agent is that of a Lambda function.
func InLambda(userAgent string) bool { return strings.Contains(userAgent, LambdaAgent) }

// programProvider recognises web identity providers that vouch for programs
// only: EKS clusters and GitHub Actions.
func programProvider(provider string) bool {
	return strings.Contains(provider, "oidc.eks.") || strings.Contains(provider, "token.actions.githubusercontent.com")
}
