package reader

import "github.com/keytrail/keytrail/engine/parquetio"

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
		if s.key.none {
			s.stats.GroupsByNames++
			continue
		}
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
	if s.key.any() {
		least, greatest, nulls, ok := f.Bounds(rg, itemKeyColumn)
		if ok && !s.key.mayLie(least, greatest) || !ok && nulls == f.RowGroupRows(rg) {
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

// inPages finds the rows of pages whose bounds allow for all conditions, and the row
// groups that have any.
func (s *fileScan) inPages(f *parquetio.File, groups []group) ([]group, error) {
	if err := s.prepareIndexes(f, groups); err != nil {
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
	if s.key.any() {
		prune(itemKeyColumn, s.key.mayLie)
	}
	for _, c := range g.where {
		prune(c.Column, c.mayLie)
	}
	return ranges, err
}

// prepareIndexes sees to it that indexes are read in few reads.
func (s *fileScan) prepareIndexes(f *parquetio.File, groups []group) error {
	spans := s.indexSpans(f, groups)
	if s.dear == nil {
		return f.ReadIndexesTogether(spans)
	}
	return s.announce(spans)
}

// indexSpans is where the indexes are of the columns that are asked about, and, where
// they would be another request, of those asked for.
func (s *fileScan) indexSpans(f *parquetio.File, groups []group) (spans []parquetio.Span) {
	columns := s.conditioned()
	for _, g := range groups {
		for _, c := range columns {
			if span, ok := f.BoundsSpan(g.rg, c); ok {
				spans = append(spans, span)
			}
		}
		if span, ok := f.IndexSpan(g.rg, append(columns, timeColumn)); ok {
			spans = append(spans, span)
		}
		if span, ok := f.IndexSpan(g.rg, s.q.Columns); ok && s.dear != nil {
			spans = append(spans, span)
		}
	}
	return spans
}

// conditioned are the columns that conditions are on, but for the time.
func (s *fileScan) conditioned() (columns []int) {
	if s.key.any() {
		columns = append(columns, itemKeyColumn)
	}
	for _, c := range s.q.Where {
		columns = append(columns, c.Column)
	}
	return columns
}
