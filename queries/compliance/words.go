package compliance

import (
	"cmp"
	"slices"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// counted is a number of things, in words.
func counted(n int64, one string, many ...string) string {
	if n != 1 && len(many) > 0 {
		one = many[0]
	}
	return humanize.Comma(n) + " " + one
}

// noneOr is a number of things in words, "none of them was" where there is none.
func noneOr(n int64, one, many string) string {
	if n == 0 {
		return "none " + one
	}
	return counted(n, one, many)
}

// nobodyOr is a number of people, in words and with what they did.
func nobodyOr(n int64, one, many string) string {
	if n == 0 {
		return "No " + one
	}
	return counted(n, one, many)
}

// col is a column of a table.
func col(name, title string, kind report.Kind) report.Column {
	return report.Column{Name: name, Title: title, Kind: kind}
}

// tableColumns and callerColumns are how lines say which table, and who.
var tableColumns = []report.Column{col("table", "Table", report.Text), col("table_arn", "Table ARN", report.Code)}

var callerColumns = []report.Column{
	col("name", "Who", report.Text), col("kind", "Kind", report.Word), col("principal", "Principal", report.Code),
}

// sumColumns are touches by what they did.
var sumColumns = []report.Column{
	col("reads", "Reads", report.Count), col("writes", "Writes", report.Count), col("deletes", "Deletes", report.Count),
	col("admin", "Admin", report.Count), col("metadata", "Looks", report.Count),
	col("denied", "Denied", report.Count), col("failed", "Failed", report.Count),
}

var spanColumns = []report.Column{col("first", "First", report.Time), col("last", "Last", report.Time)}

var verdictColumns = []report.Column{col("verdict", "Policy", report.Word), col("rule", "Rule", report.Code)}

// join is one list of lists.
func join[T any](lists ...[]T) (all []T) {
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

func (t *reached) values() []report.Value {
	return []report.Value{report.TextOf(t.label), report.CodeOf(t.arn)}
}

func (c *caller) values() []report.Value {
	return []report.Value{report.TextOf(c.label()), kindOf(c.kind), report.CodeOf(c.principal)}
}

// kindOf marks the kinds of which it is not known that they are programs.
func kindOf(kind string) report.Value {
	level := report.Plain
	switch kind {
	case schema.ActorRoot:
		level = report.Attention
	case schema.ActorUnknown, "":
		level = report.Unknown
	}
	return report.WordOf(cmp.Or(kind, schema.ActorUnknown), level)
}

func (s *sum) values() []report.Value {
	return []report.Value{
		report.CountOf(s.done[reading]), report.CountOf(s.done[writing]), report.CountOf(s.done[deleting]),
		report.CountOf(s.done[administering]), report.CountOf(s.done[looking]), report.CountOf(s.denied), report.CountOf(s.failed),
	}
}

func spanOf(first, last int64) []report.Value {
	return []report.Value{report.TimeOf(first), report.TimeOf(last)}
}

// verdictValues say what the policy says of something; nothing without a policy.
func (a *access) verdictValues(v policy.Verdict) []report.Value {
	if a.frame.Unexpected == nil {
		return []report.Value{{}, {}}
	}
	return []report.Value{verdictWord(v), report.CodeOf(v.RuleID())}
}

func verdictWord(v policy.Verdict) report.Value {
	switch v.Effect {
	case policy.Allowed:
		return report.WordOf("allowed", report.OK)
	case policy.Expired:
		return report.WordOf("rule expired", report.Attention)
	case policy.Denied:
		return report.WordOf("forbidden", report.Alarm)
	}
	return report.WordOf("no rule", report.Attention)
}

func tile(id, name string, n int64, l report.Level, text string) report.Fact {
	return report.Fact{ID: id, Name: name, Value: report.CountOf(n), Level: l, Text: text}
}

// alertIf is a level for what should not be there at all.
func alertIf(n int64, l report.Level) report.Level {
	if n > 0 {
		return l
	}
	return report.Plain
}

// none is how to take it that nothing was found: as it should be, unless the lake may lack
// something of the period.
func (f *Frame) none() report.Level {
	if f.Rows == 0 || f.Gaps.Incomplete() {
		return report.Unknown
	}
	return report.OK
}

// noneNote says so in words.
func (f *Frame) noneNote(s *report.Section) {
	if f.none() == report.Unknown {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: "The log of the period is not known to be complete: what is not listed here may have happened all the same. See the section on coverage."})
	}
}

func (a *access) limitNotes(s *report.Section) {
	for _, text := range a.limits() {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: text})
	}
}

// sortedBy is a list with the greatest first; those that are alike keep their order.
func sortedBy(list []int32, size func(int32) int64) []int32 {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(size(b), size(a)) })
	return list
}
