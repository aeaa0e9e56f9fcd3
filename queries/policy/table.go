package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// TableOf is the first entry that matches a table's ARN, or the zero Table. Safe for
// concurrent use.
func (p *Policy) TableOf(arn string) Table {
	if p == nil {
		return Table{}
	}
	return p.compiled.tables.of(arn)
}

// AtLeast reports whether the table's class is that one or one that needs more care.
// Without an entry for the table it is not.
func (t Table) AtLeast(class string) bool { return rank(t.Class) > 0 && rank(t.Class) >= rank(class) }

func rank(class string) int { return slices.Index(Classes, class) + 1 }

// Ours reports whether an account is the organisation's; ok is false when the policy
// does not say which are.
func (p *Policy) Ours(account string) (ours, ok bool) {
	if p == nil || len(p.OrgAccounts) == 0 {
		return false, false
	}
	return slices.Contains(p.OrgAccounts, account), true
}

// PartnerOf is the partner with that account, nil when it is none or its time is over on
// that day (YYYY-MM-DD).
func (p *Policy) PartnerOf(account, day string) *Partner {
	if p == nil {
		return nil
	}
	partner, ok := p.Partners[account]
	if !ok || partner.Expires != "" && partner.Expires < day {
		return nil
	}
	return &partner
}

// PipelineOf is the pipeline whose role made the touch, nil for others.
func (p *Policy) PipelineOf(t *schema.Touch) *Pipeline {
	if p == nil {
		return nil
	}
	for i := range p.Pipelines {
		if Glob(p.Pipelines[i].Role, t.Actor) {
			return &p.Pipelines[i]
		}
	}
	return nil
}

// InBounds says why a pipeline's touch is not as its entry wants it: empty when it is.
func (l *Pipeline) InBounds(t *schema.Touch) (why string) {
	switch {
	case len(l.Networks) > 0 && !networkMatcher(l.Networks)(t):
		return fmt.Sprintf("from %s, which is none of its networks", origin(t))
	case len(l.Sessions) > 0 && !listMatcher(l.Sessions)(t.SessionName):
		return fmt.Sprintf("in session %q, a name that it does not use", t.SessionName)
	case len(l.Agents) > 0 && !listMatcher(l.Agents)(t.UserAgent):
		return fmt.Sprintf("by %q, which is none of its programs", t.UserAgent)
	}
	return ""
}

// IsBreakGlass reports whether a role is one for emergencies.
func (p *Policy) IsBreakGlass(t *schema.Touch) bool {
	return p != nil && anyGlob(p.BreakGlass, t.Actor)
}

// Care says in words why a table needs care; empty when the policy does not say that it
// does.
func (t Table) Care() string {
	var parts []string
	if t.Protected {
		parts = append(parts, "protected")
	}
	if t.Class != "" {
		parts = append(parts, t.Class)
	}
	if len(parts) == 0 {
		return ""
	}
	s := "the table is " + strings.Join(parts, " and ")
	if len(t.Frameworks) > 0 {
		s += " (" + strings.Join(t.Frameworks, ", ") + ")"
	}
	if t.Owner != "" {
		s += ", owner " + t.Owner
	}
	return s
}
