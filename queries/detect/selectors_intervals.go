package detect

import (
	"maps"
	"slices"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// Interval says what one trail logs of a table in a span of time.
type Interval struct {
	Trail  string    `json:"trail"` // ARN
	Region string    `json:"region"`
	Table  string    `json:"table"` // ARN
	Class  LogClass  `json:"class"`
	From   time.Time `json:"from"` // zero: as far back as is known
	To     time.Time `json:"to"`   // zero: until now; not included
	Logged Logged    `json:"-"`
}

// Intervals are what every trail logs of the tables, by trail, table, class and time.
// Before the first that is known of a trail nothing is said of it.
func (c *Coverage) Intervals(tables ...string) []Interval {
	var all []Interval
	for _, trail := range slices.Sorted(maps.Keys(c.trails)) {
		for _, table := range slices.Compact(slices.Sorted(slices.Values(tables))) {
			arn, ok := schema.ParseTableARN(table)
			if !ok {
				continue
			}
			for _, class := range LogClasses {
				all = append(all, intervals(trail, c.trails[trail], arn, class)...)
			}
		}
	}
	return all
}

// intervals joins states that log the same.
func intervals(trail string, states []logState, table schema.TableARN, class LogClass) (all []Interval) {
	for i := range states {
		s := &states[i]
		logged := s.logs(table, class)
		last := len(all) - 1
		if last >= 0 && all[last].Logged == logged {
			continue
		}
		next := Interval{Trail: trail, Region: s.region, Table: table.ARN, Class: class, Logged: logged}
		if s.from != 0 {
			next.From = timeOf(s.from)
		}
		if last >= 0 {
			all[last].To = next.From
		}
		all = append(all, next)
	}
	return all
}
