package profile

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/schema"
)

const benchDay = int32(20_532)

// benchLake is a lake with the profiles of so many days, on which each principal did some
// things to each table, and with files of touches that nobody can read: to open the
// history does not take that.
func benchLake(b *testing.B, days, principals, tables int) (l *lake.Lake, bytes int64) {
	b.Helper()
	store, err := dir.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	if l, err = lake.Create(b.Context(), store); err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for day := benchDay - int32(days); day < benchDay; day++ {
		var files []lake.TouchFile
		for n := range tables {
			body := strings.NewReader("rows")
			if _, err := l.PutTouches(b.Context(), schema.Partition{Table: tableName(n), Day: day}, 0, body, body.Size(), object.Condition{}); err != nil {
				b.Fatal(err)
			}
		}
		name := schema.DayString(day)
		err := l.TouchFiles(b.Context(), "", name, name, func(f lake.TouchFile) error {
			files = append(files, f)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		rows := benchDayOf(b, r, day, principals, tables).rows(version{format: format, files: filesVersion(files)})
		err = l.PutProfile(b.Context(), name, "", func(emit func(lake.ProfileRow) error) error {
			for _, row := range rows {
				if err := emit(row); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	err = store.List(b.Context(), "_keytrail/profile/", func(o object.Info) error {
		bytes += o.Size
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return l, bytes
}

func tableName(n int) string { return fmt.Sprintf("table-%02d", n) }

// benchDayOf is one such day.
func benchDayOf(b *testing.B, r *rand.Rand, day int32, principals, tables int) *building {
	b.Helper()
	d := newBuilding(schema.DayString(day))
	for n := range tables {
		p := schema.Partition{Table: tableName(n), Day: day}
		for who := range principals {
			for range 1 + r.IntN(4) {
				t := schema.Touch{
					EventTime: int64(day) * 86_400_000_000, TableName: p.Table,
					TableARN: "arn:aws:dynamodb:eu-west-1:111122223333:table/" + p.Table,
					ItemKey:  fmt.Sprint(r.IntN(1000)), Actor: fmt.Sprintf("arn:aws:iam::111122223333:role/service-%03d", who),
					ActorKind: schema.ActorService, Plane: schema.PlaneData, Outcome: schema.OutcomeOK, AWSRegion: "eu-west-1",
					EventName: []string{"GetItem", "PutItem", "Query"}[r.IntN(3)], UserAgent: "aws-sdk-go-v2/1.30",
					SourceIP: fmt.Sprintf("10.%d.%d.7", who%8, r.IntN(4)),
				}
				t.Op = schema.Classify(t.EventName).Op
				if err := d.add(&t, p); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	for range 50 {
		t := schema.Touch{
			EventTime: int64(day) * 86_400_000_000, TableName: tableName(0), Plane: schema.PlaneControl, EventName: "UpdateTable", Mutates: true,
			RequestParameters: strings.Repeat(`{"tableName":"table-00"}`, 40), Actor: "arn:aws:iam::111122223333:role/ops",
		}
		d.settings.add(&t)
	}
	if err := d.end(); err != nil {
		b.Fatal(err)
	}
	return d
}

// Opening a history whose profiles are all there.
func BenchmarkOpen(b *testing.B) {
	for _, c := range []struct{ days, principals, tables int }{{90, 20, 10}, {90, 200, 30}} {
		b.Run(fmt.Sprintf("days=%d/principals=%d/tables=%d", c.days, c.principals, c.tables), func(b *testing.B) {
			l, bytes := benchLake(b, c.days, c.principals, c.tables)
			b.ReportAllocs()
			for b.Loop() {
				h, err := Open(context.Background(), l, benchDay, c.days, func(int, int) { b.Fatal("a profile is missing") })
				if err != nil || h.Days(c.days) != c.days {
					b.Fatal(h.Days(c.days), err)
				}
			}
			b.ReportMetric(float64(bytes)/float64(c.days), "bytes/profile")
		})
	}
}

// Working out a day's profile from its touches.
func BenchmarkBuild(b *testing.B) {
	const principals, tables = 200, 30
	r := rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	for b.Loop() {
		benchDayOf(b, r, benchDay, principals, tables).rows(version{})
	}
}
