package queries

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// Columns of rankings, by their place in schema.Columns.
var topColumn = struct{ event, call, code, agent, kind, ip, endpoint int }{
	schema.ColumnIndex("event_id"), schema.ColumnIndex("event_name"), schema.ColumnIndex("error_code"),
	schema.ColumnIndex("user_agent"), schema.ColumnIndex("actor_kind"), schema.ColumnIndex("source_ip"), schema.ColumnIndex("vpc_endpoint_id"),
}

// counter counts touches by what a ranking is of, as they are read.
type counter struct {
	Top
	filter filter // what the reader cannot judge
	judged bool   // there is such a thing
	tables tableNumbers
	names  partitionKeys  // for partition keys
	dark   map[int32]bool // tables whose partition key is not known
	counts *heavy
	events *pairSet // of the present day

	total, outside int64
	day            int32
	last           rowGroup
}

// rowGroup is what the row before belongs to. Rows come sorted by key, so the one
// after it often belongs to the same.
type rowGroup struct {
	known    bool
	arn, key string // views into the present batch
	group    groupKey
	ok       bool
}

// Memory is shared out between values, events or distinct keys, and batches on their
// way.
func (q *Top) countBytes() int64 { return q.Memory / 2 }
func (q *Top) pairsBytes() int64 { return q.Memory / 4 }

func newCounter(q Top) *counter {
	w := q.Where
	w.From, w.To, w.Ops, w.CouldHave = 0, 0, nil, false // for the reader
	f := newFilter(w)
	return &counter{
		Top: q, filter: f, judged: f.Actor != "" || f.suffix != "" || f.ofItem(),
		tables: tableNumbers{}, names: partitionKeys{}, counts: newHeavy(q.countBytes()), events: newPairSet(q.pairsBytes()),
	}
}

// countTouches counts by reading as few columns as that takes.
func countTouches(ctx context.Context, l reader.Lake, q Top) (*counter, error) {
	c := newCounter(q)
	if err := c.learn(ctx, l); err != nil {
		return nil, err
	}
	return c, c.scan(ctx, l, c.groupColumns(), nil, func(v *view, p schema.Partition, i int) error {
		group, ok := c.group(v, p, i)
		switch {
		case !ok:
			c.outside++
			return nil
		case !c.ByEvents:
			c.total++
			c.counts.add(group, 1)
			return nil
		}
		return c.countEvent(v, p, i, group)
	})
}

// countEvent counts an event once for each of its groups, and once in all. An event
// lies in one day; days come one after another.
func (c *counter) countEvent(v *view, p schema.Partition, i int, group groupKey) error {
	if p.Day != c.day {
		c.day = p.Day
		c.events.clear()
	}
	id := v.text(topColumn.event, i)
	for _, of := range []groupKey{group, anyGroup} {
		fresh, ok := true, true
		if id != "" { // a touch that names no event is one of its own
			fresh, ok = c.events.add(of, id)
		}
		switch {
		case !ok:
			return errTooMany
		case fresh && of == anyGroup:
			c.total++
		case fresh:
			c.counts.add(group, 1)
		}
	}
	return nil
}

var anyGroup = groupKey{table: -1}

// scan calls fn with each row that matches the question, and day by day.
func (c *counter) scan(ctx context.Context, l reader.Lake, columns []int, where []reader.Condition, fn func(v *view, p schema.Partition, i int) error) error {
	q := c.query(columns)
	q.Where = append(q.Where, where...)
	if err := c.filter.spell(); err != nil {
		return err
	}
	_, err := reader.Scan(ctx, &byDay{Lake: l, progress: c.Progress}, c.filter.inAnyWay(q), func(batch arrow.Record, p schema.Partition) error {
		v := newView(batch)
		v.spelt = c.filter.spelt
		c.last = rowGroup{}
		for i := range int(batch.NumRows()) {
			if c.judged && c.filter.judge(v, i) != touched {
				continue
			}
			if err := fn(v, p, i); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// query asks for the rows that match, and those columns besides that judging takes.
func (c *counter) query(columns []int) reader.Query {
	f := &c.filter
	q := reader.Query{Table: f.Table, From: c.Where.From, To: c.Where.To, Where: f.conditions()}
	any := func(column int, values []string) {
		if len(values) > 0 {
			q.Where = append(q.Where, reader.Condition{Column: column, AnyOf: values})
		}
	}
	any(colOp, c.Where.Ops)
	any(colOutcome, c.Outcomes)
	if c.Subject == TopErrors {
		any(colOutcome, []string{schema.OutcomeDenied, schema.OutcomeFailed})
	}
	any(colScope, c.scopes())
	if f.Actor != "" {
		columns = append(columns, colActor, colActorName)
	}
	if f.arn != "" || f.suffix != "" {
		columns = append(columns, colTableARN)
	}
	if f.ofItem() {
		columns = append(columns, colScope, colItemKey, colKeyValues)
	}
	q.Columns = slices.Compact(slices.Sorted(slices.Values(columns)))
	return q
}

// scopes are those of touches of an item, where the question is about one.
func (c *counter) scopes() []string {
	if c.Where.ofItem() {
		return []string{schema.ScopeItem}
	}
	return nil
}

// tableNumbers number tables, by partition and ARN.
type tableNumbers struct {
	list    []tableID
	numbers map[tableID]int32
}

type tableID struct{ name, arn string }

// of is the number of a table; arn may be a view.
func (t *tableNumbers) of(p schema.Partition, arn string) int32 {
	name := p.Table
	if name == schema.NoTable {
		name = ""
	}
	if n, ok := t.numbers[tableID{name, arn}]; ok {
		return n
	}
	if t.numbers == nil {
		t.numbers = map[tableID]int32{}
	}
	key, n := tableID{name, strings.Clone(arn)}, int32(len(t.list))
	t.list = append(t.list, key)
	t.numbers[key] = n
	return n
}

// namesakes are the names that more than one table has.
func (t *tableNumbers) namesakes() map[string]bool {
	seen, more := map[string]bool{}, map[string]bool{}
	for _, id := range t.list {
		more[id.name] = more[id.name] || seen[id.name]
		seen[id.name] = seen[id.name] || id.arn != ""
	}
	return more
}

// byDay is a lake whose files come day by day, and within a day by table.
type byDay struct {
	reader.Lake
	progress func(done, all int)
}

func (l *byDay) TouchFiles(ctx context.Context, table, fromDay, toDay string, fn func(lake.TouchFile) error) error {
	var files []lake.TouchFile
	err := l.Lake.TouchFiles(ctx, table, fromDay, toDay, func(f lake.TouchFile) error {
		files = append(files, f)
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(files, func(a, b lake.TouchFile) int { return int(a.Partition.Day - b.Partition.Day) })
	for i, f := range files {
		if l.progress != nil {
			l.progress(i, len(files))
		}
		if err := fn(f); err != nil {
			return err
		}
	}
	return nil
}
