package parquetio

import (
	"encoding/binary"
	"math"

	"github.com/parquet-go/parquet-go/encoding/delta"
)

// texts are values one after another: value i is data[ends[i]+gap:ends[i+1]].
type texts struct {
	data []byte
	ends []uint32
	gap  uint32 // bytes before each value, which say its length
	more int    // values that have not been looked for
	own  []byte // room for data that does not stand in the page as it is
}

func (t *texts) len() int           { return max(0, len(t.ends)-1) + t.more }
func (t *texts) value(i int) []byte { return t.data[t.ends[i]+t.gap : t.ends[i+1]] }

// room is how many bytes there is room for.
func (t *texts) room() int { return cap(t.own) + 4*cap(t.ends) }

// decodePlain takes n values, each behind its length. It keeps src, and looks for
// values when they are asked for: see upTo.
func (t *texts) decodePlain(src []byte, n int) error {
	if n < 0 || n > len(src)/4 || len(src) > math.MaxInt32 {
		return corrupt("%d values in %d bytes", n, len(src))
	}
	t.data, t.ends, t.gap, t.more = src, append(t.ends[:0], 0), 4, n
	return t.upTo(0)
}

// upTo looks for the first n values, which have to be there before they are used.
func (t *texts) upTo(n int) error {
	at := t.ends[len(t.ends)-1]
	for len(t.ends) <= n && t.more > 0 {
		left := t.data[at:]
		if len(left) < 4 {
			return corrupt("value cut")
		}
		size := binary.LittleEndian.Uint32(left)
		if uint64(size) > uint64(len(left)-4) {
			return corrupt("value cut")
		}
		at += 4 + size
		t.ends = append(t.ends, at)
		t.more--
	}
	if t.gap > 0 && t.more == 0 && int(at) < len(t.data) {
		return corrupt("%d bytes left over", len(t.data)-int(at))
	}
	return nil
}

// decodeInts reads n values of four bytes.
func (t *texts) decodeInts(src []byte, n int) error {
	if n < 0 || n > len(src)/4 || len(src) != 4*n {
		return corrupt("%d numbers in %d bytes", n, len(src))
	}
	t.own, t.ends = append(t.own[:0], src...), append(t.ends[:0], 0)
	t.data, t.gap, t.more = t.own, 0, 0
	for range n {
		t.ends = append(t.ends, t.ends[len(t.ends)-1]+4)
	}
	return nil
}

// decodeDeltaLength reads n values whose lengths stand before them all.
func (t *texts) decodeDeltaLength(src []byte, n int) error {
	if count, err := deltaCount(src); err != nil || count != uint64(n) {
		return corrupt("lengths of %d values for %d", count, n)
	}
	err := guard("lengths", func() error {
		var err error
		t.own, t.ends, err = new(delta.LengthByteArrayEncoding).DecodeByteArray(t.own, src, t.ends)
		return err
	})
	t.data, t.gap, t.more = t.own, 0, 0
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
