package parquetio

import (
	"math/bits"

	"github.com/parquet-go/parquet-go/bloom"

	"github.com/keytrail/keytrail/schema"
)

// Span is Len bytes of a file from Off: something that will be read of it. Where reads
// are dear, those of a step are announced together.
type Span struct{ Off, Len int64 }

func (s Span) end() int64 { return s.Off + s.Len }

// FilterSpans is what [File.MayContain] will read to be asked for the values.
func (f *File) FilterSpans(rg, column int, values []string) []Span {
	c := f.chunk(rg, column)
	if c == nil || c.filterAt == 0 {
		return nil
	}
	spans := []Span{{c.filterAt, maxFilterHeader}}
	if c.filterSize <= bloom.BlockSize {
		return spans
	}
	size := int64(1) << (bits.Len32(uint32(c.filterSize)) - 1) // sizes are powers of two, headers small
	at := c.filterAt + int64(c.filterSize) - size
	for _, v := range values {
		block := int64((bloomHash(v) >> 32) * uint64(size/bloom.BlockSize) >> 32)
		spans = append(spans, Span{at + block*bloom.BlockSize, bloom.BlockSize})
	}
	return spans
}

// BoundsSpan is what the bounds of a column's pages take, which
// [File.CandidatesBetween] reads beside [File.IndexSpan].
func (f *File) BoundsSpan(rg, column int) (s Span, ok bool) {
	c := f.chunk(rg, column)
	if c == nil || c.columnIndexAt == 0 {
		return s, false
	}
	return Span{c.columnIndexAt, int64(c.columnIndexSize)}, true
}

// IndexSpan has the offset indexes of some columns, nil for all: what says where their
// pages are.
func (f *File) IndexSpan(rg int, columns []int) (s Span, ok bool) {
	from, to := f.size, int64(0)
	each(columns, func(column int) {
		if c := f.chunk(rg, column); c != nil {
			from, to = min(from, c.offsetIndexAt), max(to, c.offsetIndexAt+int64(c.offsetIndexSize))
		}
	})
	return Span{from, to - from}, from < to
}

// PageSpans is where the pages of some columns are, nil for all, that have rows of the
// ranges, with the dictionaries that they need. The ranges are in order and apart from
// each other.
func (f *File) PageSpans(rg int, columns []int, ranges []RowRange) ([]Span, error) {
	if err := f.readIndexes(rg, columns); err != nil {
		return nil, err
	}
	var spans []Span
	var err error
	each(columns, func(column int) {
		c := f.chunk(rg, column)
		if c == nil || err != nil {
			return
		}
		var index *chunkIndex
		if index, err = f.index(rg, column); err != nil {
			return
		}
		if c.dictAt > 0 {
			spans = append(spans, Span{c.dictAt, c.dataAt - c.dictAt})
		}
		for _, p := range index.having(ranges) {
			spans = append(spans, Span{index.pages[p].at, int64(index.pages[p].size)})
		}
	})
	return spans, err
}

// each calls fn with columns, nil for all.
func each(columns []int, fn func(column int)) {
	if columns == nil {
		for i := range schema.Columns {
			fn(i)
		}
	}
	for _, i := range columns {
		fn(i)
	}
}
