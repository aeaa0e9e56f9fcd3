package queries

import (
	"cmp"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/schema"
)

// Who asks who touched what. Conditions that are left empty match everything; all
// others must hold.
type Who struct {
	Table     string   // name or ARN of a table
	Key       []Member // the item's key has each of these members
	Values    []string // the item's key has each of these values, under any name
	Actor     string   // pattern for the actor's id or name: * and ?
	Ops       []string // operation classes, any of them
	From, To  int64    // microseconds since 1970, From inclusive, To exclusive; 0 is open
	CouldHave bool     // gather calls that may have shown the item, too
	Limit     int      // keep only so many of the newest of each kind; 0 keeps all
}

// Member is one condition on an item's key.
type Member struct{ Name, Value string }

// ofItem reports whether the question is about an item and not only a table.
func (w *Who) ofItem() bool { return len(w.Key)+len(w.Values) > 0 }

// Row is one row of an answer.
type Row struct {
	schema.Touch
	Day       string // partition column, YYYY-MM-DD
	CouldHave bool   // may have shown the item, and no more than that
}

// Answer is what was found, oldest row first.
type Answer struct {
	Question  Who
	Touches   []Row
	CouldHave []Row // only when asked for
	// Counts over all that was found, also where Limit cut the rows.
	Count, CouldHaveCount int64
	Actors                int
	Unsuccessful          int64 // touches that were denied or failed
	LastWrite             *Row  // the newest touch that changed something; nil if none did
}

// Collector gathers the answer to one question. It is not for concurrent use.
type Collector struct {
	filter        filter
	answer        Answer
	actors        map[string]struct{}
	touchedTables map[string]struct{}
}

// NewCollector returns a collector for the question.
func NewCollector(w Who) *Collector {
	return &Collector{filter: newFilter(w), answer: Answer{Question: w}, actors: map[string]struct{}{}, touchedTables: map[string]struct{}{}}
}

// Add takes the rows of one batch of a partition. The batch has any of
// [schema.Columns], by name; it must have those of [Columns] for rows to be judged
// rightly. What is kept is copied: the batch may be released after Add returns.
func (c *Collector) Add(p schema.Partition, batch arrow.Record) {
	v := newView(batch)
	for i := range int(batch.NumRows()) {
		switch c.filter.judge(v, i) {
		case touched:
			c.touch(v.row(p, i))
		case couldHave:
			c.answer.CouldHave = append(c.answer.CouldHave, v.row(p, i))
			last := &c.answer.CouldHave[len(c.answer.CouldHave)-1]
			last.CouldHave = true
			c.answer.CouldHaveCount++
			c.answer.CouldHave = c.cut(c.answer.CouldHave)
		}
	}
}

func (c *Collector) touch(r Row) {
	a := &c.answer
	a.Touches = append(a.Touches, r)
	a.Count++
	if _, known := c.actors[r.Actor]; !known {
		c.actors[r.Actor] = struct{}{}
	}
	if r.TableName != "" {
		c.touchedTables[r.TableName] = struct{}{}
	}
	if r.Outcome != schema.OutcomeOK {
		a.Unsuccessful++
	} else if r.Mutates && (a.LastWrite == nil || compareRows(*a.LastWrite, r) < 0) {
		a.LastWrite = &r
	}
	a.Touches = c.cut(a.Touches)
}

// cut drops the oldest rows once there are twice as many as asked for, so that
// memory is bounded by the limit.
func (c *Collector) cut(rows []Row) []Row {
	limit := c.filter.Limit
	if limit == 0 || len(rows) < 2*limit {
		return rows
	}
	return newest(rows, limit)
}

// newest sorts rows and keeps the last n; 0 keeps all.
func newest(rows []Row, n int) []Row {
	slices.SortFunc(rows, compareRows)
	if n == 0 || len(rows) <= n {
		return rows
	}
	kept := copy(rows, rows[len(rows)-n:])
	clear(rows[kept:])
	return rows[:kept]
}

// Answer returns what was gathered. The collector must not be used afterwards.
func (c *Collector) Answer() *Answer {
	a := &c.answer
	a.Touches = newest(a.Touches, c.filter.Limit)
	a.CouldHave = newest(a.CouldHave, c.filter.Limit)
	a.Actors = len(c.actors)
	return a
}

// compareRows orders by time, then by what makes the order the same in every run.
func compareRows(a, b Row) int {
	return cmp.Or(
		cmp.Compare(a.EventTime, b.EventTime),
		cmp.Compare(a.EventID, b.EventID),
		cmp.Compare(a.TouchIndex, b.TouchIndex),
		cmp.Compare(a.RecipientAccountID, b.RecipientAccountID),
		cmp.Compare(a.TableName, b.TableName),
		cmp.Compare(a.ItemKey, b.ItemKey),
		cmp.Compare(a.SourceObject, b.SourceObject),
		cmp.Compare(a.SourceIndex, b.SourceIndex),
	)
}
