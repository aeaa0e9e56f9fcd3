package reader

import (
	"cmp"
	"slices"

	"github.com/keytrail/keytrail/engine/parquetio"
)

// check is a condition on one column of a row group.
type check struct {
	column int
	run    func(ranges []parquetio.RowRange) ([]parquetio.RowRange, error)
	cost   int64 // bytes to read
}

// smallStep is as much as is announced before it is known whether it will be needed.
const smallStep = 1 << 20

// match is those of the candidate rows that satisfy the query. Each condition is asked
// only of the rows that those before it left.
func (s *fileScan) match(f *parquetio.File, g *group) ([]parquetio.RowRange, error) {
	checks := s.checks(f, g)
	if err := s.weigh(f, g, checks); err != nil {
		return nil, err
	}
	ranges := g.ranges
	for _, c := range checks {
		var err error
		if ranges, err = c.run(ranges); err != nil || len(ranges) == 0 {
			return nil, err
		}
	}
	return ranges, nil
}

// checks are the conditions that the rows of a row group have to satisfy. All of it
// may be in the time asked for.
func (s *fileScan) checks(f *parquetio.File, g *group) (checks []check) {
	text := func(column int, has func(string) bool) {
		checks = append(checks, check{column: column, run: func(ranges []parquetio.RowRange) ([]parquetio.RowRange, error) {
			return f.Where(g.rg, column, ranges, has)
		}})
	}
	if s.key.any() {
		checks = append(checks, check{column: itemKeyColumn, run: func(ranges []parquetio.RowRange) ([]parquetio.RowRange, error) {
			return f.WhereSorted(g.rg, itemKeyColumn, ranges, s.key.mayLie, s.key.in)
		}})
	}
	for _, c := range g.where {
		text(c.Column, c.has)
	}
	if first, last, ok := f.TimeBounds(g.rg); !ok || !s.q.inTime(first) || !s.q.inTime(last) {
		checks = append(checks, check{column: timeColumn, run: func(ranges []parquetio.RowRange) ([]parquetio.RowRange, error) {
			return f.WhereTime(g.rg, ranges, s.q.inTime)
		}})
	}
	return checks
}

// weigh puts the checks in the order to run them in, and announces what they will read:
// the cheapest first, but before all the key, which seldom leaves more than a few rows.
func (s *fileScan) weigh(f *parquetio.File, g *group, checks []check) error {
	if len(checks) == 0 {
		return nil
	}
	var columns []int
	for _, c := range checks {
		columns = append(columns, c.column)
	}
	var all []parquetio.Span
	for i, c := range checks {
		spans, err := f.PageSpans(g.rg, columns[i:i+1], g.ranges)
		if err != nil {
			return err
		}
		if all = append(all, spans...); c.column != itemKeyColumn {
			checks[i].cost = length(spans)
		}
	}
	slices.SortStableFunc(checks, func(a, b check) int { return cmp.Compare(a.cost, b.cost) })
	if s.dear == nil {
		return nil
	}
	rest, err := f.PageSpans(g.rg, s.q.Columns, g.ranges)
	if err != nil {
		return err
	}
	if length(all)+length(rest) <= smallStep {
		all = append(all, rest...) // one wait instead of two
	}
	return s.announce(all)
}

func length(spans []parquetio.Span) (n int64) {
	for _, s := range spans {
		n += s.Len
	}
	return n
}

// intersect is the rows in both; x and y are in order and apart from each other.
func intersect(x, y []parquetio.RowRange) []parquetio.RowRange {
	var both []parquetio.RowRange
	for len(x) > 0 && len(y) > 0 {
		from, to := max(x[0].From, y[0].From), min(x[0].To, y[0].To)
		if from < to {
			both = append(both, parquetio.RowRange{From: from, To: to})
		}
		if x[0].To < y[0].To {
			x = x[1:]
		} else {
			y = y[1:]
		}
	}
	return both
}
