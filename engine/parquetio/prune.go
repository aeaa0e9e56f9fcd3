package parquetio

import (
	"encoding/binary"
	"fmt"

	"github.com/parquet-go/parquet-go/bloom"
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
	s := &c.MetaData.Statistics
	if leaves[column].kind != format.ByteArray || s.MinValue == nil || s.MaxValue == nil {
		return "", "", s.NullCount, false
	}
	return string(s.MinValue), string(s.MaxValue), s.NullCount, true
}

// TimeBounds is the first and the last event time in row group rg, in microseconds.
func (f *File) TimeBounds(rg int) (first, last int64, ok bool) {
	c := f.chunk(rg, timeColumn)
	if c == nil || len(c.MetaData.Statistics.MinValue) != 8 || len(c.MetaData.Statistics.MaxValue) != 8 {
		return 0, 0, false
	}
	first = int64(binary.LittleEndian.Uint64(c.MetaData.Statistics.MinValue))
	last = int64(binary.LittleEndian.Uint64(c.MetaData.Statistics.MaxValue))
	return first, last, true
}

var timeColumn = schema.ColumnIndex("event_time")

// filterPlace is where the bits of a Bloom filter are.
type filterPlace struct {
	at   int64
	size int
}

// maxFilterHeader is more than a filter's header takes.
const maxFilterHeader = 64

// MayContain reports whether a text column of row group rg may hold value, or its
// lists may. False is certain. It is true where there is no Bloom filter.
func (f *File) MayContain(rg, column int, value string) (bool, error) {
	c := f.chunk(rg, column)
	if c == nil {
		return false, nil
	}
	if c.MetaData.BloomFilterOffset == 0 {
		return true, nil
	}
	place, err := f.filter(rg, column, &c.MetaData)
	if err != nil {
		return true, fmt.Errorf("%s: bloom filter: %w", f.name(rg, column), err)
	}
	if place.size == 0 {
		return true, nil
	}
	may := true
	err = guard("bloom filter", func() error {
		var err error
		filter := filterReader{f, place.at}
		may, err = bloom.CheckSplitBlock(filter, int64(place.size), bloomHash(value))
		return err
	})
	return may || err != nil, err
}

// filterReader reads within a filter.
type filterReader struct {
	f  *File
	at int64
}

func (r filterReader) ReadAt(b []byte, off int64) (int, error) {
	if err := readFull(r.f.r, b, r.at+off); err != nil {
		return 0, err
	}
	return len(b), nil
}

// filter finds a filter's bits, once. A filter of a kind unknown to us has none.
func (f *File) filter(rg, column int, meta *format.ColumnMetaData) (filterPlace, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := [2]int{rg, column}
	if place, ok := f.filters[key]; ok {
		return place, nil
	}
	at := meta.BloomFilterOffset
	b, err := f.readAt(at, min(maxFilterHeader, f.size-at))
	if err != nil {
		return filterPlace{}, err
	}
	var header format.BloomFilterHeader
	n, err := decodeThrift("header", b, &header)
	if err != nil {
		return filterPlace{}, err
	}
	place := filterPlace{at + int64(n), int(header.NumBytes)}
	if place.size <= 0 || place.size%bloom.BlockSize != 0 || int64(place.size) > f.size-place.at {
		return filterPlace{}, corrupt("%d bytes", place.size)
	}
	_, split := header.Algorithm.Value.(*format.SplitBlockAlgorithm)
	_, xxhash := header.Hash.Value.(*format.XxHash)
	_, plain := header.Compression.Value.(*format.BloomFilterUncompressed)
	if !split || !xxhash || !plain {
		place.size = 0
	}
	f.filters[key] = place
	return place, nil
}

// Candidates returns the rows of row group rg whose pages may hold value in a text
// column, or in the lists of one, in order and apart from each other. Where pages
// have no bounds that is all rows.
func (f *File) Candidates(rg, column int, value string) ([]RowRange, error) {
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
		if bounds.NullPages[p] || value < viewString(bounds.MinValues[p]) || value > viewString(bounds.MaxValues[p]) {
			continue
		}
		from, to := page.FirstRowIndex, pages.end(p)
		if n := len(ranges); n > 0 && ranges[n-1].To == from {
			ranges[n-1].To = to
		} else {
			ranges = append(ranges, RowRange{from, to})
		}
	}
	return ranges, nil
}
