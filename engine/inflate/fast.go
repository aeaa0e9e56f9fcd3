package inflate

import "encoding/binary"

// What one turn of the fast loop may need. Input: two reads of eight bytes, the
// second at most seven bytes behind the first. Output: two bytes for each entry
// of literals, then the window that a match is copied through in pieces of 16.
const (
	inSlack     = 16
	literalTurn = 4 // entries of literals: these and a length have at most 56 bits
	matchWindow = 288
	outSlack    = 2*literalTurn + matchWindow
)

// fast reads symbols until the block ends, which it reports, or slack runs out.
// It returns a problem, or none.
//
// The decoder's fields live in local variables here. Shift counts are masked to
// six bits, which is what the machine does anyhow and saves a comparison each;
// so held is right in its low six bits only, and whole entries can be taken from it.
func (d *decoder) fast() (end bool, problem string) {
	in, pos, hold, held := d.in, d.pos, d.hold, d.held
	out, n, start := d.out, d.n, d.start
	lit, dist := d.lit, d.dist

	hold, held, pos = load(in, hold, held, pos)
	e := lit[hold&(1<<litBits-1)]
loop:
	for len(in)-pos >= inSlack && len(out)-n >= outSlack {
		for turn := 1; e&literalFlag != 0; turn++ {
			binary.LittleEndian.PutUint16(out[n:], uint16(e>>literalValues))
			n += int(e >> literalCount & 3)
			hold >>= e & allBits
			held -= uint(e)
			if turn == literalTurn {
				hold, held, pos = load(in, hold, held, pos)
				e = lit[hold&(1<<litBits-1)]
				continue loop
			}
			e = lit[hold&(1<<litBits-1)]
		}
		if e&litOther != 0 {
			if e&whatMask == isSub {
				e = lit[(uint64(e>>litBase)+hold>>litBits&(1<<litSub-1))%litSize]
			}
			switch {
			case e&literalFlag != 0:
				out[n] = byte(e >> literalValues)
				n++
				hold >>= e & allBits
				held -= uint(e)
				hold, held, pos = load(in, hold, held, pos)
				e = lit[hold&(1<<litBits-1)]
				continue loop
			case e&(litOther|whatMask) == litOther|isEnd:
				hold >>= e & allBits
				held -= uint(e)
				end = true
				break loop
			case e&litOther != 0:
				problem = badSymbol
				break loop
			}
		}
		length := int(e>>litBase) + int(hold>>(e>>codeShift&codeMask))&int(e>>litMask&litMaskMask)
		hold >>= e & allBits
		held -= uint(e)

		hold, held, pos = load(in, hold, held, pos)
		f := dist[hold&(1<<distBits-1)]
		if f&distOther != 0 {
			if f&whatMask == isSub {
				f = dist[(uint64(f>>distBase)+hold>>distBits&(1<<distSub-1))%distSize]
			}
			if f&distOther != 0 {
				problem = badDistance
				break
			}
		}
		back := int(f>>distBase) + int(hold>>(f>>codeShift&codeMask))&int(f>>distMask&distMaskMask)
		hold >>= f & allBits
		held -= uint(f)
		// The next entry is looked up before the match is copied, which it need not wait for.
		hold, held, pos = load(in, hold, held, pos)
		e = lit[hold&(1<<litBits-1)]

		from := n - back
		if from < start {
			problem = farDistance
			break
		}
		if back >= 16 {
			// Most matches are done with the first 64 bytes, without a loop to leave.
			t, s := (*[matchWindow]byte)(out[n:]), (*[matchWindow]byte)(out[from:])
			*(*[16]byte)(t[:]) = *(*[16]byte)(s[:])
			*(*[16]byte)(t[16:]) = *(*[16]byte)(s[16:])
			*(*[16]byte)(t[32:]) = *(*[16]byte)(s[32:])
			*(*[16]byte)(t[48:]) = *(*[16]byte)(s[48:])
			for i := 64; i < length; i += 32 {
				t, s := (*[32]byte)(t[i:]), (*[32]byte)(s[i:])
				*(*[16]byte)(t[:]) = *(*[16]byte)(s[:])
				*(*[16]byte)(t[16:]) = *(*[16]byte)(s[16:])
			}
		} else {
			// The match repeats its first bytes: what is there doubles until it is long enough.
			t := out[from : n+length]
			for done := back; done < len(t); done *= 2 {
				copy(t[done:], t[:done])
			}
		}
		n += length
	}
	d.pos, d.hold, d.held, d.n = pos, hold, held&63, n
	return end, problem
}
