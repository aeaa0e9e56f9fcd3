package compliance

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
)

// blindSpots are what no log shows, or this lake does not: each with what it hides.
func (w *coverageWriter) blindSpots() report.Table {
	t := report.Table{ID: "blind_spots", Title: "Blind spots", Lead: "What happened to items and cannot be in the tables of this report; what holds for this lake and period first.",
		Columns: []report.Column{
			col("what", "What", report.Text), col("tables", "Tables", report.List), col("from", "From", report.Time), col("to", "To", report.Time),
			col("hides", "What it hides", report.Text), col("state", "State", report.Word),
		}}
	w.stops(&t)
	w.missing(&t)
	w.expiry(&t)
	for _, b := range [][2]string{
		{"Rows that a Query or Scan gave", "the call is logged, with who and when, and not which items it returned; an item may have been seen by any Query or Scan of its table"},
		{"Contents of exports and backups", "the export or backup is logged; who reads it afterwards in S3, or restores it in another account, is in logs of that service or account"},
		{"DAX cache hits", "reads that a DAX cluster answers from its cache reach no table, and leave no record"},
		{"Replication between Regions", "writes that global tables carry over to replicas are no calls: the call in the Region of origin is logged"},
		{"Work of AWS inside the service", "moving partitions, building indexes and the like is no call"},
		{"Values of attributes", "which attributes a call names may be logged, their values are not"},
	} {
		t.Add(report.TextOf(b[0]), report.Value{}, report.Value{}, report.Value{}, report.TextOf(b[1]), report.WordOf("always", report.Unknown))
	}
	return t
}

// stops are spans in which nothing of some tables was logged, by the trails' settings.
func (w *coverageWriter) stops(t *report.Table) {
	type span struct {
		from, to int64
		logged   detect.Logged
	}
	tables := map[span][]string{}
	for _, of := range w.tables {
		for _, s := range w.spans[of] {
			if s.logged == detect.LoggedNo || s.logged == detect.LoggedPartly {
				at := span(s)
				tables[at] = append(tables[at], of.label)
			}
		}
	}
	for _, s := range slices.SortedFunc(maps.Keys(tables), func(a, b span) int {
		if a.from != b.from {
			return int(min(max(a.from-b.from, -1), 1))
		}
		if a.to != b.to {
			return int(min(max(a.to-b.to, -1), 1))
		}
		return int(a.logged) - int(b.logged)
	}) {
		what, hides, level := "Calls on items not logged", "everything that was done to items of these tables by any call", report.Alarm
		if s.logged == detect.LoggedPartly {
			what, hides, level = "Calls on items partly logged", "calls that the selectors leave out, by name, by caller or by kind", report.Attention
		}
		t.Add(report.TextOf(what), report.ListOf(tables[s]), report.TimeOf(s.from), report.TimeOf(s.to), report.TextOf(hides), report.WordOf("in force", level))
	}
}

// missing are events that were logged and are not in the lake.
func (w *coverageWriter) missing(t *report.Table) {
	sum := w.books.ledger.total()
	add := func(n int64, thing, what, hides string, level report.Level) {
		if n > 0 {
			t.Add(report.TextOf(many(n, thing)+" "+what), report.Value{}, report.TimeOf(w.f.From), report.TimeOf(w.f.To), report.TextOf(hides), report.WordOf("in force", level))
		}
	}
	add(sum.failed, "object", "not readable", "all events in it; the next ingest tries again", report.Alarm)
	add(sum.missing, "object", "named by a digest and gone", "all events in it", report.Alarm)
	add(sum.archived, "object", "in an archive class", "all events in it, until it is restored and ingested", report.Alarm)
	add(int64(len(w.books.ledger.broken)), "day", "of the ledger not readable", "what became of that day's objects", report.Alarm)
	add(sum.quarantined, "record", "in quarantine", "what the record says; its text is kept in the lake", report.Attention)
	add(w.sums.digestWant-w.sums.digestHave, "hour", "without a digest", "whether logs of that hour were removed: a digest would name them", report.Attention)
	if w.sums.digestAreas == 0 {
		add((w.f.To-w.f.From)/hourLong, "hour", "without a digest in any Region", "whether logs were removed or changed before they were read", report.Unknown)
	}
	var omitted int64
	for _, of := range w.tables {
		omitted += of.omitted
	}
	add(omitted, "touch", "of which the record does not say which item", "the item that was touched: parameters were left out, or are of an unknown form", report.Attention)
}

// expiry is deletes that no call makes.
func (w *coverageWriter) expiry(t *report.Table) {
	var on, unknown []string
	for _, of := range w.tables {
		switch may, sure := w.expires(of); {
		case may && sure:
			on = append(on, of.label)
		case may:
			unknown = append(unknown, of.label)
		}
	}
	const hides = "items that expire are deleted without a record; only the table's stream shows it"
	if len(on) > 0 {
		t.Add(report.TextOf("Deletes by time to live"), report.ListOf(on), report.Value{}, report.Value{}, report.TextOf(hides), report.WordOf("in force", report.Attention))
	}
	if len(unknown) > 0 {
		t.Add(report.TextOf("Deletes by time to live, where nobody told whether it is on"), report.ListOf(unknown), report.Value{}, report.Value{}, report.TextOf(hides), report.WordOf("not known", report.Unknown))
	}
	if w.config == 0 {
		t.Add(report.TextOf("Settings before the log began"), report.Value{}, report.Value{}, report.Value{}, report.TextOf("how tables were set where no call changed it since: no snapshot of AWS Config was read"), report.WordOf("in force", report.Unknown))
	}
}

// changes are calls of the period that changed what is logged.
func (w *coverageWriter) changes() report.Table {
	t := report.Table{ID: "coverage_changes", Title: "Changes of what is logged", Empty: "Nobody changed a trail or its selectors, as far as the log tells.",
		Columns: []report.Column{
			col("time", "Time", report.Time), col("actor", "Who", report.Text), col("actor_arn", "ARN", report.Code), col("event_name", "Call", report.Code), col("about", "Trail or store", report.Code),
			col("outcome", "Outcome", report.Word), col("effect", "Effect", report.Text), col("event_id", "Event", report.Code),
		}}
	turns := w.turns()
	for i := range w.trail {
		e := &w.trail[i]
		if e.EventTime < w.f.From || !detect.IsTrailSetting(e) {
			continue
		}
		request := (&detect.Event{Touch: e}).Request()
		about := request.At("name").Text() + request.At("trailName").Text() + request.At("eventDataStore").Text()
		t.Add(report.TimeOf(e.EventTime), report.TextOf(e.ActorName), report.CodeOf(e.Actor), report.CodeOf(e.EventName), report.CodeOf(about), outcomeState(e.Outcome), report.TextOf(turns.effect(e, about)), report.CodeOf(e.EventID))
	}
	return t
}

func (w *coverageWriter) unreadObjects() report.Table {
	t := report.Table{ID: "objects_unread", Title: "Objects that are not in the lake", Empty: "Every object that was delivered for the period was read.",
		Columns: []report.Column{
			col("source_object", "Object", report.Code), col("account_id", "Account", report.Code), col("aws_region", "Region", report.Code),
			col("status", "Status", report.Word), col("why", "Why", report.Text), col("attempts", "Tries", report.Count), col("size", "Bytes", report.Count),
		}}
	for i := range w.books.ledger.unread {
		e := &w.books.ledger.unread[i]
		t.Add(report.CodeOf(e.SourceObject), report.CodeOf(e.AccountID), report.CodeOf(e.AWSRegion), report.WordOf(e.Status, report.Alarm), report.TextOf(e.Error), report.CountOf(e.Attempts), report.CountOf(e.Size))
	}
	return t
}

// silentDetections are those that could not judge some day of the period, so that they
// have found nothing says nothing.
func (w *coverageWriter) silentDetections() report.Table {
	t := report.Table{ID: "detections_blind", Title: "Detections that could not judge", Empty: "Every detection could judge every day that was judged.",
		Lead: "By the records of nightly runs. That such a detection found nothing on these days says nothing.",
		Columns: []report.Column{
			col("detection", "Detection", report.Code), col("title", "Title", report.Text), col("days", "Days", report.Count), col("of", "Of days judged", report.Count), col("why", "Why", report.List),
		}}
	if len(w.books.judged) == 0 {
		t.Empty = "No nightly run judged a day of the period: no detection is known to have judged anything."
	}
	silent := w.books.silent(w.f)
	for _, id := range slices.Sorted(maps.Keys(silent)) {
		why := slices.Sorted(maps.Keys(silent[id].why))
		t.Add(report.CodeOf(id), report.TextOf(titleOf(id)), report.CountOf(int64(len(silent[id].days))), report.CountOf(int64(len(w.books.judged))), report.ListOf(why))
	}
	return t
}

// silence is on which days a detection could not judge, and why.
type silence struct{ days, why map[string]bool }

// learning is a reason that is another one every night.
var learning = regexp.MustCompile(`^learning: [0-9]+ of ([0-9]+) days of history`)

// silent reads from the records of runs which detections could not judge: of the runs that
// judged a day the last one counts.
func (b *books) silent(f *Frame) map[string]silence {
	last := map[string][]string{}
	for i := range b.runs {
		for _, d := range b.runs[i].Days {
			if d.Day >= f.Question.From && d.Day <= f.Question.To {
				last[d.Day] = d.NotEvaluated
			}
		}
	}
	all := map[string]silence{}
	for day, list := range last {
		for _, line := range list {
			id, why, _ := strings.Cut(line, ": ")
			if all[id].days == nil {
				all[id] = silence{map[string]bool{}, map[string]bool{}}
			}
			all[id].days[day] = true
			if why != "" {
				all[id].why[learning.ReplaceAllString(why, "learning: fewer than $1 days of history")] = true
			}
		}
	}
	return all
}

// titleOf is a detection's title; empty for one that the catalogue does not have.
func titleOf(id string) string {
	for i := range detect.Catalogue {
		if detect.Catalogue[i].ID == id {
			return detect.Catalogue[i].Title
		}
	}
	return ""
}

func outcomeState(outcome string) report.Value {
	switch outcome {
	case "ok":
		return report.WordOf(outcome, report.Plain)
	case "denied", "failed":
		return report.WordOf(outcome, report.Attention)
	}
	return report.WordOf(outcome, report.Unknown)
}

// status says on the cover how far the report can be relied on, by its section on coverage.
func status(made sections) report.Note {
	s := made[Coverage]
	if s == nil {
		return report.Note{Level: report.Unknown, Text: "Nothing is known of what the log covers."}
	}
	switch s.Level {
	case report.OK:
		return report.Note{Level: report.OK, Text: "Complete, as far as the log can tell: " + s.Lead}
	case report.Alarm:
		return report.Note{Level: report.Alarm, Text: fmt.Sprintf("Incomplete: %s The section on coverage names what is missing.", s.Lead)}
	}
	if e := (&evidence{made: made}); e.number(Coverage, "hours_unknown").Float() > 0 {
		return report.Note{Level: s.Level, Text: "How complete the log is, is not known throughout; the gaps that are known are declared. " + s.Lead}
	}
	if s.Level == report.Unknown {
		return report.Note{Level: s.Level, Text: "Complete as far as the log can tell, which nothing proves: " + s.Lead}
	}
	return report.Note{Level: s.Level, Text: "Complete with declared gaps: " + s.Lead}
}
