package anomalies

import "github.com/keytrail/keytrail/queries/stats"

// A level that changed for good is no spike every night until the baseline has it.
const (
	lastingDays = 7 // so many days of the day's type, today among them,
	lastingHigh = 5 // of which so many are high
	lastingP    = 1e-3
)

// lasting is on how many of the latest days a line was as high as today, if that are so many
// that its level has changed; 0 otherwise. On the day it becomes that it is told so, and
// then no more.
func (j *judging) lasting(e *entity, l *line) int {
	days := j.like(e)
	if len(days) < lastingDays-1+leastLike {
		return 0
	}
	before := stats.NewBaseline(at(l.done, days[lastingDays-1:]))
	high, most := 1, 0.0
	for _, i := range days[:lastingDays-1] {
		if v := l.done[i]; v >= gateTimes*before.Mu && before.Upper(v) < lastingP {
			high++
			most = max(most, v)
		}
	}
	if high < lastingHigh || l.done[j.today()] >= gateTimes*most {
		return 0
	}
	return high
}
