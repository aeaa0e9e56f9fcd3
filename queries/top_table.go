package queries

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// table is the ranking for people: nothing in it can move the cursor.
func (r *Ranking) table(width int) string {
	if r.Empty() {
		return ""
	}
	var b strings.Builder
	if len(r.Rows) > 0 {
		laid, left := grid(r.columns(), width)
		b.WriteString(laid + "\n")
		if len(left) > 0 {
			b.WriteString(wrap("No room here for: "+strings.ToLower(strings.Join(left, ", "))+".", width) + "\n")
		}
	}
	for _, note := range r.notes() {
		b.WriteString(wrap(note, width) + "\n")
	}
	return b.String()
}

// columns are the table's, of which those that fit are shown.
func (r *Ranking) columns() []gridColumn {
	text := func(title string, order int, cell func(*Ranked) string) gridColumn {
		c := gridColumn{title: title, order: order}
		for i := range r.Rows {
			c.cells = append(c.cells, short(Clean(cell(&r.Rows[i]))))
		}
		return c
	}
	number := func(title string, order int, cell func(*Ranked) string) gridColumn {
		c := text(title, order, cell)
		c.right = true
		return c
	}
	columns := []gridColumn{number("#", 0, func(row *Ranked) string { return strconv.Itoa(row.Rank) + r.doubt(row) })}
	if r.ofKeys() && r.severalTables() {
		columns = append(columns, text("TABLE", 0, r.tableCell))
	}
	columns = append(columns, text(r.words().title, 0, r.valueCell),
		number(strings.ToUpper(r.by()), 0, func(row *Ranked) string { return humanize.Comma(row.Count) }),
		number("SHARE", 0, func(row *Ranked) string { return percent(row.Share) }),
		text("", 7, func(row *Ranked) string { return bar(row.Share, r.FirstShare) }),
		number("SUM", 13, func(row *Ranked) string { return percent(row.CumulativeShare) }),
		number("READ/WRITE", 1, readWrite),
		number("BULK", 9, func(row *Ranked) string { return few(row.BulkReads, row.Touches) }),
		number("DENIED", 3, positive(func(row *Ranked) int64 { return row.Denied })),
		number("FAILED", 10, positive(func(row *Ranked) int64 { return row.Failed })),
		number("THROTTLED", 4, positive(func(row *Ranked) int64 { return row.Throttled })),
		number("KEYS", 8, r.keysCell),
		number("ACTORS", 12, positive(func(row *Ranked) int64 { return row.Actors })),
	)
	if r.ofKeys() {
		columns = append(columns, number("PER SECOND", 2, perSecond), text("BUSIEST SECOND", 16, func(row *Ranked) string { return clock(row.Second.At, secondMicros) }))
	}
	return append(columns,
		number("PER HOUR", 5, func(row *Ranked) string { return humanize.Comma(row.Hour.Touches) }),
		text("BUSIEST HOUR", 11, func(row *Ranked) string { return clock(row.Hour.At, hourMicros) }),
		text("FIRST SEEN", 14, func(row *Ranked) string { return clock(row.First, r.unit()) }),
		text("LAST SEEN", 6, func(row *Ranked) string { return clock(row.Last, r.unit()) }),
		text("MOST BY", 15, mainActor),
	)
}

// doubt marks a row that something not listed may have the place of.
func (r *Ranking) doubt(row *Ranked) string {
	if row.Certain {
		return ""
	}
	return "?"
}

func (r *Ranking) unit() int64 {
	if r.FromRollup {
		return hourMicros
	}
	return secondMicros
}

func (r *Ranking) severalTables() bool {
	for i := range r.Rows {
		if r.Rows[i].TableARN != r.Rows[0].TableARN || r.Rows[i].TableName != r.Rows[0].TableName {
			return true
		}
	}
	return false
}

// words are what a subject's rows are called.
type words struct{ title, one, many string }

var subjectWords = map[Subject]words{
	TopKeys:          {"ITEM", "item", "items"},
	TopPartitionKeys: {"PARTITION KEY", "partition key", "partition keys"},
	TopActors:        {"WHO", "actor", "actors"},
	TopTables:        {"TABLE", "table", "tables"},
	TopOperations:    {"OPERATION", "class of operation", "classes of operation"},
	TopErrors:        {"ERROR", "error", "errors"},
	TopAgents:        {"USER AGENT", "user agent", "user agents"},
}

func (r *Ranking) words() words { return subjectWords[r.Question.Subject] }

func (w words) count(n int64) string {
	if n == 1 {
		return "1 " + w.one
	}
	return humanize.Comma(n) + " " + w.many
}

// measured is a number of what the ranking is by.
func (r *Ranking) measured(n int64) string {
	if r.Question.ByEvents {
		return words{one: "event", many: "events"}.count(n)
	}
	return words{one: "touch", many: "touches"}.count(n)
}

// notes are the lines below the table.
func (r *Ranking) notes() []string {
	all := r.words().count(r.Distinct)
	if !r.DistinctExact {
		all = "more than " + all
	}
	s := fmt.Sprintf("%s of %s; %s in all", humanize.Comma(int64(len(r.Rows))), all, r.measured(r.Total))
	if r.Distinct > 1 && r.Total > 0 {
		s += fmt.Sprintf("; the first has %s", percent(r.FirstShare))
		if r.Distinct > 10 && !math.IsNaN(r.TenShare) {
			s += fmt.Sprintf(", the first ten %s", percent(r.TenShare))
		}
		if !math.IsNaN(r.Entropy) {
			s += fmt.Sprintf("; evenness %.2f (0: one has all, 1: all alike)", r.Entropy)
		}
	}
	notes := []string{s + "."}
	if r.Outside > 0 {
		notes = append(notes, r.outsideNote())
	}
	if len(r.Undecided) > 0 {
		notes = append(notes, "Which member of the key is the partition key the log does not show for "+someOf(r.Undecided)+": name it with --member.")
	}
	if r.UnlistedAtMost > 0 {
		notes = append(notes, fmt.Sprintf("Not everything fitted into --memory. What is shown is counted exactly; something that is not shown may have up to %s, so places marked ? are not certain.",
			r.measured(r.UnlistedAtMost)))
	}
	notes = append(notes, r.hotNotes()...)
	if r.FromRollup {
		notes = append(notes, "From hourly counts: times are hours. --detail reads the touches, for names, keys, throttles and seconds.")
	}
	return notes
}

// someOf lists a few texts and counts the rest.
func someOf(texts []string) string {
	const most = 5
	s := Clean(strings.Join(texts[:min(len(texts), most)], ", "))
	if more := len(texts) - most; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// outsideNote says what the ranking cannot have.
func (r *Ranking) outsideNote() string {
	touches := words{one: "touch", many: "touches"}.count(r.Outside)
	if r.Question.Subject == TopPartitionKeys {
		return touches + " more with no partition key that is known: Scans, SELECTs, reads of an index or a stream, and settings."
	}
	return touches + " more named no item: Queries, Scans, reads of a stream, and settings."
}

// hotNotes say which keys may be too hot.
func (r *Ranking) hotNotes() []string {
	if !r.ofKeys() {
		return nil
	}
	hot, dominant := int64(0), int64(0)
	for i := range r.Rows {
		if r.Rows[i].RequestHot() {
			hot++
		}
		if r.Dominant(&r.Rows[i]) {
			dominant++
		}
	}
	var notes []string
	if hot > 0 {
		notes = append(notes, fmt.Sprintf("REQUEST-HOT: %s had %s reads or %s writes within a second, which is what one partition of a table serves. "+
			"CloudTrail has no item sizes: with large items fewer are too many. Throttled calls may not all be logged.",
			r.words().count(hot), humanize.Comma(partitionReads), humanize.Comma(partitionWrites)))
	}
	if dominant > 0 {
		notes = append(notes, fmt.Sprintf("DOMINANT: %s with a tenth or more of all.", r.words().count(dominant)))
	}
	return notes
}

// clock is a time as precisely as it is known.
func clock(at, unit int64) string {
	layout := "2006-01-02 15:04:05Z"
	if unit == hourMicros {
		layout = "2006-01-02 15:00Z"
	}
	return time.UnixMicro(at).UTC().Format(layout)
}
