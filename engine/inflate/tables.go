package inflate

import "sync"

// A Huffman table is looked up with the next bits of the input, first bit
// lowest. The first level takes litBits (distBits) of them; a longer code finds
// an entry there that points to a second-level table for the rest. The widths are
// those that measured best over log objects of 7 KB to 4 MB.
const (
	litBits  = 12
	distBits = 9
	maxBits  = 15 // longest code

	litSymbols  = 288
	distSymbols = 32

	litSub  = maxBits - litBits
	distSub = maxBits - distBits

	// Room for both levels. A second-level table serves two symbols at least, so
	// there are 143 (15) of them at most. Powers of two let the compiler drop
	// bounds checks.
	litSize  = 8192
	distSize = 2048
)

// An entry says what a symbol means and how many bits it takes, packed so that
// one lookup is enough.
//
//	litEntry, literals  | 1 | - | literals, first lowest: 16 | how many: 2 | all bits: 6 |
//	litEntry, length    | 00 | - | base: 9 | mask of extra bits: 5 | code bits: 4 | all bits: 6 |
//	litEntry, other     | 01 | - | second-level table: 13 | - | what: 2 | - | all bits: 6 |
//	distEntry, distance | 0 | - | base: 15 | - | mask of extra bits: 13 | - | code bits: 4 | all bits: 6 |
//	distEntry, other    | 1 | - | second-level table: 15 | - | what: 2 | - | all bits: 6 |
//
// Code bits are those of the Huffman code; all bits count the extra bits too.
type (
	litEntry  uint32
	distEntry uint64

	litTable  [litSize]litEntry
	distTable [distSize]distEntry
)

const (
	allBits   = 1<<6 - 1 // mask; as wide as a shift count
	codeShift = 6
	codeMask  = 1<<4 - 1

	literalFlag   litEntry = 1 << 31
	literalCount           = 6 // shift
	literalValues          = 8 // shift
	litOther      litEntry = 1 << 30
	litMask                = 10 // shift
	litMaskMask            = 1<<5 - 1
	litBase                = 15 // shift

	distOther    distEntry = 1 << 63
	distMask               = 16 // shift
	distMaskMask           = 1<<13 - 1
	distBase               = 32 // shift

	// What other entries are.
	whatMask  = 3 << 10
	isInvalid = 0 << 10
	isEnd     = 1 << 10
	isSub     = 2 << 10
)

// meaning is a symbol's entry: fixed + length of its code * perBit.
type meaning[E litEntry | distEntry] struct{ fixed, perBit E }

func (m *meaning[E]) entry(length int) E { return m.fixed + m.perBit*E(length) }

const counted = 1 + 1<<codeShift // code length is both code bits and part of all bits

var (
	litMeanings  = newLitMeanings()
	distMeanings = newDistMeanings()
)

func newLitMeanings() (m [litSymbols]meaning[litEntry]) {
	for i := range 256 {
		m[i] = meaning[litEntry]{literalFlag | litEntry(i)<<literalValues | 1<<literalCount, 1}
	}
	m[256] = meaning[litEntry]{litOther | isEnd, 1}
	base := 3
	for i := range 28 { // symbols 257 to 284: eight without extra bits, then four for each number of them
		extra := max(0, i/4-1)
		m[257+i] = meaning[litEntry]{litEntry(base<<litBase | (1<<extra-1)<<litMask | extra), counted}
		base += 1 << extra
	}
	m[285] = meaning[litEntry]{258 << litBase, counted}
	m[286] = meaning[litEntry]{litOther | isInvalid, 1}
	m[287] = m[286]
	return m
}

func newDistMeanings() (m [distSymbols]meaning[distEntry]) {
	base := 1
	for i := range 30 { // four without extra bits, then two for each number of them
		extra := max(0, i/2-1)
		m[i] = meaning[distEntry]{distEntry(base)<<distBase | distEntry((1<<extra-1)<<distMask|extra), counted}
		base += 1 << extra
	}
	m[30] = meaning[distEntry]{distOther | isInvalid, 1}
	m[31] = m[30]
	return m
}

// tables are the Huffman tables of one block, and the code they are built from.
type tables struct {
	lit  litTable
	dist distTable
	code code
}

// fixed are the tables of blocks that bring none of their own.
var fixed = sync.OnceValue(func() *tables {
	var lengths [litSymbols]uint8
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	t := new(tables)
	t.code.assign(lengths[:])
	t.lit.fill(&t.code)
	t.lit.join(&t.code)
	for i := range distSymbols {
		lengths[i] = 5
	}
	t.code.assign(lengths[:distSymbols])
	t.dist.fill(&t.code)
	return t
})
