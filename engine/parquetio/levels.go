package parquetio

import (
	"encoding/binary"
	"slices"
)

// decodeHybrid appends n numbers of the given width in bits, stored as runs and
// packed groups of eight, to dst, and fails unless src holds that many. It takes
// memory for no more than n.
func decodeHybrid[T byte | uint32](dst []T, src []byte, width, n int) ([]T, error) {
	if width > 32 {
		return dst, corrupt("numbers of %d bits", width)
	}
	bytes := (width + 7) / 8
	for n > 0 {
		head, k := binary.Uvarint(src)
		if k <= 0 {
			return dst, corrupt("run cut")
		}
		src = src[k:]
		count := head >> 1
		if head&1 == 1 {
			if count > uint64(len(src)) && width > 0 || count > uint64(n) {
				return dst, corrupt("packed run of %d groups", count)
			}
			size := int(count) * width
			if size > len(src) {
				return dst, corrupt("packed run cut")
			}
			values := min(n, int(count)*8)
			dst = unpack(dst, src[:size], width, values)
			src = src[size:]
			n -= values
			continue
		}
		if count > uint64(n) || len(src) < bytes {
			return dst, corrupt("run of %d in a page with %d left", count, n)
		}
		var v uint32
		for i, b := range src[:bytes] {
			v |= uint32(b) << (8 * i)
		}
		src = src[bytes:]
		n -= int(count)
		from := len(dst)
		dst = slices.Grow(dst, int(count))[:from+int(count)]
		for i := range dst[from:] {
			dst[from+i] = T(v)
		}
	}
	return dst, nil
}

// unpack appends n numbers of the given width, packed from the least bit up.
func unpack[T byte | uint32](dst []T, src []byte, width, n int) []T {
	from := len(dst)
	dst = slices.Grow(dst, n)[:from+n]
	values := dst[from:]
	mask := uint64(1)<<width - 1
	if width == 0 {
		clear(values)
		return dst
	}
	whole := min(n, max(0, len(src)-7)*8/width) // those that eight bytes can be read of
	for i := range values[:whole] {
		bit := i * width
		values[i] = T(binary.LittleEndian.Uint64(src[bit>>3:]) >> (bit & 7) & mask)
	}
	for i := whole; i < n; i++ {
		bit := i * width
		var word uint64
		for j := len(src) - 1; j >= bit>>3; j-- {
			word = word<<8 | uint64(src[j])
		}
		values[i] = T(word >> (bit & 7) & mask)
	}
	return dst
}

// decodeLevels splits the levels of n values off the front of src.
func decodeLevels(dst, src []byte, width, n int) (levels, rest []byte, err error) {
	if len(src) < 4 {
		return dst, nil, corrupt("levels cut")
	}
	size := uint64(binary.LittleEndian.Uint32(src))
	if src = src[4:]; size > uint64(len(src)) {
		return dst, nil, corrupt("levels cut")
	}
	levels, err = decodeHybrid(dst, src[:size], width, n)
	return levels, src[size:], err
}
