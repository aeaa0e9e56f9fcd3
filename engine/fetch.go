package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/keytrail/keytrail/engine/inflate"
	"github.com/keytrail/keytrail/engine/object"
)

// maxFetches is the most objects that are being fetched, wait to be decoded, or are.
// Tiny objects need hundreds of requests in flight to fill a pipe; large ones are held
// back by their bytes.
const maxFetches = 256

// body is an object's stored bytes, or why there are none.
type body struct {
	planned
	data   []byte
	err    error
	weight int64 // of the bytes in flight
	from   *fetcher
}

// fetch reads objects until the list ends or the wave is full, several at a
// time, bounded by bytes in flight.
func (w *wave) fetch(ctx context.Context, g *errgroup.Group, objects <-chan planned) <-chan body {
	budget := w.fetchBytes()
	f := &fetcher{
		wave: w, objects: objects, bodies: make(chan body, maxFetches), budget: budget,
		share: (budget + maxFetches - 1) / maxFetches, inFlight: semaphore.NewWeighted(budget),
	}
	g.Go(func() error {
		defer close(f.bodies)
		fetchers, fctx := errgroup.WithContext(ctx)
		f.start(fctx, fetchers)
		return fetchers.Wait()
	})
	return f.bodies
}

// fetcher is what the goroutines share that read a wave's objects. Each reads many,
// one after the other: to start one per object would cost as much as a tiny object
// does.
type fetcher struct {
	*wave
	objects  <-chan planned
	bodies   chan body // has room for all that are in flight
	budget   int64
	share    int64 // the least an object weighs, so that no more than maxFetches are in flight
	inFlight *semaphore.Weighted
	turn     sync.Mutex   // to take the next object
	idle     atomic.Int32 // goroutines that have no object
	spare    sync.Pool    // of *[]byte, none larger than share
}

// start starts a goroutine. Whenever the last that is idle takes an object, it starts
// another: there are as many as the store's delay asks for.
func (f *fetcher) start(ctx context.Context, g *errgroup.Group) {
	f.idle.Add(1)
	g.Go(func() error {
		for {
			b, ok, err := f.next(ctx)
			if !ok || err != nil {
				return err
			}
			if f.idle.Add(-1) == 0 {
				f.start(ctx, g)
			}
			f.get(ctx, &b)
			if errors.Is(b.err, object.ErrCredentials) || errors.Is(b.err, object.ErrNoStore) {
				return b.err // every other object would fail alike
			}
			f.bodies <- b
			f.idle.Add(1)
		}
	})
}

// next takes the next object to be read when there is room for its bytes; ok is false
// when there is none for this wave.
func (f *fetcher) next(ctx context.Context) (b body, ok bool, err error) {
	f.turn.Lock()
	defer f.turn.Unlock()
	for !f.full() {
		select {
		case <-ctx.Done():
			return body{}, false, ctx.Err()
		case obj, ok := <-f.objects:
			if !ok {
				f.ended = true
				return body{}, false, nil
			}
			if f.take(obj); obj.skip != nil {
				continue
			}
			weight := min(max(obj.Size, f.share), f.budget)
			err := f.inFlight.Acquire(ctx, weight)
			return body{planned: obj, weight: weight, from: f}, err == nil, err
		}
	}
	return body{}, false, nil
}

// quick is a source that may read an object in fewer steps than by a stream.
type quick interface {
	// ReadListed appends the bytes of an object, as it was listed, to data, which has
	// room for more than these. When ok is false it did not come to it, and Open says
	// why or does better.
	ReadListed(ctx context.Context, obj object.Info, data []byte) (all []byte, ok bool)
}

// get reads one object. Its error is about the object, never about the run.
func (f *fetcher) get(ctx context.Context, b *body) {
	if b.Size > f.MaxObject {
		err := fmt.Errorf("%w of %d bytes: it has %d already as stored", inflate.ErrTooLarge, f.MaxObject, b.Size)
		b.err = &object.Error{Op: "read", Key: b.Key, Hint: hintOf(err), Err: err}
		return
	}
	b.data = f.buffer(b.Size + 1)
	if source, ok := b.input.Source.(quick); ok {
		if b.data, ok = source.ReadListed(ctx, b.Info, b.data); ok {
			return
		}
	}
	stream, err := b.input.Source.Open(ctx, b.Info)
	if err != nil {
		b.err = err
		return
	}
	defer stream.Close()
	b.data, err = readAll(b.data[:0], stream, b.Size)
	if err != nil {
		b.err = &object.Error{Op: "read", Key: b.Key, Err: err}
	}
}

// buffer has room for size bytes.
func (f *fetcher) buffer(size int64) []byte {
	if size > f.share {
		return make([]byte, 0, size)
	}
	if spare, ok := f.spare.Get().(*[]byte); ok && int64(cap(*spare)) >= size {
		return (*spare)[:0]
	}
	return make([]byte, 0, min(max(size+size/4, 4<<10), f.share))
}

// free gives back the body's bytes, to be used again, and their room.
func (b *body) free() {
	if data := b.data[:0]; cap(data) > 0 && int64(cap(data)) <= b.from.share {
		b.from.spare.Put(&data)
	}
	b.data = nil
	b.from.inFlight.Release(b.weight)
}

// readAll appends the stream to data, which is expected to be size bytes.
func readAll(data []byte, stream io.Reader, size int64) ([]byte, error) {
	for {
		n, err := stream.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case errors.Is(err, io.EOF) && int64(len(data)) < size:
			return data, fmt.Errorf("%w: %d bytes of %d", io.ErrUnexpectedEOF, len(data), size)
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return data, err
		case int64(len(data)) > size:
			return data, fmt.Errorf("%w: more than the %d bytes listed", object.ErrChanged, size)
		}
	}
}
