package parquetio

import (
	"encoding/binary"
	"unicode/utf8"
)

// Bounds longer than these are cut in statistics and indexes: to a beginning, and to
// something just above one. Only columns that are searched by value keep long ones.
const (
	maxBound       = 32
	maxProbedBound = 128
)

// textBounds is the least and the greatest of some values. It owns its copies.
type textBounds struct {
	min, max []byte
	any      bool
}

func (b *textBounds) reset() { b.any = false }

func (b *textBounds) add(v string) {
	if !b.any {
		b.any = true
		b.min = append(b.min[:0], v...)
		b.max = append(b.max[:0], v...)
		return
	}
	if v > viewString(b.max) {
		b.max = append(b.max[:0], v...)
	} else if v < viewString(b.min) {
		b.min = append(b.min[:0], v...)
	}
}

// lowerBound is v or a beginning of it of at most limit bytes.
func lowerBound(v []byte, limit int) []byte {
	if len(v) <= limit {
		return v
	}
	for limit > 0 && !utf8.RuneStart(v[limit]) {
		limit--
	}
	return v[:limit]
}

// upperBound is v, or a shorter text above it and all that begin like it. Only
// single-byte characters are raised, so that it stays UTF-8; where there are none
// it is v.
func upperBound(v []byte, limit int) []byte {
	if len(v) <= limit {
		return v
	}
	for i := limit - 1; i >= 0; i-- {
		if v[i] < utf8.RuneSelf-1 {
			cut := append([]byte(nil), v[:i+1]...)
			cut[i]++
			return cut
		}
	}
	return v
}

func plainInt32(v int32) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }
func plainInt64(v int64) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(v)) }
