package parquetio

import (
	"encoding/binary"
	"math"

	"github.com/parquet-go/parquet-go/encoding/delta"
)

// texts are values one after another: value i is data[ends[i]:ends[i+1]].
type texts struct {
	data []byte
	ends []uint32
}

func (t *texts) len() int           { return max(0, len(t.ends)-1) }
func (t *texts) value(i int) []byte { return t.data[t.ends[i]:t.ends[i+1]] }

// room is how many bytes there is room for.
func (t *texts) room() int { return cap(t.data) + 4*cap(t.ends) }

// decodePlain reads n values, each behind its length. data is copied.
func (t *texts) decodePlain(src []byte, n int) error {
	if n > len(src)/4 {
		return corrupt("%d values in %d bytes", n, len(src))
	}
	t.data, t.ends = t.data[:0], append(t.ends[:0], 0)
	for ; n > 0; n-- {
		if len(src) < 4 {
			return corrupt("value cut")
		}
		size := uint64(binary.LittleEndian.Uint32(src))
		if src = src[4:]; size > uint64(len(src)) {
			return corrupt("value cut")
		}
		t.data = append(t.data, src[:size]...)
		t.ends = append(t.ends, uint32(len(t.data)))
		src = src[size:]
	}
	if len(src) > 0 {
		return corrupt("%d bytes left over", len(src))
	}
	return nil
}

// decodeInts reads n values of four bytes.
func (t *texts) decodeInts(src []byte, n int) error {
	if n < 0 || n > len(src)/4 || len(src) != 4*n {
		return corrupt("%d numbers in %d bytes", n, len(src))
	}
	t.data, t.ends = append(t.data[:0], src...), append(t.ends[:0], 0)
	for range n {
		t.ends = append(t.ends, t.ends[len(t.ends)-1]+4)
	}
	return nil
}

// decodeDeltaLength reads n values whose lengths stand before them all. It keeps src.
func (t *texts) decodeDeltaLength(src []byte, n int) error {
	if count, err := deltaCount(src); err != nil || count != uint64(n) {
		return corrupt("lengths of %d values for %d", count, n)
	}
	err := guard("lengths", func() error {
		var err error
		t.data, t.ends, err = new(delta.LengthByteArrayEncoding).DecodeByteArray(t.data, src, t.ends)
		return err
	})
	if err != nil {
		return corrupt("%v", err)
	}
	if t.len() != n || len(t.data) > math.MaxInt32 {
		return corrupt("%d values, not %d", t.len(), n)
	}
	return nil
}

// deltaCount is the number of values that delta-packed numbers announce. Blocks must
// be of the size that writers use, which bounds the memory to decode them.
func deltaCount(src []byte) (uint64, error) {
	var head [3]uint64 // block size, miniblocks, values
	for i := range head {
		v, k := binary.Uvarint(src)
		if k <= 0 {
			return 0, corrupt("lengths cut")
		}
		head[i], src = v, src[k:]
	}
	if head[0] != 128 || head[1] != 4 {
		return 0, corrupt("lengths in blocks of %d", head[0])
	}
	return head[2], nil
}
