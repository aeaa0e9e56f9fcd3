package lake

import (
	"context"
	"fmt"
	"testing"

	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

// yearLake is a lake of so many days, on each of which so many areas deliver a log and
// a digest every hour or so.
func yearLake(tb testing.TB, s Store, days, areas, logs int) *Lake {
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
		day := schema.DayString(first + int32(d))
		var rows []Entry
		for a := range areas {
			for i := range logs {
				e := entry(fmt.Sprintf("AWSLogs/%012d/CloudTrail/eu-west-1/%s/log-%02d.json.gz %032d %s", a, day, i, d*i, Done))
				e.AccountID = fmt.Sprintf("%012d", a)
				g := entry(fmt.Sprintf("AWSLogs/%012d/CloudTrail-Digest/eu-west-1/%s/digest-%02d.json.gz %032d %s", a, day, i, d*i, Skipped))
				g.AccountID, g.Kind, g.Error = e.AccountID, "digest", ""
				rows = append(rows, e, g)
			}
		}
		if err := l.MergeLedger(context.Background(), day, rows); err != nil {
			tb.Fatal(err)
		}
	}
	return l
}

func BenchmarkCoverage(b *testing.B) {
	for _, areas := range []int{50, 150} {
		l := yearLake(b, objecttest.NewMem(), 400, areas, 8)
		for _, summary := range []bool{false, true} {
			if summary {
				if err := l.RecordCoverage(b.Context(), nil); err != nil {
					b.Fatal(err)
				}
			}
			b.Run(fmt.Sprintf("days=400/areas=%d/summary=%t", areas, summary), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := l.Coverage(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
				if data, err := l.streamSummary(b.Context()); err == nil {
					b.ReportMetric(float64(len(data)), "summary-B")
				}
			})
		}
		b.Run(fmt.Sprintf("days=400/areas=%d/record", areas), func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				rows := entries(fmt.Sprintf("log-%09d e %s", n, Done))
				d, err := l.MergeLedgerDay(b.Context(), "2025-06-01", rows) // its day is one more
				if err != nil {
					b.Fatal(err)
				}
				if err := l.RecordCoverage(b.Context(), []LedgerDay{d}); err != nil {
					b.Fatal(err)
				}
			}
		})
		c, err := l.Coverage(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("days=400/areas=%d/gaps", areas), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Gaps()
			}
		})
	}
}
