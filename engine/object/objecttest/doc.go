// Package objecttest holds what tests of and over object stores share.
//
// [Suite] is the one acceptance suite: every store passes it, so that the rest
// of keytrail need not know which store it runs on. [Mem] is a store in memory
// for tests that are about something else, and [Faults] wraps any store to make
// its nth call on a key fail, hang, or hand out half of its bytes.
package objecttest

import (
	"context"
	"io"

	"github.com/keytrail/keytrail/engine/object"
)

// Store is the method set that every store has. It stands here for tests alone:
// packages that use a store declare the part they need. A store is
// [object.Metered] too; its files may be [object.Prefetcher]s.
type Store interface {
	// Children lists one level: the folders directly under prefix (whole keys
	// from the root, each ending in "/") and the objects directly under it,
	// both in key order. A prefix is "" or ends in "/".
	Children(ctx context.Context, prefix string) (dirs []string, objects []object.Info, err error)
	// List calls fn once per object under prefix, at any depth, in bytewise key
	// order, on the caller's goroutine. It stops at fn's first error and returns
	// that unchanged. A missing prefix lists nothing.
	List(ctx context.Context, prefix string, fn func(object.Info) error) error
	// Open streams the stored bytes of a listed object, never decompressed. The
	// caller closes it.
	Open(ctx context.Context, obj object.Info) (io.ReadCloser, error)
	// OpenAt opens the current version of an object for random access. ctx ends
	// the reads too.
	OpenAt(ctx context.Context, key string) (object.File, error)
	// Put writes an object whole: readers see the old bytes or the new ones.
	Put(ctx context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (etag string, err error)
	// Delete removes an object; a missing one is no error.
	Delete(ctx context.Context, key string) error
	// URL names the store's root and ends in "/".
	URL() string
}
