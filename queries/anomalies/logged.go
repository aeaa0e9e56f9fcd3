package anomalies

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

const (
	// shortStop is how long the log may lack a table's items before that explains silence.
	shortStop = time.Hour
	// maxChanges is how many changes of trails are followed of the day itself; that there are
	// more, detection DDB-AUD-002 says.
	maxChanges = 10_000
)

// logging follows the settings of trails, for tables of which they log the calls on items
// no more. The ledger does not tell: logs go on to come, without that table. A trail that
// was set before the history began is not known; that it leaves a table out is taken from
// its logging others of the account and Region.
type logging struct {
	j        *judging
	coverage *detect.Coverage
	last     int64             // call applied
	tables   []string          // ARNs
	touched  map[string][]bool // items of a table, by day
	logged   map[string]bool   // once
	since    map[string]int64
	lost     map[string][]bool // whole days
	today    map[string]bool   // a part of the day that is judged, or all of it
}

// follow works out which days of which tables the trails' settings took out of the log, as
// far as the history tells of settings.
func (j *judging) follow(ctx context.Context, l Lake) (*logging, error) {
	if j.history == nil {
		return &logging{}, nil
	}
	f := &logging{
		j: j, coverage: detect.NewCoverage(), touched: j.itemsTouched(), logged: map[string]bool{},
		since: map[string]int64{}, lost: map[string][]bool{}, today: map[string]bool{},
	}
	f.tables = slices.Sorted(maps.Keys(f.touched))
	j.history.Settings(f.change)
	day := schema.DayString(j.day(j.today()))
	var changes []*schema.Touch
	_, err := queries.EachTouch(ctx, l, reader.Query{
		FromDay: day, ToDay: day, Where: []reader.Condition{{Column: schema.ColumnIndex("plane"), AnyOf: []string{schema.PlaneTrail}}},
	}, func(t *schema.Touch, _ schema.Partition) error {
		if detect.IsTrailSetting(t) && len(changes) < maxChanges {
			changes = append(changes, t.Clone())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(changes, func(a, b *schema.Touch) int { return cmp.Compare(a.EventTime, b.EventTime) })
	for _, t := range changes {
		f.change(t)
	}
	f.compare()
	for table := range f.since {
		f.end(table, dayTime(j.day(j.today())+1).UnixMicro())
	}
	return f, nil
}

// change applies a call. What came of the calls of one hour is looked at once, since many
// may be made in it, and what lasts no longer does not matter.
func (f *logging) change(t *schema.Touch) {
	if !detect.IsTrailSetting(t) {
		return
	}
	if hour := time.Hour.Microseconds(); f.last/hour != t.EventTime/hour {
		f.compare()
	}
	f.coverage.Apply(t)
	f.last = t.EventTime
}

// compare looks at what the calls up to the last took away or gave back.
func (f *logging) compare() {
	others := map[string]bool{}
	for _, table := range f.tables {
		if f.whole(table) {
			f.logged[table], others[areaOf(table)] = true, true
			if f.since[table] != 0 {
				f.end(table, f.last)
			}
		}
	}
	for _, table := range f.tables {
		if f.since[table] == 0 && (f.logged[table] || others[areaOf(table)]) && !f.whole(table) {
			f.since[table] = f.last
		}
	}
}

// whole reports whether all calls on a table's items are logged now.
func (f *logging) whole(table string) bool {
	return f.coverage.Chosen(table, detect.DataReads) == detect.LoggedYes && f.coverage.Chosen(table, detect.DataWrites) == detect.LoggedYes
}

// areaOf is the account and Region of a table's ARN.
func areaOf(table string) string {
	at := strings.Index(table, ":table/")
	return table[:max(at, 0)]
}

// end ends a time in which calls on a table's items were not logged.
func (f *logging) end(table string, to int64) {
	from := f.since[table]
	delete(f.since, table)
	for i := range f.j.days {
		begin, over := dayTime(f.j.day(i)).UnixMicro(), dayTime(f.j.day(i)+1).UnixMicro()
		lacking := time.Duration(min(to, over)-max(from, begin)) * time.Microsecond
		if lacking < shortStop || f.touched[table][i] && from <= begin {
			continue // or another trail has it, of which nobody told
		}
		if from <= begin && over <= to {
			if f.lost[table] == nil {
				f.lost[table] = make([]bool, f.j.days)
			}
			f.lost[table][i] = true
		}
		if i == f.j.today() {
			f.today[table] = true
		}
	}
}

// itemsTouched are the tables that anything was done to, with the days on which there were
// calls on their items.
func (g *grid) itemsTouched() map[string][]bool {
	all := map[string][]bool{}
	for k, s := range g.series {
		if k.table == "" {
			continue
		}
		if all[k.table] == nil {
			all[k.table] = make([]bool, g.days)
		}
		for i := range s.cells {
			all[k.table][s.cells[i].day] = all[k.table][s.cells[i].day] || onItems(k.op)
		}
	}
	return all
}

func onItems(op string) bool {
	switch op {
	case schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk, schema.OpWriteItem, schema.OpDeleteItem:
		return true
	}
	return false
}

// note is what to say of tables that the log left out on the day; empty if there are none.
func (f *logging) note() string {
	var names []string
	for _, table := range slices.Sorted(maps.Keys(f.today)) {
		names = append(names, queries.Clean(table[strings.LastIndexByte(table, '/')+1:]))
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: trails were set not to log calls on items of %s, so that nothing is to be read from their silence", Silence, strings.Join(names, ", "))
}
