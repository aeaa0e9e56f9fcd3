package subject

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keytrail/keytrail/queries/coverage"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
)

// document writes the answer for its audience.
func (a *answer) document() *report.Document {
	d := &report.Document{Kind: "subject", Title: "What touched " + a.asked(), Subtitle: a.span(), Status: a.status()}
	if a.For == Person {
		d.Title = "Accesses to the data kept under " + a.asked()
	}
	d.Facts = a.cover()
	d.Sections = []report.Section{a.request(), a.accesses(), a.possible(), a.invisible(), a.statistics(), a.method(), a.provenance()}
	return d
}

// status is how far the report can be relied on.
func (a *answer) status() report.Note {
	switch {
	case a.days[0] == "":
		return report.Note{Level: report.Alarm, Text: "The lake has no account of any log: what is lacking here cannot be told, and that nothing is listed would mean nothing."}
	case a.gaps.Incomplete():
		return report.Note{Level: report.Attention, Text: "Complete but for the declared gaps: some logs of the time asked about are not in the lake."}
	case a.unloggedForSure():
		return report.Note{Level: report.Attention, Text: "All logs that the lake knows of were read. In a part of the time accesses to these tables were not all logged."}
	case !a.unseen.trails || len(a.unlogged()) > 0:
		return report.Note{Level: report.Unknown, Text: "All logs that the lake knows of were read. Whether all accesses were logged is not known for all of the time."}
	}
	return report.Note{Level: report.OK, Text: "All logs that the lake knows of were read. What no log shows is listed below."}
}

// unloggedForSure reports whether some accesses are known not to have been logged.
func (a *answer) unloggedForSure() bool {
	return slices.ContainsFunc(a.unlogged(), func(u unloggedSpan) bool {
		return u.logged == detect.LoggedPartly || u.logged == detect.LoggedNo && a.unseen.complete
	})
}

// span is the time asked about, in words.
func (a *answer) span() string {
	from, to := "the first log", "the last"
	if a.From != 0 {
		from = report.TimeOf(a.From).String()
	}
	if a.To != 0 {
		to = report.TimeOf(a.To).String()
	}
	return fmt.Sprintf("from %s to %s (UTC)", from, to)
}

func (a *answer) cover() []report.Fact {
	facts := []report.Fact{
		{ID: "subject", Name: "Asked for", Value: report.CodeOf(a.asked())},
		{ID: "audience", Name: "Written for", Value: report.TextOf(map[Audience]string{Person: "the person concerned", Investigator: "investigators"}[a.For])},
		{ID: "logs_from", Name: "Logs from", Value: report.DayOf(a.days[0]), Text: "first day on which the lake has a log delivered"},
		{ID: "logs_to", Name: "Logs to", Value: report.DayOf(a.days[1])},
		coverage.HeadFact(a.head),
	}
	if a.Policy != nil {
		facts = append(facts, report.Fact{ID: "policy_sha256", Name: "Policy", Value: report.CodeOf(a.Policy.SHA256), Text: "SHA-256 of the file that has the purposes"})
	}
	return facts
}

// request says what was asked and where it was looked for.
func (a *answer) request() report.Section {
	s := report.Section{ID: "request", Title: "What was asked", Level: report.Plain}
	s.Lead = fmt.Sprintf("%s was found in %s of %s searched.", a.asked(), strconv.FormatInt(a.tables.touched(), 10), plural(int64(len(a.tables.byName)), "table", "tables"))
	if len(a.Patterns) > 0 {
		s.Notes = append(s.Notes, report.Note{Text: "Asked for in these forms: " + strings.Join(a.forms(), ", ") + "."})
	}
	if len(a.spelt.plain) > 0 {
		s.Notes = append(s.Notes, report.Note{Text: "Keys are kept as tokens in this lake: it was searched for those of what was asked, made with the secret."})
	}
	s.Tables = []report.Table{a.tablesTable()}
	return s
}

func (a *answer) tablesTable() report.Table {
	t := report.Table{
		ID: "tables_searched", Title: "Tables searched",
		Lead: "Tables in which it was found come first. Of the others the log cannot say whether they hold anything under this key.",
		Columns: []report.Column{
			{Name: "table", Title: "Table", Kind: report.Text}, {Name: "keys_are", Title: "Keys are made of", Kind: report.List},
			{Name: "found_as", Title: "Found as", Kind: report.List}, {Name: "touches", Title: "Touches", Kind: report.Count},
			{Name: "possible_calls", Title: "Possible calls", Kind: report.Count},
			{Name: "first_day", Title: "In the log from", Kind: report.Day}, {Name: "last_day", Title: "To", Kind: report.Day},
		},
		Empty: "The lake has no such table.",
	}
	for _, of := range a.tables.sorted() {
		t.Add(report.TextOf(of.name), report.ListOf(of.keyNames), report.ListOf(sortedKeys(of.heldIn)), report.CountOf(of.hits), report.CountOf(of.calls),
			report.DayOf(of.first), report.DayOf(of.last))
	}
	return t
}
