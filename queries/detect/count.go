package detect

import (
	"cmp"
	"hash/maphash"
	"strings"
)

// eventID names a call, the same for all rows of it and for the copies that several
// accounts have of it.
type eventID struct {
	account, id string
	index       int32
}

// id names the event's call. What has no event id is a call of its own, by where it
// stands in the log.
func (e *Event) id() eventID {
	switch {
	case e.SharedEventID != "":
		return eventID{id: e.SharedEventID, index: -1}
	case e.EventID != "":
		return eventID{account: e.RecipientAccountID, id: e.EventID, index: -2}
	}
	return eventID{id: e.SourceObject, index: e.SourceIndex}
}

func (id *eventID) clone() eventID {
	return eventID{strings.Clone(id.account), strings.Clone(id.id), id.index}
}

func (id *eventID) compare(o *eventID) int {
	return cmp.Or(cmp.Compare(id.id, o.id), cmp.Compare(id.account, o.account), cmp.Compare(id.index, o.index))
}

// seenRoom is how many calls are remembered, at some 40 bytes each. Beyond it a call of
// several rows may count more than once, which is said.
const seenRoom = 4 << 20

// eventSet remembers which calls were counted for what. It knows them by 128 bits of two
// hashes whose seeds nobody can know: of a billion calls two are taken for one with
// a chance of one in 10^20.
type eventSet struct {
	seeds [2]maphash.Seed
	seen  map[[2]uint64]struct{}
	room  int
	full  bool // something was not remembered
}

func newEventSet(room int) eventSet {
	return eventSet{[2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, map[[2]uint64]struct{}{}, room, false}
}

// add reports whether the call was not counted yet, as far as is known.
func (s *eventSet) add(of string, id eventID) bool {
	type counted struct {
		of string
		id eventID
	}
	c := counted{of, id}
	sum := [2]uint64{maphash.Comparable(s.seeds[0], c), maphash.Comparable(s.seeds[1], c)}
	if _, known := s.seen[sum]; known {
		return false
	}
	if len(s.seen) >= s.room {
		s.full = true
		return true
	}
	s.seen[sum] = struct{}{}
	return true
}
