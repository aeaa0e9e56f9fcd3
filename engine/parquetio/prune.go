package parquetio

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// RowRange is the rows [From, To) of a row group.
type RowRange struct{ From, To int64 }

// Bounds says that no value of a text column in row group rg is below least or above
// greatest; they need not be values themselves. For a list column that goes for its
// items. nulls counts rows without a value, of a list column empty lists too. ok is
// false when the bounds are not known or there are no values.
func (f *File) Bounds(rg, column int) (least, greatest string, nulls int64, ok bool) {
	c := f.chunk(rg, column)
	if c == nil {
		return "", "", f.RowGroupRows(rg), false
	}
	if leaves[column].kind != format.ByteArray || c.least == nil || c.greatest == nil {
		return "", "", c.nulls, false
	}
	return string(c.least), string(c.greatest), c.nulls, true
}

// TimeBounds is the first and the last event time in row group rg, in microseconds.
func (f *File) TimeBounds(rg int) (first, last int64, ok bool) {
	c := f.chunk(rg, timeColumn)
	if c == nil || len(c.least) != 8 || len(c.greatest) != 8 {
		return 0, 0, false
	}
	first = int64(binary.LittleEndian.Uint64(c.least))
	last = int64(binary.LittleEndian.Uint64(c.greatest))
	return first, last, true
}

var (
	timeColumn    = schema.ColumnIndex("event_time")
	itemKeyColumn = schema.ColumnIndex("item_key")
)

// Candidates returns the rows of row group rg whose pages may hold value in a text
// column, or in the lists of one, in order and apart from each other. Where pages
// have no bounds that is all rows.
func (f *File) Candidates(rg, column int, value string) ([]RowRange, error) {
	return f.CandidatesBetween(rg, column, func(least, greatest string) bool {
		return least <= value && value <= greatest
	})
}

// CandidatesBetween is like [File.Candidates] for values of which may says whether
// there can be one between two texts, both included. These are valid until it returns.
func (f *File) CandidatesBetween(rg, column int, may func(least, greatest string) bool) ([]RowRange, error) {
	if f.chunk(rg, column) == nil {
		return nil, nil
	}
	pages, err := f.index(rg, column)
	if err != nil {
		return nil, err
	}
	bounds, err := f.bounds(rg, column, len(pages.pages))
	if err != nil {
		return nil, err
	}
	if bounds == nil || leaves[column].kind != format.ByteArray {
		return []RowRange{{0, pages.rows}}, nil
	}
	var ranges []RowRange
	for p, page := range pages.pages {
		if bounds.NullPages[p] || !may(viewString(bounds.MinValues[p]), viewString(bounds.MaxValues[p])) {
			continue
		}
		ranges = appendRange(ranges, RowRange{page.row, pages.end(p)})
	}
	return ranges, nil
}

// appendRange adds rows that come behind the others.
func appendRange(ranges []RowRange, x RowRange) []RowRange {
	if n := len(ranges); n > 0 && ranges[n-1].To == x.From {
		ranges[n-1].To = x.To
		return ranges
	}
	return append(ranges, x)
}
