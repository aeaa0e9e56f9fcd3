package compliance

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/report"
)

// eventsShown is how many calls a line names.
const eventsShown = 3

// trace is what a line of a table was made of: how often, from when to when, and the ids
// of the first calls.
type trace struct {
	serial      uint64
	touches     int64
	calls       int64
	first, last int64
	events      []eventAt
}

type eventAt struct {
	at int64
	id string
}

func (e eventAt) compare(o eventAt) int {
	return cmp.Or(cmp.Compare(e.at, o.at), strings.Compare(e.id, o.id))
}

// newTrace begins a line. Lines have numbers, so that calls are counted once in each.
func (a *access) newTrace() trace {
	a.lines++
	return trace{serial: a.lines}
}

// add counts a touch. It reports whether the touch is now the first of the line by time.
func (t *trace) add(s *sighting) (first bool) {
	t.touches++
	if s.once(scopeLine + t.serial) {
		t.calls++
	}
	if t.touches == 1 || s.EventTime < t.first {
		t.first = s.EventTime
	}
	t.last = max(t.last, s.EventTime)
	return t.keep(eventAt{s.EventTime, s.EventID})
}

func (t *trace) keep(e eventAt) (first bool) {
	if len(t.events) == eventsShown && e.compare(t.events[eventsShown-1]) >= 0 || slices.Contains(t.events, e) {
		return false
	}
	at, _ := slices.BinarySearchFunc(t.events, e, eventAt.compare)
	e.id = strings.Clone(e.id)
	if t.events = slices.Insert(t.events, at, e); len(t.events) > eventsShown {
		t.events = t.events[:eventsShown]
	}
	return at == 0
}

var traceColumns = join([]report.Column{col("calls", "Calls", report.Count), col("touches", "Touches", report.Count)}, spanColumns,
	[]report.Column{col("event_ids", "Events", report.List)})

func (t *trace) values() []report.Value {
	var ids []string
	for _, e := range t.events {
		if e.id != "" {
			ids = append(ids, e.id)
		}
	}
	return append(append([]report.Value{report.CountOf(t.calls), report.CountOf(t.touches)}, spanOf(t.first, t.last)...), report.ListOf(ids))
}
