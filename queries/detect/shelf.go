package detect

import (
	"github.com/keytrail/keytrail/schema"
)

// shelf holds events that can only be judged when all of the day has been seen. It does
// not grow without end: what finds no room is not evaluated, and said to be. Calls that
// failed, which anybody can make by the thousand, take half of the room at most.
type shelf struct {
	events []*Event
	failed int // of them
}

const shelfRoom = 20_000

func (s *shelf) put(r *Run, e *Event) {
	if len(s.events) >= shelfRoom || e.Failed() && s.failed >= shelfRoom/2 {
		r.NotEvaluated("more such calls in a day than can be compared")
		return
	}
	if e.Failed() {
		s.failed++
	}
	s.events = append(s.events, e.Clone())
}

// notToday is the watcher of a detection that lacks something for the whole day.
func notToday(r *Run, why string) Watcher {
	r.Unfit(why)
	return watch(func(*Event) {})
}

// on is a copy of e that is about a table: the call itself named none. The table is the
// one of several that needs the most care.
func (r *Run) on(e *Event, tables []string) *Event {
	about := *e
	touch := *e.Touch
	about.Touch = &touch
	for i, arn := range tables {
		table := r.Policy.TableOf(arn)
		if i > 0 && !moreCare(&table, &about.Table) {
			continue
		}
		about.Table, touch.TableARN = table, arn
		if parsed, ok := schema.ParseTableARN(arn); ok {
			touch.TableName, touch.TableAccountID = parsed.Table, parsed.Account
		}
	}
	return &about
}
