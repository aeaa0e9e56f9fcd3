package parquetio

import (
	"encoding/binary"
	"hash/maphash"
	"unsafe"
)

// dictSeed is per process. It places values in hash tables and decides nothing
// about their numbers, which are given in order of first appearance.
var dictSeed = maphash.MakeSeed()

// dict numbers the distinct values of a column chunk.
type dict struct {
	data    []byte   // the values, one after another
	offsets []uint32 // value i is data[offsets[i]:offsets[i+1]]
	hashes  []uint32
	table   []uint32 // open addressing; value number + 1, or 0
}

func (d *dict) len() int { return len(d.hashes) }

// value is valid until the next call of id.
func (d *dict) value(id uint32) string {
	return viewString(d.data[d.offsets[id]:d.offsets[id+1]])
}

// id returns the number of v, a new one if there is none.
func (d *dict) id(v string) uint32 {
	if 2*len(d.hashes) >= len(d.table) {
		d.grow()
	}
	h := uint32(maphash.String(dictSeed, v))
	mask := uint32(len(d.table) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		slot := d.table[at]
		if slot == 0 {
			d.table[at] = uint32(len(d.hashes)) + 1
			break
		}
		if d.hashes[slot-1] == h && d.value(slot-1) == v {
			return slot - 1
		}
	}
	if len(d.offsets) == 0 {
		d.offsets = append(d.offsets, 0)
	}
	d.hashes = append(d.hashes, h)
	d.data = append(d.data, v...)
	d.offsets = append(d.offsets, uint32(len(d.data)))
	return uint32(len(d.hashes) - 1)
}

func (d *dict) grow() {
	d.table = make([]uint32, max(64, 2*len(d.table)))
	mask := uint32(len(d.table) - 1)
	for i, h := range d.hashes {
		at := h & mask
		for d.table[at] != 0 {
			at = (at + 1) & mask
		}
		d.table[at] = uint32(i) + 1
	}
}

// appendPlain appends the values as a dictionary page holds them.
func (d *dict) appendPlain(dst []byte) []byte {
	for i := range d.hashes {
		dst = appendPlainText(dst, d.data[d.offsets[i]:d.offsets[i+1]])
	}
	return dst
}

// appendDictionary appends what the column's dictionary page holds: n values, or none.
func (c *columnWriter) appendDictionary(dst []byte) (values []byte, n int) {
	switch {
	case c.dict != nil:
		return c.dict.appendPlain(dst), c.dict.len()
	case c.docs != nil:
		return c.docs.appendPlain(dst)
	case c.small != nil:
		return c.small.appendPlain(dst), len(c.small.values)
	}
	return dst, 0
}

// reset empties the dictionary, keeping its memory.
func (d *dict) reset() {
	d.data, d.offsets, d.hashes = d.data[:0], d.offsets[:0], d.hashes[:0]
	clear(d.table)
}

func appendPlainText(dst, v []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(v)))
	return append(dst, v...)
}

// viewString is b as text, without a copy; b must not change while it is used.
func viewString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
