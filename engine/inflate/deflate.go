package inflate

import "encoding/binary"

// decoder reads deflate data (RFC 1951) from in and appends what it means to
// out[:n].
//
// The next bits of the input are in the low bits of hold: at least held of
// them, and pos is behind these. Behind the end of the input come zero bits, so
// that nobody has to ask before he looks; whoever acts on what he saw asks
// overrun, or fail, whether it was there.
type decoder struct {
	in   []byte
	pos  int
	hold uint64
	held uint // at most 63

	out   []byte // its length is the room there is
	n     int
	start int // of the member in out: distances do not reach further back
	limit int // of n
	claim int // what n will be, by the last trailer

	own     tables
	lit     *litTable
	dist    *distTable
	lengths [litSymbols + distSymbols]uint8
}

// deflated reads blocks up to and with the last one. It leaves pos behind the
// last byte used and no bits held.
func (d *decoder) deflated() error {
	for {
		d.refill()
		header := d.take(3)
		var err error
		switch header >> 1 {
		case 0:
			err = d.stored()
		case 1:
			t := fixed()
			d.lit, d.dist = &t.lit, &t.dist
			err = d.symbols()
		case 2:
			if err = d.dynamic(); err == nil {
				d.lit, d.dist = &d.own.lit, &d.own.dist
				err = d.symbols()
			}
		default:
			err = d.fail("reserved block type")
		}
		if err != nil {
			return err
		}
		if header&1 != 0 {
			d.align()
			return nil
		}
	}
}

// stored copies a block that is not compressed.
func (d *decoder) stored() error {
	d.align()
	if len(d.in)-d.pos < 4 {
		d.pos = len(d.in)
		return d.truncated("stored block")
	}
	size := int(binary.LittleEndian.Uint16(d.in[d.pos:]))
	check := int(binary.LittleEndian.Uint16(d.in[d.pos+2:]))
	d.pos += 4
	if size != check^0xffff {
		return d.fail("length of a stored block contradicts its complement")
	}
	if size > len(d.in)-d.pos {
		return d.truncated("stored block")
	}
	if err := d.room(size); err != nil {
		return err
	}
	d.n += copy(d.out[d.n:], d.in[d.pos:d.pos+size])
	d.pos += size
	return nil
}

// Problems that both loops below find.
const (
	badSymbol   = "unassigned code of a literal or length"
	badDistance = "unassigned code of a distance"
	farDistance = "distance reaches back before the start"
)

// symbols reads the symbols of a block up to its end: by the fast loop while
// there is slack in input and output, one by one near their ends.
func (d *decoder) symbols() error {
	for {
		if len(d.out)-d.n < outSlack && len(d.out) < d.limit {
			d.grow(outSlack)
		}
		var end bool
		var err error
		if len(d.in)-d.pos >= inSlack && len(d.out)-d.n >= outSlack {
			var problem string
			if end, problem = d.fast(); problem != "" {
				err = d.fail(problem)
			}
		} else {
			end, err = d.symbol()
		}
		if end || err != nil {
			return err
		}
	}
}

// symbol reads one match, the end of the block (which it reports), or the few
// literals of an entry. It checks everything.
func (d *decoder) symbol() (end bool, err error) {
	d.refill()
	e := d.lit[d.hold&(1<<litBits-1)]
	if e&(litOther|whatMask) == litOther|isSub {
		e = d.lit[(uint64(e>>litBase)+d.hold>>litBits&(1<<litSub-1))%litSize]
	}
	bits := d.hold
	d.take(uint(e & allBits))
	if d.overrun() {
		return false, d.truncated("deflate data")
	}
	switch {
	case e&literalFlag != 0:
		count := int(e >> literalCount & 3)
		if err := d.room(count); err != nil {
			return false, err
		}
		for v := e >> literalValues; count > 0; count-- {
			d.out[d.n] = byte(v)
			d.n++
			v >>= 8
		}
		return false, nil
	case e&(litOther|whatMask) == litOther|isEnd:
		return true, nil
	case e&litOther != 0:
		return false, d.fail(badSymbol)
	}
	length := int(e>>litBase) + int(bits>>(e>>codeShift&codeMask))&int(e>>litMask&litMaskMask)

	d.refill()
	f := d.dist[d.hold&(1<<distBits-1)]
	if f&(distOther|whatMask) == distOther|isSub {
		f = d.dist[(uint64(f>>distBase)+d.hold>>distBits&(1<<distSub-1))%distSize]
	}
	bits = d.hold
	d.take(uint(f & allBits))
	if d.overrun() {
		return false, d.truncated("deflate data")
	}
	if f&distOther != 0 {
		return false, d.fail(badDistance)
	}
	dist := int(f>>distBase) + int(bits>>(f>>codeShift&codeMask))&int(f>>distMask&distMaskMask)
	if dist > d.n-d.start {
		return false, d.fail(farDistance)
	}
	if err := d.room(length); err != nil {
		return false, err
	}
	for range length {
		d.out[d.n] = d.out[d.n-dist]
		d.n++
	}
	return false, nil
}
