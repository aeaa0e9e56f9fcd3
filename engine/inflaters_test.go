package engine

import (
	"bytes"
	"compress/gzip"
	"testing"
)

func TestInflatersLendTheBestFit(t *testing.T) {
	pool := &inflaters{objectLimit: 16 << 20, keep: 3 << 20}
	small, large := pool.take(0), pool.take(0)
	for z, size := range map[interface {
		Inflate([]byte) ([]byte, error)
	}]int{small: 1000, large: 2 << 20} {
		if _, err := z.Inflate(zipped(t, size)); err != nil {
			t.Fatal(err)
		}
	}
	pool.give(large)
	pool.give(small)
	for _, c := range []struct {
		size int
		want any
	}{{10, small}, {1 << 20, large}, {8 << 20, large}} {
		z := pool.take(c.size)
		if any(z) != c.want {
			t.Errorf("%d bytes: not the buffer that fits best", c.size)
		}
		pool.give(z)
	}

	// More than may be kept is not kept.
	other := pool.take(0)
	if _, err := other.Inflate(zipped(t, 8<<20)); err != nil {
		t.Fatal(err)
	}
	pool.give(other)
	if other.Held() != 0 || pool.held > pool.keep {
		t.Errorf("%d bytes kept, %d of them of the last; at most %d may be", pool.held, other.Held(), pool.keep)
	}
}

func zipped(t *testing.T, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(bytes.Repeat([]byte("trail "), size/6+1)[:size]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
