package parquetio

import (
	"fmt"

	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// decodeValues decodes what is left of a page behind its levels.
func (r *pageReader) decodeValues(raw []byte, encoding format.Encoding) error {
	r.byID = encoding == format.RLEDictionary
	switch r.leaf.column.Type {
	case schema.Int:
		return r.decodeFixed(raw, encoding, 4*r.values)
	case schema.Time:
		return r.decodeFixed(raw, encoding, 8*r.values)
	case schema.Bool:
		return r.decodeFixed(raw, encoding, (r.values+7)/8)
	}
	switch encoding {
	case format.Plain:
		return r.texts.decodePlain(raw, r.values)
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

func (r *pageReader) decodeIDs(raw []byte) error {
	if err := r.readDictionary(); err != nil {
		return fmt.Errorf("dictionary: %w", err)
	}
	if len(raw) == 0 {
		return corrupt("no width")
	}
	var err error
	if r.ids, err = decodeHybrid(r.ids[:0], raw[1:], int(raw[0]), r.values); err != nil {
		return err
	}
	for _, id := range r.ids {
		if int(id) >= r.dict.len() {
			return corrupt("value %d of a dictionary of %d", id, r.dict.len())
		}
	}
	return nil
}

// readDictionary reads the chunk's dictionary, once.
func (r *pageReader) readDictionary() error {
	if r.hasIDs {
		return nil
	}
	stored, err := r.f.readAt(r.meta.DictionaryPageOffset, r.meta.DataPageOffset-r.meta.DictionaryPageOffset)
	if err != nil {
		return err
	}
	var header format.PageHeader
	packed := r.packed
	r.packed = nil // the page being decoded is in it
	raw, err := r.open(stored, &header)
	r.packed = packed
	if err != nil {
		return err
	}
	if header.Type != format.DictionaryPage || !header.DictionaryPageHeader.Valid {
		return corrupt("no dictionary page")
	}
	r.hasIDs = true
	return r.dict.decodePlain(raw, int(header.DictionaryPageHeader.V.NumValues))
}
