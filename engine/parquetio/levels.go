package parquetio

import (
	"encoding/binary"
	"slices"
)

// decodeHybrid appends numbers from and on, but not to and on, of the n of the given
// width in bits that src holds, stored as runs and packed groups of eight. It fails
// unless src holds them, and takes memory for no more than it appends.
func decodeHybrid[T byte | uint32](dst []T, src []byte, width, n, from, to int) ([]T, error) {
	if width > 32 {
		return dst, corrupt("numbers of %d bits", width)
	}
	bytes := (width + 7) / 8
	for at := 0; at < to; {
		head, k := binary.Uvarint(src)
		if k <= 0 {
			return dst, corrupt("run cut")
		}
		src = src[k:]
		count, left := head>>1, n-at
		if head&1 == 1 {
			if count > uint64(len(src)) && width > 0 || count > uint64(left) {
				return dst, corrupt("packed run of %d groups", count)
			}
			size := int(count) * width
			if size > len(src) {
				return dst, corrupt("packed run cut")
			}
			first, last := max(0, from-at), min(left, int(count)*8, to-at)
			dst = unpack(dst, src[:size], width, min(first, last), last)
			src = src[size:]
			at += min(left, int(count)*8)
			continue
		}
		if count > uint64(left) || len(src) < bytes {
			return dst, corrupt("run of %d in a page with %d left", count, left)
		}
		var v uint32
		for i, b := range src[:bytes] {
			v |= uint32(b) << (8 * i)
		}
		src = src[bytes:]
		dst = appendRun(dst, T(v), min(int(count), to-at)-max(0, from-at))
		at += int(count)
	}
	return dst, nil
}

// appendRun appends v n times.
func appendRun[T byte | uint32](dst []T, v T, n int) []T {
	if n <= 0 {
		return dst
	}
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	run := dst[at:]
	run[0] = v
	for done := 1; done < n; done *= 2 {
		copy(run[done:], run[:done])
	}
	return dst
}

// unpack appends numbers [from, to) of those of the given width in src, packed from
// the least bit up.
func unpack[T byte | uint32](dst []T, src []byte, width, from, to int) []T {
	n, start := to-from, len(dst)
	dst = slices.Grow(dst, n)[:start+n]
	values := dst[start:]
	src, from = src[from*width/8:], from*width%8
	if levels, ok := any(values).([]byte); ok && width == 1 && from == 0 {
		unpackBits(levels, src)
		return dst
	}
	mask := uint64(1)<<width - 1
	if width == 0 {
		clear(values)
		return dst
	}
	whole := min(n, max(0, (len(src)-7)*8-from)/width) // those that eight bytes can be read of
	for i := range values[:whole] {
		bit := from + i*width
		values[i] = T(binary.LittleEndian.Uint64(src[bit>>3:]) >> (bit & 7) & mask)
	}
	for i := whole; i < n; i++ {
		bit := from + i*width
		var word uint64
		for j := len(src) - 1; j >= bit>>3; j-- {
			word = word<<8 | uint64(src[j])
		}
		values[i] = T(word >> (bit & 7) & mask)
	}
	return dst
}

// spread are the bits of a byte as eight bytes.
var spread = func() (all [256][8]byte) {
	for b := range all {
		for i := range 8 {
			all[b][i] = byte(b >> i & 1)
		}
	}
	return all
}()

// unpackBits fills dst with the bits of src, from the least up.
func unpackBits(dst, src []byte) {
	for i := 0; i < len(dst); i += 8 {
		copy(dst[i:], spread[src[i/8]][:])
	}
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
	levels, err = decodeHybrid(dst, src[:size], width, n, 0, n)
	return levels, src[size:], err
}
