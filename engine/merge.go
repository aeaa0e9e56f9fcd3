package engine

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/partition"
	"github.com/keytrail/keytrail/schema"
)

// mergeBytes is about what one merge takes: a row group being written, a page of
// every column being read, a batch of each run.
const mergeBytes = 128 << 20

// puts is how many merged partitions are put in place at a time. A put waits for
// a disk or a network rather than for us.
const puts = 16

// merge replaces every partition that the wave's runs have rows of. As many are
// merged at a time as memory and processors allow; more may be on their way to
// their place.
func (w *wave) merge(ctx context.Context) error {
	step(stepMerge)
	parts := w.partitions()
	w.Progress.partsPlanned.Add(int64(len(parts)))
	merges := semaphore.NewWeighted(max(1, min(int64(w.Jobs), w.Memory/2/mergeBytes)))
	w.spare = semaphore.NewWeighted(int64(w.Jobs))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(puts)
	for _, p := range parts {
		g.Go(func() error {
			if err := w.mergePartition(ctx, p, merges); err != nil {
				return fmt.Errorf("merge table %s, day %s: %w", p.Table, p.DayString(), err)
			}
			w.Progress.Partitions.Add(1)
			return nil
		})
	}
	err := g.Wait()
	step(stepMerged)
	return err
}

// maxRestarts is how often a merge starts over because somebody else replaced
// the partition meanwhile. With the lease held that should not happen at all.
const maxRestarts = 10

func (w *wave) mergePartition(ctx context.Context, p schema.Partition, merges *semaphore.Weighted) error {
	for try := 0; ; try++ {
		err := w.tryMerge(ctx, p, merges)
		changed := errors.Is(err, object.ErrCondition) || errors.Is(err, object.ErrChanged)
		if !changed || try == maxRestarts {
			return err
		}
	}
}

// tryMerge merges the partition as it stands now with what came in, and puts the
// result in place if it differs.
func (w *wave) tryMerge(ctx context.Context, p schema.Partition, merges *semaphore.Weighted) error {
	if err := merges.Acquire(ctx, 1); err != nil {
		return err
	}
	if err := w.spare.Acquire(ctx, 1); err != nil {
		merges.Release(1)
		return err
	}
	release := sync.OnceFunc(func() {
		w.spare.Release(1)
		merges.Release(1)
	})
	defer release()
	held, err := w.openHeld(ctx, p)
	if err != nil {
		return err
	}
	defer held.close()
	m, err := w.mergeAside(ctx, p, held)
	defer m.close()
	if err != nil {
		return err
	}
	release()
	files, err := m.place(ctx, w, p, held)
	if err != nil {
		return err
	}
	w.addCounts(p, m)
	w.addFiles(m, files)
	return nil
}

// mergeAside merges the partition into scratch files.
func (w *wave) mergeAside(ctx context.Context, p schema.Partition, held *held) (*merged, error) {
	m := new(merged)
	in, err := partition.Gather(ctx, w.TempDir, p, w.runs)
	if err != nil {
		return m, err
	}
	defer in.Close()
	buckets, err := w.buckets(ctx, in, held)
	for err == nil && buckets > held.looked {
		var more bool
		if more, err = w.openUnended(ctx, p, held, buckets); err == nil && more {
			buckets, err = w.buckets(ctx, in, held) // their rows may make it more
		}
	}
	if err != nil {
		return m, err
	}
	// A file being written takes a row group of memory: of many, some at a time,
	// last ones first, which is the order they are put in.
	atOnce := 1
	for atOnce < buckets && int64(2*atOnce)*mergeBytes <= w.Memory/2 {
		atOnce *= 2
	}
	for first := buckets - atOnce; first >= 0; first -= atOnce {
		if err := w.mergeFiles(ctx, p, in, held, m, buckets, first, first+atOnce); err != nil {
			return m, err
		}
	}
	m.replaces = m.counts.Changed || buckets != held.buckets()
	return m, nil
}

// merged is a partition merged and written aside.
type merged struct {
	counts  partition.Counts
	tally   *tally
	before  []*objectCount // rows by object of the files that were there
	files   []*splitter
	written int64
	// replaces is false when the partition already is what the merge made.
	replaces bool
}

// place puts the merged files in place if they differ from what is there. It
// returns what the partition's files are now.
func (m *merged) place(ctx context.Context, w *wave, p schema.Partition, h *held) (files []lake.Merged, err error) {
	for _, s := range m.files {
		var etags []string
		if m.replaces {
			if etags, err = s.put(ctx, w, p, h); err != nil {
				return nil, err
			}
		}
		for i := range s.files {
			f := lake.Merged{Partition: p, Bucket: s.first + i, SHA256: hex.EncodeToString(s.hashes[i].Sum(nil)), Rows: s.rows[i], Kept: !m.replaces}
			if m.replaces {
				f.ETag = etags[i]
			} else {
				f.ETag = h.condition(f.Bucket).IfMatch
			}
			files = append(files, f)
		}
	}
	return files, nil
}

func (m *merged) close() {
	for _, s := range m.files {
		s.abort()
	}
}

// mergeFiles merges all rows, and writes those of the buckets from first to last.
func (w *wave) mergeFiles(ctx context.Context, p schema.Partition, in *partition.Incoming, held *held, m *merged, buckets, first, last int) error {
	out, err := w.newSplitter(buckets, first, last)
	if err != nil {
		return err
	}
	m.files = append(m.files, out)
	m.tally = newTally(w.accounts, p, out)
	sources, before := held.counted(w.accounts)
	m.before = before
	m.counts, err = in.Merge(ctx, sources, m.tally)
	if err != nil {
		return err
	}
	rows, err := out.finish()
	m.written += rows
	return err
}

// buckets is the number of files the merged partition will have. It depends on
// the number of rows alone, so where it might be more than one they are counted
// by a merge that writes nothing.
func (w *wave) buckets(ctx context.Context, in *partition.Incoming, h *held) (int, error) {
	if h.rows()+in.Rows() <= w.MaxFileRows {
		return 1, nil
	}
	counts, err := in.Merge(ctx, h.sources(), discard{})
	if err != nil {
		return 0, err
	}
	n := 1
	for int64(n)*w.MaxFileRows < counts.Out {
		n *= 2
	}
	return n, nil
}

type discard struct{}

func (discard) Append([]schema.Rows) error { return nil }

// temp makes an unnamed scratch file: no kill leaves it behind.
func (w *wave) temp() (*os.File, error) {
	f, err := os.CreateTemp(w.TempDir, "keytrail-part-*.parquet")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}
