package object

import (
	"io"
	"sync/atomic"
)

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

// Meter counts what a store is asked for. The zero value has counted nothing. Safe
// for concurrent use.
type Meter struct{ requests, bytes, cached atomic.Int64 }

// Usage is what was counted so far.
func (m *Meter) Usage() Usage {
	return Usage{Requests: m.requests.Load(), Bytes: m.bytes.Load(), Cached: m.cached.Load()}
}

// Asked counts a request.
func (m *Meter) Asked() { m.requests.Add(1) }

// Received counts bytes that came from the service.
func (m *Meter) Received(n int) { m.bytes.Add(int64(n)) }

// Spared counts bytes that came from a cache.
func (m *Meter) Spared(n int) { m.cached.Add(int64(n)) }

// Body counts what is read of an answer.
func (m *Meter) Body(r io.ReadCloser) io.ReadCloser { return &meteredBody{r, m} }

type meteredBody struct {
	io.ReadCloser
	meter *Meter
}

func (b *meteredBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.meter.Received(n)
	return n, err
}

// Range is Len bytes of a file from Off.
type Range struct{ Off, Len int64 }

// Prefetcher is a [File] that wants to know what will be read of it next: where a
// request is dear it merges ranges that lie close and fetches the rest of them at the
// same time. Reads of them do not ask again, as far as they have been kept. Prefetch does
// not wait: what goes wrong is told by the reads. Ranges need be in no order, and may
// overlap or reach over the end. Safe for concurrent use, also with ReadAt.
type Prefetcher interface {
	Prefetch(ranges []Range) error
}
