package anomalies

import (
	"github.com/keytrail/keytrail/queries/stats"
)

const (
	riseDays   = 10 // of the latest, that may belong to a slow rise
	leastShift = 50 // calls that a day's mix can be told of
)

// rises looks for levels that go up slowly (STA-002). One spike makes no rise: a day counts
// for half of what is too much. A day that the calendar has another reason for tells of none.
func (j *judging) rises() {
	if j.calendar.unlike(j.day(j.today())) {
		return
	}
	for _, e := range j.own {
		l := e.total()
		var days []stats.Day
		for i := max(e.seen, j.today()-longDays); i <= j.today(); i++ {
			if d := j.day(i); e.known[i] && !j.calendar.unlike(d) {
				days = append(days, stats.Day{Y: l.done[i], Kind: int(j.calendar.typeOf(d))})
			}
		}
		r := stats.NewRise(days, riseDays, gateMore)
		if !r.Alarm {
			continue
		}
		b := stats.NewBaseline(at(l.done, j.like(e)))
		h := hit{entity: e, id: Rise, count: l.done[j.today()]}
		h.stat = j.statOf(e, l.done, &b, 0)
		h.stat.expected = r.Usual
		h.explain = j.tellRise(&h, &r, len(days)-r.Since)
		j.out.hits = append(j.out.hits, h)
	}
}

// shifts looks for actors that do other things on a table than before (STA-003).
func (j *judging) shifts() {
	today := j.today()
	calm := j.calendar.release(j.day(today)) || j.calendar.monthEnd(j.day(today))
	for _, e := range j.own {
		ops := e.single()
		total := e.total()
		if len(ops) < 2 || total.done[today] < leastShift || j.has(Spike, e) {
			continue
		}
		counts := func(day int) []float64 {
			c := make([]float64, len(ops))
			for i, l := range ops {
				c[i] = l.done[day]
			}
			return c
		}
		days := j.like(e)
		before := make([][]float64, 0, len(days))
		enough := 0
		for _, d := range days {
			before = append(before, counts(d))
			if total.done[d] >= leastShift {
				enough++
			}
		}
		if enough < leastLike {
			continue
		}
		s := stats.Mix(counts(today), before, leastShift)
		if !s.Is() {
			continue
		}
		gained := s.Main[0]
		for _, i := range s.Main {
			if s.Today[i]-s.Before[i] > s.Today[gained]-s.Before[gained] {
				gained = i
			}
		}
		h := hit{entity: e, id: Shift, op: ops[gained].op, count: total.done[today], calm: calm}
		h.stat = stat{observed: s.Distance, expected: s.Threshold, series: j.show(e, ops[gained].done)}
		h.explain = tellShift(&s, ops)
		j.out.hits = append(j.out.hits, h)
	}
}
