package objecttest

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/object"
)

// big is more than a store keeps of a file in memory.
const big = 20<<20 + 12345

func sizes(t *testing.T, s Store) {
	for _, size := range []int{0, 1, 65535, 65536, 131072, 131073, big} {
		data := pattern(size, 7)
		etag := put(t, s, "k", data)
		o := infos(t, s, "k")[0]
		if o.Size != int64(size) || o.ETag != etag {
			t.Errorf("%d bytes with ETag %s are listed as %+v", size, etag, o)
		}
		if !bytes.Equal(get(t, s, o), data) {
			t.Errorf("%d bytes come back as others", size)
		}
		f, err := s.OpenAt(t.Context(), "k")
		if err != nil {
			t.Fatal(err)
		}
		if i := f.Info(); i.Key != "k" || i.Size != int64(size) || i.ETag != etag {
			t.Errorf("%d bytes with ETag %s are opened as %+v", size, etag, i)
		}
		whole := make([]byte, size+1)
		if n, err := f.ReadAt(whole, 0); n != size || err != io.EOF || !bytes.Equal(whole[:n], data) {
			t.Errorf("read at 0 of %d bytes: %d, %v", size, n, err)
		}
		if n, err := f.ReadAt(make([]byte, 1), int64(size)); n != 0 || err != io.EOF {
			t.Errorf("read at the end: %d, %v", n, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func wrongSize(t *testing.T, s Store) {
	put(t, s, "k", []byte("old"))
	for _, size := range []int64{0, 4, 6} {
		if _, err := s.Put(t.Context(), "k", bytes.NewReader([]byte("seven")), size, object.Condition{}); err == nil {
			t.Errorf("a body of 5 bytes is taken for one of %d", size)
		}
	}
	if data := get(t, s, object.Info{Key: "k"}); string(data) != "old" {
		t.Errorf("a refused put left %q", data)
	}
	// The body begins where the reader stands.
	body := bytes.NewReader([]byte("skipped,taken"))
	body.Seek(8, io.SeekStart)
	if _, err := s.Put(t.Context(), "k", body, 5, object.Condition{}); err != nil {
		t.Fatal(err)
	}
	if data := get(t, s, object.Info{Key: "k"}); string(data) != "taken" {
		t.Errorf("put from the middle of a body left %q", data)
	}
}

func openVersion(t *testing.T, s Store) {
	put(t, s, "k", []byte("one"))
	o := infos(t, s, "k")[0]
	put(t, s, "k", []byte("two"))
	_, err := s.Open(t.Context(), o)
	fails(t, "open a replaced version", "k", err, object.ErrChanged)
	if data := get(t, s, object.Info{Key: "k"}); string(data) != "two" {
		t.Errorf("without an ETag open reads %q", data)
	}
}

func rangedReads(t *testing.T, s Store) {
	data := pattern(big, 3)
	put(t, s, "k", data)
	f, err := s.OpenAt(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := rand.New(rand.NewPCG(1, 2))
	lengths := []int{0, 1, 8, 100, 4096, 65536, 70000, 300_000, 1 << 20, 3 << 20}
	for range 400 {
		checkRange(t, f, data, r.Int64N(big), lengths[r.IntN(len(lengths))])
	}
	for off := int64(0); off < 2<<20; off += 10_007 { // in sequence
		checkRange(t, f, data, off, 10_007)
	}
	if _, err := f.ReadAt(make([]byte, 1), -1); err == nil || err == io.EOF {
		t.Errorf("read at -1: %v", err)
	}
}

// checkRange reads as io.ReaderAt says: all of p, or less with io.EOF.
func checkRange(t *testing.T, f object.File, data []byte, off int64, length int) {
	t.Helper()
	want := data[off:min(int(off)+length, len(data))]
	p := make([]byte, length)
	n, err := f.ReadAt(p, off)
	if n != len(want) || !bytes.Equal(p[:n], want) {
		t.Fatalf("read of %d at %d: %d wrong bytes, %v", length, off, n, err)
	}
	if n < length && err != io.EOF || n == length && err != nil && err != io.EOF {
		t.Fatalf("read of %d at %d: %d bytes, %v", length, off, n, err)
	}
}

func pinnedReads(t *testing.T, s Store) {
	data := pattern(big, 4)
	put(t, s, "k", data)
	f, err := s.OpenAt(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	checkRange(t, f, data, 10<<20, 100)
	put(t, s, "k", pattern(big, 5))
	_, err = f.ReadAt(make([]byte, 100), 1<<20)
	fails(t, "read of a replaced version", "k", err, object.ErrChanged)
	_, err = f.ReadAt(make([]byte, 2<<20), 1<<20)
	fails(t, "large read of a replaced version", "k", err, object.ErrChanged)

	g, err := s.OpenAt(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if err := s.Delete(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	_, err = g.ReadAt(make([]byte, 100), 1<<20)
	fails(t, "read of a deleted object", "k", err, object.ErrNotExist)
}

func concurrentReads(t *testing.T, s Store) {
	data := pattern(4<<20, 6)
	put(t, s, "k", data)
	f, err := s.OpenAt(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var g errgroup.Group
	for worker := range 8 {
		g.Go(func() error {
			r := rand.New(rand.NewPCG(uint64(worker), 9))
			for range 200 {
				checkRange(t, f, data, r.Int64N(int64(len(data))), 1+r.IntN(50_000))
			}
			return nil
		})
	}
	g.Wait()
}

// announce says what will be read, to a file that wants to know.
func announce(t *testing.T, f object.File, ranges ...object.Range) {
	t.Helper()
	if p, ok := f.(object.Prefetcher); ok {
		if err := p.Prefetch(ranges); err != nil {
			t.Fatalf("announce %v: %v", ranges, err)
		}
	}
}

// announcedReads: to say what will be read changes no byte, whether it was true or not.
func announcedReads(t *testing.T, s Store) {
	data := pattern(big, 8)
	put(t, s, "k", data)
	f, err := s.OpenAt(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := rand.New(rand.NewPCG(5, 6))
	lengths := []int64{1, 100, 4096, 65536, 70_000, 300_000, 5 << 20}
	for range 6 {
		var ranges []object.Range
		for range 1 + r.IntN(20) {
			ranges = append(ranges, object.Range{Off: r.Int64N(big), Len: lengths[r.IntN(len(lengths))]})
		}
		announce(t, f, ranges...)
		r.Shuffle(len(ranges), func(i, j int) { ranges[i], ranges[j] = ranges[j], ranges[i] })
		var g errgroup.Group
		for worker := range 3 {
			g.Go(func() error {
				for i := worker; i < len(ranges); i += 2 { // some twice
					checkRange(t, f, data, ranges[i].Off, int(ranges[i].Len))
				}
				return nil
			})
		}
		checkRange(t, f, data, r.Int64N(big), 300_000) // not announced, or in part
		g.Wait()
	}
	announce(t, f, object.Range{}, object.Range{Off: -3, Len: 10}, object.Range{Off: big, Len: 10}, object.Range{Off: 5, Len: 1 << 62})
	checkRange(t, f, data, 0, big+1)
	announce(t, f, object.Range{Off: 0, Len: big}) // and closed before it is read
}

// announcedReplaced: what was announced before an object was replaced is of the version
// that was opened, or not to be had.
func announcedReplaced(t *testing.T, s Store) {
	data := pattern(big, 9)
	put(t, s, "k", data)
	f, err := s.OpenAt(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	announce(t, f, object.Range{Off: 0, Len: big / 2})
	put(t, s, "k", pattern(big, 10))
	for off := int64(0); off < big/2; off += 1 << 20 {
		p := make([]byte, 1000)
		if _, err := f.ReadAt(p, off); err == nil && !bytes.Equal(p, data[off:off+1000]) {
			t.Errorf("bytes of another version at %d", off)
		} else if err != nil {
			fails(t, "announced read of a replaced version", "k", err, object.ErrChanged)
		}
	}
	announce(t, f, object.Range{Off: big / 4 * 3, Len: 1000})
	_, err = f.ReadAt(make([]byte, 1000), big/4*3)
	fails(t, "read of a replaced version, announced too late", "k", err, object.ErrChanged)
}

// usage: a store counts what it is asked for.
func usage(t *testing.T, s Store) {
	m, ok := s.(object.Metered)
	if !ok {
		t.Fatal("the store does not count")
	}
	data := pattern(3<<20, 1)
	put(t, s, "k", data)
	for name, call := range map[string]struct {
		bytes int64
		do    func()
	}{
		"list": {0, func() { list(t, s, "") }},
		"open": {3 << 20, func() { get(t, s, object.Info{Key: "k"}) }},
		"open at": {1000, func() {
			f, err := s.OpenAt(t.Context(), "k")
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			checkRange(t, f, data, 100, 1000)
		}},
	} {
		before := m.Usage()
		call.do()
		if got := m.Usage().Sub(before); got.Requests < 1 || got.Bytes+got.Cached < call.bytes {
			t.Errorf("%s counts as %+v", name, got)
		}
	}
}
