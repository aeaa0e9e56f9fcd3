package lake

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

// rollupLake is a lake of so many days, with about so many counts each: of 20 tables, 24
// hours and ever other actors.
func rollupLake(tb testing.TB, s Store, days, perDay int) (l *Lake, counts int) {
	tb.Helper()
	l, err := Create(context.Background(), s)
	if err != nil {
		tb.Fatal(err)
	}
	first, err := schema.ParseDay("2024-01-01")
	if err != nil {
		tb.Fatal(err)
	}
	for d := range days {
		day := first + int32(d)
		midnight := time.UnixMicro(int64(day) * 24 * time.Hour.Microseconds()).UTC()
		tables := map[string][]Count{}
		for i := range perDay {
			name := fmt.Sprintf("table-%02d", i%20)
			actor := i / (20 * 24)
			tables[name] = append(tables[name], Count{
				Hour:     midnight.Add(time.Duration(i/20%24) * time.Hour),
				TableARN: "arn:aws:dynamodb:eu-west-1:111122223333:table/" + name,
				Actor:    fmt.Sprintf("arn:aws:iam::111122223333:role/service-%04d", (actor*7+i)%500),
				Op:       []string{"read", "write", "query", "scan"}[actor%4],
				Outcome:  []string{"ok", "ok", "ok", "denied"}[(actor+i)%4],
				Count:    int64(i%1000 + 1),
			})
		}
		if err := l.MergeRollup(context.Background(), schema.DayString(day), tables); err != nil {
			tb.Fatal(err)
		}
		rows, err := l.Rollup(context.Background(), schema.DayString(day))
		if err != nil {
			tb.Fatal(err)
		}
		counts += len(rows)
	}
	return l, counts
}

// Counts of 90 days, by the number of them, column by column and as rows.
func BenchmarkEachCount(b *testing.B) {
	for _, perDay := range []int{600, 6000} {
		l, counts := rollupLake(b, objecttest.NewMem(), 90, perDay)
		days, err := l.RollupDays(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		read := func(name string, each func() error) {
			b.Run(fmt.Sprintf("days=90/counts=%d/by=%s", counts, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := each(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(counts*b.N)/b.Elapsed().Seconds(), "counts/s")
			})
		}
		read("columns", func() error {
			return l.EachCount(b.Context(), days, func(int, []Count) error { return nil })
		})
		read("rows", func() error {
			for _, day := range days {
				if err := rollupTable.each(b.Context(), l, day, func(Count) error { return nil }); err != nil {
					return err
				}
			}
			return nil
		})
	}
}
