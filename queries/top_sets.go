package queries

import "hash/maphash"

// pairSet remembers pairs of a group and a text in bounded memory. It knows them by
// 128 bits of two hashes whose seeds nobody can know: of a billion pairs two are
// taken for one with a chance of one in 10^20.
type pairSet struct {
	seeds [2]maphash.Seed
	seen  map[[2]uint64]struct{}
	room  int
}

// pairBytes is about what a pair takes in the map, with the room it leaves free.
const pairBytes = 40

func newPairSet(budget int64) *pairSet {
	return &pairSet{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		seen:  map[[2]uint64]struct{}{},
		room:  int(max(budget/pairBytes, 1)),
	}
}

// add reports whether the pair is new. ok is false when it may be and there is no
// room to remember it.
func (s *pairSet) add(of groupKey, text string) (fresh, ok bool) {
	type pair struct {
		of   groupKey
		text string
	}
	p := pair{of, text}
	sum := [2]uint64{maphash.Comparable(s.seeds[0], p), maphash.Comparable(s.seeds[1], p)}
	if _, known := s.seen[sum]; known {
		return false, true
	}
	if len(s.seen) >= s.room {
		return false, false
	}
	s.seen[sum] = struct{}{}
	return true, true
}

func (s *pairSet) clear() { clear(s.seen) }
