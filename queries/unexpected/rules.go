package unexpected

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// RuleUse is what became of a rule of the policy in the span.
type RuleUse struct {
	Rule *policy.Rule
	// Touches are those that it decided: of several rules that hold, the first by id does.
	Touches int64
	// Late are those of them that came after its last day, whether within the grace or not.
	Late     int64
	LastUse  int64  // microseconds since 1970; 0: none
	Over     bool   // its last day was before the end of the span
	OnlyWho  string // the one principal that used it; empty where there were more
	manyWhos bool
	ends     int64
}

// Unused reports whether it decided nothing.
func (u *RuleUse) Unused() bool { return u.Touches == 0 }

// use counts the rule that decided, or would have, had it not been over for long.
func (g *gatherer) use(v policy.Verdict, t *schema.Touch) {
	r := v.Rule
	if r == nil {
		if r = g.policy.Lapsed(t); r == nil {
			return
		}
	}
	u := g.rules[r]
	if u == nil {
		u = &RuleUse{Rule: r, ends: g.policy.Ends(r)}
		g.rules[r] = u
	}
	u.Touches++
	if t.EventTime >= u.ends {
		u.Late++
	}
	u.LastUse = max(u.LastUse, t.EventTime)
	key := schema.PrincipalKey(t)
	if key != u.OnlyWho && !u.manyWhos {
		u.manyWhos = u.OnlyWho != ""
		u.OnlyWho = strings.Clone(key)
	}
	if _, known := g.ruled[key]; !known && len(g.ruled) < g.most {
		g.ruled[strings.Clone(key)] = struct{}{}
	}
}

func (g *gatherer) ruleUses() (all []RuleUse) {
	p := g.policy
	for i := range p.Rules {
		u := RuleUse{Rule: &p.Rules[i]}
		if used := g.rules[u.Rule]; used != nil {
			u = *used
		}
		u.Over = p.Ends(u.Rule) < g.answer.Span.To
		if u.manyWhos {
			u.OnlyWho = ""
		}
		all = append(all, u)
	}
	slices.SortStableFunc(all, func(a, b RuleUse) int { return strings.Compare(a.Rule.ID, b.Rule.ID) })
	return all
}

// Principal is somebody of whom no rule speaks.
type Principal struct {
	Key, ActorName, ActorKind string
	Calls                     int64 // that succeeded and nobody expected
	Tables                    int
}

// ruleless are the principals of groups that no rule had anything to say of.
func ruleless(groups []Group, ruled map[string]struct{}) (all []Principal) {
	at := map[string]int{}
	tables := map[[2]string]struct{}{}
	for i := range groups {
		g := &groups[i]
		if _, known := ruled[g.Principal]; known || g.AttemptsOnly() {
			continue
		}
		n, ok := at[g.Principal]
		if !ok {
			n = len(all)
			at[g.Principal] = n
			all = append(all, Principal{Key: g.Principal, ActorName: g.ActorName, ActorKind: g.ActorKind})
		}
		all[n].Calls += g.Calls
		table := [2]string{g.Principal, cmp.Or(g.TableARN, g.TableName)}
		if _, counted := tables[table]; !counted {
			tables[table] = struct{}{}
			all[n].Tables++
		}
	}
	slices.SortFunc(all, func(a, b Principal) int { return cmp.Or(cmp.Compare(b.Calls, a.Calls), strings.Compare(a.Key, b.Key)) })
	return all
}
