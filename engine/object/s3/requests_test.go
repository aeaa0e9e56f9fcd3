package s3

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// What a file of the real service costs to read whole, by its size.
func TestFileRequestsBySize(t *testing.T) {
	server := s3test.Start(t)
	s, err := Open(t.Context(), "s3://"+server.NewBucket(t)+"/p", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int]int64{1: 1, 1000: 1, tail - 1: 1, tail: 1, tail + 1: 2, 3 * tail: 2} {
		data := large[:size]
		if _, err := s.Put(t.Context(), "k", bytes.NewReader(data), int64(size), object.Condition{}); err != nil {
			t.Fatal(err)
		}
		before := s.Usage()
		f, err := s.OpenAt(t.Context(), "k")
		if err != nil {
			t.Fatal(err)
		}
		announce(t, f, object.Range{Off: 0, Len: int64(size)})
		p := make([]byte, size)
		if _, err := f.ReadAt(p, 0); err != nil || !bytes.Equal(p, data) {
			t.Errorf("%d bytes: %v", size, err)
		}
		f.Close()
		if got := s.Usage().Sub(before); got != (object.Usage{Requests: want, Bytes: int64(size)}) {
			t.Errorf("%d bytes took %+v", size, got)
		}
	}
}

// BenchmarkRanges reads 40 ranges of a file in another Region: what a question asks of
// a few columns.
func BenchmarkRanges(b *testing.B) {
	service := newFake(b, func(w http.ResponseWriter, r *http.Request) bool {
		if isGet(r) {
			time.Sleep(20 * time.Millisecond)
			serve(w, r, large, `"v1"`, -1)
		}
		return isGet(r)
	})
	s := service.open(b, Options{})
	for _, announced := range []bool{false, true} {
		b.Run(fmt.Sprintf("announced=%v", announced), func(b *testing.B) {
			b.ReportAllocs()
			before := s.Usage()
			for b.Loop() {
				f, err := s.OpenListed(b.Context(), object.Info{Key: "k", Size: int64(len(large)), ETag: `"v1"`})
				if err != nil {
					b.Fatal(err)
				}
				var ranges []object.Range
				for i := range int64(40) {
					ranges = append(ranges, object.Range{Off: i/4*1_200_000 + i%4*60_000, Len: 5000})
				}
				if announced {
					if err := f.(object.Prefetcher).Prefetch(ranges); err != nil {
						b.Fatal(err)
					}
				}
				for _, r := range ranges {
					if _, err := f.ReadAt(make([]byte, r.Len), r.Off); err != nil {
						b.Fatal(err)
					}
				}
				f.Close()
			}
			b.ReportMetric(float64(s.Usage().Sub(before).Requests)/float64(b.N), "requests/op")
		})
	}
}
