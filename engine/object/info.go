// Package object names what a store holds: an object's listing entry, what its
// key says about it, and the error that tells which object failed and why.
//
// The stores themselves are in object/dir and object/s3. Nothing here does I/O.
package object

import (
	"io"
	"time"
)

// Info is one entry of a listing.
type Info struct {
	Key          string    // relative to the store's root, "/"-separated, never starting with "/"
	Size         int64     // stored bytes
	ETag         string    // changes when the content does; opaque
	LastModified time.Time // UTC
	// StorageClass is set when the bytes cannot be read without a restore
	// (GLACIER, DEEP_ARCHIVE, an archive access tier); empty otherwise.
	StorageClass string
}

// File is one version of an object, opened for random access. It stays that
// version: when the object has been replaced since, ReadAt fails with
// [ErrChanged] rather than mix two versions. Safe for concurrent ReadAt.
type File interface {
	io.ReaderAt
	io.Closer
	Info() Info
}

// Condition guards a put. The zero value puts unconditionally.
type Condition struct {
	IfAbsent bool   // only when no object has the key
	IfMatch  string // only when the object's ETag is still this
}
