package detect

import (
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// firsts are the first calls of a group, in order of time, whatever the order in which
// they are seen.
type firsts []schema.Evidence

// add takes the event if it is among the first. Rows of one call are one.
func (f *firsts) add(e *Event) {
	list := *f
	at := len(list)
	for at > 0 {
		had := &list[at-1]
		if had.EventID == e.EventID && e.EventID != "" {
			return
		}
		if now := e.Time(); had.EventTime.Before(now) || had.EventTime.Equal(now) && had.EventID <= e.EventID {
			break
		}
		at--
	}
	if at < schema.MaxEvidence {
		list = slices.Insert(list, at, e.Evidence())
		*f = list[:min(len(list), schema.MaxEvidence)]
	}
}

// few is a set of texts that stops growing: that there are many is all one asks.
type few map[string]struct{}

const manyRoom = 1000

func (s few) add(text string) {
	if _, ok := s[text]; !ok && text != "" && len(s) < manyRoom {
		s[text] = struct{}{}
	}
}

// span is the first event of a group and when the last was.
type span struct {
	first *Event
	last  int64 // microseconds, as in schema.Touch
	calls int64
	shown firsts
}

func (s *span) add(e *Event) {
	if s.first == nil || e.before(s.first) {
		s.first = e.cloneBare()
	}
	s.last = max(s.last, e.EventTime)
	if e.TouchIndex == 0 {
		s.calls++
	}
	s.shown.add(e)
}
