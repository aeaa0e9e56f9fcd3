package anomalies

import (
	"slices"

	"github.com/keytrail/keytrail/queries/stats"
)

// Silence can be told only of what is never quiet.
const (
	silentFrom = 20   // expected touches
	silentP    = 1e-6 // chance of as few
	oftenLow   = 2    // days as low before: it pauses now and then, or it ended and that was told
)

// silences tests what fell (STA-008).
func (j *judging) silences() {
	all := slices.Concat(j.own, j.tables)
	var p []float64
	var tests []spike
	var of []*entity
	for _, e := range all {
		if j.logging != nil && j.logging.today[e.table] {
			continue // the log is silent, whatever happened
		}
		l := e.total()
		b := stats.NewBaseline(at(l.done, j.like(e)))
		if b.Mu >= silentFrom {
			p, of = append(p, b.Lower(l.done[j.today()])), append(of, e)
			tests = append(tests, spike{line: l, base: b, p: p[len(p)-1]})
		}
	}
	for i, chosen := range j.choose(p) {
		if !chosen {
			continue
		}
		j.out.chosen++
		s := &tests[i]
		if s.p > silentP || s.base.AsLow(s.line.done[j.today()]/alike) >= oftenLow {
			j.out.gated++
			continue
		}
		h := hit{entity: of[i], id: Silence, count: s.line.done[j.today()], calm: j.calendar.release(j.day(j.today()))}
		h.stat = j.statOf(of[i], s.line.done, &s.base, s.p)
		h.explain = j.tellSilence(&h, &s.base)
		j.out.hits = append(j.out.hits, h)
	}
}
