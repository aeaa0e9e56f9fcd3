package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// large is data in which every 16 bytes are told from the others.
var large = func() []byte {
	data := make([]byte, 12<<20)
	rand.NewChaCha8([32]byte{7}).Read(data)
	return data
}()

// filed is a service with one object, in the version etag names, whose answer to a range
// may be cut once.
type filed struct {
	*fake
	etag atomic.Value
	cut  sync.Map // range → bytes after which the next answer to it ends
}

func newFiled(t *testing.T, data []byte) *filed {
	s := &filed{}
	s.etag.Store(`"v1"`)
	s.fake = newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !isGet(r) {
			return false
		}
		cut := -1
		if n, ok := s.cut.LoadAndDelete(r.Header.Get("Range")); ok {
			cut = n.(int)
		}
		serve(w, r, data, s.etag.Load().(string), cut)
		return true
	})
	return s
}

// ranges are those asked for since the last call, sorted as text: they came at the same time.
func (s *filed) ranges() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, r := range s.requests[1:] {
		all = append(all, strings.TrimPrefix(r.Header.Get("Range"), "bytes="))
	}
	s.requests = s.requests[:1]
	slices.Sort(all)
	return all
}

func (s *filed) asked(t *testing.T, what string, want ...string) {
	t.Helper()
	if got := s.ranges(); !slices.Equal(got, want) {
		t.Errorf("%s: requests for %q, not %q", what, got, want)
	}
}

func openFile(t *testing.T, s *Store, o object.Info) *file {
	t.Helper()
	f, err := s.OpenListed(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f.(*file)
}

func announce(t *testing.T, f object.File, ranges ...object.Range) {
	t.Helper()
	if err := f.(object.Prefetcher).Prefetch(ranges); err != nil {
		t.Fatal(err)
	}
}

func mustRead(t *testing.T, f object.File, off, n int) {
	t.Helper()
	p := make([]byte, n)
	if _, err := f.ReadAt(p, int64(off)); err != nil || !bytes.Equal(p, large[off:off+n]) {
		t.Fatalf("read %d at %d: %v", n, off, err)
	}
}

// What reads cost that were announced, and those that were not.
func TestPrefetchRequests(t *testing.T) {
	const k, m = 1 << 10, 1 << 20
	service := newFiled(t, large)
	s := service.open(t, Options{})
	f := openFile(t, s, object.Info{Key: "k"})
	service.asked(t, "open", "-131072")

	announce(t, f, object.Range{Off: 12*m - 100*k, Len: 100 * k})
	mustRead(t, f, 12*m-100*k, 100*k)
	service.asked(t, "the end, which is here")

	announce(t, f, object.Range{Off: 10, Len: 100}, object.Range{Off: 200 * k, Len: 100 * k}, object.Range{Off: m, Len: 10})
	mustRead(t, f, 10, 100)
	mustRead(t, f, 200*k, 100*k)
	mustRead(t, f, 150*k, 10)
	mustRead(t, f, m, 10)
	mustRead(t, f, 10, 100)
	service.asked(t, "two near ones and a far one", "10-307199", "1048576-1048585")

	announce(t, f, object.Range{Off: 100, Len: 100}, object.Range{Off: m, Len: 20})
	mustRead(t, f, 100, 100)
	mustRead(t, f, m, 20)
	service.asked(t, "what is here, and a little more", "1048586-1048595")

	announce(t, f, object.Range{Off: 2 * m, Len: 6 * m})
	mustRead(t, f, 2*m, 6*m)
	service.asked(t, "a large one", "2097152-5242879", "5242880-8388607")

	announce(t, f, object.Range{Off: 9 * m, Len: 100})
	mustRead(t, f, 9*m-50, 200)
	service.asked(t, "one in the middle of a read", "9371648-9437183", "9437184-9437283", "9437184-9568255")

	var kept int64
	for span := range f.ahead.all {
		kept += span.Len
	}
	if kept > maxHeld+tail {
		t.Errorf("%d bytes are kept", kept)
	}
	want := object.Usage{Requests: 1 + 1 + 2 + 1 + 2 + 3}
	if got := s.Usage(); got.Requests != want.Requests || got.Bytes < 6*m || got.Bytes > 7*m || got.Cached != 0 {
		t.Errorf("usage %+v", got)
	}
}

// A listed version is opened without a request, and is that version or none.
func TestOpenListed(t *testing.T) {
	service := newFiled(t, large)
	s := service.open(t, Options{})
	listed := object.Info{Key: "k", Size: int64(len(large)), ETag: `"v1"`}
	f := openFile(t, s, listed)
	if f.Info() != listed {
		t.Errorf("info %+v", f.Info())
	}
	service.asked(t, "open")
	mustRead(t, f, 70_000, 100)
	service.asked(t, "a read", "65536-131071")
	listed.ETag = `"v0"`
	old := openFile(t, s, listed)
	announce(t, old, object.Range{Off: 0, Len: 10})
	for range 2 { // announced, and not
		if _, err := old.ReadAt(make([]byte, 10), 0); !errors.Is(err, object.ErrChanged) {
			t.Errorf("a version that is no more: %v", err)
		}
	}
}

// A service that heeds no condition does not make old and new bytes meet.
func TestUnheededCondition(t *testing.T) {
	service := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !isGet(r) {
			return false
		}
		r.Header.Del("If-Match")
		serve(w, r, large, `"v2"`, -1)
		return true
	})
	s := service.open(t, Options{})
	listed := object.Info{Key: "k", Size: int64(len(large)), ETag: `"v1"`}
	f := openFile(t, s, listed)
	announce(t, f, object.Range{Off: 0, Len: 100})
	for _, off := range []int64{0, 5 << 20} { // announced, and not
		if _, err := f.ReadAt(make([]byte, 10), off); !errors.Is(err, object.ErrChanged) {
			t.Errorf("read of another version at %d: %v", off, err)
		}
	}
	var e *object.Error
	if _, err := s.Open(t.Context(), listed); !errors.Is(err, object.ErrChanged) || !errors.As(err, &e) || e.Key != "k" {
		t.Errorf("stream of another version: %v", err)
	}
	listed.ETag = "v2" // as some list it
	mustRead(t, openFile(t, s, listed), 1000, 100)
}

// Answers that break off are taken up again, and only for what is lacking.
func TestPrefetchIsTakenUpAgain(t *testing.T) {
	service := newFiled(t, large)
	f := openFile(t, service.open(t, Options{}), object.Info{Key: "k", Size: int64(len(large)), ETag: `"v1"`})
	service.cut.Store("bytes=0-99999", 1000)
	service.cut.Store("bytes=1000-99999", 0)
	service.cut.Store("bytes=5000000-5000099", 0)
	announce(t, f, object.Range{Off: 0, Len: 100_000}, object.Range{Off: 5_000_000, Len: 100})
	mustRead(t, f, 50_000, 50_000)
	mustRead(t, f, 5_000_000, 100)
	service.asked(t, "broken off", "0-99999", "1000-99999", "1000-99999", "5000000-5000099", "5000000-5000099")
}

// Once the object was replaced, what has not come is an error and what has come is of
// one version. An error is not kept: a later read asks again.
func TestPrefetchOfReplacedObject(t *testing.T) {
	service := newFiled(t, large)
	f := openFile(t, service.open(t, Options{}), object.Info{Key: "k"})
	announce(t, f, object.Range{Off: 0, Len: 1000})
	mustRead(t, f, 0, 500)
	service.etag.Store(`"v2"`)
	announce(t, f, object.Range{Off: 0, Len: 1000}, object.Range{Off: 1 << 20, Len: 1000})
	mustRead(t, f, 500, 500)
	p := make([]byte, 1000)
	for range 2 {
		_, err := f.ReadAt(p, 1<<20)
		var e *object.Error
		if !errors.Is(err, object.ErrChanged) || !errors.As(err, &e) || e.Key != "k" {
			t.Errorf("read of a replaced version: %v", err)
		}
	}
	service.etag.Store(`"v1"`)
	mustRead(t, f, 1<<20, 1000)
}

// No more is kept of a file than may be, however much is announced, and reads in any
// order give the right bytes.
func TestPrefetchIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 5 * maxHeld
		var under, most, asked atomic.Int64
		at := func(off int64) byte { return byte(off>>16) ^ byte(off) }
		fetch := func(p []byte, off int64) error {
			asked.Add(int64(len(p)))
			most.Store(max(most.Load(), under.Add(1)))
			defer under.Add(-1)
			time.Sleep(20 * time.Millisecond)
			for i := range p {
				p[i] = at(off + int64(i))
			}
			return nil
		}
		gate := make(chan struct{}, 3)
		a := newAhead(t.Context(), size, gate, fetch)
		defer a.close()
		a.announce([]object.Range{{Off: 0, Len: size}})
		bounded := func() {
			t.Helper()
			a.mu.Lock()
			defer a.mu.Unlock()
			var sum int64
			for _, s := range a.here {
				sum += s.Len
			}
			if sum != a.held || sum > maxHeld {
				t.Fatalf("%d bytes are here, counted as %d", sum, a.held)
			}
		}
		p := make([]byte, 1<<20)
		gaps := 0
		for off := int64(0); off < size; {
			n, gap, err := a.readAt(p, off)
			if err != nil {
				t.Fatal(err)
			}
			bounded()
			for i, b := range p[:n] {
				if b != at(off+int64(i)) {
					t.Fatalf("wrong byte at %d", off+int64(i))
				}
			}
			gaps += gap
			off += int64(n + gap)
		}
		if gaps > 0 || asked.Load() != size {
			t.Errorf("in order: %d bytes asked for, %d not had ahead", asked.Load(), gaps)
		}
		if most.Load() != 3 {
			t.Errorf("%d requests at a time, not 3", most.Load())
		}
		// Whoever reads what still waits does so itself.
		a.announce([]object.Range{{Off: 0, Len: size}})
		if n, gap, err := a.readAt(p, 3*maxHeld); n != 0 || gap != len(p) || err != nil {
			t.Errorf("read of what waits: %d, %d, %v", n, gap, err)
		}
		// The next step comes at once, in the room of what the last one left unread.
		time.Sleep(time.Minute) // for what is under way
		before := asked.Load()
		a.announce([]object.Range{{Off: 3 * maxHeld, Len: maxHeld}})
		time.Sleep(time.Minute) // for what is under way
		bounded()
		if n := asked.Load() - before; n != maxHeld {
			t.Errorf("the next step asked for %d bytes", n)
		}
		for off := int64(3 * maxHeld); off < 4*maxHeld; off += int64(len(p)) {
			if n, gap, err := a.readAt(p, off); n != len(p) || gap != 0 || err != nil {
				t.Fatalf("read of the next step at %d: %d, %d, %v", off, n, gap, err)
			}
		}
	})
}

// Many read at the same time what one of them announced, of the real service.
func TestPrefetchConcurrently(t *testing.T) {
	server := s3test.Start(t)
	s, err := Open(t.Context(), "s3://"+server.NewBucket(t)+"/p", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "k", bytes.NewReader(large), int64(len(large)), object.Condition{}); err != nil {
		t.Fatal(err)
	}
	before := s.Usage()
	f, err := s.OpenAt(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := s.Usage().Sub(before); got != (object.Usage{Requests: 1, Bytes: tail}) {
		t.Errorf("to open took %+v", got)
	}
	var ranges []object.Range
	for i := range 40 {
		ranges = append(ranges, object.Range{Off: int64(i) * 300_000, Len: 20_000})
	}
	announce(t, f, ranges...)
	var g errgroup.Group
	for worker := range 8 {
		g.Go(func() error {
			p := make([]byte, 20_000)
			for i := range ranges {
				r := ranges[(i+worker*5)%len(ranges)]
				if _, err := f.ReadAt(p, r.Off); err != nil {
					return err
				}
				if !bytes.Equal(p, large[r.Off:r.Off+r.Len]) {
					return errors.New("wrong bytes")
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	if got := s.Usage().Sub(before); got.Requests != 1+40 {
		t.Errorf("40 ranges took %+v", got)
	}
}

// Close, and the end of the context, end what is under way, and reads say so.
func TestPrefetchEnds(t *testing.T) {
	release := make(chan struct{})
	service := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if isGet(r) {
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
		return isGet(r)
	})
	defer close(release)
	s := service.open(t, Options{})
	for name, stop := range map[string]func(*file, context.CancelFunc){
		"close":  func(f *file, _ context.CancelFunc) { f.Close() },
		"cancel": func(_ *file, cancel context.CancelFunc) { cancel() },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		opened, err := s.OpenListed(ctx, object.Info{Key: "k", Size: 600 << 20, ETag: `"v1"`})
		if err != nil {
			t.Fatal(err)
		}
		f := opened.(*file)
		announce(t, f, object.Range{Off: 0, Len: 600 << 20})
		read := make(chan error)
		go func() {
			_, err := f.ReadAt(make([]byte, 10), 0)
			read <- err
		}()
		time.AfterFunc(50*time.Millisecond, func() { stop(f, cancel) })
		if err := <-read; !errors.Is(err, context.Canceled) || err == io.EOF {
			t.Errorf("%s: %v", name, err)
		}
		if err := f.Prefetch([]object.Range{{Off: 0, Len: 1}}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: announced afterwards: %v", name, err)
		}
		f.Close()
		if n := len(s.gate); n > 0 {
			t.Errorf("%s: %d requests are under way in a closed file", name, n)
		}
		cancel()
	}
	if s.quick.paused.Load() != 0 {
		t.Error("requests that nobody waits for any more count as a service that is not there")
	}
}
