package nightly

import (
	"context"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// Lake is what planning asks of a lake.
type Lake interface {
	JudgedDays(ctx context.Context) ([]string, error)
	Judged(ctx context.Context, day string) (*lake.Judged, error)
	DayVersion(ctx context.Context, day string) (string, error)
	ManifestDays(ctx context.Context) ([]string, error)
}

// Plan is which event days a run judges, each list in order.
type Plan struct {
	Again   []string // judged before, and changed since by late records
	New     []string // those since the last judged one
	Skipped int      // missed days that are more than a run catches up: the oldest
}

// Days are all days of the plan: changed ones, then new ones.
func (p *Plan) Days() []string { return append(append([]string{}, p.Again...), p.New...) }

// LastDay is the last event day that is over, at a time, for as long as the
// configuration wants.
func (c *Config) LastDay(now time.Time) string {
	return now.UTC().Add(-c.SettleTime()).AddDate(0, 0, -1).Format(time.DateOnly)
}

// PlanDays says what a run at a time is to judge. A lake that was never judged is judged
// from its last days on.
func (c *Config) PlanDays(ctx context.Context, l Lake, now time.Time) (p Plan, err error) {
	judged, err := l.JudgedDays(ctx)
	if err != nil {
		return p, err
	}
	last, err := schema.ParseDay(c.LastDay(now))
	if err != nil {
		return p, err
	}
	from := last - int32(c.FirstDays) + 1
	if len(judged) > 0 {
		newest, err := schema.ParseDay(judged[len(judged)-1])
		if err != nil {
			return p, err
		}
		from = newest + 1
		if p.Again, err = c.changed(ctx, l, judged, last); err != nil {
			return p, err
		}
	} else if from, err = firstDay(ctx, l, from); err != nil {
		return p, err
	}
	if missed := last - from + 1 - int32(c.CatchUp); missed > 0 && len(judged) > 0 { // the first run judges what it is told to
		p.Skipped = int(missed)
		from += missed
	}
	for day := from; day <= last; day++ {
		p.New = append(p.New, schema.DayString(day))
	}
	return p, nil
}

// changed are judged days whose rows are not those that were judged.
func (c *Config) changed(ctx context.Context, l Lake, judged []string, last int32) (days []string, err error) {
	for _, day := range judged {
		n, err := schema.ParseDay(day)
		if err != nil {
			return nil, err
		}
		if n <= last-int32(c.LookBack) || n > last {
			continue
		}
		j, err := l.Judged(ctx, day)
		if err != nil {
			return nil, err
		}
		version, err := l.DayVersion(ctx, day)
		if err != nil {
			return nil, err
		}
		if j != nil && j.Version != version {
			days = append(days, day)
		}
	}
	return days, nil
}

// firstDay is a day, or the lake's first where that is later: days before the lake are
// not judged.
func firstDay(ctx context.Context, l Lake, from int32) (int32, error) {
	days, err := l.ManifestDays(ctx)
	if err != nil || len(days) == 0 {
		return from, err
	}
	for _, day := range days {
		if n, err := schema.ParseDay(day); err == nil {
			return max(from, n), nil
		}
	}
	return from, nil
}
