package reader

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/schema"
)

// countedLake counts what is read of the files of a lake.
type countedLake struct {
	*lake.Lake
	reads, bytes atomic.Int64
}

func (l *countedLake) OpenTouches(ctx context.Context, p schema.Partition, bucket int) (object.File, error) {
	f, err := l.Lake.OpenTouches(ctx, p, bucket)
	return countedFile{f, l}, err
}

type countedFile struct {
	object.File
	lake *countedLake
}

func (f countedFile) ReadAt(b []byte, off int64) (int, error) {
	f.lake.reads.Add(1)
	f.lake.bytes.Add(int64(len(b)))
	return f.File.ReadAt(b, off)
}

// days is a table of so many days in a directory, with so many rows each, of items that
// are touched now and then; one item, customer#500x, on every thirtieth day.
func days(b *testing.B, n, rows int) *countedLake {
	store, err := dir.Create(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	l, err := lake.Create(context.Background(), store)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 9))
	for day := range n {
		p := schema.Partition{Table: "orders", Day: day0 + int32(day)}
		touches := make([]schema.Touch, rows)
		for i := range touches {
			pk, sk := "customer#"+strconv.Itoa(r.IntN(rows)), "order#"+strconv.Itoa(r.IntN(9))
			if i == 0 && day%30 == 2 {
				pk, sk = "customer#500x", "order#1"
			}
			touches[i] = schema.Touch{
				EventID: fmt.Sprintf("%016x-%016x", r.Uint64(), r.Uint64()), RequestID: fmt.Sprintf("%016X%016X", r.Uint64(), r.Uint64()),
				TouchCount: 1, EventTime: int64(p.Day)*86_400_000_000 + r.Int64N(86_400_000_000),
				ItemKey: `{"pk":"` + pk + `","sk":"` + sk + `"}`, KeyScope: schema.ScopeItem, KeyValues: []string{pk, sk},
				Op: "READ_POINT", Outcome: "ok", Actor: "role-" + strconv.Itoa(r.IntN(40)), SourceIP: "198.51.100." + strconv.Itoa(r.IntN(200)),
			}
		}
		sortTouches(touches)
		putGroups(b, l, p, 0, 1, touches, 0)
	}
	return &countedLake{Lake: l}
}

// One key of a table, over many partitions of a lake in a directory.
func BenchmarkLookup(b *testing.B) {
	const partitions, rows = 90, 2000
	l := days(b, partitions, rows)
	for name, key := range map[string][]schema.KeyMember{
		"present": {{Name: "pk", Value: "customer#500x"}, {Name: "sk", Value: "order#1"}},
		"absent":  {{Name: "pk", Value: "customer#500y"}, {Name: "sk", Value: "order#1"}},
		"partial": {{Name: "pk", Value: "customer#500"}},
	} {
		b.Run(fmt.Sprintf("partitions=%d/key=%s", partitions, name), func(b *testing.B) {
			b.ReportAllocs()
			l.reads.Store(0)
			l.bytes.Store(0)
			found := int64(0)
			for b.Loop() {
				stats, err := Scan(context.Background(), l, Query{Table: "orders", Key: key},
					func(arrow.Record, schema.Partition) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
				found = stats.Rows
			}
			if (found == 0) != (name == "absent") {
				b.Fatalf("%d rows found", found)
			}
			b.ReportMetric(float64(l.reads.Load())/float64(b.N), "reads/op")
			b.ReportMetric(float64(l.bytes.Load())/float64(b.N), "read-B/op")
			b.ReportMetric(float64(found), "rows")
		})
	}
}
