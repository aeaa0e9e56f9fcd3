package schema

import "strings"

// PrincipalKey names who acted for baselines and lists of expected identities: the same
// for every session, and for people behind a shared role one each. It is the actor,
// but
//
//	sso/<account>/<permission set>/<person>   of Identity Center's roles, whose ARNs
//	                                          change when a set is provisioned anew
//	<role ARN>#<person>                       where a role's session leads to a person
//
// Texts of t are used, not copied, where nothing has to be put together.
func PrincipalKey(t *Touch) string {
	if t.ActorKind != ActorHuman || t.ActorName == "" || !strings.Contains(t.Actor, ":role/") {
		return t.Actor
	}
	account, path, _ := strings.Cut(t.Actor, ":role/")
	if strings.HasPrefix(path, "aws-reserved/sso.amazonaws.com/") {
		account = account[strings.LastIndexByte(account, ':')+1:]
		return "sso/" + account + "/" + permissionSet(lastPart(path)) + "/" + t.ActorName
	}
	if t.ActorName == lastPart(path) {
		return t.Actor
	}
	return t.Actor + "#" + t.ActorName
}

// permissionSet is the name in AWSReservedSSO_<set>_<16 hex digits>.
func permissionSet(role string) string {
	name := strings.TrimPrefix(role, "AWSReservedSSO_")
	if at := len(name) - 17; at > 0 && name[at] == '_' {
		return name[:at]
	}
	return name
}
