package parquetio

import "encoding/binary"

// smallInts is a dictionary of numbers from 0 to 255, for a column that has few
// of them, each time and again: a count, say. The chunk's first page decides whether it
// is worth its place, the first that it does not cover ends it.
type smallInts struct {
	values []int32     // as they first came
	known  [256]uint16 // number + 1, or 0
	used   bool        // by a page
	closed bool
}

// minRepeats is how often a value of the first page has to come, on average.
const minRepeats = 8

// number appends the dictionary's numbers of the values of a page to ids, or reports
// false.
func (d *smallInts) number(ids, values []int32) ([]int32, bool) {
	if d.closed {
		return ids, false
	}
	before := len(d.values)
	for _, v := range values {
		if uint32(v) >= uint32(len(d.known)) {
			d.end(before)
			return ids, false
		}
		if d.known[v] == 0 {
			d.values = append(d.values, v)
			d.known[v] = uint16(len(d.values))
		}
		ids = append(ids, int32(d.known[v])-1)
	}
	if !d.used && len(d.values)*minRepeats > len(values) {
		d.end(0)
		return ids, false
	}
	d.used = true
	return ids, true
}

// end closes the dictionary with the first n values.
func (d *smallInts) end(n int) {
	d.values, d.closed = d.values[:n], true
}

func (d *smallInts) appendPlain(dst []byte) []byte {
	for _, v := range d.values {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(v))
	}
	return dst
}

func (d *smallInts) reset() {
	*d = smallInts{values: d.values[:0]}
}
