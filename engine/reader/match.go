package reader

import (
	"io"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// match is those of the candidate rows that satisfy the query. It reads only the
// columns that conditions are on.
func (s *fileScan) match(f *parquetio.File, rg int, ranges []parquetio.RowRange) ([]parquetio.RowRange, error) {
	columns, timed := s.conditioned(f, rg)
	if len(columns) == 0 {
		return ranges, nil
	}
	var matches []parquetio.RowRange
	rows := f.RowsIn(rg, ranges, columns, 0)
	at := cursor{ranges: slices.Clone(ranges)}
	for {
		rec, err := rows.Next()
		if err == io.EOF {
			return matches, nil
		}
		if err != nil {
			return nil, err
		}
		keep := s.keep(rec, timed)
		for _, k := range keep {
			row := at.next()
			if !k {
				continue
			}
			if n := len(matches); n > 0 && matches[n-1].To == row {
				matches[n-1].To++
			} else {
				matches = append(matches, parquetio.RowRange{From: row, To: row + 1})
			}
		}
		rec.Release()
	}
}

// conditioned are the columns that decide, and whether event_time is one: it is not
// where all of the row group is in the time asked for.
func (s *fileScan) conditioned(f *parquetio.File, rg int) (columns []int, timed bool) {
	for _, c := range s.q.Where {
		columns = append(columns, c.Column)
	}
	first, last, ok := f.TimeBounds(rg)
	if !ok || !s.q.inTime(first) || !s.q.inTime(last) {
		return append(columns, timeColumn), true
	}
	return columns, false
}

// keep says for each row whether it satisfies the query.
func (s *fileScan) keep(rec arrow.Record, timed bool) []bool {
	keep := make([]bool, rec.NumRows())
	for i := range keep {
		keep[i] = true
	}
	if timed {
		times := column(rec, timeColumn).(*array.Timestamp).TimestampValues()
		for i := range keep {
			keep[i] = s.q.inTime(int64(times[i]))
		}
	}
	for _, c := range s.q.Where {
		switch a := column(rec, c.Column).(type) {
		case *array.String:
			for i := range keep {
				keep[i] = keep[i] && a.IsValid(i) && c.has(a.Value(i))
			}
		case *array.List:
			items := a.ListValues().(*array.String)
			for i := range keep {
				keep[i] = keep[i] && a.IsValid(i) && anyItem(a, items, i, c)
			}
		}
	}
	return keep
}

func anyItem(a *array.List, items *array.String, row int, c Condition) bool {
	from, to := a.ValueOffsets(row)
	for ; from < to; from++ {
		if c.has(items.Value(int(from))) {
			return true
		}
	}
	return false
}

// column is a column of a record that has only some.
func column(rec arrow.Record, i int) arrow.Array {
	at := rec.Schema().FieldIndices(schema.Columns[i].Name)
	return rec.Column(at[0])
}

// cursor counts through the rows of ranges.
type cursor struct{ ranges []parquetio.RowRange }

func (c *cursor) next() int64 {
	if c.ranges[0].From == c.ranges[0].To {
		c.ranges = c.ranges[1:]
	}
	c.ranges[0].From++
	return c.ranges[0].From - 1
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

// union is the rows in either.
func union(x, y []parquetio.RowRange) []parquetio.RowRange {
	all := slices.Concat(x, y)
	slices.SortFunc(all, func(a, b parquetio.RowRange) int { return int(a.From - b.From) })
	var either []parquetio.RowRange
	for _, r := range all {
		if n := len(either); n > 0 && r.From <= either[n-1].To {
			either[n-1].To = max(either[n-1].To, r.To)
		} else {
			either = append(either, r)
		}
	}
	return either
}
