package parquetio

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/schema"
)

// textBytes is how many bytes of text the record holds.
func textBytes(rec arrow.Record) int64 {
	b, err := schema.BatchOf(rec)
	if err != nil {
		panic(err)
	}
	return b.TextBytes(0, b.Len)
}

func BenchmarkWrite(b *testing.B) {
	for _, n := range []int{1, 1000, 100_000} {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			rows := sample(1, n)
			rec := record(rows)
			var out bytes.Buffer
			b.SetBytes(textBytes(rec))
			b.ReportAllocs()
			for b.Loop() {
				out.Reset()
				w := NewWriter(&out, WriterOptions{})
				if err := w.Append(rec, 0, rec.NumRows()); err != nil {
					b.Fatal(err)
				}
				if _, err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(out.Len())/float64(n), "B/row")
		})
	}
}

// Rows one by one, as a merge of many runs appends them.
func BenchmarkWriteSingly(b *testing.B) {
	const n = 100_000
	rec := record(sample(1, n))
	b.SetBytes(textBytes(rec))
	for b.Loop() {
		w := NewWriter(io.Discard, WriterOptions{})
		for i := range int64(n) {
			if err := w.Append(rec, i, i+1); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkRead(b *testing.B) {
	const n = 100_000
	rows := sample(1, n)
	file := write(b, rows, WriterOptions{})
	f := open(b, file)
	for _, columns := range [][]int{nil, {5, 23, 28}} {
		b.Run(fmt.Sprintf("rows=%d/columns=%d", n, len(columns)), func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				for rg := range f.NumRowGroups() {
					r := f.Rows(rg, 0, f.RowGroupRows(rg), columns, 0)
					for {
						rec, err := r.Next()
						if err == io.EOF {
							break
						}
						if err != nil {
							b.Fatal(err)
						}
						rec.Release()
					}
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
