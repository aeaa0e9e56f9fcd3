package anomalies

import "github.com/keytrail/keytrail/queries/stats"

// gateDenied is how many denied calls matter.
const gateDenied = 5

// denials tests how many calls of each actor on a table were denied, of as many as it
// made (STA-005).
func (j *judging) denials() {
	var p []float64
	var of []*entity
	var rates []stats.Rate
	today := j.today()
	for _, e := range j.own {
		l := e.total()
		calls := l.calls(today)
		if calls == 0 {
			continue
		}
		days := j.like(e)
		all := make([]float64, len(days))
		for i, d := range days {
			all[i] = l.calls(d)
		}
		r := stats.NewRate(at(l.denied, days), all)
		p, of, rates = append(p, r.Upper(l.denied[today], calls)), append(of, e), append(rates, r)
	}
	for i, chosen := range j.choose(p) {
		if !chosen {
			continue
		}
		j.out.chosen++
		l := of[i].total()
		y, mu := l.denied[today], rates[i].Expected(l.calls(today))
		b := stats.NewBaseline(at(l.denied, j.like(of[i])))
		if y < gateDenied || y < gateTimes*max(mu, 1) || b.AsHigh(alike*y) > max(2, b.Days()/oftenShare) {
			j.out.gated++
			continue
		}
		h := hit{entity: of[i], id: Denied, count: y, calm: j.calendar.release(j.day(today))}
		h.stat = j.statOf(of[i], l.denied, &b, p[i])
		h.stat.expected = mu
		h.explain = j.tellDenied(&h, l.calls(today))
		j.out.hits = append(j.out.hits, h)
	}
}
