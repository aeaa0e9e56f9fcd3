package schema

import "strings"

// GivesSession reports whether an event of STS, of console sign-in or of Identity
// Center's portal gives somebody a session: credentials, or a console to act in.
//
// The shapes of AssumeRole, its three relatives, ConsoleLogin: IAM User Guide,
// CloudTrail integration. AssumeRoot: IAM User Guide, privileged tasks.
// GetFederationToken, SwitchRole, GetRoleCredentials: seen in public logs.
// RenewRole, GetSigninToken, Federate: named by the guides, which show no record.
func GivesSession(eventName string) bool {
	switch eventName {
	case "AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot",
		"GetFederationToken", "GetSessionToken",
		"ConsoleLogin", "SwitchRole", "RenewRole", "GetSigninToken",
		"GetRoleCredentials", "Federate":
		return true
	}
	return false
}

// SignsIn reports whether the event takes whom it names as its caller to the console,
// and so hands out no key that could be found again.
func SignsIn(eventName string) bool {
	switch eventName {
	case "ConsoleLogin", "SwitchRole", "RenewRole", "GetSigninToken":
		return true
	}
	return false
}

// IsSecret reports whether a member of that name, in any case, is a credential or
// proves one: who reads the lake must not be able to act with it.
func IsSecret(member string) bool {
	for _, secret := range secrets {
		if len(member) == len(secret) && strings.EqualFold(member, secret) {
			return true
		}
	}
	return false
}

var secrets = [...]string{
	"sessionToken", "secretAccessKey", // STS, in the response
	"webIdentityToken", "samlAssertion", "tokenCode", // and in requests
	"signinToken", "accessToken", // of the console and of Identity Center
}

// WithoutSecrets is [CanonicalJSON] less all members that are secret by [IsSecret].
func WithoutSecrets(raw []byte) ([]byte, error) {
	v, err := parseJSON(raw)
	if err != nil {
		return nil, err
	}
	dropSecrets(v)
	return appendCanonical(make([]byte, 0, len(raw)), v), nil
}

func dropSecrets(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if IsSecret(name) {
				delete(v, name)
			} else {
				dropSecrets(value)
			}
		}
	case []any:
		for _, e := range v {
			dropSecrets(e)
		}
	}
}
