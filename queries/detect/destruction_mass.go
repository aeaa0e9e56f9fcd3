package detect

import (
	"fmt"

	"github.com/keytrail/keytrail/schema"
)

type massDeleteParams struct {
	Keys  int64   `yaml:"keys"`  // different items in an hour, at least
	Times float64 `yaml:"times"` // as many in the day as the busiest of 28 days had
}

var massDelete = define(Detection{
	ID: "DDB-DST-008", Version: 1, Title: "Items deleted in masses", Severity: schema.SeverityHigh, Kind: schema.FindingAggregate,
	Needs: []Need{NeedData, NeedHistory}, Attack: []string{"T1485"},
	Looks:       "a principal that deleted 500 different items of a table in one clock hour, and five times as many in the day as on the busiest of the 28 days before. A rule does not silence it: a service whose credentials were stolen is allowed to delete",
	FalseAlarms: "purge jobs that run less often than once in four weeks",
	Advice:      "stop the principal if nobody knows of a purge; restore the table to the minute before under another name, and copy back what is missing",
}, massDeleteParams{500, 5}, func(r *Run, p *massDeleteParams) Watcher {
	w := newWindows(r)
	touch := func(w *windows, e *Event) {
		if e.Op != schema.OpDeleteItem || !e.OK() {
			return
		}
		if e.ItemKey == "" {
			r.NotEvaluated(noItem)
			return
		}
		w.count(windowOf(e), e, hashOf(e.ItemKey))
		w.count(windowOf(e).day(), e, hashOf(e.ItemKey))
	}
	return &counting{w, touch, func(at window, g *windowed) {
		keys := g.things.count()
		if at.hour == wholeDay || keys < p.Keys {
			return
		}
		usual, known := r.busiest(at.table, at.principal, schema.OpDeleteItem)
		day := w.groups[at.day()]
		if !known || day == nil || float64(day.things.count()) < p.Times*float64(usual) {
			return
		}
		all := day.things.count()
		hit := g.hit(fmt.Sprintf("%s%d different items of %s were deleted in an hour, %d in the day; the busiest of 28 days before had %d", g.things.about(), keys, g.event.table(), all, usual))
		hit.Stat = &schema.Stat{Observed: float64(all), Expected: float64(usual), Series: r.series(at, schema.OpDeleteItem, all)}
		r.Found(hit)
	}}
})

type overwriteParams struct {
	Keys int64 `yaml:"keys"` // different items in an hour, at least
}

var massOverwrite = define(Detection{
	ID: "DDB-DST-009", Version: 1, Title: "Items overwritten in masses by a person", Severity: schema.SeverityHigh, Kind: schema.FindingAggregate,
	Needs: []Need{NeedData}, Attack: []string{"T1565.001"},
	Looks:       "100 different items of a table put or updated in one clock hour by a human, root or somebody unknown, with or without a rule that allows it",
	FalseAlarms: "a repair of data, with a ticket",
	Advice:      "compare some of the items with those of a table restored to the minute before; the log says which attributes, not their values",
}, overwriteParams{100}, func(r *Run, p *overwriteParams) Watcher {
	touch := func(w *windows, e *Event) {
		if e.Op != schema.OpWriteItem || e.Plane != schema.PlaneData || !e.Person() || !e.OK() {
			return
		}
		if e.ItemKey == "" {
			r.NotEvaluated(noItem)
			return
		}
		w.count(windowOf(e), e, hashOf(e.ItemKey))
	}
	return &counting{newWindows(r), touch, func(_ window, g *windowed) {
		if keys := g.things.count(); keys >= p.Keys {
			r.Found(g.hit(fmt.Sprintf("%s%d different items of %s were written by hand in an hour", g.things.about(), keys, g.event.table())))
		}
	}}
})
