package queries

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/personal"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// Who asks who touched what. Conditions that are left empty match everything; all
// others must hold.
type Who struct {
	Table      string     // name or ARN of a table
	Key        []Member   // the item's key has each of these members
	Values     []string   // the item's key has each of these values, under any name
	Actor      string     // pattern for the actor's id or name: * and ?
	Ops        []string   // operation classes, any of them
	Outcomes   []string   // any of them
	Events     []string   // patterns for the event's name, any of them
	From, To   int64      // microseconds since 1970, From inclusive, To exclusive; 0 is open
	CouldHave  bool       // gather calls that named no item but may have shown or changed it, too
	AtLeast    Likelihood // of those only the ones that are as certain
	FollowRole bool       // the answer is to be given to [Follow]
	// Keyring says which keys in the lake are tokens, and makes those of what is asked
	// for; nil where keys are as logged.
	Keyring *personal.Keyring
	// Limit keeps only so many of the newest touches, and of the most certain and
	// then newest calls; 0 keeps all.
	Limit int
	// Each, if it is set, is shown every touch and every call as it is found, in the order
	// of the lake and before Limit cuts any: for counting what is too much to be kept. The
	// row is its to read during the call.
	Each func(*Row)
}

// Member is one condition on an item's key.
type Member struct{ Name, Value string }

// ofItem reports whether the question is about an item and not only a table.
func (w *Who) ofItem() bool { return len(w.Key)+len(w.Values) > 0 }

// Row is one row of an answer.
type Row struct {
	schema.Touch
	Day       string // partition column, YYYY-MM-DD
	CouldHave bool   // named no item, but may have shown or changed the one asked for
	Reason    string // how it may have; empty for touches
	Certainty Likelihood
	Lineage   *Lineage // who is behind the session; nil unless asked for
}

// Answer is what was found, oldest row first.
type Answer struct {
	Question  Who
	Touches   []Row
	CouldHave []Row // only when asked for
	Gaps      Gaps  // what the lake may lack of the answer; the caller's to set
	// Counts over all that was found, also where Limit cut the rows.
	Count, CouldHaveCount int64
	Actors                int
	Unsuccessful          int64        // touches that were denied or failed
	DeleteCount           int64        // successful ones
	First, Last           *Row         // the oldest and the newest touch; nil if there is none
	LastWrite             *Row         // the newest touch that changed something; nil if none did
	Deletes               []Row        // the newest of the successful deletions, oldest first
	Read                  reader.Stats // what was read for it; [Ask] alone knows

	areas  map[Area]struct{}    // where records of touches were delivered
	items  map[string]struct{}  // keys touched, at most manyItems of them
	tokens []Token              // of what was asked for; [Ask] alone knows
	calls  callKinds            // those under CouldHave, and those not certain enough
	listed map[string]*Holdings // of the tables that were listed; [Ask] alone knows
}

const (
	// deletesTold is how many deletions an answer tells one by one.
	deletesTold = 3
	// manyItems is how many items are so many that nobody counts them.
	manyItems = 2
)

// Collector gathers the answer to one question. It is not for concurrent use.
type Collector struct {
	filter        filter
	answer        Answer
	actors        map[string]struct{}
	touchedTables map[string]struct{}
}

// NewCollector returns a collector for the question.
func NewCollector(w Who) *Collector {
	return &Collector{
		filter:        newFilter(w),
		answer:        Answer{Question: w, areas: map[Area]struct{}{}, items: map[string]struct{}{}, calls: callKinds{}},
		actors:        map[string]struct{}{},
		touchedTables: map[string]struct{}{},
	}
}

// Add takes the rows of one batch of a partition. The batch has any of
// [schema.Columns], by name; it must have those of [Columns] for rows to be judged
// rightly. What is kept is copied: the batch may be released after Add returns.
//
// How certain calls are that named no item is judged by the touches added before
// them, of all times and kinds: those come first.
func (c *Collector) Add(p schema.Partition, batch arrow.Record) {
	v := newView(batch)
	v.spelt = c.filter.spelt
	for i := range int(batch.NumRows()) {
		switch c.filter.judge(v, i) {
		case touched:
			c.touch(v.row(p, i))
		case couldHave:
			if r, ok := c.filter.reach(v, i); ok {
				c.filter.weigh(&r, v.text(colTableARN, i))
				c.call(v, p, i, &r)
			}
		}
	}
}

func (c *Collector) touch(r Row) {
	a := &c.answer
	if c.filter.Each != nil {
		c.filter.Each(&r)
	}
	a.Touches = append(a.Touches, r)
	a.Count++
	c.actors[r.Actor] = struct{}{}
	if r.ItemKey != "" && len(a.items) < manyItems {
		a.items[r.TableARN+r.ItemKey] = struct{}{}
	}
	if arn, ok := schema.ParseTableARN(r.TableARN); ok {
		a.areas[Area{r.RecipientAccountID, arn.Region}] = struct{}{}
	}
	if r.TableName != "" {
		c.touchedTables[r.TableName] = struct{}{}
	}
	if a.First == nil || compareRows(r, *a.First) < 0 {
		a.First = kept(r)
	}
	if a.Last == nil || compareRows(*a.Last, r) < 0 {
		a.Last = kept(r)
	}
	switch {
	case r.Outcome != schema.OutcomeOK:
		a.Unsuccessful++
	case r.Mutates && (a.LastWrite == nil || compareRows(*a.LastWrite, r) < 0):
		a.LastWrite = kept(r)
	}
	if r.deletes() {
		a.DeleteCount++
		a.Deletes = newest(append(a.Deletes, r), deletesTold, compareRows)
	}
	a.Touches = c.cut(a.Touches, compareRows)
}

// kept is a row that outlives the others, and takes memory of its own for it.
func kept(r Row) *Row { return &r }

// deletes reports whether the row is of a deletion that was done.
func (r *Row) deletes() bool {
	return r.Outcome == schema.OutcomeOK && (r.Op == schema.OpDeleteItem || r.EventName == "DeleteTable")
}

// Areas are the accounts and Regions in which the touches were logged, in no order.
func (a *Answer) Areas() []Area { return slices.Collect(maps.Keys(a.areas)) }

// call takes a call that named no item, if it is certain enough.
func (c *Collector) call(v *view, p schema.Partition, i int, r *reach) {
	a := &c.answer
	a.calls[callKind{r.certainty, strings.Clone(v.text(colEvent, i))}]++
	if r.certainty < c.filter.AtLeast {
		return
	}
	row := v.row(p, i)
	row.CouldHave, row.Reason, row.Certainty = true, r.reason(), r.certainty
	if c.filter.Each != nil {
		c.filter.Each(&row)
	}
	a.CouldHave = append(a.CouldHave, row)
	a.CouldHaveCount++
	a.CouldHave = c.cut(a.CouldHave, compareCalls)
}

// cut drops the first rows in an order once there are twice as many as asked for,
// so that memory is bounded by the limit.
func (c *Collector) cut(rows []Row, order func(a, b Row) int) []Row {
	limit := c.filter.Limit
	if limit == 0 || len(rows) < 2*limit {
		return rows
	}
	return newest(rows, limit, order)
}

// newest sorts rows and keeps the last n; 0 keeps all.
func newest(rows []Row, n int, order func(a, b Row) int) []Row {
	slices.SortFunc(rows, order)
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
	a.Touches = newest(a.Touches, c.filter.Limit, compareRows)
	a.CouldHave = newest(a.CouldHave, c.filter.Limit, compareCalls)
	slices.SortFunc(a.CouldHave, compareRows)
	a.Actors = len(c.actors)
	return a
}

// compareCalls orders by certainty and then as touches are.
func compareCalls(a, b Row) int {
	return cmp.Or(cmp.Compare(a.Certainty, b.Certainty), compareRows(a, b))
}

// compareRows orders by time, then by what makes the order the same in every run. Where the
// sources are not read, rows that are alike but for them come as they were sorted.
func compareRows(a, b Row) int {
	if c := cmp.Compare(a.EventTime, b.EventTime); c != 0 {
		return c // as nearly always
	}
	return cmp.Or(
		cmp.Compare(a.EventID, b.EventID),
		cmp.Compare(a.TouchIndex, b.TouchIndex),
		cmp.Compare(a.RecipientAccountID, b.RecipientAccountID),
		cmp.Compare(a.TableName, b.TableName),
		cmp.Compare(a.ItemKey, b.ItemKey),
		cmp.Compare(a.SourceObject, b.SourceObject),
		cmp.Compare(a.SourceIndex, b.SourceIndex),
	)
}
