package schema

import "strings"

// session is what the parts of a role session tell.
type session struct {
	role      string // role name, without its path
	name      string // session name, chosen by whoever assumed the role
	partition string
	account   string
	fromARN   bool // role, partition and account were read from the session's ARN

	pathKnown     bool   // the role's ARN is there, and with it the path
	ssoPath       bool   // which only IAM Identity Center can give a role
	linkedService string // the service of a service-linked role
	shape         shape  // what the session name looks like
}

// sessionOf reads the session out of an identity of type AssumedRole, Role or
// AWSAccount, or of one without a type whose ARN is a session's.
func sessionOf(id *Identity) session {
	var s session
	s.parseARN(id.ARN)
	switch id.Type {
	case "AssumedRole", "Role":
		if strings.Contains(id.IssuerARN, ":role/") {
			s.role, s.pathKnown = lastPart(id.IssuerARN), true
			s.ssoPath = strings.Contains(id.IssuerARN, ":role/aws-reserved/sso.amazonaws.com/")
			_, path, _ := strings.Cut(id.IssuerARN, ":role/aws-service-role/")
			s.linkedService, _, _ = strings.Cut(path, "/")
		}
		if s.role == "" {
			s.role = first(id.IssuerUserName, iamRoleName(id.ARN), id.UserName)
		}
		if s.name == "" {
			_, s.name, _ = strings.Cut(id.PrincipalID, ":")
		}
	case "AWSAccount":
		if s.name == "" {
			_, s.name, _ = strings.Cut(id.PrincipalID, ":")
		}
	}
	s.shape = shapeOf(s.name)
	return s
}

// parseARN reads arn:<partition>:sts::<account>:assumed-role/<role>/<session>.
func (s *session) parseARN(arn string) {
	rest, ok := strings.CutPrefix(arn, "arn:")
	if !ok {
		return
	}
	partition, rest, _ := strings.Cut(rest, ":")
	rest, ok = strings.CutPrefix(rest, "sts:")
	if !ok {
		return
	}
	_, rest, _ = strings.Cut(rest, ":") // Region: empty
	account, resource, _ := strings.Cut(rest, ":")
	path, ok := strings.CutPrefix(resource, "assumed-role/")
	if !ok {
		return
	}
	role, _, _ := strings.Cut(path, "/")
	if role == "" {
		return
	}
	s.partition, s.account, s.role, s.fromARN = partition, account, role, true
	if slash := strings.LastIndexByte(path, '/'); slash > 0 {
		s.name = path[slash+1:]
	}
}

// iamRoleName is the name at the end of a role's own ARN.
func iamRoleName(arn string) string {
	if _, path, ok := strings.Cut(arn, ":role/"); ok {
		return lastPart(path)
	}
	return ""
}

// sso reports a role that IAM Identity Center made for a permission set: its
// sessions carry the person's name. Anybody may call a role so, but nobody else can
// give it the path; the name counts where the path is not known.
func (s *session) sso() bool {
	return s.ssoPath || !s.pathKnown && strings.HasPrefix(s.role, "AWSReservedSSO_")
}

// serviceLinked reports a role that only a service of AWS can assume, likewise.
func (s *session) serviceLinked() bool {
	return s.linkedService != "" || !s.pathKnown && strings.HasPrefix(s.role, "AWSServiceRoleFor")
}

// shape is what a session name looks like.
type shape uint8

const (
	shapeNone     shape = iota // no session name
	shapeEmail                 // ann@example.com: a person, as identity providers name them
	shapeInstance              // i-0123456789abcdef0: EC2
	shapeTask                  // 32 hex digits: ECS
	shapePod                   // eks-<cluster>-<pod>-<uuid>: EKS Pod Identity
	shapeWorkload              // AWSCodeBuild-<id>
	shapeDefault               // fixed name that a service or CI tool gives every session
	shapeGeneric               // made up by an SDK, tells nothing
	shapeCustom                // anything else
)

func shapeOf(name string) shape {
	switch {
	case name == "":
		return shapeNone
	case instanceShaped(name):
		return shapeInstance
	case len(name) == 32 && allHex(name):
		return shapeTask
	case podShaped(name):
		return shapePod
	case strings.HasPrefix(name, "AWSCodeBuild-"):
		return shapeWorkload
	case strings.HasPrefix(name, "GlueJobRunnerSession"), strings.HasPrefix(name, "AutoScaling"),
		name == "GitHubActions", name == "APPSYNC_ASSUME_ROLE", name == "BackplaneAssumeRoleSession":
		return shapeDefault
	case genericShaped(name):
		return shapeGeneric
	case emailShaped(name):
		return shapeEmail
	}
	return shapeCustom
}

func instanceShaped(s string) bool {
	return len(s) >= len("i-")+8 && len(s) <= len("i-")+17 && strings.HasPrefix(s, "i-") && allHex(s[2:])
}

func podShaped(s string) bool {
	const uuid = 36
	if !strings.HasPrefix(s, "eks-") || len(s) < len("eks-")+1+len("-")+uuid || s[len(s)-uuid-1] != '-' {
		return false
	}
	for _, c := range []byte(s[len(s)-uuid:]) {
		if c != '-' && !hex(c) {
			return false
		}
	}
	return true
}

// sdkSessions are the prefixes before the time in session names that SDKs make up.
var sdkSessions = [...]string{
	"botocore-session-", "aws-sdk-js-session-", "aws-sdk-java-", "AWS-CLI-session-", "aws-go-sdk-",
}

// genericShaped also takes 32 letters (made up by Step Functions) and 16 to 19
// digits (a time in micro- or nanoseconds).
func genericShaped(s string) bool {
	for _, prefix := range sdkSessions {
		if digits, ok := strings.CutPrefix(s, prefix); ok {
			return digits != "" && allDigits(digits)
		}
	}
	return len(s) >= 16 && len(s) <= 19 && allDigits(s) || len(s) == 32 && allLetters(s)
}

// emailShaped accepts name@domain.tld without white space.
func emailShaped(s string) bool {
	at := strings.IndexByte(s, '@')
	dot := strings.LastIndexByte(s, '.')
	return at > 0 && dot > at+1 && len(s)-dot > 2 && allLetters(s[dot+1:]) &&
		strings.IndexByte(s[at+1:], '@') < 0 && !strings.ContainsAny(s, " \t\r\n\f\v")
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func allLetters(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

func allHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if !hex(s[i]) {
			return false
		}
	}
	return true
}

func hex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }

// PersonShaped reports whether a session name looks like a person's: an e-mail
// address, as identity providers pass it. Whoever opens a session may choose it.
func PersonShaped(name string) bool { return emailShaped(name) }

// What session names look like, see [SessionShape].
const (
	SessionOfPerson   = "person"   // an e-mail address
	SessionOfInstance = "instance" // EC2
	SessionOfTask     = "task"     // ECS
	SessionOfPod      = "pod"      // EKS Pod Identity
	SessionOfWorkload = "workload" // of another service, or of a CI tool
	SessionGeneric    = "generic"  // made up by an SDK
	SessionCustom     = "custom"   // anything else
)

// SessionShape says what the name of a role session looks like: one of the Session
// constants, or empty when there is none. Whoever opens a session may choose its name.
func SessionShape(name string) string {
	switch shapeOf(name) {
	case shapeNone:
		return ""
	case shapeEmail:
		return SessionOfPerson
	case shapeInstance:
		return SessionOfInstance
	case shapeTask:
		return SessionOfTask
	case shapePod:
		return SessionOfPod
	case shapeWorkload, shapeDefault:
		return SessionOfWorkload
	case shapeGeneric:
		return SessionGeneric
	}
	return SessionCustom
}
