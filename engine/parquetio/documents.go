package parquetio

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/parquet-go/parquet-go/format"
)

// maxDictionary is how many bytes of documents a dictionary holds. Who wants one of
// them reads it all.
const maxDictionary = 8 << 20

// documents is the dictionary of a column of documents. A call that touches many items
// has as many rows with the same one, far apart, so that each should be compressed once.
//
// It is written in another order than values came in: with documents of one shape, which
// differ in little more than a key, next to each other, a fast compressor does better
// than a thorough one does in the order of rows. So pages are held back, with the numbers
// of their values, until the last value is in. Values that it has no room for are
// stored in their pages.
type documents struct {
	dict
	held    []heldPage
	levels  []byte        // of the pages held, encoded
	ids     []int32       // of the pages held
	closed  bool          // takes no more
	order   []documentKey // of the values as they are written
	places  []int32       // in order, by number
	lengths []int32       // scratch
}

// heldPage is a page but for its values; levels and ids end its share of those.
type heldPage struct {
	pageInfo
	levels, ids int
}

// holdDocuments keeps the page being filled back, and reports false if the dictionary
// has no room for its values.
func (c *columnWriter) holdDocuments(p page) (held bool, err error) {
	d := c.docs
	if d.closed {
		return false, nil
	}
	if len(d.data)+len(c.data) > maxDictionary {
		return false, c.releaseDocuments()
	}
	if d.levels, err = c.appendPageLevels(d.levels); err != nil {
		return false, err
	}
	from := uint32(0)
	for _, end := range c.offsets {
		d.ids = append(d.ids, int32(d.id(viewString(c.data[from:end]))))
		from = end
	}
	d.held = append(d.held, heldPage{p.pageInfo, len(d.levels), len(d.ids)})
	return true, nil
}

// releaseDocuments closes the dictionary, if there is one, and hands the pages held back
// to the chunk. Where hardly a value came twice there will be none: numbers of values
// would only add to them.
func (c *columnWriter) releaseDocuments() error {
	d := c.docs
	if d == nil || d.closed {
		return nil
	}
	d.closed = true
	encode, l := d.appendTexts, thorough
	if 16*d.len() <= 15*len(d.ids) {
		d.arrange()
		encode, l = d.appendIDs, fast
	}
	var from heldPage
	for _, h := range d.held {
		p := page{pageInfo: h.pageInfo, level: l}
		raw := append(c.chunk.raw[:0], d.levels[from.levels:h.levels]...)
		var err error
		p.raw, p.encoding, err = encode(&c.chunk, raw, d.ids[from.ids:h.ids])
		c.chunk.raw = p.raw
		if err != nil {
			return err
		}
		if err := c.chunk.add(p); err != nil {
			return err
		}
		from = h
	}
	return nil
}

func (d *documents) appendIDs(k *chunk, dst []byte, ids []int32) ([]byte, format.Encoding, error) {
	for i, id := range ids {
		ids[i] = d.places[id]
	}
	return k.appendIDs(dst, ids, d.len())
}

func (d *documents) appendTexts(k *chunk, dst []byte, ids []int32) ([]byte, format.Encoding, error) {
	if len(ids) == 0 {
		return dst, format.Plain, nil
	}
	d.lengths = d.lengths[:0]
	for _, id := range ids {
		d.lengths = append(d.lengths, int32(d.offsets[id+1]-d.offsets[id]))
	}
	dst, err := k.appendLengths(dst, d.lengths)
	for _, id := range ids {
		dst = append(dst, d.value(uint32(id))...)
	}
	return dst, format.DeltaLengthByteArray, err
}

// documentKey is what tells a document's shape, mostly: how it begins and ends and its
// length.
type documentKey struct {
	head, tail uint64
	size, id   uint32
}

func compareDocuments(a, b documentKey) int {
	switch {
	case a.head != b.head:
		return cmp.Compare(a.head, b.head)
	case a.tail != b.tail:
		return cmp.Compare(a.tail, b.tail)
	case a.size != b.size:
		return cmp.Compare(a.size, b.size)
	}
	return cmp.Compare(a.id, b.id)
}

// arrange puts the values in the order in which they are written. Documents of a shape
// stay in the order they came in, which is that of item keys.
func (d *documents) arrange() {
	for id := range uint32(d.len()) {
		v := d.data[d.offsets[id]:d.offsets[id+1]]
		k := documentKey{size: uint32(len(v)), id: id}
		if len(v) >= 8 {
			k.head, k.tail = binary.BigEndian.Uint64(v), binary.BigEndian.Uint64(v[len(v)-8:])
		}
		d.order = append(d.order, k)
	}
	slices.SortFunc(d.order, compareDocuments)
	d.places = slices.Grow(d.places, len(d.order))[:len(d.order)]
	for at, k := range d.order {
		d.places[k.id] = int32(at)
	}
}

// appendPlain appends the n values as a dictionary page holds them, if there is one.
func (d *documents) appendPlain(dst []byte) (values []byte, n int) {
	for _, k := range d.order {
		dst = appendPlainText(dst, d.data[d.offsets[k.id]:d.offsets[k.id+1]])
	}
	return dst, len(d.order)
}

func (d *documents) reset() {
	d.dict.reset()
	d.held, d.levels, d.ids = d.held[:0], d.levels[:0], d.ids[:0]
	d.order, d.places, d.lengths = d.order[:0], d.places[:0], d.lengths[:0]
	d.closed = false
}
