package s3

import (
	"context"
	"slices"
	"sync"

	"github.com/keytrail/keytrail/engine/object"
)

const (
	maxAhead = 64       // requests under way ahead of reads, of all files of a store
	maxHeld  = 16 << 20 // bytes that one file keeps, or is being sent, ahead of reads
)

// ahead holds what is fetched of one file before it is read, because its reader said
// that it will be. What there is no room for waits until something has been read to
// its end; a reader that does not wait for that reads it as if it had said nothing, and
// one that announces something else will have no use for it. Safe for concurrent use.
type ahead struct {
	ctx   context.Context
	size  int64
	fetch func(p []byte, off int64) error
	gate  chan struct{} // has room for the requests that may be under way

	mu      sync.Mutex
	tail    *span // came when the file was opened, and stays
	here    []*span
	waiting []*span
	held    int64 // bytes of those here
	step    int   // announcements so far
	closed  bool
	running sync.WaitGroup
}

// span is a part of the file that one request brings.
type span struct {
	object.Range
	step  int
	ready chan struct{} // closed when data or err is set
	data  []byte
	err   error
	read  bool // its last byte was
}

func newAhead(ctx context.Context, size int64, gate chan struct{}, fetch func([]byte, int64) error) *ahead {
	return &ahead{ctx: ctx, size: size, gate: gate, fetch: fetch}
}

// keep takes the end of the file, which is known.
func (a *ahead) keep(tail []byte) {
	n := int64(len(tail))
	a.tail = &span{Range: object.Range{Off: a.size - n, Len: n}, ready: make(chan struct{}), data: tail}
	close(a.tail.ready)
}

// announce begins to fetch what is neither here nor on its way.
func (a *ahead) announce(ranges []object.Range) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	a.step++
	a.waiting = nil
	var held []object.Range
	for s := range a.all {
		held = append(held, s.Range)
	}
	for _, r := range plan(ranges, held, a.size) {
		a.waiting = append(a.waiting, &span{Range: r, step: a.step, ready: make(chan struct{})})
	}
	a.begin()
}

// all are the parts that were announced, and the tail.
func (a *ahead) all(yield func(*span) bool) {
	if a.tail != nil && !yield(a.tail) {
		return
	}
	for _, list := range [][]*span{a.here, a.waiting} {
		for _, s := range list {
			if !yield(s) {
				return
			}
		}
	}
}

// begin fetches those that wait, in their order, as far as there is room.
func (a *ahead) begin() {
	for len(a.waiting) > 0 && a.room(a.waiting[0].Len) {
		s := a.waiting[0]
		a.waiting = a.waiting[1:]
		a.here = append(a.here, s)
		a.held += s.Len
		a.running.Go(func() { a.bring(s) })
	}
}

// room reports whether n bytes more may be held, when those are given up that were read
// or, failing these, those that are left of a step before.
func (a *ahead) room(n int64) bool {
	for a.held+n > maxHeld {
		i := slices.IndexFunc(a.here, func(s *span) bool { return s.read })
		if i < 0 {
			i = slices.IndexFunc(a.here, func(s *span) bool { return s.data != nil && s.step < a.step })
		}
		if i < 0 {
			return false
		}
		a.drop(a.here[i])
	}
	return true
}

func (a *ahead) drop(s *span) {
	if i := slices.Index(a.here, s); i >= 0 {
		a.here = slices.Delete(a.here, i, i+1)
		a.held -= s.Len
	}
}

// bring fetches a part and wakes those who wait for it. One that could not be had is
// forgotten, so that a later read tries again.
func (a *ahead) bring(s *span) {
	data, err := a.get(s.Range)
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.data, s.err = data, err; err != nil {
		a.drop(s)
		a.begin()
	}
	close(s.ready)
}

func (a *ahead) get(r object.Range) ([]byte, error) {
	select {
	case a.gate <- struct{}{}:
		defer func() { <-a.gate }()
	case <-a.ctx.Done():
		return nil, a.ctx.Err()
	}
	data := make([]byte, r.Len)
	return data, a.fetch(data, r.Off)
}

// readAt copies bytes from off on, waiting for those that are on their way. Where
// nothing was announced gap says how many bytes of p are to be had otherwise, and
// nothing is copied.
func (a *ahead) readAt(p []byte, off int64) (n, gap int, err error) {
	s, gap := a.find(off, len(p))
	if s == nil {
		return 0, gap, nil
	}
	<-s.ready
	if s.err != nil {
		return 0, 0, s.err
	}
	n = copy(p, s.data[off-s.Off:])
	if off+int64(n) == end(s.Range) {
		a.mu.Lock()
		defer a.mu.Unlock()
		s.read = true
		a.begin()
	}
	return n, 0, nil
}

// find returns the part that holds the byte at off, or how many of the next n bytes no
// part holds.
func (a *ahead) find(off int64, n int) (*span, int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	// What waits for room may never come. Whoever reads it does not wait, and has it then.
	a.waiting = slices.DeleteFunc(a.waiting, func(s *span) bool { return s.Off < off+int64(n) && off < end(s.Range) })
	gap := int64(n)
	for s := range a.all {
		switch {
		case s.Off <= off && off < end(s.Range):
			return s, 0
		case s.Off > off:
			gap = min(gap, s.Off-off)
		}
	}
	return nil, int(gap)
}

// close waits for what is on its way, which the end of the context ends soon.
func (a *ahead) close() {
	a.mu.Lock()
	a.closed, a.waiting = true, nil
	a.mu.Unlock()
	a.running.Wait()
}
