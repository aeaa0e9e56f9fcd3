package reader

import (
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// notDenied are the row groups whose Bloom filters deny neither the key nor a condition.
func (s *fileScan) notDenied(f *parquetio.File, groups []group) ([]group, error) {
	var spans []parquetio.Span
	for _, g := range groups {
		for _, c := range g.where {
			spans = append(spans, f.FilterSpans(g.rg, c.Column, c.AnyOf)...)
		}
	}
	for _, asked := range s.key.filters {
		for _, g := range groups {
			spans = append(spans, f.FilterSpans(g.rg, asked.column, asked.values)...)
		}
		if err := s.announce(spans); err != nil {
			return nil, err
		}
		spans = nil
		denied := &s.stats.GroupsByFilter
		if asked.column == itemKeyColumn {
			denied = &s.stats.GroupsByKey
		}
		var err error
		if groups, err = only(groups, denied, func(g *group) (bool, error) { return mayHaveAll(f, g.rg, asked) }); err != nil {
			return nil, err
		}
	}
	if err := s.announce(spans); err != nil {
		return nil, err
	}
	return only(groups, &s.stats.GroupsByFilter, func(g *group) (bool, error) { return inFilters(f, g) })
}

// only are the groups that may have rows of the answer, the others are counted.
func only(groups []group, others *int, may func(*group) (bool, error)) (left []group, err error) {
	left = groups[:0]
	for i := range groups {
		g := groups[i]
		ok, err := may(&g)
		if err != nil {
			return nil, err
		}
		if ok {
			left = append(left, g)
		} else {
			*others++
		}
	}
	return left, nil
}

// mayHaveAll reports whether a row group's filter denies none of the values.
func mayHaveAll(f *parquetio.File, rg int, asked filterAsked) (bool, error) {
	for _, v := range asked.values {
		if may, err := f.MayContain(rg, asked.column, v); !may || err != nil {
			return false, err
		}
	}
	return true, nil
}

// inFilters leaves the group's conditions with the values that no filter denies.
func inFilters(f *parquetio.File, g *group) (bool, error) {
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
