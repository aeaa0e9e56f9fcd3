package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/keytrail/keytrail/engine/inflate"
	"github.com/keytrail/keytrail/engine/object"
)

// maxFetches is the most objects fetched at a time. Tiny objects need hundreds of
// requests in flight to fill a pipe; large ones are held back by their bytes.
const maxFetches = 256

// body is an object's stored bytes, or why there are none.
type body struct {
	planned
	data []byte
	err  error
	free func() // gives back the bytes in flight
}

// fetch reads objects until the list ends or the wave is full, several at a
// time, bounded by bytes in flight.
func (w *wave) fetch(ctx context.Context, g *errgroup.Group, objects <-chan planned) <-chan body {
	bodies := make(chan body)
	budget := w.fetchBytes()
	inFlight := semaphore.NewWeighted(budget)
	g.Go(func() error {
		defer close(bodies)
		fetchers, fctx := errgroup.WithContext(ctx)
		fetchers.SetLimit(maxFetches)
		err := w.dispatch(fctx, fetchers, objects, bodies, inFlight, budget)
		return errors.Join(fetchers.Wait(), err)
	})
	return bodies
}

func (w *wave) dispatch(ctx context.Context, g *errgroup.Group, objects <-chan planned, bodies chan<- body, inFlight *semaphore.Weighted, budget int64) error {
	for !w.full() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case obj, ok := <-objects:
			if !ok {
				w.ended = true
				return nil
			}
			if w.take(obj); obj.skip != nil {
				continue
			}
			weight := min(max(obj.Size, 1), budget)
			if err := inFlight.Acquire(ctx, weight); err != nil {
				return err
			}
			g.Go(func() error {
				b := w.get(ctx, obj)
				if errors.Is(b.err, object.ErrCredentials) || errors.Is(b.err, object.ErrNoStore) {
					return b.err // every other object would fail alike
				}
				b.free = sync.OnceFunc(func() { inFlight.Release(weight) })
				select {
				case bodies <- b:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		}
	}
	return nil
}

// get reads one object. Its error is about the object, never about the run.
func (w *wave) get(ctx context.Context, obj planned) body {
	b := body{planned: obj}
	if obj.Size > w.MaxObject {
		err := fmt.Errorf("%w of %d bytes: it has %d already as stored", inflate.ErrTooLarge, w.MaxObject, obj.Size)
		b.err = &object.Error{Op: "read", Key: obj.Key, Hint: hintOf(err), Err: err}
		return b
	}
	stream, err := obj.input.Source.Open(ctx, obj.Info)
	if err != nil {
		b.err = err
		return b
	}
	defer stream.Close()
	b.data = make([]byte, 0, obj.Size+1)
	b.data, b.err = readAll(b.data, stream, obj.Size)
	if b.err != nil {
		b.err = &object.Error{Op: "read", Key: obj.Key, Err: b.err}
	}
	return b
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
