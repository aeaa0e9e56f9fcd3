package decode

import (
	"bytes"
	"encoding/binary"
	"math"
)

// memo remembers values that many records repeat as they stand, byte for byte:
// who called, on which table, over which TLS. A text that begins with the whole of
// such a value needs no reading to know where the value ends and what it says.
//
// A value is remembered when it comes for the second time, as a copy, so that
// nothing of the object it came from is kept.
type memo[T any] struct {
	from, to int // the bytes of a value by which it is looked up
	sets     [memoSets]memoSet[T]
	hash     uint64           // of the value that was looked up last; 0 for none
	blanks   [maxBlanks]blank // in the value that was found last
	copied   tape             // the value to be remembered
}

// memoSet are the values whose hashes begin alike, as far as there is room.
type memoSet[T any] struct {
	missed uint64 // hash of the value that was not found last
	oldest uint8
	values [memoWays]remembered[T]
}

type remembered[T any] struct {
	hash   uint64
	parts  []string // the value as it stood, but for the blanks between the parts
	depth  int      // arrays and objects around it then
	tokens int      // what it takes on a tape
	says   *T
}

// blank is the inside of a string that a remembered value leaves open: anything
// without escapes may stand there.
type blank struct{ from, to int }

const (
	memoSetBits = 7
	memoSets    = 1 << memoSetBits
	memoWays    = 4
	memoBytes   = 2 << 10 // the longest value remembered: 1 MiB for all
	maxBlanks   = 2
)

// newMemo tells values apart by the bytes between from and to, a multiple of
// eight. What follows a shorter one counts with it.
func newMemo[T any](from, to int) memo[T] {
	return memo[T]{from: from, to: to, copied: tape{depthLimit: math.MaxInt, limit: keptTokens}}
}

// find returns what the value at i says, and where it ends; nil if it is not
// remembered.
func (m *memo[T]) find(t *tape, i, depth int) (says *T, end int) {
	m.hash = 0
	if i+m.to > len(t.data) {
		return nil, i
	}
	m.hash = hashOf(t.data[i+m.from : i+m.to])
	set := m.set()
	for n := range set.values {
		v := &set.values[n]
		if v.hash != m.hash || depth > v.depth {
			continue
		}
		if end = m.match(t.data, i, v.parts); end > i {
			t.spared += v.tokens
			return v.says, end
		}
	}
	return nil, i
}

// hashOf is never 0.
func hashOf(data []byte) uint64 {
	const prime = 0x9E3779B97F4A7C15
	h := uint64(0)
	for ; len(data) >= 8; data = data[8:] {
		h = (h + binary.LittleEndian.Uint64(data)) * prime
		h ^= h >> 32
	}
	return h*prime | 1
}

func (m *memo[T]) set() *memoSet[T] { return &m.sets[m.hash>>(64-memoSetBits)] }

// match returns where the value at i ends, if it has these parts; else i.
func (m *memo[T]) match(data []byte, i int, parts []string) int {
	at := i
	for n, part := range parts {
		if n > 0 {
			from := at
			at = plainEnd(data, at)
			m.blanks[n-1] = blank{from, at}
		}
		if !hasPrefix(data, at, part) {
			return i
		}
		at += len(part)
	}
	return at
}

// learn remembers what a value on the tape says that was not found before it was
// read, if it recurs. read takes a copy of it, laid out as token 1 of a tape, and
// returns what it says and its parts: all there is to keep.
func (m *memo[T]) learn(t *tape, value, depth int, read func(copied *tape) (T, []string)) {
	raw := t.raw(value)
	if !t.isObject(value) && !t.isArray(value) || !m.recurs(raw) {
		return // only these end where they seem to, whatever follows
	}
	copied := &m.copied
	copied.load(bytes.Clone(raw))
	if _, err := copied.scan(0, 0); err != nil {
		return
	}
	says, parts := read(copied)
	set := m.set()
	set.values[set.oldest] = remembered[T]{m.hash, parts, depth, len(copied.toks) - 1, &says}
	set.oldest = (set.oldest + 1) % memoWays
}

// recurs reports whether a value that was not found is there again.
func (m *memo[T]) recurs(raw []byte) bool {
	if m.hash == 0 || len(raw) > memoBytes {
		return false
	}
	set := m.set()
	again := set.missed == m.hash
	set.missed = m.hash
	return again && bytes.IndexByte(raw, '\\') < 0
}
