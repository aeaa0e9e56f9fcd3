package detect

import (
	"strings"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// stranger reports whether an account is neither ours nor a partner's; known is false
// where the policy does not say which are ours.
func (r *Run) stranger(account string) (is, known bool) {
	if r.Policy.PartnerOf(account, schema.DayString(r.Day)) != nil {
		return false, true
	}
	return r.outsider(account)
}

// outsider reports whether an account is not ours, partner or not; known likewise.
func (r *Run) outsider(account string) (is, known bool) {
	ours, known := r.Policy.Ours(account)
	return !ours, known
}

// unknownAccounts is why a call with another account could not be judged.
const unknownAccounts = "the policy's org_accounts do not say which accounts are ours"

// accountIn is the account of an ARN, or of a text that is an account's number; empty
// for others, and where a wildcard stands in the ARN before it.
func accountIn(s string) string {
	if isAccount(s) {
		return s
	}
	parts := strings.SplitN(s, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || !isAccount(parts[4]) || strings.ContainsAny(strings.Join(parts[:4], ""), "*?") {
		return ""
	}
	return parts[4]
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// isService reports whether a principal is a service of AWS.
func isService(principal string) bool {
	return strings.HasSuffix(principal, ".amazonaws.com") || strings.HasSuffix(principal, ".amazonaws.com.cn")
}

// moreCare reports whether a table needs more care than another.
func moreCare(a, b *policy.Table) bool { return care(a) > care(b) }

func care(t *policy.Table) (n int) {
	for _, class := range policy.Classes {
		if t.AtLeast(class) {
			n++
		}
	}
	if t.Protected {
		n += len(policy.Classes)
	}
	return n
}
