package compliance

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// chain is the journal, read from its first entry to its last.
type chain struct {
	commits int64
	last    int64  // time of the last entry, microseconds since 1970; 0 of an empty journal
	broken  string // where the chain of hashes breaks; empty where it holds
	since   string // why the head of the last report is none of this journal; empty where it is
	changes []restatement
	// judged is the journal's last commit when a day of the period was judged last, by day.
	judged map[string]int64
	less   []removal
}

// restatement is what a commit changed of a file that was there before, in the period and
// after somebody had reason to rely on it.
type restatement struct {
	table, day   string
	commit       int64
	at           time.Time
	before, rows int64
	objects      []string
	kind         string
	cause        lake.Cause
}

// removal is rows that left the lake, or from which something was taken: an ingest does
// neither.
type removal struct {
	table, day   string
	commit       int64
	at           time.Time
	before, rows int64
	cause        lake.Cause
}

// Kinds of restatements.
const (
	lateRecords = "late records"
	erased      = "erasure"
	pruned      = "retention"
	rowsRemoved = "rows removed, for no cause"
	rewritten   = "written again"
)

// settled is how long after an event day its deliveries are over as a rule.
const settled = 31 * 24 * time.Hour

func (c *chain) read(ctx context.Context, f *Frame) error {
	numbers, err := f.Lake.Journal(ctx)
	if err != nil {
		return err
	}
	if c.judged, err = judgedAt(ctx, f); err != nil {
		return err
	}
	if f.Since.Number > 0 && (len(numbers) == 0 || f.Since.Number > numbers[len(numbers)-1]) {
		c.since = "the journal ends before the commit of the last report: this is another lake, or its journal was cut"
	}
	var before lake.Head
	for i, n := range numbers {
		entry, err := f.Lake.Commit(ctx, n)
		if err != nil {
			return err
		}
		if c.broken == "" && (n != int64(i)+1 || entry.Previous != before.SHA256) {
			c.broken = "commit " + entry.Head.String() + " does not follow from the entry before it"
		}
		if n == f.Since.Number && f.Since.SHA256 != "" && f.Since.SHA256 != entry.SHA256 {
			c.since = "commit " + entry.Head.String() + " is another than the last report's: the journal was rewritten"
		}
		before = entry.Head
		c.add(f, &entry)
	}
	c.commits = int64(len(numbers))
	slices.SortFunc(c.changes, func(a, b restatement) int {
		return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.day, b.day), cmp.Compare(a.commit, b.commit))
	})
	slices.SortFunc(c.less, func(a, b removal) int {
		return cmp.Or(cmp.Compare(a.commit, b.commit), cmp.Compare(a.table, b.table), cmp.Compare(a.day, b.day))
	})
	return nil
}

// judgedAt is the journal's last commit when each day of the period was judged last.
func judgedAt(ctx context.Context, f *Frame) (map[string]int64, error) {
	days, err := f.Lake.JudgedDays(ctx)
	if err != nil {
		return nil, err
	}
	at := map[string]int64{}
	for _, day := range days {
		if day < f.Question.From || day > f.Question.To {
			continue
		}
		j, err := f.Lake.Judged(ctx, day)
		if err != nil {
			return nil, err
		}
		if j != nil {
			at[day] = j.Commit
		}
	}
	return at, nil
}

// add takes what a commit changed. The files of one table and day are one line.
func (c *chain) add(f *Frame, entry *lake.Commit) {
	c.last = max(c.last, entry.At.UnixMicro())
	for i := range entry.Changes {
		h := &entry.Changes[i]
		table, day := h.Partition.Table, h.Partition.DayString()
		if !f.named(table) {
			continue
		}
		if h.Rows < h.RowsBefore || entry.Cause.Kind != "" {
			if n := len(c.less) - 1; n >= 0 && c.less[n].commit == entry.Number && c.less[n].table == table && c.less[n].day == day {
				c.less[n].before, c.less[n].rows = c.less[n].before+h.RowsBefore, c.less[n].rows+h.Rows
			} else {
				c.less = append(c.less, removal{table, day, entry.Number, entry.At, h.RowsBefore, h.Rows, entry.Cause})
			}
		}
		if day < f.Question.From || day > f.Question.To || !c.late(f, entry, h, day) {
			continue
		}
		c.restate(entry, h, table, day)
	}
}

// late reports whether a change came when the day had been reported, judged, or left alone
// for so long that nobody expected one.
func (c *chain) late(f *Frame, entry *lake.Commit, h *lake.Change, day string) bool {
	if f.Since.Number > 0 {
		return entry.Number > f.Since.Number
	}
	if h.OldSHA256 == "" && h.RowsBefore == 0 && c.judged[day] == 0 {
		return false // the first of the day: a lake that is filled from old logs restates nothing
	}
	if commit, ok := c.judged[day]; ok {
		return entry.Number > commit
	}
	return entry.At.After(time.UnixMicro(int64(h.Partition.Day+1) * dayLong).Add(settled))
}

func (c *chain) restate(entry *lake.Commit, h *lake.Change, table, day string) {
	kind := kindOfChange(entry.Cause, h.RowsBefore, h.Rows)
	if n := len(c.changes) - 1; n >= 0 && c.changes[n].commit == entry.Number && c.changes[n].table == table && c.changes[n].day == day {
		r := &c.changes[n]
		r.before, r.rows = r.before+h.RowsBefore, r.rows+h.Rows
		r.objects = slices.Compact(slices.Sorted(slices.Values(append(r.objects, h.SourceObjects...))))
		r.kind = kindOfChange(r.cause, r.before, r.rows)
		return
	}
	c.changes = append(c.changes, restatement{table, day, entry.Number, entry.At, h.RowsBefore, h.Rows, slices.Clone(h.SourceObjects), kind, entry.Cause})
}

// kindOfChange is what a commit did to a table's day: what the journal says, or else what
// became of its rows.
func kindOfChange(cause lake.Cause, before, rows int64) string {
	switch {
	case cause.Kind == lake.Erasure:
		return erased
	case cause.Kind == lake.Retention:
		return pruned
	case cause.Kind != "":
		return cause.Kind
	case rows < before:
		return rowsRemoved
	case rows == before:
		return rewritten
	}
	return lateRecords
}

// causeColumns and causeValues are why rows were changed, as the journal has it.
var causeColumns = []report.Column{col("request", "Request, or rule", report.Text), col("operator", "By", report.Text)}

func causeValues(c lake.Cause) []report.Value {
	return []report.Value{report.TextOf(c.Request), report.TextOf(c.Operator)}
}

// shownTable is a partition's table as a report names it.
func shownTable(table string) string {
	if table == schema.NoTable {
		return "(no table)"
	}
	return table
}
