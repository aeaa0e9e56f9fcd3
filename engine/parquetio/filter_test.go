package parquetio

import (
	"errors"
	"testing"

	"github.com/parquet-go/parquet-go/format"
)

// Filters of a kind unknown to us are not asked, and headers that are cut are refused.
func TestFilterHeader(t *testing.T) {
	for _, size := range []int{32, 64, 1 << 12, 1 << 27} {
		b, err := appendThrift(nil, bloomHeader(size))
		if err != nil {
			t.Fatal(err)
		}
		got, n, err := decodeFilterHeader(append(b, "bits"...))
		if got != size || n != len(b) || err != nil || n > maxFilterHeader {
			t.Errorf("%d bytes: %d behind %d, %v", size, got, n, err)
		}
		for cut := range b {
			if _, _, err := decodeFilterHeader(b[:cut]); !errors.Is(err, ErrCorrupt) {
				t.Errorf("cut at %d: %v", cut, err)
			}
		}
		for name, other := range map[string]func(h *format.BloomFilterHeader){
			"algorithm":   func(h *format.BloomFilterHeader) { h.Algorithm = format.BloomFilterAlgorithm{} },
			"hash":        func(h *format.BloomFilterHeader) { h.Hash = format.BloomFilterHash{} },
			"compression": func(h *format.BloomFilterHeader) { h.Compression = format.BloomFilterCompression{} },
		} {
			h := bloomHeader(size)
			other(h)
			b, err := appendThrift(nil, h)
			if err != nil {
				t.Fatal(name, err)
			}
			if got, _, err := decodeFilterHeader(b); got != 0 || err != nil {
				t.Errorf("no known %s: %d, %v", name, got, err)
			}
		}
	}
}
