package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/object"
)

// slowSource counts what is being read at a time, which goes on until as many are.
type slowSource struct {
	Source // not asked
	until  int

	mu      sync.Mutex
	now     int
	most    int
	full    sync.Once
	reached chan struct{}
}

func (s *slowSource) Open(ctx context.Context, o object.Info) (io.ReadCloser, error) {
	s.mu.Lock()
	s.now++
	s.most = max(s.most, s.now)
	if s.now == s.until {
		s.full.Do(func() { close(s.reached) })
	}
	s.mu.Unlock()
	select {
	case <-s.reached:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return io.NopCloser(bytes.NewReader(contentOf(o))), nil
}

func contentOf(o object.Info) []byte { return bytes.Repeat([]byte(o.Key), int(o.Size))[:o.Size] }

// fetched runs fetch over n objects of that size, and keeps every body for a while.
func (s *slowSource) fetched(t *testing.T, memory int64, n int, size int64) {
	t.Helper()
	s.reached = make(chan struct{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r := &run{Engine: (&Engine{Lake: newLake(t).Lake, Memory: memory}).withDefaults(), ctx: ctx}
	w := r.newWave()
	objects := make(chan planned, n)
	for i := range n {
		objects <- planned{input: Input{Source: s}, Info: object.Info{Key: fmt.Sprintf("object-%06d", i), Size: size}, name: fmt.Sprint(i)}
	}
	close(objects)
	g, ctx := errgroup.WithContext(ctx)
	bodies := w.fetch(ctx, g, objects)
	var kept []body
	give := func() {
		for i := range kept {
			if b := &kept[i]; b.err != nil || !bytes.Equal(b.data, contentOf(b.Info)) {
				t.Errorf("%s came as %d bytes, error %v", b.Key, len(b.data), b.err)
			}
			s.mu.Lock()
			s.now--
			s.mu.Unlock()
			kept[i].free()
		}
		kept = kept[:0]
	}
	seen := map[string]bool{}
	for b := range bodies {
		seen[b.Key] = true
		if kept = append(kept, b); len(kept) >= s.until/2 {
			give()
		}
	}
	give()
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(seen) != n || !w.ended || w.objects != int64(n) {
		t.Errorf("%d of %d objects came, %d were counted; ended: %t", len(seen), n, w.objects, w.ended)
	}
}

// Tiny objects are fetched hundreds at a time, large ones as many as there is room for,
// and never more; and what came of each stays until it is given back.
func TestFetchInFlight(t *testing.T) {
	const memory = 64 << 20
	room := (&Engine{Memory: memory}).fetchBytes()
	for _, c := range []struct {
		name    string
		objects int
		size    int64
		want    int
	}{
		{"tiny", 1000, 700, maxFetches},
		{"large", 30, room / 5, 5},
		{"larger than the room", 5, room + 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &slowSource{until: c.want}
			s.fetched(t, memory, c.objects, c.size)
			if s.most != c.want {
				t.Errorf("%d at a time, not %d", s.most, c.want)
			}
		})
	}
}

// A wave that is full leaves the rest of the list to the next.
func TestFetchEndsWithTheWave(t *testing.T) {
	s := &slowSource{until: 1, reached: make(chan struct{})}
	r := &run{Engine: (&Engine{Lake: newLake(t).Lake, Memory: 1 << 20}).withDefaults(), ctx: t.Context()}
	limit := int(r.waveObjects())
	objects := make(chan planned, 2*limit)
	for i := range cap(objects) {
		objects <- planned{input: Input{Source: s}, Info: object.Info{Key: fmt.Sprint(i), Size: 1}, name: fmt.Sprint(i)}
	}
	w := r.newWave()
	g, ctx := errgroup.WithContext(t.Context())
	n := 0
	for b := range w.fetch(ctx, g, objects) {
		b.free()
		n++
	}
	if err := g.Wait(); err != nil || n != limit || len(objects) != limit || w.ended {
		t.Errorf("%d objects taken, %d left, ended %t: %v", n, len(objects), w.ended, err)
	}
}

// lockedOut is a source that lets nobody read.
type lockedOut struct{ Source }

func (lockedOut) Open(_ context.Context, o object.Info) (io.ReadCloser, error) {
	return nil, &object.Error{Op: "open", Key: o.Key, Err: object.ErrCredentials}
}

// What would fail every object ends the run; what fails one does not.
func TestFetchFails(t *testing.T) {
	r := &run{Engine: (&Engine{Lake: newLake(t).Lake, MaxObject: 10}).withDefaults(), ctx: t.Context()}
	for size, want := range map[int64]error{10: object.ErrCredentials, 11: nil} {
		objects := make(chan planned, 1)
		objects <- planned{input: Input{Source: lockedOut{}}, Info: object.Info{Key: "k", Size: size}}
		close(objects)
		w := r.newWave()
		g, ctx := errgroup.WithContext(t.Context())
		n := 0
		for b := range w.fetch(ctx, g, objects) {
			if n++; b.err == nil {
				t.Errorf("%d bytes: no error", size)
			}
			b.free()
		}
		if err := g.Wait(); !errors.Is(err, want) || (n == 0) != (want != nil) {
			t.Errorf("%d bytes: %d objects came, error %v", size, n, err)
		}
	}
}
