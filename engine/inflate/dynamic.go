package inflate

// dynamic reads the Huffman codes of a block and builds its own tables.
func (d *decoder) dynamic() error {
	d.refill()
	lits, dists, lens := int(d.take(5))+257, int(d.take(5))+1, int(d.take(4))+4
	if lits > 286 || dists > 30 {
		return d.fail("too many symbols in a block's codes")
	}
	if err := d.readLengths(lits+dists, lens); err != nil {
		return err
	}
	t := &d.own
	if !t.code.assign(d.lengths[:lits]) {
		return d.fail("codes of literals and lengths are no Huffman code")
	}
	t.lit.fill(&t.code)
	if len(d.in)-d.pos >= worthJoining {
		t.lit.join(&t.code)
	}
	if !t.code.assign(d.lengths[lits : lits+dists]) {
		return d.fail("codes of distances are no Huffman code")
	}
	t.dist.fill(&t.code)
	return nil
}

// lengthOrder is the order in which the code lengths of the code of code lengths
// are stored.
var lengthOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// readLengths reads n code lengths into d.lengths. They are Huffman coded
// themselves, by a code of which lens lengths are stored.
func (d *decoder) readLengths(n, lens int) error {
	var own [19]uint8
	for i, symbol := range lengthOrder[:lens] {
		if i%16 == 0 {
			d.refill()
		}
		own[symbol] = uint8(d.take(3))
	}
	var table lengthTable
	if !table.fill(&d.own.code, own[:]) {
		return d.fail("codes of code lengths are no Huffman code")
	}
	hold, held, problem := d.hold, d.held, "" // locals: this is a hot loop for small objects
	for i := 0; i < n && problem == ""; {
		if held < lengthBits+7 {
			d.hold, d.held = hold, held
			d.refill()
			hold, held = d.hold, d.held
		}
		e := table[hold&(1<<lengthBits-1)]
		hold >>= e.bits & 63
		held -= uint(e.bits)
		if e.symbol < 16 {
			d.lengths[i] = e.symbol
			i++
			continue
		}
		repeat := int(e.repeat) + int(hold&(1<<e.extra-1))
		hold >>= e.extra & 63
		held -= uint(e.extra)
		switch {
		case e.symbol == noSymbol:
			problem = "unassigned code of a code length"
		case e.symbol == 16 && i == 0:
			problem = "repeats a code length before the first"
		case repeat > n-i:
			problem = "more code lengths than symbols"
		default:
			var value uint8
			if e.symbol == 16 {
				value = d.lengths[i-1]
			}
			for range repeat {
				d.lengths[i] = value
				i++
			}
		}
	}
	d.hold, d.held = hold, held
	if problem != "" {
		return d.fail(problem)
	}
	return nil
}

// The code lengths of a dynamic block are coded by codes of at most 7 bits.
const (
	lengthBits = 7
	noSymbol   = 255
)

type lengthTable [1 << lengthBits]lengthEntry

// lengthEntry says how long its code is, and for symbols 16 to 18 how often a
// length repeats: repeat times, and as often more as that many extra bits say.
type lengthEntry struct{ symbol, bits, repeat, extra uint8 }

// fill builds the table of the code with the given lengths. It reports whether
// they are a code.
func (t *lengthTable) fill(c *code, lengths []uint8) bool {
	if !c.assign(lengths) {
		return false
	}
	// Like [fill]: the table of shorter codes, twice, then the codes of the next length.
	t[0] = lengthEntry{symbol: noSymbol, bits: 1}
	t[1] = t[0]
	symbols, next := c.sorted[:], uint16(0)
	for l := 1; l <= lengthBits; l++ {
		if size := 1 << l; l > 1 {
			copy(t[size/2:size], t[:size/2])
		}
		next <<= 1
		for range c.count[l] {
			e := lengthEntry{symbol: uint8(symbols[0]), bits: uint8(l)}
			switch e.symbol {
			case 16:
				e.repeat, e.extra = 3, 2
			case 17:
				e.repeat, e.extra = 3, 3
			case 18:
				e.repeat, e.extra = 11, 7
			}
			t[reversed(next, l)%len(t)] = e
			symbols = symbols[1:]
			next++
		}
	}
	return true
}
