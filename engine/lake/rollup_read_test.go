package lake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

// oddCounts are counts of a day: some texts often, some NULL, some new each time.
func oddCounts(r *rand.Rand, midnight time.Time, n int) map[string][]Count {
	text := func(what string) string {
		switch r.IntN(6) {
		case 0:
			return ""
		case 1:
			return fmt.Sprintf("%s-\xff\x00%d", what, r.Uint32())
		}
		return fmt.Sprintf("%s-%d", what, r.IntN(20))
	}
	tables := map[string][]Count{}
	for range n {
		name := []string{schema.NoTable, "Orders", "Carts", "users"}[r.IntN(4)]
		tables[name] = append(tables[name], Count{
			Hour: midnight.Add(time.Duration(r.IntN(24)) * time.Hour), TableARN: text("arn"), Actor: text("actor"),
			Op: text("op"), Outcome: text("outcome"), Count: 1 + r.Int64N(1<<40),
		})
	}
	return tables
}

// Counts read column by column are those that rows give, whatever days are asked for.
func TestEachCountIsWhatRowsGive(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 17))
	l := create(t, objecttest.NewMem())
	midnight := noon.Add(-12 * time.Hour)
	var days []string
	for i, n := range []int{1, 511, 512, 513, 0, 1024, 3000, 40_000} { // more than two row groups
		at := midnight.AddDate(0, 0, i)
		days = append(days, at.Format(time.DateOnly))
		if err := l.MergeRollup(t.Context(), days[i], oddCounts(r, at, n)); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 * rollupAhead {
		days = append(days, days[r.IntN(6)]) // again, and the day without a file
	}
	got := make([][]Count, len(days))
	last := 0
	err := l.EachCount(t.Context(), days, func(day int, counts []Count) error {
		if day < last || len(counts) == 0 {
			t.Fatalf("%d counts of day %d after day %d", len(counts), day, last)
		}
		last = day
		got[day] = append(got[day], counts...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, day := range days {
		want, err := rollupTable.read(t.Context(), l, day)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got[i], want) {
			t.Errorf("day %d, %s: %d counts, not those %d", i, day, len(got[i]), len(want))
		}
	}
}

// Reading ends where it is told to, and leaves nothing behind (see TestMain).
func TestEachCountStops(t *testing.T) {
	l, _ := rollupLake(t, objecttest.NewMem(), 3*rollupAhead, 3000)
	days, err := l.RollupDays(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	calls := 0
	err = l.EachCount(t.Context(), days, func(day int, _ []Count) error {
		if calls++; day == 1 {
			return enough
		}
		return nil
	})
	if err != enough || calls < 2 {
		t.Errorf("after %d calls: %v", calls, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	last := 0
	err = l.EachCount(ctx, days, func(day int, _ []Count) error {
		cancel()
		last = day
		return nil
	})
	if !errors.Is(err, context.Canceled) || last == len(days)-1 {
		t.Errorf("ended at day %d: %v", last, err)
	}
	if err := l.EachCount(t.Context(), []string{"x/y"}, nil); err == nil {
		t.Error("no day is read")
	}
	if err := l.EachCount(t.Context(), nil, nil); err != nil {
		t.Error(err)
	}
}

// What the rollup's check refuses is refused: in the first rows, and where rows are read
// some hundred at a time.
func TestEachCountRefuses(t *testing.T) {
	good := make([]countRow, 1500)
	for i := range good {
		good[i] = countRow{Hour: noon.UnixMicro(), TableName: "Orders", Actor: fmt.Sprintf("%06d", i), Touches: 1}
	}
	for _, at := range []int{1, 511, 512, 513, 1499} {
		for says, spoil := range map[string]func(*countRow){
			fmt.Sprintf("row %d is out of order", at): func(c *countRow) { c.Actor = good[at-1].Actor },
			"is no hour of": func(c *countRow) { c.Hour++ },
			"count -1":      func(c *countRow) { c.Touches = -1 },
		} {
			rows := slices.Clone(good)
			spoil(&rows[at])
			s := objecttest.NewMem()
			l := create(t, s)
			put(t, s, rollupDir+day+smallFile, encode(t, rows...))
			_, err := l.Rollup(t.Context(), day)
			wantError(t, err, ErrCorrupt, says, "move this file out of the lake")
			if _, err := rollupTable.read(t.Context(), l, day); !errors.Is(err, ErrCorrupt) {
				t.Errorf("%s at %d: rows give %v", says, at, err)
			}
		}
	}
}
