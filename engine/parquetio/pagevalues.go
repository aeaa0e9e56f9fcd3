package parquetio

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// decodeValues decodes what is left of a page behind its levels.
func (r *pageReader) decodeValues(raw []byte, encoding format.Encoding) error {
	r.byID = encoding == format.RLEDictionary
	switch r.leaf.column.Type {
	case schema.Int:
		return r.decodeInts(raw, encoding)
	case schema.Time:
		return r.decodeTimes(raw, encoding)
	case schema.Bool:
		return r.decodeFixed(raw, encoding, (r.values+7)/8)
	}
	switch encoding {
	case format.Plain:
		if err := r.texts.decodePlain(raw, r.values); err != nil {
			return err
		}
		return r.texts.upTo(r.values)
	case format.DeltaLengthByteArray:
		return r.texts.decodeDeltaLength(raw, r.values)
	case format.RLEDictionary:
		return r.decodeIDs(raw)
	}
	return corrupt("encoding %s", encoding)
}

func (r *pageReader) decodeFixed(raw []byte, encoding format.Encoding, size int) error {
	if encoding != format.Plain || len(raw) != size {
		return corrupt("%d bytes for %d values", len(raw), r.values)
	}
	r.fixed = raw
	return nil
}

// decodeInts decodes numbers as they are, or from a dictionary.
func (r *pageReader) decodeInts(raw []byte, encoding format.Encoding) error {
	if encoding != format.RLEDictionary {
		return r.decodeFixed(raw, encoding, 4*r.values)
	}
	if err := r.decodeIDs(raw); err != nil {
		return err
	}
	r.numbers = slices.Grow(r.numbers[:0], 4*len(r.ids))[:4*len(r.ids)]
	for i, id := range r.ids[r.before:] {
		i += r.before
		copy(r.numbers[4*i:4*i+4], r.dict.data[4*id:4*id+4])
	}
	r.fixed = r.numbers
	return nil
}

// decodeTimes decodes times as they are, or each by what it is after the one before.
func (r *pageReader) decodeTimes(raw []byte, encoding format.Encoding) error {
	if encoding != format.DeltaBinaryPacked || r.values == 0 {
		return r.decodeFixed(raw, encoding, 8*r.values)
	}
	if count, err := deltaCount(raw); err != nil || count != uint64(r.values) {
		return corrupt("%d times for %d", count, r.values)
	}
	err := guard("times", func() error {
		var err error
		r.times, err = new(delta.BinaryPackedEncoding).DecodeInt64(r.times, raw)
		return err
	})
	if err != nil {
		return corrupt("%v", err)
	}
	if len(r.times) != r.values {
		return corrupt("%d times for %d", len(r.times), r.values)
	}
	r.numbers = slices.Grow(r.numbers[:0], 8*len(r.times))[:8*len(r.times)]
	for i, t := range r.times {
		binary.LittleEndian.PutUint64(r.numbers[8*i:], uint64(t))
	}
	r.fixed = r.numbers
	return nil
}

// decodeIDs decodes the numbers of those values that are wanted, at their places among
// those of the page, and finds their values. The dictionary is read when there are any.
func (r *pageReader) decodeIDs(raw []byte) error {
	if len(raw) == 0 {
		return corrupt("no width")
	}
	var err error
	to := r.values - r.behind
	r.ids = slices.Grow(r.ids[:0], to)[:r.before]
	if r.ids, err = decodeHybrid(r.ids, raw[1:], int(raw[0]), r.values, r.before, to); err != nil {
		return err
	}
	if len(r.ids) == r.before {
		return nil
	}
	greatest := int(slices.Max(r.ids[r.before:]))
	if err := r.readDictionary(greatest + 1); err != nil {
		return fmt.Errorf("dictionary: %w", err)
	}
	if n := r.dict.len(); greatest >= n {
		return corrupt("value %d of a dictionary of %d", greatest, n)
	}
	if err := r.dict.upTo(greatest + 1); err != nil {
		return fmt.Errorf("dictionary: %w", err)
	}
	return nil
}

// readDictionary reads the chunk's dictionary, once, or what is needed of it: the first
// values, or more of them than before.
func (r *pageReader) readDictionary(need int) error {
	if r.hasIDs && (!r.hasPart || r.dict.upTo(need) == nil) {
		return nil
	}
	stored, err := r.f.readPages(r.meta.dictAt, r.meta.dataAt-r.meta.dictAt)
	if err != nil {
		return err
	}
	h, packed, err := checkPage(stored)
	if err != nil {
		return err
	}
	if h.kind != format.DictionaryPage || !h.dict {
		return corrupt("no dictionary page")
	}
	texts := r.leaf.column.Type != schema.Int
	if !r.hasIDs && texts && r.readPart(h, packed, need) {
		r.hasIDs, r.hasPart = true, true
		return nil
	}
	r.packed, r.dictPacked = r.dictPacked, r.packed // the page being decoded is in it
	raw, err := r.unpack(h, packed)
	r.packed, r.dictPacked = r.dictPacked, r.packed
	if err != nil {
		return err
	}
	r.hasIDs, r.hasPart = true, false
	if texts {
		return r.dict.decodePlain(raw, int(h.values))
	}
	return r.dict.decodeInts(raw, int(h.values))
}
