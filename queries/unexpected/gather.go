package unexpected

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// gatherColumns are those that [gatherer] looks at beside those of the policy.
var gatherColumns = []string{
	"event_id", "touch_index", "touch_count", "shared_event_id", "event_time", "plane", "op", "mutates", "outcome", "event_name",
	"table_arn", "recipient_account_id", "aws_region", "actor", "actor_name", "actor_kind", "principal_account_id", "principal_type", "invoked_by",
	"source_ip", "user_agent", "vpc_endpoint_id", "console",
}

// gatherer judges touches, in the order of the lake, and sums up what is not expected.
type gatherer struct {
	answer   *Answer
	policy   *policy.Policy
	most     int
	groups   map[groupKey]*Group
	rules    map[*policy.Rule]*RuleUse
	services map[string]*ServiceWork
	ruled    map[string]struct{} // principals in groups of whom a rule speaks
	copies   copies
	calls    calls
	at       schema.Partition
}

func newGatherer(a *Answer) *gatherer {
	return &gatherer{
		answer: a, policy: a.Question.Policy, most: cmp.Or(a.Question.MaxGroups, DefaultMaxGroups),
		groups: map[groupKey]*Group{}, rules: map[*policy.Rule]*RuleUse{}, services: map[string]*ServiceWork{}, ruled: map[string]struct{}{},
	}
}

func (g *gatherer) touch(t *schema.Touch, p schema.Partition) error {
	if p != g.at {
		if err := g.endPartition(); err != nil {
			return err
		}
		g.at = p
	}
	if t.Plane == schema.PlaneInsight { // no call
		return nil
	}
	g.answer.Judged++
	g.area(t)
	v := g.policy.Judge(t)
	g.copies.note(t, v)
	g.use(v, t)
	table := g.policy.TableOf(t.TableARN)
	if !concerns(t, table) {
		return nil
	}
	if v.Effect == policy.Allowed {
		switch {
		case t.Outcome != schema.OutcomeOK:
		case g.copies.ofOwner(t) && !g.copies.allow(t):
			g.copies.dropped++
		default:
			g.answer.Concerned++
			g.answer.Expected++
		}
		return nil
	}
	if g.copies.ofOwner(t) && g.copies.hold(t, v) {
		return nil
	}
	return g.unexpected(t, v, table)
}

// concerns reports whether a touch is one that somebody has to have expected: a change, be
// it of the trail that would tell of others, or a read of a table that needs care.
func concerns(t *schema.Touch, table policy.Table) bool {
	return t.Mutates || t.Op == schema.OpAudit || reads(t.Op) && (table.Protected || table.AtLeast("confidential"))
}

func reads(op string) bool {
	switch op {
	case schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk, schema.OpReadStream:
		return true
	}
	return false
}

// unexpected counts a touch that no rule allows.
func (g *gatherer) unexpected(t *schema.Touch, v policy.Verdict, table policy.Table) error {
	if t.Outcome == schema.OutcomeOK {
		g.answer.Concerned++
	}
	if v.Effect == policy.None {
		if service := dutifulService(t); service != "" {
			g.service(service, t)
			return nil
		}
	}
	k := keyOf(t, v)
	group := g.groups[k]
	if group == nil {
		if len(g.groups) == g.most {
			return fmt.Errorf("more than %d different things that nobody expected: the policy does not speak of this lake yet. "+
				"Let --learn propose rules, or ask about one TABLE or a shorter time", g.most)
		}
		group = newGroup(t, v, table)
		if v.Effect == policy.None {
			group.Lapsed = g.policy.Lapsed(t)
		}
		g.groups[k.clone()] = group
	}
	group.add(t, g.calls.first(group, t))
	return nil
}

// endPartition forgets what cannot be met again: a call, and its copies, are of one table
// and day.
func (g *gatherer) endPartition() error {
	twice := g.copies.settle()
	g.answer.Concerned -= twice
	g.answer.Expected -= twice
	for i := range g.copies.held {
		h := &g.copies.held[i]
		if err := g.unexpected(h.touch, h.verdict, g.policy.TableOf(h.touch.TableARN)); err != nil {
			return err
		}
	}
	g.answer.Copies += g.copies.dropped
	g.answer.Inexact = g.answer.Inexact || g.copies.full || g.calls.full
	g.copies, g.calls = copies{}, calls{}
	return nil
}

// end puts the answer together.
func (g *gatherer) end() error {
	if err := g.endPartition(); err != nil {
		return err
	}
	a := g.answer
	for _, group := range g.groups {
		group.finish()
		a.Groups = append(a.Groups, *group)
	}
	slices.SortFunc(a.Groups, compareGroups)
	a.Rules = g.ruleUses()
	a.Ruleless = ruleless(a.Groups, g.ruled)
	for _, s := range g.services {
		a.Services = append(a.Services, *s)
	}
	slices.SortFunc(a.Services, func(x, y ServiceWork) int {
		return cmp.Or(cmp.Compare(y.Touches, x.Touches), strings.Compare(x.Service, y.Service))
	})
	return nil
}

func (g *gatherer) area(t *schema.Touch) {
	area := queries.Area{Account: t.RecipientAccountID, Region: t.AWSRegion}
	if _, ok := g.answer.areas[area]; !ok {
		g.answer.areas[queries.Area{Account: strings.Clone(area.Account), Region: strings.Clone(area.Region)}] = struct{}{}
	}
}
