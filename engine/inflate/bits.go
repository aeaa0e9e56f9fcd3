package inflate

import (
	"encoding/binary"
	"fmt"
)

// load puts the next bytes of in behind the bits held, so that 56 are held at
// least, and counts those that fitted in whole. It needs eight bytes of input.
func load(in []byte, hold uint64, held uint, pos int) (uint64, uint, int) {
	hold |= binary.LittleEndian.Uint64(in[pos:]) << (held & 63)
	return hold, held | 56, pos + int(held&63^63)>>3
}

// refill is load for anywhere in the input, and behind its end.
func (d *decoder) refill() {
	if len(d.in)-d.pos >= 8 {
		d.hold, d.held, d.pos = load(d.in, d.hold, d.held, d.pos)
		return
	}
	for ; d.held < 56; d.held += 8 {
		if d.pos < len(d.in) {
			d.hold |= uint64(d.in[d.pos]) << d.held
		}
		d.pos++
	}
}

// take removes the next n bits from those held.
func (d *decoder) take(n uint) uint {
	v := d.hold & (1<<n - 1)
	d.hold >>= n
	d.held -= n
	return uint(v)
}

// align drops the bits up to the next byte and gives back the bytes that are
// held beyond.
func (d *decoder) align() {
	d.pos -= int(d.held >> 3)
	d.hold, d.held = 0, 0
}

// used is how many bytes of the input were needed so far.
func (d *decoder) used() int { return d.pos - int(d.held>>3) }

// overrun reports whether bits were taken that the input does not have.
func (d *decoder) overrun() bool { return d.used() > len(d.in) }

// fail is the error for deflate data that make no sense, or [ErrTruncated] when
// that is for want of data.
func (d *decoder) fail(what string) error {
	if d.overrun() {
		return d.truncated("deflate data")
	}
	return fmt.Errorf("%w: %s before byte %d", ErrCorrupt, what, d.used())
}

func (d *decoder) truncated(what string) error {
	return fmt.Errorf("%w: %s cut off at byte %d", ErrTruncated, what, len(d.in))
}
