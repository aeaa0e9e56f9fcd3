package reader

import (
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// group is a row group that may have rows of the answer.
type group struct {
	rg     int
	where  []Condition // of the query, with the values that may be in it
	ranges []parquetio.RowRange
}

// candidates are the row groups, and the rows of each, that may match as far as
// statistics, filters and page indexes tell, asked in the order of what it costs to ask.
func (s *fileScan) candidates(f *parquetio.File) ([]group, error) {
	groups := s.within(f)
	groups, err := s.notDenied(f, groups)
	if err != nil {
		return nil, err
	}
	groups, err = s.inPages(f, groups)
	s.stats.RowGroups += f.NumRowGroups()
	s.stats.RowGroupsPruned += f.NumRowGroups() - len(groups)
	if len(groups) == 0 {
		s.stats.FilesPruned++
	}
	return groups, err
}

// within are the row groups whose bounds allow for rows asked for.
func (s *fileScan) within(f *parquetio.File) (groups []group) {
	for rg := range f.NumRowGroups() {
		s.stats.RowsSeen += f.RowGroupRows(rg)
		first, last, ok := f.TimeBounds(rg)
		if ok && (s.q.To != 0 && first >= s.q.To || s.q.From != 0 && last < s.q.From) {
			s.stats.GroupsByTime++
			continue
		}
		if where, ok := s.inBounds(f, rg); ok {
			groups = append(groups, group{rg: rg, where: where})
		} else {
			s.stats.GroupsByBounds++
		}
	}
	return groups
}

// inBounds are the conditions with the values that are within the bounds of the row
// group; not ok when one has none.
func (s *fileScan) inBounds(f *parquetio.File, rg int) (where []Condition, ok bool) {
	if s.q.key.Any() {
		least, greatest, nulls, ok := f.Bounds(rg, itemKeyColumn)
		if ok && !s.q.key.MayLie(least, greatest) || !ok && nulls == f.RowGroupRows(rg) {
			return nil, false
		}
	}
	for _, c := range s.q.Where {
		least, greatest, nulls, ok := f.Bounds(rg, c.Column)
		switch {
		case ok:
			c = c.only(func(v string) bool { return least <= v && v <= greatest })
		case nulls == f.RowGroupRows(rg):
			return nil, false
		}
		if len(c.AnyOf) == 0 {
			return nil, false
		}
		where = append(where, c)
	}
	return where, true
}

// only is the condition with some of its values.
func (c Condition) only(keep func(string) bool) Condition {
	var some []string
	for _, v := range c.AnyOf {
		if keep(v) {
			some = append(some, v)
		}
	}
	return Condition{c.Column, some}
}

// notDenied are the row groups whose Bloom filters deny no condition.
func (s *fileScan) notDenied(f *parquetio.File, groups []group) ([]group, error) {
	var spans []parquetio.Span
	for _, g := range groups {
		spans = append(spans, f.FilterSpans(g.rg, keyValuesColumn, s.q.key.Values())...)
		for _, c := range g.where {
			spans = append(spans, f.FilterSpans(g.rg, c.Column, c.AnyOf)...)
		}
	}
	if err := s.announce(spans); err != nil {
		return nil, err
	}
	left := groups[:0]
	for _, g := range groups {
		ok, err := s.inFilters(f, &g)
		if err != nil {
			return nil, err
		}
		if ok {
			left = append(left, g)
		} else {
			s.stats.GroupsByFilter++
		}
	}
	return left, nil
}

// inFilters leaves the group's conditions with the values that no filter denies. The
// whole key is in a filter too, but only whoever knew all its members could ask for it.
func (s *fileScan) inFilters(f *parquetio.File, g *group) (bool, error) {
	for _, v := range s.q.key.Values() {
		if may, err := f.MayContain(g.rg, keyValuesColumn, v); !may || err != nil {
			return false, err
		}
	}
	for i, c := range g.where {
		if !schema.Columns[c.Column].Bloom {
			continue
		}
		var err error
		g.where[i] = c.only(func(v string) bool {
			may, failed := f.MayContain(g.rg, c.Column, v)
			if failed != nil {
				err = failed
			}
			return may
		})
		if err != nil || len(g.where[i].AnyOf) == 0 {
			return false, err
		}
	}
	return true, nil
}

// inPages finds the rows of pages whose bounds allow for all conditions, and the row
// groups that have any.
func (s *fileScan) inPages(f *parquetio.File, groups []group) ([]group, error) {
	if err := s.announce(s.indexSpans(f, groups)); err != nil {
		return nil, err
	}
	left := groups[:0]
	for _, g := range groups {
		ranges, err := s.pages(f, &g)
		if err != nil {
			return nil, err
		}
		if len(ranges) == 0 {
			s.stats.GroupsByPages++
			continue
		}
		g.ranges = ranges
		for _, r := range ranges {
			s.stats.RowsLeft += r.To - r.From
		}
		left = append(left, g)
	}
	return left, nil
}

func (s *fileScan) pages(f *parquetio.File, g *group) (ranges []parquetio.RowRange, err error) {
	ranges = []parquetio.RowRange{{From: 0, To: f.RowGroupRows(g.rg)}}
	prune := func(column int, may func(least, greatest string) bool) {
		if err != nil || len(ranges) == 0 {
			return
		}
		var pages []parquetio.RowRange
		pages, err = f.CandidatesBetween(g.rg, column, may)
		ranges = intersect(ranges, pages)
	}
	if s.q.key.Any() {
		prune(itemKeyColumn, s.q.key.MayLie)
	}
	for _, c := range g.where {
		prune(c.Column, c.mayLie)
	}
	return ranges, err
}

// indexSpans is where the indexes are of the columns that are asked about or for.
func (s *fileScan) indexSpans(f *parquetio.File, groups []group) (spans []parquetio.Span) {
	if s.dear == nil {
		return nil
	}
	columns := s.conditioned()
	for _, g := range groups {
		for _, c := range columns {
			if span, ok := f.BoundsSpan(g.rg, c); ok {
				spans = append(spans, span)
			}
		}
		for _, some := range [][]int{append(columns, timeColumn), s.q.Columns} {
			if span, ok := f.IndexSpan(g.rg, some); ok {
				spans = append(spans, span)
			}
		}
	}
	return spans
}

// conditioned are the columns that conditions are on, but for the time.
func (s *fileScan) conditioned() (columns []int) {
	if s.q.key.Any() {
		columns = append(columns, itemKeyColumn)
	}
	for _, c := range s.q.Where {
		columns = append(columns, c.Column)
	}
	return columns
}
