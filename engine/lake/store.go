package lake

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/keytrail/keytrail/engine/object"
)

// Store is what a lake asks of an object store. Safe for concurrent use.
type Store interface {
	// List calls fn once per object under prefix, at any depth, in bytewise key
	// order, on the caller's goroutine. It stops at fn's first error and returns it
	// unchanged. A missing prefix lists nothing.
	List(ctx context.Context, prefix string, fn func(object.Info) error) error
	// OpenAt opens the object's present version for random access.
	// [object.ErrNotExist] when there is none.
	OpenAt(ctx context.Context, key string) (object.File, error)
	// Put writes the whole object: a reader sees the old bytes or the new ones.
	// It returns the new ETag, or [object.ErrCondition] when cond did not hold.
	Put(ctx context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (etag string, err error)
	// Delete removes the object; a missing one is no error.
	Delete(ctx context.Context, key string) error
	// URL names the place, ending in "/": "s3://bucket/prefix/", "file:///dir/".
	URL() string
}

// Causes that callers tell apart, with errors.Is.
var (
	ErrNoLake  = errors.New("no lake here")
	ErrForeign = errors.New("place is not empty and no lake")
	ErrNewer   = errors.New("lake was written by a newer keytrail")
	// ErrCorrupt: a file of the lake cannot be understood. The [object.Error] around
	// it names the file and says how to mend it.
	ErrCorrupt = errors.New("file is corrupt")
	ErrLeased  = errors.New("lake is leased by another run")
)

// Lake is an opened lake. Safe for concurrent use.
type Lake struct {
	store Store
	temp  string // for temporary files; the system's when empty
	needs *needs
}

// WithTempDir returns the same lake with another place for its temporary files. They
// have no names, and hold tables too large for memory on their way.
func (l *Lake) WithTempDir(dir string) *Lake { return &Lake{l.store, dir, l.needs} }

// URL names the lake's place, ending in "/".
func (l *Lake) URL() string { return l.store.URL() }

// Usage is what the lake's store was asked for since it was opened. ok is false when
// the store does not count.
func (l *Lake) Usage() (u object.Usage, ok bool) {
	m, ok := l.store.(object.Metered)
	if ok {
		u = m.Usage()
	}
	return u, ok
}

// corrupt is the error for a file of the lake that makes no sense.
func corrupt(key, hint string, cause error) error {
	return &object.Error{Op: "read", Key: key, Hint: hint, Err: fmt.Errorf("%w: %w", ErrCorrupt, cause)}
}

// readAll returns an object's bytes and listing entry, refusing one over limit
// bytes as corrupt. An object replaced in mid-read is read again.
func (l *Lake) readAll(ctx context.Context, key string, limit int64, hint string) ([]byte, object.Info, error) {
	for try := 0; ; try++ {
		data, info, err := l.readOnce(ctx, key, limit, hint)
		if !errors.Is(err, object.ErrChanged) || try == maxTries {
			return data, info, err
		}
		if err := backoff(ctx, try); err != nil {
			return nil, object.Info{}, err
		}
	}
}

func (l *Lake) readOnce(ctx context.Context, key string, limit int64, hint string) ([]byte, object.Info, error) {
	f, err := l.store.OpenAt(ctx, key)
	if err != nil {
		return nil, object.Info{}, err
	}
	defer f.Close()
	info := f.Info()
	if info.Size < 0 || info.Size > limit {
		return nil, info, corrupt(key, hint, fmt.Errorf("%d bytes is more than such a file holds", info.Size))
	}
	data := make([]byte, info.Size)
	n, err := f.ReadAt(data, 0)
	if err != nil && (err != io.EOF || n < len(data)) {
		return nil, info, &object.Error{Op: "read", Key: key, Err: err}
	}
	return data, info, nil
}
