package parquetio

import (
	"encoding/binary"
	"math/bits"

	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// appendValues appends the values of the page being filled.
func (c *columnWriter) appendValues(dst []byte) ([]byte, format.Encoding, error) {
	switch c.leaf.column.Type {
	case schema.Int:
		return c.appendInts(dst)
	case schema.Time:
		return c.appendTimes(dst)
	case schema.Bool:
		return appendBits(dst, c.bools), format.Plain, nil
	}
	if c.dict == nil {
		return c.appendTexts(dst)
	}
	return c.chunk.appendIDs(dst, c.ids, c.dict.len())
}

// appendInts appends numbers by their place in a dictionary, if they have one.
func (c *columnWriter) appendInts(dst []byte) ([]byte, format.Encoding, error) {
	if ids, ok := c.small.number(c.ids[:0], c.ints); ok {
		c.ids = ids
		return c.chunk.appendIDs(dst, ids, len(c.small.values))
	}
	for _, v := range c.ints {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(v))
	}
	return dst, format.Plain, nil
}

// appendTimes appends what each time is after the one before. Times of a day take less
// than five bytes so, in whatever order, and a compressor finds little more in them, at
// twenty times the cost.
func (c *columnWriter) appendTimes(dst []byte) ([]byte, format.Encoding, error) {
	packed, err := new(delta.BinaryPackedEncoding).EncodeInt64(c.chunk.scratch[:0], c.times)
	if err != nil {
		return dst, 0, err
	}
	c.chunk.scratch = packed
	return append(dst, packed...), format.DeltaBinaryPacked, nil
}

// appendIDs appends numbers of values of a dictionary, in as many bits as it needs by
// now.
func (k *chunk) appendIDs(dst []byte, ids []int32, values int) ([]byte, format.Encoding, error) {
	if len(ids) == 0 { // there may never be a dictionary
		return dst, format.Plain, nil
	}
	enc := rle.Encoding{BitWidth: bits.Len(uint(values - 1))}
	packed, err := enc.EncodeInt32(k.scratch[:0], ids)
	if err != nil {
		return dst, 0, err
	}
	k.scratch = packed
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
	dst, err := c.chunk.appendLengths(dst, lengths)
	return append(dst, c.data...), format.DeltaLengthByteArray, err
}

func (k *chunk) appendLengths(dst []byte, lengths []int32) ([]byte, error) {
	packed, err := new(delta.BinaryPackedEncoding).EncodeInt32(k.scratch[:0], lengths)
	if err != nil {
		return dst, err
	}
	k.scratch = packed
	return append(dst, packed...), nil
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
