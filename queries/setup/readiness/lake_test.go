package readiness

import (
	"context"
	"slices"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// counts is a lake of counts by day.
type counts struct {
	days []string
	of   map[string][]lake.Count
}

func (c counts) RollupDays(context.Context) ([]string, error) { return c.days, nil }

func (c counts) EachCount(_ context.Context, days []string, fn func(int, []lake.Count) error) error {
	for i, day := range days {
		if err := fn(i, c.of[day]); err != nil {
			return err
		}
	}
	return nil
}

func TestLook(t *testing.T) {
	l := counts{of: map[string][]lake.Count{
		"2026-01-01": {{TableARN: guest, Op: schema.OpReadPoint, Outcome: schema.OutcomeOK}}, // too long ago
		"2026-03-01": {{TableARN: orders, Op: schema.OpReadRange, Outcome: schema.OutcomeOK}, {TableARN: orders, Op: schema.OpDeleteItem, Outcome: schema.OutcomeOK}},
		"2026-03-02": {{TableARN: orders, Op: schema.OpReadPoint, Outcome: schema.OutcomeOK}, {TableARN: orders, Op: schema.OpSchema, Outcome: schema.OutcomeOK},
			{TableARN: guest, Op: schema.OpReadPoint, Outcome: schema.OutcomeDenied}, {Op: schema.OpMetaRead, Outcome: schema.OutcomeOK}},
	}}
	if got, err := Look(t.Context(), l); err != nil || got == nil || len(got) != 0 {
		t.Errorf("empty: %v, %v", got, err)
	}
	l.days = []string{"2026-01-01"}
	for day := int32(20500); len(l.days) < 29; day++ {
		l.days = append(l.days, schema.DayString(day))
	}
	l.days = append(l.days, "2026-03-01", "2026-03-02")
	got, err := Look(t.Context(), l)
	if want := []Seen{{orders, "2026-03-02", "2026-03-01"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}
