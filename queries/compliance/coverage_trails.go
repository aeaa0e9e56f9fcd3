package compliance

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

// trailCalls are calls that say what is logged.
var trailCalls = []string{
	"CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging", "PutEventSelectors",
	"CreateEventDataStore", "UpdateEventDataStore", "DeleteEventDataStore", "RestoreEventDataStore",
	"StartEventDataStoreIngestion", "StopEventDataStoreIngestion",
}

// readTrails follows what trails log, from as far back as the lake goes to the end of the
// period.
func (c *covered) readTrails(ctx context.Context, f *Frame) error {
	cover := detect.NewCoverage()
	if f.Trails != nil {
		if err := cover.Learn(bytes.NewReader(f.Trails)); err != nil {
			return fmt.Errorf("saved settings of the trails: %w", err)
		}
	}
	earlier := reader.Query{To: f.From, Where: []reader.Condition{{Column: schema.ColumnIndex("event_name"), AnyOf: trailCalls}}}
	_, err := queries.EachTouch(ctx, f.Lake, earlier, func(t *schema.Touch, _ schema.Partition) error {
		if detect.IsTrailSetting(t) {
			c.trail = append(c.trail, *t.Clone())
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(c.trail, func(a, b schema.Touch) int {
		return cmp.Or(cmp.Compare(a.EventTime, b.EventTime), cmp.Compare(a.EventID, b.EventID), cmp.Compare(a.TouchIndex, b.TouchIndex))
	})
	for i := range c.trail {
		cover.Apply(&c.trail[i])
	}
	c.logs = &logging{cover: cover, complete: f.Trails != nil, from: f.From, to: f.To}
	return nil
}

// logging says what trails log of tables in the period.
type logging struct {
	cover    *detect.Coverage
	complete bool // a snapshot has named all trails
	from, to int64
}

// stretch is a span in which as much of a table is logged, microseconds since 1970.
type stretch struct {
	from, to int64
	logged   detect.Logged
}

// of says what is logged of a class of a table's events through the period, by any trail.
// Where no trail is known to log it, it is unknown, unless all trails are known.
func (g *logging) of(table string, classes ...detect.LogClass) (all []stretch) {
	intervals := g.cover.Intervals(table)
	bounds := []int64{g.from, g.to}
	for i := range intervals {
		if at := micros(intervals[i].From); at > g.from && at < g.to {
			bounds = append(bounds, at)
		}
	}
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)
	for i := range len(bounds) - 1 {
		logged := detect.LoggedYes
		for _, class := range classes {
			logged = min(logged, g.at(intervals, class, bounds[i]))
		}
		if n := len(all) - 1; n >= 0 && all[n].logged == logged {
			all[n].to = bounds[i+1]
		} else {
			all = append(all, stretch{bounds[i], bounds[i+1], logged})
		}
	}
	return all
}

func (g *logging) at(intervals []detect.Interval, class detect.LogClass, at int64) detect.Logged {
	most := detect.LoggedUnknown
	if g.complete {
		most = detect.LoggedNo
	}
	for i := range intervals {
		v := &intervals[i]
		if v.Class == class && micros(v.From) <= at && (v.To.IsZero() || at < micros(v.To)) {
			most = max(most, v.Logged)
		}
	}
	return most
}

// micros is a time in microseconds since 1970; 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// hours sums up stretches by how much was logged, in microseconds.
func hours(all []stretch) (by [detect.LoggedYes + 1]int64) {
	for _, s := range all {
		by[s.logged] += s.to - s.from
	}
	return by
}

// within is the least and the most that was logged in a span.
func within(all []stretch, from, to int64) (least, most detect.Logged) {
	least, most = detect.LoggedYes, detect.LoggedNo
	for _, s := range all {
		if s.from < to && s.to > from {
			least, most = min(least, s.logged), max(most, s.logged)
		}
	}
	return least, most
}
