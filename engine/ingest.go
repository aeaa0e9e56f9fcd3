package engine

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// Ingest reads every object req selects that the ledger does not have as done,
// and merges their touches into the lake. Run again after any failure, it leaves
// the same bytes.
//
// A long run commits in waves, so that what a crash can undo is bounded. The
// report covers what was committed, also when an error is returned.
func (e *Engine) Ingest(ctx context.Context, req Request) (Report, error) {
	run, err := e.begin(ctx, req) // the lease; what is there to read
	if err != nil {
		return Report{}, fmt.Errorf("begin run: %w", err)
	}
	defer run.end() // gives back the lease
	objects := run.list()
	for more := true; more; {
		if more, err = run.wave(objects); err != nil {
			return run.reported(), err
		}
	}
	return run.reported(), nil
}

// wave takes objects from the list, up to a wave's limits, through to the
// commit. It returns false when the list has ended.
func (r *run) wave(objects <-chan planned) (more bool, err error) {
	w := r.newWave()
	defer w.close()
	g, ctx := errgroup.WithContext(r.ctx)
	bodies := w.fetch(ctx, g, objects) // bounded by bytes in flight
	w.decode(ctx, g, bodies)           // bad objects go to the ledger; rows are sorted and spilled
	if err := g.Wait(); err != nil {
		return false, r.cause(err)
	}
	if err := r.listErr(w.ended); err != nil {
		return false, err
	}
	if err := w.merge(r.ctx); err != nil { // each touched partition replaced once
		return false, r.cause(err)
	}
	if err := w.commit(r.ctx); err != nil { // balance and write the ledger
		return false, r.cause(err)
	}
	return !w.ended, nil
}
