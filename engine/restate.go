package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/partition"
	"github.com/keytrail/keytrail/schema"
)

// Alone calls fn with the lake's lease held, so that no ingest writes meanwhile, and
// gives it back. The context of fn ends when the lease is lost.
func (e *Engine) Alone(ctx context.Context, fn func(ctx context.Context, r *Restating) error) error {
	run, err := e.begin(ctx, Request{})
	if err != nil {
		return err
	}
	defer run.end()
	return run.cause(fn(run.ctx, &Restating{run}))
}

// Restating changes rows that the lake has.
type Restating struct{ run *run }

// Restated says what a rewriting did.
type Restated struct {
	Files      int64     `json:"files"` // put or removed
	RowsBefore int64     `json:"rows_before"`
	Rows       int64     `json:"rows"`
	Journal    lake.Head `json:"journal"`
}

// Rewrite has the maker's rewriters change the rows of partitions, or drop them, and
// puts their files in place: rows are sorted and merged anew, so
// that the bytes depend on the rows alone, as after an ingest. A partition without rows
// has no file. Then it brings the rollup up to date and enters the cause in the journal,
// with all files of the partitions. Run again after any failure, it leaves the same.
func (r *Restating) Rewrite(ctx context.Context, parts []schema.Partition, maker RewriterMaker, cause lake.Cause) (Restated, error) {
	w := r.run.newWave()
	defer w.close()
	w.spare = semaphore.NewWeighted(int64(w.Jobs))
	done := &restating{wave: w, maker: maker}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(int(max(1, min(int64(w.Jobs), w.Memory/2/mergeBytes))))
	for _, p := range parts {
		g.Go(func() error {
			if err := done.partition(gctx, p); err != nil {
				return fmt.Errorf("rewrite table %s, day %s: %w", p.Table, p.DayString(), err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return done.sum, err
	}
	for day, tables := range w.rollup {
		if err := w.Lake.MergeRollup(ctx, day, tables); err != nil {
			return done.sum, err
		}
	}
	head, err := w.Lake.RecordRestated(ctx, time.Now(), cause, parts, w.files)
	done.sum.Journal = head
	return done.sum, err
}

// restating is a rewriting under way.
type restating struct {
	*wave
	maker RewriterMaker
	mu    sync.Mutex // guards sum
	sum   Restated
}

func (r *restating) partition(ctx context.Context, p schema.Partition) error {
	for try := 0; ; try++ {
		err := r.try(ctx, p)
		changed := errors.Is(err, object.ErrCondition) || errors.Is(err, object.ErrChanged)
		if !changed || try == maxRestarts {
			return err
		}
	}
}

// try rewrites the partition as it stands now.
func (r *restating) try(ctx context.Context, p schema.Partition) error {
	held, err := r.openHeld(ctx, p)
	if err != nil {
		return err
	}
	defer held.close()
	if _, err := r.openUnended(ctx, p, held, len(held.files)+1); err != nil {
		return err
	}
	rows := &rewritten{restating: r, part: p, by: r.maker()}
	defer rows.close()
	if err := rows.read(ctx, held); err != nil {
		return err
	}
	m, err := r.aside(ctx, p, rows)
	defer m.close()
	if err != nil {
		return err
	}
	files, err := m.place(ctx, r.wave, p, held)
	if err != nil {
		return err
	}
	removed, err := r.removeOthers(ctx, p, len(files))
	if err != nil {
		return err
	}
	r.addCounts(p, m)
	r.count(held, m, len(files), removed)
	r.wave.mu.Lock()
	r.files = append(r.files, files...)
	r.wave.mu.Unlock()
	return nil
}

// aside merges the rewritten rows into scratch files.
func (r *restating) aside(ctx context.Context, p schema.Partition, rows *rewritten) (*merged, error) {
	m := &merged{tally: newTally(r.accounts, p, discard{})}
	if rows.kept == 0 {
		return m, nil
	}
	in, err := partition.Gather(ctx, r.TempDir, p, rows.runs)
	if err != nil {
		return m, err
	}
	defer in.Close()
	none := noneHeld()
	buckets, err := r.buckets(ctx, in, none)
	if err != nil {
		return m, err
	}
	for first := buckets - 1; first >= 0; first-- {
		if err := r.mergeFiles(ctx, p, in, none, m, buckets, first, first+1); err != nil {
			return m, err
		}
	}
	m.replaces = true // by the same bytes where a run that was killed had come that far
	return m, nil
}

// removeOthers removes the files of the partition from a bucket on: with fewer rows it
// may have fewer files, and one that stayed would be counted by who globs the lake.
func (r *restating) removeOthers(ctx context.Context, p schema.Partition, from int) (n int64, err error) {
	day := p.DayString()
	var buckets []int
	err = r.Lake.TouchFiles(ctx, p.Table, day, day, func(f lake.TouchFile) error {
		if f.Bucket >= from {
			buckets = append(buckets, f.Bucket)
		}
		return nil
	})
	for _, bucket := range slices.Backward(buckets) {
		if err == nil {
			err = r.Lake.RemoveTouches(ctx, p, bucket)
			n++
		}
	}
	return n, err
}

func (r *restating) count(h *held, m *merged, files int, removed int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Files += int64(files) + removed
	r.sum.RowsBefore += h.rows()
	r.sum.Rows += m.counts.Out
}
