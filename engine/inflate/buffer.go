package inflate

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Compression ratios. Log objects have 3 to 30, and deflate cannot reach 1033.
//
// The length stored in the last trailer is taken at its word up to the first
// ratio; beyond, only when that many bytes have indeed come out. The last bytes of
// an object that was cut may claim anything, and should not cost us memory.
const (
	believable = 64
	possible   = 1032
)

// reserve makes out as large as its input claims it must be, if that is
// believable. Too little costs a copy, or several.
func (d *decoder) reserve() {
	d.claim = 0
	n := len(d.in)
	if n >= fixedHeader+trailerLength {
		d.claim = int(min(binary.LittleEndian.Uint32(d.in[n-4:]), math.MaxInt32))
		d.claim = min(d.claim, possible*n) + outSlack
	}
	if size := min(d.claim, max(believable*n, 64<<10), d.limit); len(d.out) < size {
		d.out = nil // garbage before the new one is made
		d.out = make([]byte, min(size+size/8, d.limit))
	}
}

// room makes sure that size more bytes fit.
func (d *decoder) room(size int) error {
	if size <= len(d.out)-d.n {
		return nil
	}
	if size > d.limit-d.n {
		return tooLarge(d.limit)
	}
	d.grow(size)
	return nil
}

// grow makes out longer: by size, twofold, and to what its input claims, but not
// beyond the limit.
func (d *decoder) grow(size int) {
	out := make([]byte, min(d.limit, max(d.n+size, 2*len(d.out), d.claim)))
	copy(out, d.out[:d.n])
	d.out = out
}

func tooLarge(limit int) error {
	return fmt.Errorf("%w of %d bytes", ErrTooLarge, limit)
}
