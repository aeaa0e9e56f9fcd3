package anomalies

import (
	"cmp"
	"slices"
)

// entity is what one finding may be about: all that an actor does on a table, all that is
// done on a table (no actor), or all that an actor does (no table).
type entity struct {
	table, name, actor string
	role               string  // that actor, a person, acts as; empty for others
	all                bool    // a sum
	ops                []*line // by operation, in order; the sum of all last where there are several
	known              []bool
	seen               int // first day with anything, an index
}

// line is one series with a place for every day.
type line struct {
	op           string // empty: all of them
	done, denied []float64
	latest       float64 // touches of the 28 days before the last
}

func onTableByActor(k seriesKey) seriesKey { return seriesKey{table: k.table, actor: k.actor} }
func onTable(k seriesKey) seriesKey        { return seriesKey{table: k.table} }
func byActor(k seriesKey) seriesKey        { return seriesKey{actor: k.actor} }

// entities are all of the grid's, in order of table and actor: those of one actor on one
// table, and the sums that have more than one of those. People are no part of sums, since
// their roles are.
func (g *grid) entities() (own, tables, actors []*entity) {
	var all, roles []*series
	for _, s := range g.series {
		all = append(all, s)
		if s.role == "" {
			roles = append(roles, s)
		}
	}
	own = g.group(all, onTableByActor)
	return own, g.sums(roles, own, onTable), g.sums(roles, own, byActor)
}

// sums are the groups of series that are more than one entity.
func (g *grid) sums(all []*series, own []*entity, of func(seriesKey) seriesKey) []*entity {
	parts := map[seriesKey]int{}
	for _, e := range own {
		if e.role == "" {
			parts[of(seriesKey{table: e.table, actor: e.actor})]++
		}
	}
	several := slices.DeleteFunc(slices.Clone(all), func(s *series) bool {
		k := of(s.seriesKey)
		return parts[k] < 2 || k == seriesKey{} // what nobody did, or to nothing, is no whole
	})
	sums := g.group(several, of)
	for _, e := range sums {
		e.all = true
	}
	return sums
}

// group makes an entity of all series that of says the same of. It sorts them.
func (g *grid) group(all []*series, of func(seriesKey) seriesKey) []*entity {
	slices.SortFunc(all, func(a, b *series) int {
		return cmp.Or(compareKeys(of(a.seriesKey), of(b.seriesKey)), cmp.Compare(a.op, b.op), compareKeys(a.seriesKey, b.seriesKey))
	})
	var out []*entity
	for from, to := 0, 0; from < len(all); from = to {
		first := all[from]
		k := of(first.seriesKey)
		for to = from; to < len(all) && of(all[to].seriesKey) == k; to++ {
		}
		e := &entity{table: k.table, actor: k.actor, role: first.role, known: g.known(k.table)}
		if k.table != "" {
			e.name = first.name
		}
		e.fill(g, all[from:to])
		out = append(out, e)
	}
	return out
}

func compareKeys(a, b seriesKey) int {
	return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.actor, b.actor))
}

// fill lays out the series of an entity, which are in order of operation.
func (e *entity) fill(g *grid, all []*series) {
	e.seen = g.days
	for _, s := range all {
		n := len(e.ops)
		if n == 0 || e.ops[n-1].op != s.op {
			e.ops = append(e.ops, newLine(s.op, g.days))
			n++
		}
		for _, c := range s.cells {
			e.seen = min(e.seen, int(c.day))
			e.ops[n-1].done[c.day] += float64(c.done)
			e.ops[n-1].denied[c.day] += float64(c.denied)
		}
	}
	if len(e.ops) > 1 {
		sum := newLine("", g.days)
		for _, l := range e.ops {
			for i := range l.done {
				sum.done[i] += l.done[i]
				sum.denied[i] += l.denied[i]
			}
		}
		e.ops = append(e.ops, sum)
	}
	for _, l := range e.ops {
		for i := max(0, g.today()-usualDays); i < g.today(); i++ {
			l.latest += l.calls(i)
		}
	}
}

func newLine(op string, days int) *line {
	both := make([]float64, 2*days)
	return &line{op: op, done: both[:days:days], denied: both[days:]}
}

// calls is all of a day, denied or not.
func (l *line) calls(day int) float64 { return l.done[day] + l.denied[day] }

// total is the sum of all operations.
func (e *entity) total() *line { return e.ops[len(e.ops)-1] }

// single are the operations without their sum.
func (e *entity) single() []*line {
	if len(e.ops) == 1 {
		return e.ops
	}
	return e.ops[:len(e.ops)-1]
}
