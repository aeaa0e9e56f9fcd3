package detect

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/schema"
)

const (
	// maxWindows is how many groups of touches one detection counts in a day: a busy hour of
	// one principal on one table is one. Those beyond are not evaluated, which is said.
	maxWindows = 20_000
	// maxHashes is how many hashes the groups of a detection keep, 8 bytes and some room
	// each, before large ones are estimated.
	maxHashes = 2_000_000
	// windowEvidence is how many calls a group keeps as evidence.
	windowEvidence = 5

	wholeDay = -1 // as an hour
)

// window is what touches are counted by: clock hours, since sliding ones would need the
// touches in order.
type window struct {
	principal string
	table     string // ARN; empty: any
	hour      int    // 0 to 23, UTC, or wholeDay
}

// windows counts different things by window, in bounded memory.
type windows struct {
	run    *Run
	groups map[window]*windowed
	room   int // hashes that may still be kept
}

// windowed is what is known of a window.
type windowed struct {
	event    *Event // the first
	last     int64  // microseconds, as in schema.Touch
	things   distinct
	rows     distinct          // the touches themselves, where a detection counts them too
	evidence []schema.Evidence // of the first calls, in order of time
}

func newWindows(r *Run) *windows {
	return &windows{run: r, groups: map[window]*windowed{}, room: maxHashes}
}

// windowOf is the event's window of an hour on its table.
func windowOf(e *Event) window { return window{e.Principal, e.TableARN, e.Time().Hour()} }

func (w window) day() window      { w.hour = wholeDay; return w }
func (w window) anyTable() window { w.table = ""; return w }

// count adds a thing, by its hash, to a window. It is nil when there are too many.
func (w *windows) count(at window, e *Event, thing uint64) *windowed {
	g := w.groups[at]
	if g == nil {
		if len(w.groups) >= maxWindows {
			w.run.NotEvaluated("too many principals and tables in one day to count them all")
			return nil
		}
		g = &windowed{event: e.cloneBare(), last: e.EventTime}
		w.groups[window{g.event.Principal, strings.Clone(at.table), at.hour}] = g
	} else if e.before(g.event) {
		g.event = e.cloneBare()
	}
	g.last = max(g.last, e.EventTime)
	g.things.add(thing, &w.room)
	g.see(e)
	return g
}

// see keeps the event as evidence if it is among the first.
func (g *windowed) see(e *Event) {
	at := len(g.evidence)
	for ; at > 0; at-- {
		had := &g.evidence[at-1]
		if had.EventID == e.EventID {
			return
		}
		if had.EventTime.UnixMicro() < e.EventTime || had.EventTime.UnixMicro() == e.EventTime && had.EventID < e.EventID {
			break
		}
	}
	if at == windowEvidence {
		return
	}
	g.evidence = slices.Insert(g.evidence, at, e.Evidence())
	g.evidence = g.evidence[:min(len(g.evidence), windowEvidence)]
}

// each calls fn with every window, in an order that does not depend on that of the touches.
func (w *windows) each(fn func(window, *windowed)) {
	order := slices.SortedFunc(maps.Keys(w.groups), func(a, b window) int {
		return cmp.Or(cmp.Compare(a.principal, b.principal), cmp.Compare(a.table, b.table), cmp.Compare(a.hour, b.hour))
	})
	for _, at := range order {
		fn(at, w.groups[at])
	}
}

// hit is a finding about the group.
func (g *windowed) hit(explain string) Hit {
	return Hit{
		Event: g.event, Explain: explain, Count: g.things.count(),
		First: g.event.Time(), Last: time.UnixMicro(g.last).UTC(), Evidence: g.evidence,
	}
}

// counting is a watcher that counts touches into windows and judges them at the end.
type counting struct {
	*windows
	touch func(*windows, *Event)
	judge func(window, *windowed)
}

func (c *counting) Touch(e *Event) { c.touch(c.windows, e) }
func (c *counting) End()           { c.each(c.judge) }
