package compliance

import (
	"os"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
)

// BenchmarkAccess makes the sections about touches of a whole lake, which KEYTRAIL_BENCH_LAKE
// names, or of a small one.
func BenchmarkAccess(b *testing.B) {
	l, _ := benchLake(b)
	q := Question{From: "2026-01-01", To: "2026-12-31", Policy: parsedPolicy(b)}
	for _, c := range []struct {
		name  string
		parts func(*Frame) []part
	}{
		{"parts=none", func(*Frame) []part { return nil }},
		{"parts=access", func(f *Frame) []part { return []part{newAccess(f)} }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var rows int64
			for b.Loop() {
				f, err := open(b.Context(), l, q)
				if err != nil {
					b.Fatal(err)
				}
				parts := c.parts(f)
				if err := f.scan(b.Context(), parts); err != nil {
					b.Fatal(err)
				}
				for _, p := range parts {
					if err := p.write(b.Context(), f, sections{}); err != nil {
						b.Fatal(err)
					}
				}
				rows += f.Rows
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func benchLake(b *testing.B) (*lake.Lake, string) {
	path := os.Getenv("KEYTRAIL_BENCH_LAKE")
	if path == "" {
		return accessLake(b, 20_000)
	}
	store, err := dir.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	l, err := lake.Open(b.Context(), store)
	if err != nil {
		b.Fatal(err)
	}
	return l, path
}
