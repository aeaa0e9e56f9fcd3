package parquetio

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/parquet-go/parquet-go/format"
)

// indexes are the chunk's column index and offset index. dataAt is where its first
// data page is in the file.
func (k *chunk) indexes(dataAt int64) (*format.ColumnIndex, *format.OffsetIndex) {
	var column format.ColumnIndex
	var offset format.OffsetIndex
	row := int64(0)
	for _, p := range k.pages {
		offset.PageLocations = append(offset.PageLocations, format.PageLocation{
			Offset:             dataAt + p.offset,
			CompressedPageSize: int32(p.size),
			FirstRowIndex:      row,
		})
		row += int64(p.rows)
		column.NullPages = append(column.NullPages, p.min == nil)
		column.MinValues = append(column.MinValues, orEmpty(p.min))
		column.MaxValues = append(column.MaxValues, orEmpty(p.max))
		column.NullCounts = append(column.NullCounts, int64(p.nulls))
	}
	if k.ascending() {
		column.BoundaryOrder = format.Ascending
	}
	return &column, &offset
}

func orEmpty(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// ascending reports whether both bounds of the pages never fall.
func (k *chunk) ascending() bool {
	var before *pageInfo
	for i := range k.pages {
		p := &k.pages[i]
		if p.min == nil {
			continue
		}
		if before != nil && (k.compare(before.min, p.min) > 0 || k.compare(before.max, p.max) > 0) {
			return false
		}
		before = p
	}
	return true
}

// statistics are the chunk's, from those of its pages.
func (k *chunk) statistics() format.Statistics {
	stats := format.Statistics{NullCount: k.nulls}
	for _, p := range k.pages {
		if p.min == nil {
			continue
		}
		if stats.MinValue == nil || k.compare(p.min, stats.MinValue) < 0 {
			stats.MinValue = p.min
		}
		if stats.MaxValue == nil || k.compare(p.max, stats.MaxValue) > 0 {
			stats.MaxValue = p.max
		}
	}
	return stats
}

// compare orders values as they stand in statistics.
func (k *chunk) compare(a, b []byte) int {
	switch k.kind {
	case format.Int32:
		return cmp.Compare(int32(binary.LittleEndian.Uint32(a)), int32(binary.LittleEndian.Uint32(b)))
	case format.Int64:
		return cmp.Compare(int64(binary.LittleEndian.Uint64(a)), int64(binary.LittleEndian.Uint64(b)))
	default:
		return bytes.Compare(a, b)
	}
}

// encodings lists how the chunk's pages are encoded, and how many each way.
func (k *chunk) encodings(hasDictionary bool) ([]format.Encoding, []format.PageEncodingStats) {
	list := []format.Encoding{format.Plain, format.RLE}
	stats := slices.Clone(k.coded)
	slices.SortFunc(stats, func(a, b format.PageEncodingStats) int { return cmp.Compare(a.Encoding, b.Encoding) })
	for _, s := range stats {
		if s.Encoding != format.Plain {
			list = append(list, s.Encoding)
		}
	}
	if hasDictionary {
		stats = append(stats, format.PageEncodingStats{PageType: format.DictionaryPage, Encoding: format.Plain, Count: 1})
	}
	return list, stats
}
