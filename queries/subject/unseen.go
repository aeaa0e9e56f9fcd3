package subject

import (
	"fmt"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/coverage"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// unseen is what the trails were set to log of the tables the subject was found in.
type unseen struct {
	trails    bool // anything is known of their settings
	complete  bool // all trails are known
	intervals []detect.Interval
}

// never is what no trail logs, whatever it is set to.
var never = []struct{ what, why string }{
	{"Expiry by time to live", "DynamoDB deletes expired items itself and writes no record of it; only the table's stream would have it"},
	{"Reads answered by a DAX cache", "the cache answers without asking the table, and its own calls are not logged"},
	{"Replication between Regions", "writes that a global table carries to its replicas are no calls"},
	{"What became of copies", "who reads an export, a backup, a restored table or a replica is logged where the copy is, if at all"},
	{"What a search or a table read returned", "the log has the question and never the answer"},
}

// invisible lists what the answer cannot have.
func (a *answer) invisible() report.Section {
	t := report.Table{
		ID: "invisible", Title: "What this report cannot show", Columns: []report.Column{
			{Name: "what", Title: "What", Kind: report.Text}, {Name: "table", Title: "Table", Kind: report.Text},
			{Name: "from", Title: "From", Kind: report.Time}, {Name: "to", Title: "To", Kind: report.Time}, {Name: "why", Title: "Why", Kind: report.Text},
		},
	}
	s := report.Section{ID: "invisible", Title: "What cannot be seen", Level: report.Unknown}
	a.addUnlogged(&t)
	a.addGaps(&t)
	dated := int64(len(t.Rows))
	a.addExpiry(&t)
	a.addUnkept(&t)
	for _, n := range never {
		t.Add(report.TextOf(n.what), report.Value{}, report.Value{}, report.Value{}, report.TextOf(n.why))
	}
	s.Lead = fmt.Sprintf("%s, and %s that is in no log of this kind.", plural(dated, "gap in this lake's logs is declared", "gaps in this lake's logs are declared"),
		plural(int64(len(never)), "kind of access", "kinds of access"))
	if !a.unseen.trails {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: "What the trails were set to log is not known from this lake: " +
			"accesses that no trail was set to log would be missing here, and nothing would show it."})
	}
	s.Tables = []report.Table{t}
	return s
}

// unloggedSpan is a time in which accesses to a table were not all logged, or may not have been.
type unloggedSpan struct {
	table, what string
	from, to    int64
	logged      detect.Logged
}

// unlogged lists them, of the tables in which the subject was found.
func (a *answer) unlogged() (list []unloggedSpan) {
	if !a.unseen.trails {
		return nil // of all the time, which a note says
	}
	for _, arn := range a.tables.found() {
		table, _ := schema.ParseTableARN(arn)
		for _, of := range []struct {
			class detect.LogClass
			what  string
		}{{detect.DataReads, "Reads of items"}, {detect.DataWrites, "Changes of items"}} {
			for _, span := range coverage.Logging(a.unseen.intervals, arn, of.class) {
				within := (span.To == 0 || span.To > a.From) && (a.To == 0 || span.From < a.To)
				if within && span.Logged != detect.LoggedYes {
					list = append(list, unloggedSpan{table.Table, of.what, max(span.From, a.From), spanEnd(span.To, a.To), span.Logged})
				}
			}
		}
	}
	return list
}

// addUnlogged adds the times in which accesses to the tables were not all logged.
func (a *answer) addUnlogged(t *report.Table) {
	for _, u := range a.unlogged() {
		t.Add(report.TextOf(u.what), report.TextOf(u.table), report.TimeOf(u.from), report.TimeOf(u.to), report.TextOf(a.unseen.why(u.logged)))
	}
}

// spanEnd is the earlier of two ends, of which 0 is open.
func spanEnd(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// why says why accesses may be lacking.
func (u *unseen) why(logged detect.Logged) string {
	if logged == detect.LoggedNo && !u.complete {
		return "no trail that is known was set to log them; another may have been"
	}
	return whyUnlogged[logged]
}

var whyUnlogged = map[detect.Logged]string{
	detect.LoggedNo:      "no trail was set to log them",
	detect.LoggedPartly:  "the trails were set to log only some of them",
	detect.LoggedUnknown: "whether a trail was set to log them is not known",
}

// gapWords are gaps in words without accounts and Regions.
var gapWords = map[string]string{
	queries.GapBeyond:     "the lake has no log of a part of the time asked about",
	queries.GapUnread:     "log files that could not be read",
	queries.GapLate:       "log files of later days that could not be read: late records may be among them",
	queries.GapQuarantine: "records that could not be understood",
	queries.GapNoObject:   "no log file was delivered: a quiet time, or a hole",
	queries.GapLedger:     "the account of what was read is damaged",
}

// addGaps adds what the lake itself lacks. Days are those on which logs were delivered.
func (a *answer) addGaps(t *report.Table) {
	for _, g := range a.gaps {
		words, is := gapWords[g.Kind]
		if !is {
			continue // how far the lake goes, or other accounts: no gap of this answer
		}
		if a.identities() {
			words = g.What
		}
		t.Add(report.TextOf("Logs delivered in this time"), report.Value{}, dayStart(g.From), dayStart(g.To), report.TextOf(words))
	}
}

// dayStart is the first moment of a day; Null where there is none.
func dayStart(day string) report.Value {
	d, err := schema.ParseDay(day)
	if err != nil {
		return report.Value{}
	}
	return report.TimeOf(int64(d) * dayMicros)
}

const dayMicros = 24 * 3600 * 1_000_000
