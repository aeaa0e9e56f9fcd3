package anomalies

import (
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// lookBack is how many days are read before the one that is judged: for 56 covered days,
// for what is new after a month, and for which series are older than 90 days.
const lookBack = 97

// maxSeries bounds what somebody who invents names can make us hold: some 500 MB.
const maxSeries = 1 << 18

// grid is all counts in question: for each series those of the days that have any.
type grid struct {
	first    int32 // day of index 0; the last index is the day that is judged
	days     int
	calendar *Calendar
	known    func(table string) []bool // days of which the lake has all that was delivered
	series   map[seriesKey]*series
	last     *series // counts come hour by hour in the same order
	folded   int64   // touches of series beyond maxSeries
}

// seriesKey says what a series is of; of a sum, what is left empty is all there are.
type seriesKey struct{ table, actor, op string } // table is an ARN, empty for none

type series struct {
	seriesKey
	name  string // of the table
	cells []cell // in order of day
	next  *series
	role  string // that a person acts as, of whom this is; the role has series too
}

// cell is what a series has on one day.
type cell struct {
	day    int32 // index
	done   int64 // touches that were not denied
	denied int64
}

func newGrid(day int32, before int, c *Calendar, known func(string) []bool) *grid {
	return &grid{first: day - int32(before), days: before + 1, calendar: c, known: known, series: map[seriesKey]*series{}}
}

// today is the index of the day that is judged.
func (g *grid) today() int { return g.days - 1 }

// day is the number of the day with an index.
func (g *grid) day(i int) int32 { return g.first + int32(i) }

// add counts a row of a rollup. Rows come day by day.
func (g *grid) add(day int, c *lake.Count) {
	s := g.of(seriesKey{c.TableARN, c.Actor, c.Op}, c.TableName)
	if s == nil {
		g.folded += c.Count
		return
	}
	n := len(s.cells)
	if n == 0 || s.cells[n-1].day != int32(day) {
		s.cells = append(s.cells, cell{day: int32(day)})
		n++
	}
	if c.Outcome == schema.OutcomeDenied {
		s.cells[n-1].denied += c.Count
	} else {
		s.cells[n-1].done += c.Count
	}
}

// of is the series of a key, nil when there are too many.
func (g *grid) of(k seriesKey, name string) *series {
	if g.last != nil && g.last.next != nil && g.last.next.seriesKey == k {
		g.last = g.last.next
		return g.last
	}
	s := g.series[k]
	if s == nil {
		if len(g.series) >= maxSeries {
			return nil
		}
		s = &series{seriesKey: k, name: name}
		g.series[k] = s
	}
	if g.last != nil {
		g.last.next = s
	}
	g.last = s
	return s
}
