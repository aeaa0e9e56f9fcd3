package parquetio

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"

	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// page is a finished data page, uncompressed.
type page struct {
	pageInfo
	encoding format.Encoding
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
	var err error
	if p.raw, p.encoding, err = c.encodePage(); err != nil {
		return fmt.Errorf("column %s: %w", c.leaf.column.Name, err)
	}
	if len(p.raw) > math.MaxInt32 {
		return fmt.Errorf("column %s: a page of %d bytes is more than Parquet holds", c.leaf.column.Name, len(p.raw))
	}
	if err := c.chunk.add(p); err != nil {
		return fmt.Errorf("column %s: %w", c.leaf.column.Name, err)
	}
	c.resetPage()
	return nil
}

// encodePage lays the page out as version 1 data pages are: repetition levels,
// definition levels, values. Every reader knows this version.
func (c *columnWriter) encodePage() ([]byte, format.Encoding, error) {
	raw := c.chunk.raw[:0]
	var err error
	if c.leaf.maxRep > 0 {
		if raw, err = c.appendLevels(raw, c.reps, c.leaf.maxRep); err != nil {
			return nil, 0, err
		}
	}
	if c.leaf.maxDef > 0 {
		if raw, err = c.appendLevels(raw, c.defs, c.leaf.maxDef); err != nil {
			return nil, 0, err
		}
	}
	raw, encoding, err := c.appendValues(raw)
	c.chunk.raw = raw
	return raw, encoding, err
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

func (c *columnWriter) appendValues(dst []byte) ([]byte, format.Encoding, error) {
	switch c.leaf.column.Type {
	case schema.Int:
		for _, v := range c.ints {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(v))
		}
		return dst, format.Plain, nil
	case schema.Time:
		for _, v := range c.times {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(v))
		}
		return dst, format.Plain, nil
	case schema.Bool:
		return appendBits(dst, c.bools), format.Plain, nil
	}
	switch {
	case c.dict == nil:
		return c.appendTexts(dst)
	case len(c.ids) == 0: // there may never be a dictionary
		return dst, format.Plain, nil
	default:
		return c.appendIDs(dst)
	}
}

// appendIDs appends dictionary numbers, in as many bits as the dictionary needs by now.
func (c *columnWriter) appendIDs(dst []byte) ([]byte, format.Encoding, error) {
	enc := rle.Encoding{BitWidth: bits.Len(uint(c.dict.len() - 1))}
	packed, err := enc.EncodeInt32(c.chunk.scratch[:0], c.ids)
	if err != nil {
		return dst, 0, err
	}
	c.chunk.scratch = packed
	dst = append(dst, byte(enc.BitWidth))
	return append(dst, packed...), format.RLEDictionary, nil
}

// appendTexts appends texts with their lengths apart from their bytes. For ids that is
// a tenth smaller than lengths in between, for other texts the same.
func (c *columnWriter) appendTexts(dst []byte) ([]byte, format.Encoding, error) {
	if len(c.offsets) == 0 {
		return dst, format.Plain, nil
	}
	lengths := c.ids[:0] // free in a column without dictionary
	at := uint32(0)
	for _, end := range c.offsets {
		lengths = append(lengths, int32(end-at))
		at = end
	}
	c.ids = lengths
	packed, err := new(delta.BinaryPackedEncoding).EncodeInt32(c.chunk.scratch[:0], lengths)
	if err != nil {
		return dst, 0, err
	}
	c.chunk.scratch = packed
	dst = append(dst, packed...)
	return append(dst, c.data...), format.DeltaLengthByteArray, nil
}

// appendBits packs booleans, least significant bit first.
func appendBits(dst, bools []byte) []byte {
	for len(bools) > 0 {
		var b byte
		n := min(8, len(bools))
		for i, v := range bools[:n] {
			b |= v << i
		}
		dst = append(dst, b)
		bools = bools[n:]
	}
	return dst
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
