package anomalies

import (
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/queries/stats"
	"github.com/keytrail/keytrail/schema"
)

// A count that is unlikely matters when it is at least so large.
const (
	gateTimes  = 2  // times what is expected
	gateMore   = 20 // touches more than expected
	gateDelete = 5  // and of operations that take something away or open it
	oftenShare = 10 // as high on more than one day in so many is how it always was
	alike      = 0.9
)

// rare are operations of which few matter.
var rare = []string{schema.OpDeleteItem, schema.OpShare, schema.OpDestroy}

// spike is the test of one line of an entity.
type spike struct {
	line *line
	base stats.Baseline
	p    float64
}

// spikes tests all counts (STA-001): the lines of an entity are one test, and all
// entities of a day one family.
func (j *judging) spikes() {
	all := slices.Concat(j.own, j.tables, j.actors)
	tests := make([][]spike, len(all))
	p := make([]float64, len(all))
	for i, e := range all {
		tests[i] = j.spikesOf(e)
		ps := make([]float64, len(tests[i]))
		for k := range tests[i] {
			ps[k] = tests[i][k].p
		}
		j.out.self.add(ps)
		p[i] = stats.Simes(ps)
	}
	j.out.tested = len(all)
	for i, chosen := range j.choose(p) {
		if !chosen {
			continue
		}
		j.out.chosen++
		s := j.main(tests[i])
		if s == nil || j.monthly(all[i], s.line) {
			j.out.gated++
			continue
		}
		lasting := j.lasting(all[i], s.line)
		if lasting > lastingHigh {
			j.out.gated++
			continue
		}
		h := hit{entity: all[i], id: Spike, op: s.line.op, count: s.line.done[j.today()], calm: j.calendar.release(j.day(j.today()))}
		h.stat, h.sure = j.statOf(all[i], s.line.done, &s.base, s.p), s.base.Cautious(h.count)
		h.explain = j.tellSpike(&h, &s.base)
		if lasting > 0 {
			h.calm = true
			h.explain += fmt.Sprintf("; so it was on %d of %d such days: the level has changed, and is told no more", lasting, lastingDays)
		}
		j.out.hits = append(j.out.hits, h)
	}
}

// spikesOf tests the lines that have something to be tested.
func (j *judging) spikesOf(e *entity) []spike {
	days := j.like(e)
	var all []spike
	for _, l := range e.ops {
		if l.latest < leastSeen && l.done[j.today()] == 0 {
			continue
		}
		s := spike{line: l, base: stats.NewBaseline(at(l.done, days))}
		s.p = s.base.Upper(l.done[j.today()])
		all = append(all, s)
	}
	return all
}

// main is the least likely line of those that matter, nil if none does.
func (j *judging) main(all []spike) (main *spike) {
	for i := range all {
		s := &all[i]
		if s.matters(j.today()) && (main == nil || s.p < main.p) {
			main = s
		}
	}
	return main
}

func (s *spike) matters(today int) bool {
	y, more := s.line.done[today], float64(gateMore)
	if slices.Contains(rare, s.line.op) {
		more = gateDelete
	}
	often := max(2, s.base.Days()/oftenShare)
	return y >= gateTimes*max(s.base.Mu, 1) && y-s.base.Mu >= more && s.base.AsHigh(alike*y) <= often
}

// monthly reports whether the calendar has a month end today, and those before had half of
// what it has, or more.
func (j *judging) monthly(e *entity, l *line) bool {
	if !j.calendar.monthEnd(j.day(j.today())) {
		return false
	}
	most := 0.0
	for i := range j.today() {
		if e.known[i] && j.calendar.monthEnd(j.day(i)) {
			most = max(most, l.done[i])
		}
	}
	return l.done[j.today()] < gateTimes*most
}
