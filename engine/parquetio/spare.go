package parquetio

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// each calls do once for each column, on as many processors as nobody else uses at
// this moment, and returns an error of one of the calls. What is done for one column
// touches no other.
func (w *Writer) each(do func(column int, c *columnWriter) error) error {
	helpers := takeSpare(w.opts.Spare, len(w.columns)-1)
	if helpers == 0 {
		for i, c := range w.columns {
			if err := do(i, c); err != nil {
				return err
			}
		}
		return nil
	}
	var (
		next   atomic.Int32 // from the end, where the long columns are
		failed error
		once   sync.Once
		all    sync.WaitGroup
	)
	work := func() {
		for i := len(w.columns) - int(next.Add(1)); i >= 0; i = len(w.columns) - int(next.Add(1)) {
			if err := do(i, w.columns[i]); err != nil {
				once.Do(func() { failed = err })
				return
			}
		}
	}
	for range helpers {
		all.Go(func() {
			defer w.opts.Spare.Release(1)
			work()
		})
	}
	work()
	all.Wait()
	return failed
}

// takeSpare takes at most so many of the processors that are free, without waiting.
func takeSpare(spare *semaphore.Weighted, most int) (n int) {
	for spare != nil && n < most && spare.TryAcquire(1) {
		n++
	}
	return n
}
