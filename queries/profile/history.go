package profile

import (
	"slices"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

// History is what some days before one looked like. It is a [detect.History] and safe for
// concurrent use.
type History struct {
	day   int32 // the one that is judged
	known []bool
	// planes are touches by plane, by day. Days are counted from the first one that the
	// history goes back to.
	planes   []map[string]int64
	words    *words
	entries  map[pair]int32 // places in all
	all      []entry
	ofTable  map[uint32][]int32
	ofActor  map[uint32][]int32
	firstDay map[uint32]uint16 // of tables
	seen     map[seenKey]uint16
	settings [][]schema.Touch // by day, the latest day first
	note     string
}

var _ detect.History = (*History)(nil)

// entry is what is known of a principal and a table, either of which may be anything.
type entry struct {
	pair
	acts   []actCount // the latest day first
	keys   []keyCount
	recent []sign // some signs that were seen
}

type actCount struct {
	touches     int64
	op, outcome uint32
	day         uint16
}

type keyCount struct {
	keys int64
	op   uint32
	day  uint16
}

// seenKey is a value of a family that a principal was seen with on a table, or anywhere. Its
// value is anything where there were too many to tell.
type seenKey struct {
	pair
	sign
}

// Families beside those of signFamilies.
const (
	seenTable = int8(len(signFamilies)) + iota
	seenOp
)

// recentSigns is how many signs are looked through before the map is.
const recentSigns = 16

func newHistory(day int32, n int) *History {
	return &History{
		day: day, known: make([]bool, n), planes: make([]map[string]int64, n), words: newWords(),
		entries: map[pair]int32{}, ofTable: map[uint32][]int32{}, ofActor: map[uint32][]int32{},
		firstDay: map[uint32]uint16{}, seen: map[seenKey]uint16{},
	}
}

// entry is that of a pair, which is made where there is none.
func (h *History) entry(k pair) *entry {
	at, ok := h.entries[k]
	if !ok {
		at = int32(len(h.all))
		h.entries[k] = at
		h.all = append(h.all, entry{pair: k})
		if k.table != anything && k.principal != anything {
			h.ofTable[k.table] = append(h.ofTable[k.table], at)
			h.ofActor[k.principal] = append(h.ofActor[k.principal], at)
		}
	}
	return &h.all[at]
}

// see notes the last day of a value. Days come the latest first.
func (h *History) see(day uint16, k pair, family int8, value uint32) {
	for _, k := range [...]pair{k, {anything, k.principal}} {
		s := seenKey{k, sign{family, value}}
		if _, ok := h.seen[s]; ok {
			return // then it was seen anywhere, too
		}
		h.seen[s] = day
	}
}

// Note says why profiles that had to be made could not be kept in the lake, "" if they
// could: then the next one to ask has to make them again.
func (h *History) Note() string { return h.note }

// number is the day as in [schema.Partition].
func (h *History) number(day uint16) int32 { return h.day - int32(len(h.known)) + int32(day) }

// Days implements [detect.History].
func (h *History) Days(n int) (days int) {
	for _, known := range h.known[max(0, len(h.known)-n):] {
		if known {
			days++
		}
	}
	return days
}

// Planes are the touches of each plane on the n days before.
func (h *History) Planes(n int) map[string]int64 {
	sum := map[string]int64{}
	for _, planes := range h.planes[max(0, len(h.planes)-n):] {
		for plane, touches := range planes {
			sum[plane] += touches
		}
	}
	return sum
}

// FirstDay implements [detect.History].
func (h *History) FirstDay(table string) (int32, bool) {
	word, ok := h.words.numbers[table]
	if !ok {
		return 0, false
	}
	day, ok := h.firstDay[word]
	if !ok {
		return 0, false
	}
	return h.number(day), true
}

// LastSeen implements [detect.History]. Of a family of which a principal showed more than
// 1,024 values on one table and day, any counts as seen on that day.
func (h *History) LastSeen(f detect.Family, table, principal, value string) (int32, bool) {
	t, okTable := h.words.asked(table)
	p, okPrincipal := h.words.numbers[principal]
	family := familyOf(f)
	if !okTable || !okPrincipal || f == detect.ByTable && value != "" {
		return 0, false
	}
	at, ok := uint16(0), false
	words := [...]uint32{anything, anything}
	if v, known := h.words.numbers[value]; known {
		words[0] = v
	}
	for _, w := range words {
		if day, seen := h.seen[seenKey{pair{t, p}, sign{family, w}}]; seen {
			at, ok = max(at, day), true
		}
	}
	return h.number(at), ok
}

// familyOf is the place of a family in signFamilies, or after it.
func familyOf(f detect.Family) int8 {
	switch f {
	case detect.ByTable:
		return seenTable
	case detect.ByOp:
		return seenOp
	}
	return int8(slices.Index(signFamilies[:], f))
}

// Settings implements [detect.History].
func (h *History) Settings(fn func(*schema.Touch)) {
	for _, day := range slices.Backward(h.settings) {
		for i := range day {
			fn(&day[i])
		}
	}
}
