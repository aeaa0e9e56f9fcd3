package objecttest

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/keytrail/keytrail/engine/object"
)

// Operations that a [Fault] can strike.
const (
	OpChildren = "children"
	OpList     = "list"
	OpOpen     = "open"
	OpRead     = "read" // of what Open returned; a call is one stream
	OpOpenAt   = "openat"
	OpReadAt   = "readat"
	OpPut      = "put"
	OpDelete   = "delete"
)

// Fault is something that goes wrong. Of its effects the first that is set
// happens.
type Fault struct {
	Op  string // one of the Op constants
	Key string // calls on keys (or prefixes) that contain this; "" for all
	Nth int    // only the nth of those calls, from 1; every one when 0

	Stall bool  // hang until the call's context ends
	After bool  // do it, then return Err: the answer is lost
	Keep  int64 // with OpRead: hand out so many bytes, then fail with Err
	Err   error // io.ErrUnexpectedEOF for OpRead when nil; needed elsewhere
}

// Faults is a store on which things go wrong as told, and nothing else does.
// Safe for concurrent use.
type Faults struct {
	Store
	mu     sync.Mutex
	faults []Fault
	calls  []int // that each fault has seen
	struck []int // that each fault hit
}

// NewFaults wraps a store.
func NewFaults(s Store, faults ...Fault) *Faults {
	return &Faults{Store: s, faults: faults, calls: make([]int, len(faults)), struck: make([]int, len(faults))}
}

// Struck is how often the ith fault has happened, so that a test can tell that
// it tested anything.
func (f *Faults) Struck(i int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.struck[i]
}

// next counts a call and returns the fault that it meets.
func (f *Faults) next(op, key string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	hit := -1
	for i, fault := range f.faults {
		if fault.Op != op || !strings.Contains(key, fault.Key) {
			continue
		}
		f.calls[i]++
		if hit < 0 && (fault.Nth == 0 || fault.Nth == f.calls[i]) {
			hit = i
		}
	}
	if hit < 0 {
		return Fault{}, false
	}
	f.struck[hit]++
	return f.faults[hit], true
}

// call runs do, or what the fault has in its place.
func (f *Faults) call(ctx context.Context, op, key string, do func() error) error {
	fault, ok := f.next(op, key)
	switch {
	case !ok:
		return do()
	case fault.Stall:
		<-ctx.Done()
		return fail(op, key, ctx.Err())
	case fault.After:
		if err := do(); err != nil {
			return err
		}
	}
	return fail(op, key, fault.Err)
}

// Usage is what the store below counts.
func (f *Faults) Usage() object.Usage {
	if m, ok := f.Store.(object.Metered); ok {
		return m.Usage()
	}
	return object.Usage{}
}

// Children implements [Store].
func (f *Faults) Children(ctx context.Context, prefix string) (dirs []string, objects []object.Info, err error) {
	err = f.call(ctx, OpChildren, prefix, func() (err error) {
		dirs, objects, err = f.Store.Children(ctx, prefix)
		return err
	})
	return dirs, objects, err
}

// List implements [Store].
func (f *Faults) List(ctx context.Context, prefix string, fn func(object.Info) error) error {
	fault, ok := f.next(OpList, prefix)
	switch {
	case !ok:
		return f.Store.List(ctx, prefix, fn)
	case fault.Stall:
		<-ctx.Done()
		return fail(OpList, prefix, ctx.Err())
	case fault.After:
		if err := f.Store.List(ctx, prefix, fn); err != nil {
			return err
		}
	}
	return fail(OpList, prefix, fault.Err)
}

// Put implements [Store].
func (f *Faults) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (etag string, err error) {
	err = f.call(ctx, OpPut, key, func() (err error) {
		etag, err = f.Store.Put(ctx, key, body, size, cond)
		return err
	})
	return etag, err
}

// Delete implements [Store].
func (f *Faults) Delete(ctx context.Context, key string) error {
	return f.call(ctx, OpDelete, key, func() error { return f.Store.Delete(ctx, key) })
}

// Open implements [Store].
func (f *Faults) Open(ctx context.Context, obj object.Info) (r io.ReadCloser, err error) {
	err = f.call(ctx, OpOpen, obj.Key, func() (err error) {
		r, err = f.Store.Open(ctx, obj)
		return err
	})
	if err != nil {
		if r != nil {
			r.Close()
		}
		return nil, err
	}
	fault, ok := f.next(OpRead, obj.Key)
	if !ok {
		return r, nil
	}
	if fault.Err == nil {
		fault.Err = io.ErrUnexpectedEOF
	}
	return &faultyStream{ReadCloser: r, ctx: ctx, key: obj.Key, fault: fault}, nil
}

// OpenAt implements [Store].
func (f *Faults) OpenAt(ctx context.Context, key string) (file object.File, err error) {
	err = f.call(ctx, OpOpenAt, key, func() (err error) {
		file, err = f.Store.OpenAt(ctx, key)
		return err
	})
	if err != nil {
		if file != nil {
			file.Close()
		}
		return nil, err
	}
	return &faultyFile{File: file, ctx: ctx, faults: f}, nil
}

type faultyStream struct {
	io.ReadCloser
	ctx   context.Context
	key   string
	fault Fault
	read  int64
}

func (s *faultyStream) Read(p []byte) (int, error) {
	left := s.fault.Keep - s.read
	if left <= 0 {
		if s.fault.Stall {
			<-s.ctx.Done()
			return 0, fail(OpRead, s.key, s.ctx.Err())
		}
		return 0, fail(OpRead, s.key, fmt.Errorf("%w after %d bytes", s.fault.Err, s.read))
	}
	n, err := s.ReadCloser.Read(p[:min(left, int64(len(p)))])
	s.read += int64(n)
	return n, err
}

type faultyFile struct {
	object.File
	ctx    context.Context
	faults *Faults
}

func (f *faultyFile) ReadAt(p []byte, off int64) (n int, err error) {
	fault, ok := f.faults.next(OpReadAt, f.Info().Key)
	switch {
	case !ok:
		return f.File.ReadAt(p, off)
	case fault.Stall:
		<-f.ctx.Done()
		return 0, fail(OpReadAt, f.Info().Key, f.ctx.Err())
	}
	return 0, fail(OpReadAt, f.Info().Key, fault.Err)
}
