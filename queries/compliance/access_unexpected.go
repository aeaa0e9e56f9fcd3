package compliance

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/unexpected"
	"github.com/keytrail/keytrail/schema"
)

// unexpected tells the changes that no rule allows, and the reads of tables that need care.
func (a *access) unexpected() *report.Section {
	s := &report.Section{Title: "Changes nobody expected"}
	if a.frame.Unexpected == nil {
		return withoutPolicy(s)
	}
	u := a.surpriseOf(a.frame.Unexpected)
	rules, late := lateRules(a.frame.Unexpected)
	s.Tables = []report.Table{u.table(), rules}
	s.Plots = []report.Plot{a.surprisePlot(u)}
	s.Tiles = []report.Fact{
		tile("unexpected_changes", "Unexpected changes", u.changes, alertIf(u.changes, report.Attention), "calls that no rule allows"),
		tile("unexpected_reads", "Unexpected reads", u.reads, alertIf(u.reads, report.Attention), "of tables that need care"),
		tile("unexpected_principals", "By how many", int64(len(u.principals)), report.Plain, "principals"),
		tile("forbidden_calls", "Against a rule", u.forbidden, alertIf(u.forbidden, report.Alarm), "calls that a rule forbids"),
		tile("rules_ended_used", "Ended rules used", late, alertIf(late, report.Attention), ""),
	}
	switch {
	case u.changes+u.reads == 0:
		s.Level = a.frame.none()
		s.Lead = "All changes, and all reads of tables that need care, are allowed by a rule of the policy."
		a.frame.noneNote(s)
	default:
		s.Level = report.Attention
		s.Lead = fmt.Sprintf("No rule allows %s, by %s.", u.calls(), u.who())
	}
	switch u.people {
	case 0:
	case u.changes + u.reads:
		s.Lead += " All are by people, root or somebody unknown."
	default:
		s.Lead += fmt.Sprintf(" %s by people, root or somebody unknown.", counted(u.people, "of them is", "of them are"))
	}
	if u.worst >= schema.SeverityHigh {
		s.Level = report.Alarm
	}
	if u.forbidden > 0 {
		s.Level = report.Alarm
		s.Lead += fmt.Sprintf(" A rule forbids %s, which were made all the same.", counted(u.forbidden, "call", "calls"))
	}
	if late > 0 {
		s.Level = s.Level.Worse(report.Attention)
		s.Lead += fmt.Sprintf(" %s used after the last day.", counted(late, "rule was", "rules were"))
	}
	if a.frame.Unexpected.Inexact {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: "There are so many calls of many items that some calls may be counted twice here."})
	}
	return s
}

func withoutPolicy(s *report.Section) *report.Section {
	s.Level = report.Unknown
	s.Lead = "There is no policy with rules, so nothing is known to be expected: this report cannot tell authorised changes from others."
	s.Notes = []report.Note{{Level: report.Unknown, Text: "\"keytrail unexpected --learn\" proposes rules from what was seen; a person has to review them, and name an owner, a reason and an end for each."}}
	s.Tiles = []report.Fact{{ID: "unexpected_changes", Name: "Unexpected changes", Level: report.Unknown, Text: "not known without a policy"}}
	return s
}

// calls says how many calls no rule allows.
func (u *surprising) calls() string {
	var said []string
	if u.changes > 0 {
		said = append(said, counted(u.changes, "change", "changes"))
	}
	if u.reads > 0 {
		said = append(said, counted(u.reads, "read of tables that need care", "reads of tables that need care"))
	}
	return strings.Join(said, " and ")
}

// maxNamed is how many people and tables a sentence names.
const maxNamed = 3

// who says by whom, and on which tables where they are few.
func (u *surprising) who() string {
	people, tables := map[string]bool{}, map[string]bool{}
	for _, g := range u.groups {
		if !g.AttemptsOnly() {
			people[cmp.Or(g.ActorName, g.Principal)] = true
			tables[cmp.Or(g.TableName, g.TableARN, "no table")] = true
		}
	}
	who := counted(int64(len(u.principals)), "principal", "principals")
	if len(people) <= maxNamed {
		who = strings.Join(slices.Sorted(maps.Keys(people)), ", ")
	}
	if len(tables) > 0 && len(tables) <= maxNamed {
		who += " (" + strings.Join(slices.Sorted(maps.Keys(tables)), ", ") + ")"
	}
	return who
}

// surprising is what nobody expected on the tables that the report is about.
type surprising struct {
	groups     []*unexpected.Group
	known      map[surpriseGroup]*unexpected.Group
	principals map[string]struct{}
	changes    int64 // calls that succeeded
	reads      int64
	people     int64 // of both
	forbidden  int64
	worst      schema.Severity
}

func (a *access) surpriseOf(answer *unexpected.Answer) *surprising {
	u := &surprising{known: map[surpriseGroup]*unexpected.Group{}, principals: map[string]struct{}{}}
	for i := range answer.Groups {
		g := &answer.Groups[i]
		if !a.frame.inScope(&schema.Touch{TableName: g.TableName, TableARN: g.TableARN}) {
			continue
		}
		u.groups = append(u.groups, g)
		u.known[groupKeyOf(g)] = g
		if g.AttemptsOnly() {
			continue
		}
		u.principals[g.Principal] = struct{}{}
		u.worst = max(u.worst, g.Severity)
		if groupOf(g.Op, true) == reading {
			u.reads += g.Calls
		} else {
			u.changes += g.Calls
		}
		if isPersonal(g.ActorKind) {
			u.people += g.Calls
		}
		if g.Verdict.Effect == "denied" {
			u.forbidden += g.Calls
		}
	}
	return u
}

// table is a line for each group, in the order of [unexpected.Ask]: the worst first.
func (u *surprising) table() report.Table {
	t := report.Table{ID: "unexpected", Title: "What no rule allows", Empty: "A rule allows all of it.",
		Lead: "What one principal did to one table by one kind of operation, the worst first; lines of attempts have no calls. Lapsed is a rule that would allow it, had it not ended.",
		Columns: join([]report.Column{col("severity", "Severity", report.Word)}, callerColumns, tableColumns, []report.Column{col("op", "Operation", report.Code)},
			verdictColumns, []report.Column{col("lapsed_rule", "Lapsed", report.Code), col("calls", "Calls", report.Count), col("touches", "Touches", report.Count), col("denied", "Denied", report.Count), col("failed", "Failed", report.Count)},
			spanColumns, []report.Column{col("networks", "From", report.List), col("agents", "With", report.List), col("console", "Console", report.Flag), col("event_ids", "Events", report.List)})}
	for _, g := range u.groups {
		lapsed := ""
		if g.Lapsed != nil {
			lapsed = g.Lapsed.ID
		}
		t.Add(report.WordOf(g.Severity.String(), levelOf(g.Severity)), report.TextOf(cmp.Or(g.ActorName, g.Principal)), kindOf(g.ActorKind), report.CodeOf(g.Principal),
			report.TextOf(cmp.Or(g.TableName, nameIn(g.TableARN), noTable)), report.CodeOf(g.TableARN), report.CodeOf(g.Op),
			verdictWord(g.Verdict), report.CodeOf(g.Verdict.RuleID()), report.CodeOf(lapsed),
			report.CountOf(g.Calls), report.CountOf(g.Touches), report.CountOf(g.Denied), report.CountOf(g.Failed), report.TimeOf(g.First), report.TimeOf(g.Last),
			report.ListOf(g.Networks), report.ListOf(g.Agents), report.FlagOf(g.Console), report.ListOf(g.Events))
	}
	return t
}

func levelOf(s schema.Severity) report.Level {
	switch {
	case s >= schema.SeverityHigh:
		return report.Alarm
	case s >= schema.SeverityMedium:
		return report.Attention
	}
	return report.Plain
}

// lateRules are the rules that were used after their last day.
func lateRules(answer *unexpected.Answer) (t report.Table, late int64) {
	t = report.Table{ID: "rules_ended", Title: "Rules used after their end", Empty: "No rule was used after its last day.",
		Lead: "Of the whole lake's tables. Within the days of grace a use counts as one of an expired rule, later as one that no rule allows.",
		Columns: []report.Column{
			col("rule", "Rule", report.Code), col("owner", "Owner", report.Text), col("reason", "Reason", report.Text), col("ticket", "Ticket", report.Text),
			col("expires", "Last day", report.Day), col("touches", "Touches", report.Count), col("late", "After the end", report.Count),
			col("last", "Last use", report.Time), col("only_principal", "Used only by", report.Code),
		}}
	for i := range answer.Rules {
		u := &answer.Rules[i]
		if u.Late == 0 {
			continue
		}
		late++
		t.Add(report.CodeOf(u.Rule.ID), report.TextOf(u.Rule.Owner), report.TextOf(u.Rule.Reason), report.TextOf(u.Rule.Ticket), report.DayOf(u.Rule.Expires),
			report.CountOf(u.Touches), report.CountOf(u.Late), report.TimeOf(u.LastUse), report.CodeOf(u.OnlyWho))
	}
	return t, late
}
