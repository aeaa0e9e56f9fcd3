package anomalies

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/stats"
	"github.com/keytrail/keytrail/schema"
)

const (
	newAfter    = 35 // days unseen after which something is new again: longer than from one monthly job to the next
	surprising  = 2  // powers of ten
	leastCovers = 14 // days of the table, and of the lake
)

// sightings counts, of one family on one table, on how many days of the last 28 each
// value was seen, and how often that was the first time.
type sightings struct{ seen, news int }

// novelties looks for what is seen on a table for the first time (STA-006): an actor, an
// operation of a known actor, an account. What is new of an actor on a table is one finding.
func (j *judging) novelties(own []*entity) {
	for from := 0; from < len(own); {
		to := from + 1
		for to < len(own) && own[to].table == own[from].table {
			to++
		}
		if j.enough(own[from:to]) {
			j.newOn(own[from:to])
		}
		from = to
	}
}

// enough reports whether a table, and the lake, are old enough to tell what is new. What
// is done to no table has no table to be new on.
func (j *judging) enough(on []*entity) bool {
	e := on[0]
	seen := j.days
	for _, e := range on {
		seen = min(seen, e.seen)
	}
	covered := 0
	for _, known := range e.known[:j.today()] {
		if known {
			covered++
		}
	}
	return e.table != "" && e.known[j.today()] && covered >= leastCovers && j.today()-seen >= leastCovers
}

// newOn looks at all actors of a table. byAccount are the days on which each account was seen.
func (j *judging) newOn(on []*entity) {
	var actors, ops sightings
	byAccount := map[string][]bool{}
	people := map[string]float64{} // calls of today, by role
	for _, e := range on {
		if e.role != "" {
			people[e.role] += e.total().calls(j.today())
			continue // of people those are known who did something today
		}
		days := make([]bool, j.days)
		for _, l := range e.single() {
			seen := l.days()
			j.count(seen, &ops)
			or(days, seen)
		}
		j.count(days, &actors)
		account := accountOf(e.actor)
		if byAccount[account] == nil {
			byAccount[account] = make([]bool, j.days)
		}
		or(byAccount[account], days)
	}
	for _, e := range on {
		if n := e.total().calls(j.today()); n == 0 || people[e.actor] >= partOfAll*n {
			continue // its people are judged, whose role may be called otherwise from now on
		}
		if j.newToday(e.total().days()) {
			account := accountOf(cmp.Or(e.role, e.actor))
			j.newActor(e, actors, account != "" && account != accountOf(e.table) && j.newToday(byAccount[account]))
			continue
		}
		var news []*line
		for _, l := range e.single() {
			if !harmless(l.op) && !j.spiked(e, l.op) && j.newToday(l.days()) {
				news = append(news, l)
			}
		}
		if len(news) > 0 {
			j.newOps(e, news, ops)
		}
	}
}

// newActor is told as one finding, whatever it did.
func (j *judging) newActor(e *entity, s sightings, account bool) {
	h := hit{entity: e, id: Novel, count: e.total().calls(j.today()), score: stats.Novelty(s.news, s.seen)}
	done := make([]string, 0, len(e.ops))
	for _, l := range e.single() {
		if l.calls(j.today()) > 0 {
			done = append(done, l.op)
			h.grave = h.grave || grave(l.op)
		}
	}
	h.explain = j.tellNewActor(e, done, s)
	if account {
		h.score++
		h.explain += "; so is account " + queries.Clean(accountOf(e.actor))
	}
	h.stat = stat{observed: h.count, series: j.show(e, allCalls(e.total()))}
	j.out.hits = append(j.out.hits, h)
}

// newOps are told together, and are as bad as the worst of them.
func (j *judging) newOps(e *entity, news []*line, s sightings) {
	h := hit{entity: e, id: Novel, score: stats.Novelty(s.news, s.seen)}
	for _, l := range news {
		h.newOps = append(h.newOps, l.op)
		h.count += l.calls(j.today())
		h.grave = h.grave || grave(l.op)
	}
	h.explain = j.tellNewOps(news, s)
	h.stat = stat{observed: h.count, series: j.show(e, allCalls(news...))}
	j.out.hits = append(j.out.hits, h)
}

// allCalls are those of some lines by day, denied or not.
func allCalls(lines ...*line) []float64 {
	all := make([]float64, len(lines[0].done))
	for _, l := range lines {
		for i := range all {
			all[i] += l.calls(i)
		}
	}
	return all
}

// spiked reports whether so much of an operation was done that it is told as that.
func (j *judging) spiked(e *entity, op string) bool {
	return slices.ContainsFunc(j.out.hits, func(h hit) bool { return h.id == Spike && h.entity == e && h.op == op })
}

// grave are operations that make something new worse.
func grave(op string) bool {
	return op == schema.OpReadBulk || op == schema.OpDeleteItem || op == schema.OpDestroy || op == schema.OpShare
}

// count adds the sightings of the last 28 days before today.
func (j *judging) count(seen []bool, to *sightings) {
	for i := max(0, j.today()-usualDays); i < j.today(); i++ {
		if seen[i] {
			to.seen++
			if j.newOnDay(seen, i) {
				to.news++
			}
		}
	}
}

func (j *judging) newToday(seen []bool) bool {
	return seen[j.today()] && j.newOnDay(seen, j.today())
}

// newOnDay reports whether it was not seen in the month before a day.
func (j *judging) newOnDay(seen []bool, day int) bool {
	for i := max(0, day-newAfter); i < day; i++ {
		if seen[i] {
			return false
		}
	}
	return true
}

// days are those on which the line has anything.
func (l *line) days() []bool {
	seen := make([]bool, len(l.done))
	for i := range seen {
		seen[i] = l.calls(i) > 0
	}
	return seen
}

func or(to, more []bool) []bool {
	for i, b := range more {
		to[i] = to[i] || b
	}
	return to
}

// accountOf is the account in an ARN, or empty.
func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[4]
	}
	return ""
}
