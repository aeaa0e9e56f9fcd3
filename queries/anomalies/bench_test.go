package anomalies

import (
	"fmt"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

// BenchmarkAsk reads and judges three months of hourly counts: of so many series, each of
// which has a count in every hour.
func BenchmarkAsk(b *testing.B) {
	for _, series := range []int{200, 1000} {
		l := busyLake(b, series)
		b.Run(fmt.Sprintf("days=90/series=%d", series), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := Ask(b.Context(), l, Question{Day: "2026-04-01"})
				if err != nil {
					b.Fatal(err)
				}
				if r.Tested < series/3 {
					b.Fatalf("%d tested", r.Tested)
				}
			}
			b.ReportMetric(float64(90*24*series)*float64(b.N)/b.Elapsed().Seconds(), "counts/s")
		})
	}
}

func busyLake(b *testing.B, series int) *lake.Lake {
	b.Helper()
	l, err := lake.Create(b.Context(), objecttest.NewMem())
	if err != nil {
		b.Fatal(err)
	}
	last := dayOf(b, "2026-04-01")
	ops := []string{schema.OpReadPoint, schema.OpReadRange, schema.OpWriteItem}
	for day := last - 90; day <= last+1; day++ {
		tables := map[string][]lake.Count{}
		for s := range series {
			name := fmt.Sprintf("table-%02d", s%30)
			for hour := range 24 {
				tables[name] = append(tables[name], lake.Count{
					Hour: dayTime(day).Add(time.Duration(hour) * time.Hour), TableARN: "arn:aws:dynamodb:eu-central-1:111122223333:table/" + name,
					Actor: fmt.Sprintf("arn:aws:iam::111122223333:role/app/service-%d", s/3), Op: ops[s%3], Outcome: schema.OutcomeOK, Count: int64(50 + (s*7+hour*3+int(day)*5)%23),
				})
			}
		}
		text := schema.DayString(day)
		if err := l.MergeRollup(b.Context(), text, tables); err != nil {
			b.Fatal(err)
		}
		ledger(b, l, text, lake.Entry{Status: lake.Done, Records: 10, InScope: 10, Touches: 10, FirstEventTime: dayTime(day), LastEventTime: dayTime(day + 1).Add(-1)})
	}
	return l
}
