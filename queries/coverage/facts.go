package coverage

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

// Facts are what a lake says of its own coverage in some days.
type Facts struct {
	First, Last int32 // event days, both included
	Tables      []*Table
	Tableless   int64 // touches that are about no table
	Touches     int64 // all, of the days
	Untold      int64 // touches of tables beyond maxTables

	Deliveries lake.Coverage
	Settings   *detect.Coverage
	Changes    int // calls in the lake that changed settings of trails
	Snapshot   bool
	Read       reader.Stats
}

// Known reports whether anything is known of what the trails were set to log.
func (f *Facts) Known() bool { return f.Changes > 0 || f.Snapshot }

// Table is what the lake has of one table.
type Table struct {
	ARN, Name string // ARN is empty where no record has it
	Days      map[int32]*Day
	Total     Day
	Since     [kinds]int32 // first day with an event of the kind; only where Total has some
	LastEvent int64        // microseconds since 1970
	// Touches by calls on items, streams left out: all, those that say which item or
	// which partition, and those whose request was left out of the record or unreadable.
	Items, Named, Unnamed int64
}

// Day counts a day's touches.
type Day struct {
	Of     [kinds]int64
	Denied int64
}

// Data is how many touches of the day are by calls on items.
func (d *Day) Data() int64 { return d.Of[DataRead] + d.Of[DataWrite] }

// maxTables bounds the tables that are told apart: their names are log text, and anybody who
// may call can name tables that are not there.
const maxTables = 20_000

// factColumns are those that are read of every touch.
var factColumns = func() (list []int) {
	for _, name := range []string{"event_time", "plane", "op", "mutates", "outcome", "table_arn", "key_scope"} {
		list = append(list, schema.ColumnIndex(name))
	}
	return list
}()

// Gather reads the facts. from and to are microseconds since 1970, to not included; 0 is
// open. snapshot is as for [Trails]. progress may be nil; it is called as files are done, of
// so many in all.
func Gather(ctx context.Context, l *lake.Lake, from, to int64, snapshot []byte, progress func(done, all int)) (*Facts, error) {
	f := &Facts{Snapshot: snapshot != nil}
	var err error
	if f.Settings, f.Changes, err = Trails(ctx, l, snapshot); err != nil {
		return nil, err
	}
	if f.Deliveries, err = l.Coverage(ctx); err != nil {
		return nil, err
	}
	g := gathering{facts: f, tables: map[tableID]*Table{}}
	f.Read, err = queries.EachTouch(ctx, queries.Watch(l, progress), reader.Query{From: from, To: to, Columns: factColumns}, func(t *schema.Touch, p schema.Partition) error {
		g.touch(t, p.Day)
		return nil
	})
	if err != nil {
		return nil, err
	}
	f.span(from, to)
	f.Tables = slices.SortedFunc(maps.Values(g.tables), func(a, b *Table) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ARN, b.ARN))
	})
	return f, nil
}

// span makes the days those that have touches or whose logs were delivered, as far as they
// are asked for: what lies beyond is told as a gap. Logs come on the event's day or the next,
// so that the last day of deliveries is none that could be judged.
func (f *Facts) span(from, to int64) {
	if f.Touches == 0 {
		return
	}
	first, last := f.Deliveries.Bounds()
	if day, err := schema.ParseDay(first); err == nil {
		if from != 0 {
			day = max(day, schema.DayOf(from))
		}
		f.First = min(f.First, day)
	}
	if day, err := schema.ParseDay(last); err == nil {
		if day--; to != 0 {
			day = min(day, schema.DayOf(to-1))
		}
		f.Last = max(f.Last, day)
	}
}

// gathering is facts on their way.
type gathering struct {
	facts  *Facts
	tables map[tableID]*Table
	last   tableID // of the touch before: rows come table by table
	table  *Table
}

type tableID struct{ arn, name string }

func (g *gathering) touch(t *schema.Touch, day int32) {
	f := g.facts
	if f.Touches == 0 {
		f.First, f.Last = day, day
	}
	f.Touches++
	f.First, f.Last = min(f.First, day), max(f.Last, day)
	if t.TableARN == "" && t.TableName == "" {
		f.Tableless++
		return
	}
	of := g.of(t)
	if of == nil {
		f.Untold++
		return
	}
	kind := KindOf(t)
	d := of.Days[day]
	if d == nil {
		d = &Day{}
		of.Days[day] = d
	}
	if of.Total.Of[kind] == 0 || day < of.Since[kind] {
		of.Since[kind] = day
	}
	for _, c := range []*Day{d, &of.Total} {
		c.Of[kind]++
		if t.Outcome == schema.OutcomeDenied {
			c.Denied++
		}
	}
	of.LastEvent = max(of.LastEvent, t.EventTime)
	of.item(t, kind)
}

func (g *gathering) of(t *schema.Touch) *Table {
	if g.table != nil && g.last.arn == t.TableARN && g.last.name == t.TableName {
		return g.table
	}
	id := tableID{strings.Clone(t.TableARN), strings.Clone(t.TableName)}
	if arn, ok := schema.ParseTableARN(id.arn); ok && id.name == "" {
		id.name = arn.Table
	}
	g.last, g.table = tableID{id.arn, strings.Clone(t.TableName)}, g.tables[id]
	if g.table == nil && len(g.tables) < maxTables {
		g.table = &Table{ARN: id.arn, Name: id.name, Days: map[int32]*Day{}}
		g.tables[id] = g.table
	}
	return g.table
}

// item counts by what a call on items says of the item.
func (t *Table) item(touch *schema.Touch, kind Kind) {
	if kind != DataRead && kind != DataWrite {
		return
	}
	t.Items++
	switch touch.KeyScope {
	case schema.ScopeItem, schema.ScopePartition:
		t.Named++
	case schema.ScopeUnknown:
		t.Unnamed++
	}
}
