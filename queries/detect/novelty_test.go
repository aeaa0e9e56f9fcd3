package detect

import (
	"testing"

	"github.com/keytrail/keytrail/schema"
)

func TestPercentile(t *testing.T) {
	for _, c := range []struct {
		values []int64
		want   int64
	}{
		{nil, 0},
		{[]int64{-1, -1}, 0},
		{[]int64{7}, 7},
		{[]int64{3, -1, 9, 1}, 9},
		{append(make([]int64, 99), 5), 0}, // one day in a hundred may be above
		{append(make([]int64, 98), 5), 5},
	} {
		if got := percentile(c.values, 99); got != c.want {
			t.Errorf("%v: %d, want %d", c.values, got, c.want)
		}
	}
}

func TestNewTo(t *testing.T) {
	const table, day = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders", int32(20_000)
	touch := func(back int32, table, event string) schema.Touch {
		return schema.Touch{EventTime: int64(day-back) * 86_400e6, TableARN: table, Actor: "alice", EventName: event}
	}
	every := func(days int32, table string) (all []schema.Touch) {
		for back := range days {
			all = append(all, touch(back+1, table, "GetItem"))
		}
		return all
	}
	for name, c := range map[string]struct {
		before  []schema.Touch
		table   string
		isNew   bool
		skipped bool
	}{
		"never":                        {every(28, table), table, true, false},
		"on another table only":        {append(every(28, table), touch(1, table+"2", "Scan")), table, true, false},
		"31 days ago":                  {append(every(28, table), touch(31, table, "Scan")), table, true, false},
		"30 days ago":                  {append(every(28, table), touch(30, table, "Scan")), table, false, false},
		"25 of 28 days":                {every(25, table), table, true, false},
		"24 of 28 days":                {every(24, table), table, false, true},
		"24 days, but seen":            {append(every(24, table), touch(1, table, "Scan")), table, false, false},
		"table known for 14 days":      {append(every(28, "other"), touch(14, table, "GetItem")), table, true, false},
		"table known for 13 days":      {append(every(28, "other"), touch(13, table, "GetItem")), table, false, true},
		"table never seen":             {every(28, "other"), table, false, true},
		"record that names no table":   {every(28, table), "", false, true},
		"nothing at all in the lake":   {nil, table, false, true},
		"other event, same day before": {append(every(28, table), touch(1, table, "Query")), table, true, false},
	} {
		var isNew bool
		d := event(Detection{ID: "X"}, plain{}, func(r *Run, _ *plain, e *Event) string {
			isNew = r.newTo(e, ByEvent, e.EventName)
			return ""
		})
		j := newJudging(day, nil, &naive{day, c.before}, []Detection{d}, nil)
		today := touch(0, c.table, "Scan")
		j.touch(&today)
		skipped := j.end().Skipped["X"]
		if isNew != c.isNew || (len(skipped) > 0) != c.skipped {
			t.Errorf("%s: new is %v, not evaluated %v", name, isNew, skipped)
		}
	}
}
