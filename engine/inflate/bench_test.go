package inflate_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"testing"

	kgzip "github.com/klauspost/compress/gzip"

	"github.com/keytrail/keytrail/engine/inflate"
)

// BenchmarkInflate compares us with the peers, each reused as well as it can be
// and inflating into memory that it has already.
func BenchmarkInflate(b *testing.B) {
	ours := inflate.New(1 << 30)
	var fast kgzip.Reader
	var std gzip.Reader
	var out bytes.Buffer
	drain := func(r interface {
		io.Reader
		Reset(io.Reader) error
	}, src []byte) (int, error) {
		if err := r.Reset(bytes.NewReader(src)); err != nil {
			return 0, err
		}
		out.Reset()
		n, err := out.ReadFrom(r)
		return int(n), err
	}
	peers := []struct {
		name    string
		inflate func(src []byte) (int, error)
	}{
		{"ours", func(src []byte) (int, error) { p, err := ours.Inflate(src); return len(p), err }},
		{"klauspost", func(src []byte) (int, error) { return drain(&fast, src) }},
		{"stdlib", func(src []byte) (int, error) { return drain(&std, src) }},
	}
	for _, peer := range peers {
		for _, records := range []int{5, 100, 3000} {
			plain, packed := logObject(b, records)
			b.Run(fmt.Sprintf("peer=%s/object=%d-records", peer.name, records), func(b *testing.B) {
				b.SetBytes(int64(len(plain)))
				b.ReportAllocs()
				for b.Loop() {
					if n, err := peer.inflate(packed); n != len(plain) || err != nil {
						b.Fatalf("inflated %d of %d bytes, error %v", n, len(plain), err)
					}
				}
				b.ReportMetric(float64(len(plain))/float64(len(packed)), "ratio")
			})
		}
	}
}
