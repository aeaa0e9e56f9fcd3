package object

// Usage is what a store was asked for since it was opened.
type Usage struct {
	Requests int64 // to the service; of a directory: listings, and reads of files
	Bytes    int64 // received
	Cached   int64 // bytes that came from a cache instead
}

// Sub is what was asked for since earlier.
func (u Usage) Sub(earlier Usage) Usage {
	return Usage{u.Requests - earlier.Requests, u.Bytes - earlier.Bytes, u.Cached - earlier.Cached}
}

// Metered is a store that counts. Safe for concurrent use.
type Metered interface {
	Usage() Usage
}

// Range is Len bytes of a file from Off.
type Range struct{ Off, Len int64 }

// Prefetcher is a [File] that wants to know what will be read of it next: where a
// request is dear it merges ranges that lie close and fetches the rest of them at the
// same time. Reads of them do not ask again, as far as they have been kept.
type Prefetcher interface {
	Prefetch(ranges []Range) error
}
