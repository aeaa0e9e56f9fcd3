package subject

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/report"
)

// possible lists the calls that named no item and may have reached the subject's.
func (a *answer) possible() report.Section {
	c := &a.calls
	s := report.Section{ID: "possible", Title: "Calls that may have shown it", Level: report.Unknown, Tiles: []report.Fact{
		{ID: "calls_likely", Name: "Likely", Value: report.CountOf(c.by[queries.Likely]), Text: "reached the whole table or the item's partition"},
		{ID: "calls_possible", Name: "Possible", Value: report.CountOf(c.by[queries.Possible]), Text: "something may have kept it out"},
		{ID: "calls_not_excluded", Name: "Unlikely", Value: report.CountOf(c.by[queries.NotExcluded]), Text: "by the log it was not there then, or nothing was shown"},
	}}
	s.Lead = fmt.Sprintf("%s on the same tables named no item. The log has no answers: none of them is known to have shown this one.", plural(c.count, "call", "calls"))
	if c.count == 0 {
		s.Level, s.Lead = report.Plain, "No call on the tables in which it was found could have shown it without naming it."
		if a.hits.count == 0 {
			s.Level, s.Lead = report.Unknown, "Such calls are looked for in the tables in which it was found: it was found in none."
		}
	}
	if c.cut > 0 {
		s.Notes = append(s.Notes, report.Note{Level: report.Attention, Text: fmt.Sprintf("%s are counted and not listed: ask for a shorter time, or for one table.", plural(c.cut, "call", "calls"))})
	}
	if a.For != Person {
		s.Tables = []report.Table{a.callTable()}
	} else {
		s.Tables = []report.Table{a.plainCallTable()}
	}
	return s
}

// callTable has the calls by principal and day.
func (a *answer) callTable() report.Table {
	t := report.Table{
		ID: "possible", Title: "By principal and day, the most certain first", Empty: "There is none.",
		Columns: []report.Column{
			{Name: "certainty", Title: "Certainty", Kind: report.Text}, {Name: "day", Title: "Day", Kind: report.Day}, {Name: "actor_name", Title: "Who", Kind: report.Text},
			{Name: "category", Title: "By", Kind: report.Text}, {Name: "table", Title: "Table", Kind: report.Text}, {Name: "event_name", Title: "Call", Kind: report.Code},
			{Name: "calls", Title: "Calls", Kind: report.Count}, {Name: "how", Title: "How, of the first", Kind: report.Text},
			{Name: "purpose", Title: "Purpose", Kind: report.Text}, {Name: "rule", Title: "Rule", Kind: report.Code},
			{Name: "first_time", Title: "First", Kind: report.Time}, {Name: "last_time", Title: "Last", Kind: report.Time},
			{Name: "principal", Title: "As", Kind: report.Code}, {Name: "table_arn", Title: "Table ARN", Kind: report.Code}, {Name: "first_event", Title: "First event", Kind: report.Code},
		},
	}
	for _, g := range a.calls.sorted() {
		t.Add(report.TextOf(g.certainty.String()), report.DayOf(g.day), report.TextOf(g.name), report.TextOf(category(g.kind)), report.TextOf(g.table), report.CodeOf(g.event),
			report.CountOf(g.count), report.TextOf(g.how), report.TextOf(g.purpose), report.CodeOf(g.rule), report.TimeOf(g.first), report.TimeOf(g.last),
			report.CodeOf(g.principal), report.CodeOf(g.tableARN), report.CodeOf(g.firstID))
	}
	return t
}

// plainCall is a callKey without anybody's identity.
type plainCall struct {
	certainty                           queries.Likelihood
	day, category, table, done, purpose string
}

// plainCallTable has the calls by category and day.
func (a *answer) plainCallTable() report.Table {
	counts := map[plainCall]int64{}
	for _, g := range a.calls.groups {
		counts[plainCall{g.certainty, g.day, category(g.kind), g.table, g.did, g.purpose}] += g.count
	}
	t := report.Table{
		ID: "possible", Title: "By category and day, the most certain first", Empty: "There is none.",
		Columns: []report.Column{
			{Name: "certainty", Title: "Certainty", Kind: report.Text}, {Name: "day", Title: "Day", Kind: report.Day}, {Name: "category", Title: "By", Kind: report.Text},
			{Name: "table", Title: "Table", Kind: report.Text}, {Name: "done", Title: "What was done", Kind: report.Text},
			{Name: "purpose", Title: "Purpose", Kind: report.Text}, {Name: "calls", Title: "Calls", Kind: report.Count},
		},
	}
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b plainCall) int {
		return cmp.Or(cmp.Compare(b.certainty, a.certainty), strings.Compare(a.day, b.day), strings.Compare(a.category, b.category),
			strings.Compare(a.table, b.table), strings.Compare(a.done, b.done), strings.Compare(a.purpose, b.purpose))
	})
	for _, k := range keys {
		t.Add(report.TextOf(certainty(k.certainty)), report.DayOf(k.day), report.TextOf(k.category), report.TextOf(k.table), report.TextOf(k.done),
			report.TextOf(k.purpose), report.CountOf(counts[k]))
	}
	return t
}
