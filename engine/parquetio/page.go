package parquetio

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// page is a finished data page, uncompressed.
type page struct {
	pageInfo
	encoding format.Encoding
	level    level
	raw      []byte // valid until the next page is cut
}

// pageInfo is what the indexes say of a page.
type pageInfo struct {
	rows   int
	levels int    // values, nulls and empty lists
	nulls  int    // nulls and empty lists
	min    []byte // nil when it holds nulls only
	max    []byte
	offset int64 // from the first data page's header
	size   int   // stored, with its header
}

// cutPage ends the page being filled, if it has rows.
func (c *columnWriter) cutPage() error {
	if c.rows == 0 {
		return nil
	}
	p := page{pageInfo: pageInfo{rows: c.rows, levels: c.rows, nulls: c.nulls}}
	if c.leaf.maxRep > 0 {
		p.levels = len(c.defs)
	}
	p.min, p.max = c.pageBounds()
	if err := c.endPage(p); err != nil {
		return fmt.Errorf("column %s: %w", c.leaf.column.Name, err)
	}
	c.resetPage()
	return nil
}

// endPage encodes the page and hands it to the chunk, now or when the numbers of its
// values are known.
func (c *columnWriter) endPage(p page) error {
	if c.docs != nil {
		held, err := c.holdDocuments(p)
		if held || err != nil {
			return err
		}
		p.level = thorough
	}
	raw, err := c.appendPageLevels(c.chunk.raw[:0])
	if err != nil {
		return err
	}
	p.raw, p.encoding, err = c.appendValues(raw)
	c.chunk.raw = p.raw
	if err != nil {
		return err
	}
	return c.chunk.add(p)
}

// appendPageLevels begins a page as version 1 data pages are laid out: repetition
// levels, definition levels, then values. Every reader knows this version.
func (c *columnWriter) appendPageLevels(dst []byte) ([]byte, error) {
	var err error
	if c.leaf.maxRep > 0 {
		if dst, err = c.appendLevels(dst, c.reps, c.leaf.maxRep); err != nil {
			return dst, err
		}
	}
	if c.leaf.maxDef > 0 {
		dst, err = c.appendLevels(dst, c.defs, c.leaf.maxDef)
	}
	return dst, err
}

func (c *columnWriter) appendLevels(dst, levels []byte, limit byte) ([]byte, error) {
	enc := rle.Encoding{BitWidth: bits.Len8(limit)}
	packed, err := enc.EncodeLevels(c.chunk.scratch[:0], levels)
	if err != nil {
		return dst, err
	}
	c.chunk.scratch = packed
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(packed)))
	return append(dst, packed...), nil
}

// pageBounds is the least and greatest value of the page, in full and as PLAIN
// encodes it; nil when there is none.
func (c *columnWriter) pageBounds() (least, greatest []byte) {
	switch c.leaf.column.Type {
	case schema.Int:
		lo, hi := extremes(c.ints)
		return plainInt32(lo), plainInt32(hi)
	case schema.Time:
		lo, hi := extremes(c.times)
		return plainInt64(lo), plainInt64(hi)
	case schema.Bool:
		if len(c.bools) == 0 {
			return nil, nil
		}
		lo, hi := extremes(c.bools)
		return []byte{lo}, []byte{hi}
	}
	if !c.bounds.any {
		return nil, nil
	}
	limit := maxBound
	if c.leaf.column.Bloom {
		limit = maxProbedBound
	}
	least = append([]byte{}, lowerBound(c.bounds.min, limit)...)
	return least, append([]byte{}, upperBound(c.bounds.max, limit)...)
}

func extremes[T int32 | int64 | byte](values []T) (lo, hi T) {
	lo, hi = values[0], values[0]
	for _, v := range values[1:] {
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi
}
