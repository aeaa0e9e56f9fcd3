package engine

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/sample"
)

// BenchmarkIngest is a whole run over a directory into an empty lake, from listing
// to commit, as -cpu says: on one processor or several. Bytes are inflated ones.
func BenchmarkIngest(b *testing.B) {
	for _, objects := range []struct {
		name      string
		perObject int
	}{
		{"objects=mixed", 0}, // mostly few records, some thousands
		{"objects=tiny", 2},
		{"objects=large", 5000},
	} {
		b.Run(objects.name, func(b *testing.B) {
			logs := filepath.Join(b.TempDir(), "logs")
			o := sample.Options{Dir: logs, Events: 20_000, Seed: 1, PerObject: objects.perObject}
			if _, err := sample.Write(context.Background(), o); err != nil {
				b.Fatal(err)
			}
			src, err := dir.Open(logs)
			if err != nil {
				b.Fatal(err)
			}
			var rep Report
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				store, err := dir.Create(filepath.Join(b.TempDir(), "lake"))
				if err != nil {
					b.Fatal(err)
				}
				into, err := lake.Create(context.Background(), store)
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				e := Engine{Lake: into}
				if rep, err = e.Ingest(context.Background(), Request{Inputs: []Input{{Source: src}}}); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(rep.InflatedBytes)
			b.ReportMetric(float64(rep.Records)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
