package detect

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

var judgedDayChanged = define(Detection{
	ID: "DDB-COV-006", Version: 1, Title: "Day changed after it was judged", Severity: schema.SeverityLow, Kind: schema.FindingCoverage,
	Looks:       "rows that came to a day after it had been judged",
	FalseAlarms: "logs that were delivered late, which happens up to a month after",
	Advice:      "judge the day again: \"keytrail detections run --day\"",
}, plain{}, func(r *Run, _ *plain) Watcher {
	return lookAt(func(ctx context.Context, l Lake) error {
		if r.judged == nil {
			r.Unfit("nobody keeps which days were judged")
			return nil
		}
		changed, err := changesSince(ctx, l, r.judged)
		for _, day := range slices.Sorted(maps.Keys(changed)) {
			c := changed[day]
			tables := slices.Sorted(maps.Keys(c.tables))
			r.Found(r.lakeHit("", "", fmt.Sprintf("%s was judged at commit %d; since then %+d rows in %s", day, r.judged[day], c.rows, listOf(tables)), day))
		}
		return err
	})
})

// dayChange is what came to a day.
type dayChange struct {
	rows   int64
	tables map[string]bool
}

// changesSince are the changes of days after the commits at which they were judged.
func changesSince(ctx context.Context, l Lake, judged map[string]int64) (map[string]dayChange, error) {
	if len(judged) == 0 {
		return nil, nil
	}
	numbers, err := l.Journal(ctx)
	if err != nil {
		return nil, err
	}
	oldest := slices.Min(slices.Collect(maps.Values(judged)))
	changed := map[string]dayChange{}
	for _, n := range numbers {
		if n <= oldest {
			continue
		}
		commit, err := l.Commit(ctx, n)
		if err != nil {
			return nil, err
		}
		if commit.Cause != (lake.Cause{}) {
			continue // no late records: an erasure or a pruning, which the journal names
		}
		for i := range commit.Changes {
			c := &commit.Changes[i]
			day := c.Partition.DayString()
			if at, ok := judged[day]; !ok || n <= at {
				continue
			}
			sum := changed[day]
			if sum.tables == nil {
				sum.tables = map[string]bool{}
			}
			sum.rows += c.Rows - c.RowsBefore
			sum.tables[cmp.Or(c.Partition.Table, "no table")] = true
			changed[day] = sum
		}
	}
	return changed, nil
}

func listOf(names []string) string {
	const few = 5
	if more := len(names) - few; more > 0 {
		return fmt.Sprintf("%s and %d more tables", strings.Join(names[:few], ", "), more)
	}
	return strings.Join(names, ", ")
}

var dayNotDelivered = define(Detection{
	ID: "DDB-COV-007", Version: 1, Title: "Day that is not in the lake, or not all of it", Severity: schema.SeverityHigh, Kind: schema.FindingCoverage,
	Attack: []string{"T1562.008"}, AttackNext: []string{"T1685.002"},
	Looks: "a day of which the lake has no log by noon of the day after, logs that could not be read, a ledger that cannot be read, " +
		"and accounts and Regions without a log that had some on most of the days before",
	FalseAlarms: "an account or Region that fell silent: nothing is delivered where nothing happens",
	Advice:      "run ingest and read what it says; \"keytrail verify\" tells whether the lake is sound",
}, deliveryParams{Usual: 5}, func(r *Run, p *deliveryParams) Watcher {
	return lookAt(func(ctx context.Context, l Lake) error {
		c, err := l.Coverage(ctx)
		if err != nil {
			return err
		}
		due := r.Day
		if r.clock.Before(timeOf((int64(r.Day) + 1) * dayMicros).Add(12 * time.Hour)) {
			due-- // a day that is judged right after its end is looked at with the next one
		}
		r.delivered(&c, due, p.Usual)
		return nil
	})
})

type deliveryParams struct {
	Usual int `yaml:"usual_days" about:"of the seven before, with logs: an account and Region that is missed"`
}

// delivered looks at the deliveries of a day.
func (r *Run) delivered(c *lake.Coverage, of int32, usual int) {
	day := schema.DayString(of)
	first, _ := c.Bounds()
	d := c.Day(day)
	switch {
	case d != nil && d.Broken != "":
		r.Found(r.lakeHit("", "", fmt.Sprintf("the ledger of %s cannot be read: %s", day, d.Broken), "ledger"))
		return
	case d == nil || d.Logs() == 0:
		if first != "" && first < day {
			r.Found(r.lakeHit("", "", fmt.Sprintf("the lake has no log delivered on %s", day), "day"))
		}
		return
	case d.Unread() > 0:
		h := r.lakeHit("", "", fmt.Sprintf("%d of %d logs delivered on %s were not read: %d failed, %d missing, %d archived", d.Unread(), d.Logs(), day, d.Failed, d.Missing, d.Archived), "unread")
		h.Count = d.Unread()
		r.Found(h)
	}
	r.silentAreas(c, of, d, usual)
}

// silentAreas finds accounts and Regions that had logs on most days before, and none on
// this one.
func (r *Run) silentAreas(c *lake.Coverage, of int32, d *lake.DeliveryDay, usual int) {
	seen := map[lake.Area]int{}
	for back := int32(1); back <= 7; back++ {
		before := c.Day(schema.DayString(of - back))
		if before == nil {
			continue
		}
		for i := range before.Areas {
			if before.Areas[i].Logs() > 0 {
				seen[before.Areas[i].Area]++
			}
		}
	}
	for i := range d.Areas {
		if d.Areas[i].Logs() > 0 {
			delete(seen, d.Areas[i].Area)
		}
	}
	for area, days := range seen {
		if days < usual || area.Account == "" || d.Folded {
			continue
		}
		h := r.lakeHit("", area.Region, fmt.Sprintf("no log of account %s in %s was delivered on %s; %d of the seven days before had some", area.Account, area.Region, d.Day, days), area.Account, area.Region)
		h.Severity = schema.SeverityMedium
		r.Found(h)
	}
}
