package compliance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
)

// restated makes the section on what was changed of days that somebody had reason to rely
// on: since the last report, or else since they were judged, or long after.
type restated struct{ books *books }

func (restated) touch(*detect.Event) {}

// maxObjects is how many of the objects behind a restatement are named.
const maxObjects = 5

// maxCauses is how many of the causes of restatements the first sentences name.
const maxCauses = 5

func (p restated) write(_ context.Context, f *Frame, made sections) error {
	chain := &p.books.chain
	s := &report.Section{Title: "Restatements", Level: report.OK}
	days := map[string]bool{}
	var added, gone int64
	for i := range chain.changes {
		r := &chain.changes[i]
		days[r.day] = true
		if r.rows > r.before {
			added += r.rows - r.before
		} else {
			gone += r.before - r.rows
		}
	}
	since := "after the day was judged, or a month after it where it was not judged"
	if f.Since.Number > 0 {
		since = "since commit " + f.Since.String()
	}
	s.Lead = fmt.Sprintf("%s of the period were changed %s: %s came, %s went.", many(int64(len(days)), "day"), since, many(added, "row"), many(gone, "row"))
	if len(chain.changes) == 0 {
		s.Lead = fmt.Sprintf("No day of the period was changed %s.", since)
	} else {
		s.Level = report.Attention
	}
	s.Lead += chain.causes()
	if chain.lost() > 0 {
		s.Level = report.Alarm
	}
	if chain.since != "" {
		s.Level = report.Alarm
		s.Notes = append(s.Notes, report.Note{Level: report.Alarm, Text: "The last report cannot be compared with: " + chain.since + "."})
	}
	if f.Since.Number == 0 {
		s.Notes = append(s.Notes, report.Note{Text: "No head of an earlier report was given. For the next report, keep this one's: --since " + f.Head.String() + "."})
	}
	s.Tiles = []report.Fact{
		{ID: "days_restated", Name: "Days restated", Value: report.CountOf(int64(len(days)))},
		{ID: "rows_added", Name: "Rows that came", Value: report.CountOf(added)},
		{ID: "rows_removed", Name: "Rows that went", Value: report.CountOf(gone), Level: badIf(gone > 0, report.Attention)},
		{ID: "journal_head", Name: "Head of the journal", Value: report.CodeOf(f.Head.String()), Text: "for --since of the next report"},
	}
	s.Tables = append(s.Tables, p.table(f))
	made[Restated] = s
	return nil
}

// causes names the erasures and prunings among the changes, each once.
func (c *chain) causes() string {
	var said []string
	for i := range c.changes {
		if cause := c.changes[i].cause; cause.Kind != "" && !slices.Contains(said, cause.String()) {
			said = append(said, cause.String())
		}
	}
	switch n := len(said); {
	case n == 0:
		return ""
	case n > maxCauses:
		return fmt.Sprintf(" Among them are %d erasures and prunings.", n)
	}
	return " Rows were changed or removed on purpose: " + strings.Join(said, "; ") + "."
}

// lost counts the changes that took rows away and say no cause.
func (c *chain) lost() (n int64) {
	for i := range c.changes {
		if c.changes[i].kind == rowsRemoved {
			n++
		}
	}
	return n
}

func (p restated) table(f *Frame) report.Table {
	t := report.Table{ID: "restatements", Title: "Days that changed", Empty: "None.", Lead: "By table, day and commit. Late records are such as CloudTrail delivered late, or as were ingested again from more objects; rows go by an erasure or by retention only, which say the request or the rule, and who did it.",
		Columns: join([]report.Column{
			col("table_name", "Table", report.Text), col("day", "Day", report.Day), col("kind", "Kind", report.Word), col("commit", "Commit", report.Count), col("at", "At", report.Time),
			col("rows_before", "Rows before", report.Count), col("rows", "Rows", report.Count), col("objects", "Objects", report.Count), col("source_objects", "The first of them", report.List),
		}, causeColumns)}
	for i := range p.books.chain.changes {
		r := &p.books.chain.changes[i]
		level := report.Attention
		switch r.kind {
		case lateRecords, erased, pruned:
			level = report.Plain
		case rowsRemoved:
			level = report.Alarm
		}
		t.Add(append([]report.Value{report.TextOf(shownTable(r.table)), report.DayOf(r.day), report.WordOf(r.kind, level), report.CountOf(r.commit), report.TimeOf(r.at.UnixMicro()),
			report.CountOf(r.before), report.CountOf(r.rows), report.CountOf(int64(len(r.objects))), report.ListOf(slices.Clone(r.objects[:min(len(r.objects), maxObjects)]))},
			causeValues(r.cause)...)...)
	}
	return t
}
