package detect

import (
	"fmt"
	"strconv"

	"github.com/keytrail/keytrail/schema"
)

type breadthParams struct {
	Keys  int64   `yaml:"keys"`  // different items in a day, at least
	Times float64 `yaml:"times"` // as many as the busiest of 28 days had
}

var readBreadth = define(Detection{
	ID: "DDB-EXF-007", Version: 1, Title: "Far more items read than ever", Severity: schema.SeverityHigh, Kind: schema.FindingAggregate,
	Needs: []Need{NeedData, NeedHistory}, Attack: []string{"T1213.006", "T1119"},
	Looks:       "a principal that got 1,000 different items of a table by their keys in a day, and three times as many as on the busiest of the 28 days before. Items that a Query or Scan returned are not in the log and not counted",
	FalseAlarms: "backfills, and caches that are filled anew after a restart",
	Advice:      "compare with the deployments of the day; if there is none, see where the calls came from and whether the keys were guessed in sequence (keytrail top keys)",
}, breadthParams{1000, 3}, func(r *Run, p *breadthParams) Watcher {
	touch := func(w *windows, e *Event) {
		switch {
		case e.Op != schema.OpReadPoint || !e.OK() || e.Allowed():
		case e.ItemKey == "":
			r.NotEvaluated(noItem)
		default:
			w.count(windowOf(e).day(), e, hashOf(e.ItemKey))
		}
	}
	return &counting{newWindows(r), touch, func(at window, g *windowed) {
		keys := g.things.count()
		if keys < p.Keys {
			return
		}
		usual, known := r.busiest(at.table, at.principal, schema.OpReadPoint)
		if !known || float64(keys) < p.Times*float64(usual) {
			return
		}
		hit := g.hit(fmt.Sprintf("%s%d different items of %s were read in a day; the busiest of 28 days before had %d", g.things.about(), keys, g.event.table(), usual))
		hit.Stat = &schema.Stat{Observed: float64(keys), Expected: float64(usual), Series: r.series(at, schema.OpReadPoint, keys)}
		r.Found(hit)
	}}
})

// series are the different keys by day of 28 days and the one that is judged.
func (r *Run) series(at window, op string, today int64) (all []float64) {
	for _, n := range r.History.Distinct(baseline, at.table, at.principal, op) {
		all = append(all, float64(n))
	}
	return append(all, float64(today))
}

type harvestParams struct {
	Keys  int64   `yaml:"keys"`  // asked for in an hour, at least
	Fresh float64 `yaml:"fresh"` // share of them that are different
}

var batchHarvest = define(Detection{
	ID: "DDB-EXF-008", Version: 1, Title: "Items harvested in batches", Severity: schema.SeverityHigh, Kind: schema.FindingAggregate,
	Needs: []Need{NeedData, NeedHistory}, Attack: []string{"T1119", "T1213.006"},
	Looks:       "5,000 keys asked for by BatchGetItem or TransactGetItems in one clock hour, 95 % of them different, by a principal that has not used that call on the table in the last 30 days",
	FalseAlarms: "migrations",
	Advice:      "keys in batches come from a list: find out where the principal got it, an index, an export or a log, and what it does with the items",
}, harvestParams{5000, 0.95}, func(r *Run, p *harvestParams) Watcher {
	byCall := map[string]*windows{"BatchGetItem": newWindows(r), "TransactGetItems": newWindows(r)}
	return &harvest{r, p, byCall}
})

// harvest counts by hour and by call: one may be new while the other is not.
type harvest struct {
	run    *Run
	params *harvestParams
	byCall map[string]*windows
}

func (h *harvest) Touch(e *Event) {
	w := h.byCall[e.EventName]
	if w == nil || e.Op != schema.OpReadPoint || !e.OK() {
		return
	}
	if e.ItemKey == "" {
		h.run.NotEvaluated(noItem)
		return
	}
	if g := w.count(windowOf(e), e, hashOf(e.ItemKey)); g != nil {
		g.rows.add(hashOf(e.call(), strconv.Itoa(int(e.TouchIndex))), &w.room)
	}
}

func (h *harvest) End() {
	for _, name := range []string{"BatchGetItem", "TransactGetItems"} {
		h.byCall[name].each(func(_ window, g *windowed) {
			asked, keys := g.rows.count(), g.things.count()
			if asked < h.params.Keys || float64(keys) < h.params.Fresh*float64(asked) || !h.run.newTo(g.event, ByEvent, name) {
				return
			}
			h.run.Found(g.hit(fmt.Sprintf("%s asked for %s%d keys of %s within an hour, %d of them different; the principal has not used it there in %d days",
				name, g.rows.about(), asked, g.event.table(), keys, forgotten)))
		})
	}
}
