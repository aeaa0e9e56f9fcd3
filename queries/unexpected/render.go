package unexpected

import (
	"io"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// View says how an answer is shown.
type View struct {
	Format   queries.Format // table, json, jsonl or csv
	Look     queries.Look
	Attempts bool   // list what was only tried, too
	Limit    int    // groups in a table; 0 is all
	Policy   string // what the policy is called in the answer and in commands to paste
	Lake     string // likewise
}

// Render writes an answer. JSON is one object: what holds for the whole, and groups as
// rows; JSON lines and CSV are the groups alone.
func Render(w io.Writer, a *Answer, v View) error {
	groups := a.shown(v.Attempts)
	if v.Format == queries.Table {
		_, err := io.WriteString(w, newText(a, v).whole(groups))
		return err
	}
	rows := make([][]queries.Datum, len(groups))
	for i, g := range groups {
		rows[i] = g.data()
	}
	return queries.WriteData(w, v.Format, a.summary(v), new(Group).data(), rows)
}

// shown are the groups to list.
func (a *Answer) shown(attempts bool) (groups []*Group) {
	for i := range a.Groups {
		if g := &a.Groups[i]; attempts || !g.AttemptsOnly() {
			groups = append(groups, g)
		}
	}
	return groups
}

func (g *Group) data() []queries.Datum {
	severity := ""
	if g.Severity != 0 {
		severity = g.Severity.String()
	}
	reason := ""
	if g.Verdict.Rule != nil {
		reason = g.Verdict.Rule.Reason
	}
	return []queries.Datum{
		queries.TextDatum("severity", severity),
		queries.TextDatum("verdict", string(g.Verdict.Effect)),
		queries.TextDatum("rule", g.Verdict.RuleID()),
		queries.TextDatum("rule_reason", reason),
		queries.TextDatum("lapsed_rule", policy.Verdict{Rule: g.Lapsed}.RuleID()),
		queries.TextDatum("principal", g.Principal),
		queries.TextDatum("actor", g.Actor),
		queries.TextDatum("actor_name", g.ActorName),
		queries.TextDatum("actor_kind", g.ActorKind),
		queries.TextDatum("table_name", g.TableName),
		queries.TextDatum("table_arn", g.TableARN),
		queries.TextDatum("table_class", g.Table.Class),
		queries.BoolDatum("table_protected", g.Table.Protected),
		queries.TextDatum("op", g.Op),
		queries.CountDatum("calls", g.Calls),
		queries.CountDatum("touches", g.Touches),
		queries.CountDatum("denied_calls", g.Denied),
		queries.CountDatum("failed_calls", g.Failed),
		queries.TimeDatum("first_seen", g.First),
		queries.TimeDatum("last_seen", g.Last),
		queries.ListDatum("networks", g.Networks),
		queries.ListDatum("agents", g.Agents),
		queries.BoolDatum("console", g.Console),
		queries.ListDatum("event_ids", g.Events),
	}
}

func (a *Answer) summary(v View) []queries.Datum {
	calls, attempts, _ := a.totals()
	var expired, unused, ruleless, services []string
	for i := range a.Rules {
		u := &a.Rules[i]
		if u.Over {
			expired = append(expired, u.Rule.ID)
		} else if u.Unused() {
			unused = append(unused, u.Rule.ID)
		}
	}
	for _, p := range a.Ruleless {
		ruleless = append(ruleless, p.Key)
	}
	for _, s := range a.Services {
		services = append(services, s.Service)
	}
	worst := ""
	if s := a.Worst(); s != 0 {
		worst = s.String()
	}
	return []queries.Datum{
		queries.TimeDatum("from", a.Span.From),
		queries.TimeDatum("to", a.Span.To),
		queries.TextDatum("lake_first_day", a.Reach.First),
		queries.TextDatum("lake_last_day", a.Reach.Last),
		queries.TextDatum("policy", v.Policy),
		queries.TextDatum("policy_sha256", a.Question.Policy.SHA256),
		queries.CountDatum("touches_judged", a.Judged),
		queries.CountDatum("touches_concerned", a.Concerned),
		queries.CountDatum("touches_expected", a.Expected),
		queries.CountDatum("unexpected_calls", calls),
		queries.CountDatum("unexpected_attempts", attempts),
		queries.CountDatum("copies", a.Copies),
		queries.BoolDatum("exact", !a.Inexact),
		queries.TextDatum("worst", worst),
		queries.ListDatum("rules_expired", expired),
		queries.ListDatum("rules_unused", unused),
		queries.ListDatum("principals_without_rule", ruleless),
		queries.ListDatum("services_expected", services),
		queries.BoolDatum("complete", !a.Gaps.Incomplete()),
		queries.ListDatum("gaps", a.gapTexts()),
	}
}

func (a *Answer) gapTexts() (all []string) {
	for _, gap := range a.Gaps {
		all = append(all, gap.What)
	}
	return all
}

// totals are the calls that nobody expected, the attempts at more, and who tried in vain
// only.
func (a *Answer) totals() (calls, attempts int64, vain int) {
	for i := range a.Groups {
		g := &a.Groups[i]
		calls += g.Calls
		attempts += g.Denied + g.Failed
		if g.AttemptsOnly() {
			vain++
		}
	}
	return calls, attempts, vain
}

// tableLabel is a table's name, with account and Region.
func tableLabel(arn, name string) string {
	if a, ok := schema.ParseTableARN(arn); ok {
		return queries.Clean(a.Table + " " + a.Account + " " + a.Region)
	}
	if name == "" {
		name = arn
	}
	if name == "" {
		return "(no table)"
	}
	return queries.Short(name)
}
