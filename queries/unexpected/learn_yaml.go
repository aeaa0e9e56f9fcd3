package unexpected

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/keytrail/keytrail/queries/policy"
)

// Diff is a unified diff that adds the proposals to a policy file, each line of them a
// comment: a person takes the signs away from those that are right, and says who answers
// for them. data is nil for a file that does not exist yet. It is empty when there is
// nothing to add; what an earlier diff has put into the file is not added again.
func (l *Learned) Diff(name string, data []byte) (string, error) {
	var lines []string
	for i := range l.Proposals {
		p := &l.Proposals[i]
		if !stands(data, p.Rule.ID) {
			lines = append(lines, p.lines()...)
		}
	}
	if len(lines) == 0 {
		return "", nil
	}
	lines = append([]string{
		fmt.Sprintf("# Proposed from what was seen in %s. To accept a rule take the \"# \" away,", l.Span),
		"# fill in its owner, and say in reason why it is right.",
	}, lines...)
	if data == nil {
		for i, line := range lines {
			lines[i] = "  " + line
		}
		lines = append([]string{"version: 1", "rules:"}, lines...)
	}
	return policy.Patch(name, data, lines)
}

// stands reports whether a file has a rule of that id, be it as a comment.
func stands(data []byte, id string) bool {
	return regexp.MustCompile(`\bid: *"?` + regexp.QuoteMeta(id) + `(?:["\s,}]|$)`).Match(data)
}

// lines are a rule in YAML, as a comment.
func (p *Proposal) lines() (lines []string) {
	r := &p.Rule
	add := func(format string, a ...any) { lines = append(lines, "# "+fmt.Sprintf(format, a...)) }
	add("- id: %s", r.ID)
	add("  effect: allow")
	add("  who: {%s}", whoText(&r.Who))
	add("  tables:")
	for _, table := range r.Tables {
		add("    - %s", quote(table))
	}
	add("  ops: [%s]", strings.Join(r.Ops, ", "))
	if len(r.Where.Networks) > 0 {
		add("  where: {networks: %s}", quoteList(r.Where.Networks))
	}
	if p.ManyNetworks {
		add("  # from too many networks to name: say from where it may come")
	}
	add("  reason: %s", quote(r.Reason))
	add("  owner: \"?\"")
	add("  created: %s", r.Created)
	add("  expires: %s", r.Expires)
	return lines
}

func whoText(w *policy.Who) string {
	var parts []string
	add := func(key, value string) {
		if value != "" {
			parts = append(parts, key+": "+quote(value))
		}
	}
	list := func(key string, values []string) {
		if len(values) > 0 {
			parts = append(parts, key+": "+quoteList(values))
		}
	}
	add("role", w.Role)
	add("user", w.User)
	add("service", w.Service)
	if s := w.SSO; s != nil {
		parts = append(parts, fmt.Sprintf("sso: {permission_set: %s, account: %s, persons: %s}", quote(s.PermissionSet), quote(s.Account), quoteList(s.Persons)))
	}
	if len(w.Kind) > 0 {
		parts = append(parts, "kind: ["+strings.Join(w.Kind, ", ")+"]")
	}
	list("persons", w.Persons)
	return strings.Join(parts, ", ")
}

// quote is a text in YAML's double quotes. Go escapes what YAML wants escaped, in ways
// that YAML reads, and all that a terminal or a reader would be misled by.
func quote(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	return strconv.Quote(s)
}

func quoteList(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// Summary says in lines how much is proposed, and what is not.
func (l *Learned) Summary() (lines []string) {
	lines = append(lines, fmt.Sprintf("%s proposed from %s, as comments to review", count(int64(len(l.Proposals)), "rule"), l.Span))
	for _, left := range l.Left {
		lines = append(lines, fmt.Sprintf("nothing proposed for %s: %s", words(left.Touches, "touch", "touches"), left.Why))
	}
	return lines
}
