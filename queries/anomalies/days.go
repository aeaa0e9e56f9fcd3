package anomalies

// What history a series must have to be judged.
const (
	usualDays = 28 // covered days that a baseline is made of
	longDays  = 56 // of series older than oldDays, and where few days are of the day's type
	oldDays   = 90
	leastDays = 14 // covered days of the last usualDays
	leastLike = 10 // of those that are compared, of the day's type
	leastSeen = 5  // touches in the last usualDays
)

// State is what became of a series.
type State string

// The states of a series. Only of tested ones is it known whether today was odd.
const (
	Tested     State = "tested"
	Learning   State = "learning"    // too few days of the kind before, or of the series
	Sparse     State = "sparse"      // so few touches that only new ones can be told
	NotCovered State = "not_covered" // the lake lacks some of the day
)

// stateOf says whether the entity's numbers can be judged.
func (g *grid) stateOf(e *entity) State {
	covered := 0
	for i := max(0, g.today()-usualDays); i < g.today(); i++ {
		if e.known[i] {
			covered++
		}
	}
	switch {
	case !e.known[g.today()]:
		return NotCovered
	case covered < leastDays, g.today()-e.seen < leastDays, len(g.like(e)) < leastLike:
		return Learning
	case e.total().latest < leastSeen:
		return Sparse
	}
	return Tested
}

// like are the days that today is compared with, the latest first: of its type, covered,
// without a label, and since the entity was first seen.
func (g *grid) like(e *entity) []int {
	window := usualDays
	if e.seen <= g.today()-oldDays {
		window = longDays
	}
	days := g.within(e, window)
	if len(days) < leastLike {
		days = g.within(e, longDays)
	}
	return days
}

// within are those among so many covered days.
func (g *grid) within(e *entity, window int) []int {
	var days []int
	today := g.calendar.typeOf(g.day(g.today()))
	for i := g.today() - 1; i >= e.seen && window > 0; i-- {
		if !e.known[i] {
			continue
		}
		window--
		if d := g.day(i); g.calendar.typeOf(d) == today && !g.calendar.unlike(d) {
			days = append(days, i)
		}
	}
	return days
}

// at are the numbers of some days.
func at(line []float64, days []int) []float64 {
	h := make([]float64, len(days))
	for i, d := range days {
		h[i] = line[d]
	}
	return h
}
