package inflate

import "math/bits"

// code is the canonical Huffman code of an alphabet: its symbols sorted by code
// length, then value, and how many have each length.
type code struct {
	count  [maxBits + 1]uint16
	sorted [litSymbols]uint16

	present [litSymbols]uint16 // scratch: symbols that have a code
}

// assign sorts the symbols of an alphabet with the given code lengths. It
// reports whether they are a code: complete, or one symbol of one bit (a block
// with a single distance), or no symbol at all (a block without distances).
func (c *code) assign(lengths []uint8) bool {
	n := 0
	for symbol, l := range lengths {
		c.present[n] = uint16(symbol)
		if l != 0 { // compiles to a conditional move: no jump to mispredict
			n++
		}
	}
	c.count = [maxBits + 1]uint16{}
	for _, symbol := range c.present[:n] {
		c.count[lengths[symbol]&maxBits]++
	}
	var next [maxBits + 2]uint16
	left := 1
	for l := 1; l <= maxBits; l++ {
		next[l+1] = next[l] + c.count[l]
		left = left<<1 - int(c.count[l])
		if left < 0 {
			return false
		}
	}
	for _, symbol := range c.present[:n] {
		l := lengths[symbol] & maxBits
		c.sorted[next[l]] = symbol
		next[l]++
	}
	return left == 0 || n == 0 || n == 1 && c.count[1] == 1
}

// reversed is a code as it stands in the input, first bit lowest.
func reversed(code uint16, length int) int { return int(bits.Reverse16(code) >> (16 - length)) }

// fill builds the table t of c, with a first level of the given width. That
// level starts as the table of one-bit codes and doubles for each longer length:
// a copy of itself, since the new bit is above all that shorter codes look at,
// then the codes of that length.
func fill[E litEntry | distEntry](t []E, width int, c *code, meanings []meaning[E], other E, base int) {
	t[0], t[1] = other|isInvalid|1, other|isInvalid|1 // what no code of one bit overwrites is unassigned
	symbols, next := c.sorted[:], uint16(0)
	for l := 1; l <= width; l++ {
		if size := 1 << l; l > 1 {
			copy(t[size/2:size], t[:size/2])
		}
		next <<= 1
		for range c.count[l] {
			t[reversed(next, l)] = meanings[symbols[0]].entry(l)
			symbols = symbols[1:]
			next++
		}
	}
	sub, prefix := 1<<width-1<<(maxBits-width), -1
	for l := width + 1; l <= maxBits; l++ {
		next <<= 1
		for range c.count[l] {
			at := reversed(next, l)
			if p := at & (1<<width - 1); p != prefix { // codes of one prefix are neighbours
				prefix = p
				sub += 1 << (maxBits - width)
				t[p] = other | isSub | E(sub)<<base
			}
			for i := at >> width; i < 1<<(maxBits-width); i += 1 << (l - width) {
				t[sub+i] = meanings[symbols[0]].entry(l)
			}
			symbols = symbols[1:]
			next++
		}
	}
}

func (t *litTable) fill(c *code) {
	fill(t[:], litBits, c, litMeanings[:], litOther, litBase)
}

func (t *distTable) fill(c *code) {
	fill(t[:], distBits, c, distMeanings[:], distOther, distBase)
}

// worthJoining is how much input must be left for [litTable.join] to pay.
const worthJoining = 4 << 10

// join makes entries of two literals where their codes fit one lookup together,
// right after fill. It lists the literals, shortest code first, and pairs them.
func (t *litTable) join(c *code) {
	type literal struct {
		code  uint16
		bits  uint16
		value litEntry
	}
	var literals [256]literal
	n, symbols, next := 0, c.sorted[:], uint16(0)
	for l := 1; l < litBits; l++ {
		next <<= 1
		for range c.count[l] {
			if symbols[0] < 256 {
				literals[n] = literal{uint16(reversed(next, l)), uint16(l), litEntry(symbols[0]) << literalValues}
				n++
			}
			symbols = symbols[1:]
			next++
		}
	}
	for _, p := range literals[:n] {
		for _, q := range literals[:n] {
			l := p.bits + q.bits
			if l > litBits {
				break
			}
			e := literalFlag | q.value<<8 | p.value | 2<<literalCount | litEntry(l)
			for i := int(p.code | q.code<<p.bits); i < 1<<litBits; i += 1 << l {
				t[i] = e
			}
		}
	}
}
