package cache

import (
	"context"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/keytrail/keytrail/engine/object"
)

// Source is the store that is cached. Safe for concurrent use.
type Source interface {
	// List calls fn once per object under prefix, in key order, and stops at its first
	// error.
	List(ctx context.Context, prefix string, fn func(object.Info) error) error
	// OpenAt opens the object's present version.
	OpenAt(ctx context.Context, key string) (object.File, error)
	// OpenListed opens the version that a listing showed. Its reads fail with
	// [object.ErrChanged] once that is not the present one any more.
	OpenListed(ctx context.Context, obj object.Info) (object.File, error)
	Put(ctx context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (etag string, err error)
	Delete(ctx context.Context, key string) error
	// URL names the store. Two of the same name hold the same objects.
	URL() string
}

// maxKnown bounds the listed versions that are remembered, at some 300 bytes each. They
// are opened soon after they were listed; one that was forgotten is opened by a request.
const maxKnown = 100_000

// Store reads through the cache and writes past it. Safe for concurrent use.
type Store struct {
	Source
	disk  *disk
	meter object.Meter

	mu    sync.Mutex
	known map[string]object.Info // by key: as last listed
}

// Options say how much is kept.
type Options struct {
	Limit int64 // bytes on disk
	// Warn is told once when blocks cannot be written any more, a full disk say. Answers
	// are right all the same. May be nil.
	Warn func(error)
}

// Open opens the cache in dir, which is made when it is missing, for what is read of s.
func Open(dir string, s Source, o Options) (*Store, error) {
	d, err := openDisk(dir, o)
	if err != nil {
		return nil, &object.Error{Op: "open cache", Key: dir, Err: err, Hint: "name a directory that is yours alone"}
	}
	return &Store{Source: s, disk: d, known: map[string]object.Info{}}, nil
}

// Usage is what the source was asked for, as far as it counts, and how much of what was
// read came from disk instead.
func (s *Store) Usage() object.Usage {
	u := s.meter.Usage()
	if m, ok := s.Source.(object.Metered); ok {
		below := m.Usage()
		u.Requests, u.Bytes = below.Requests, below.Bytes
	}
	return u
}

// List lists the source. What it shows holds until it is listed again: an object opened
// afterwards is the version that was listed.
func (s *Store) List(ctx context.Context, prefix string, fn func(object.Info) error) error {
	s.forget(func(key string) bool { return strings.HasPrefix(key, prefix) })
	return s.Source.List(ctx, prefix, func(o object.Info) error {
		s.note(o)
		return fn(o)
	})
}

func (s *Store) note(o object.Info) {
	if o.ETag == "" || o.StorageClass != "" { // not to be pinned, or not to be read
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= maxKnown {
		clear(s.known)
	}
	s.known[o.Key] = o
}

func (s *Store) forget(which func(key string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.known {
		if which(key) {
			delete(s.known, key)
		}
	}
}

func (s *Store) forgetKey(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, key)
}

// forgetBeside forgets an object and those in its folder. They were listed together, and
// what replaced one of them may make no sense beside old versions of the others.
func (s *Store) forgetBeside(key string) {
	folder := path.Dir(key)
	s.forget(func(key string) bool { return path.Dir(key) == folder })
}

// OpenAt opens the version that was listed last, or the present one where none was: that
// takes a request, and nothing of it is cached. A listed version that turns out not to be
// the present one any more is forgotten, with those of the objects in its folder, so that
// opening one of them again asks for it.
func (s *Store) OpenAt(ctx context.Context, key string) (object.File, error) {
	s.mu.Lock()
	listed, ok := s.known[key]
	s.mu.Unlock()
	if !ok {
		return s.Source.OpenAt(ctx, key)
	}
	if err := ctx.Err(); err != nil {
		return nil, &object.Error{Op: "open", Key: key, Err: err}
	}
	return newFile(ctx, s, listed), nil
}

// Put writes to the source.
func (s *Store) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (etag string, err error) {
	defer s.forgetKey(key)
	return s.Source.Put(ctx, key, body, size, cond)
}

// Delete deletes from the source.
func (s *Store) Delete(ctx context.Context, key string) error {
	defer s.forgetKey(key)
	return s.Source.Delete(ctx, key)
}
