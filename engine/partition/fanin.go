package partition

import (
	"context"
	"errors"
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// fanIn is the most runs merged at once: with a batch of each in memory, a merge
// stays within a hundred megabytes however many runs there are.
const fanIn = 128

// Incoming is the rows of one partition that runs bring, in few enough runs to be
// merged at once, any number of times.
type Incoming struct {
	p       schema.Partition
	runs    []Run
	own     []Run // made by merging others
	dropped int64 // rows that fell out on the way
}

// Gather returns the rows of p that runs bring. More than a few dozen runs are merged
// in groups first, through temporary files in dir. Close it before the runs.
func Gather(ctx context.Context, dir string, p schema.Partition, runs []Run) (*Incoming, error) {
	in := &Incoming{p: p}
	for _, r := range runs {
		if r.Rows(p) > 0 {
			in.runs = append(in.runs, r)
		}
	}
	for len(in.runs) > fanIn {
		group, dropped, err := mergeGroup(ctx, dir, p, in.runs[:fanIn])
		if err != nil {
			return nil, errors.Join(err, in.Close())
		}
		in.free(in.runs[:fanIn])
		in.own = append(in.own, group)
		in.runs = append(in.runs[fanIn:], group)
		in.dropped += dropped
	}
	return in, nil
}

// free closes those of the runs that were made here.
func (in *Incoming) free(runs []Run) {
	in.own = slices.DeleteFunc(in.own, func(r Run) bool {
		gone := slices.Contains(runs, r)
		if gone {
			_ = r.Close() // a temporary file without a name
		}
		return gone
	})
}

// Rows is how many rows were brought, those that fell out since included.
func (in *Incoming) Rows() int64 {
	n := in.dropped
	for _, r := range in.runs {
		n += r.Rows(in.p)
	}
	return n
}

// Close frees what was made.
func (in *Incoming) Close() error {
	var errs []error
	for _, r := range in.own {
		errs = append(errs, r.Close())
	}
	in.own, in.runs = nil, nil
	return errors.Join(errs...)
}

// Merge merges the rows with those that the partition holds, in any number of sorted
// files (present), which it closes.
//
// Rows equal in all but their provenance become one, the one read from the
// least (source_object, source_index). Conflicts are counted where the copies
// agree on item key and time, as they do when only other fields differ.
func (in *Incoming) Merge(ctx context.Context, present []Source, out Output) (Counts, error) {
	sources, err := open(in.runs, in.p)
	if err != nil {
		return Counts{}, errors.Join(err, closeAll(present))
	}
	counts, err := merge(ctx, present, sources, out)
	// What fell out on the way came in, and was dropped.
	counts.New += in.dropped
	counts.Dropped += in.dropped
	return counts, err
}

func open(runs []Run, p schema.Partition) ([]Source, error) {
	var sources []Source
	for _, r := range runs {
		if r.Rows(p) == 0 {
			continue
		}
		src, err := r.Open(p)
		if err != nil {
			return nil, errors.Join(err, closeAll(sources))
		}
		sources = append(sources, src)
	}
	return sources, nil
}

// mergeGroup merges the rows of p that runs have into a run of its own. dropped is how
// many fell out.
func mergeGroup(ctx context.Context, dir string, p schema.Partition, runs []Run) (group Run, dropped int64, err error) {
	sources, err := open(runs, p)
	if err != nil {
		return nil, 0, err
	}
	w, err := newSpillWriter(dir)
	if err != nil {
		return nil, 0, errors.Join(err, closeAll(sources))
	}
	copier := newCopier(w)
	counts, err := merge(ctx, nil, sources, copier)
	if err == nil {
		err = copier.flush()
	}
	if err != nil {
		return nil, 0, errors.Join(err, w.abort())
	}
	w.run.parts, w.run.spans[p] = []schema.Partition{p}, span{0, len(w.run.frames), counts.Out}
	group, err = w.finish()
	return group, counts.Dropped, err
}

func closeAll(sources []Source) error {
	var errs []error
	for _, s := range sources {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// copiedBytes is how much text a copier collects at most. Batches are smaller in
// memory, since values that repeat stand in them once.
const copiedBytes = 4 * batchBytes

// copier gathers merged rows, which come in short ranges, into full batches of
// a spilled run, through a buffer.
type copier struct {
	w      *spillWriter
	rows   *Buffer // in order, whatever partition they are of
	size   int64   // bytes of text of them
	gather *gatherer
}

func newCopier(w *spillWriter) *copier {
	rows := NewBuffer()
	return &copier{w: w, rows: rows, gather: newGatherer(rows, BatchRows, true)}
}

func (c *copier) Append(rows []schema.Rows) error {
	for _, r := range rows {
		for i := r.From; i < r.To; i++ {
			if err := c.rows.appendRow(r.Batch, i); err != nil {
				return err
			}
			c.size += r.TextBytes(i, i+1)
			if c.rows.Len() >= BatchRows || c.size >= copiedBytes {
				if err := c.flush(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// flush writes the rows collected, which came in order.
func (c *copier) flush() error {
	entries := make([]sortEntry, c.rows.Len())
	for i := range entries {
		entries[i].row = uint32(i)
	}
	for len(entries) > 0 {
		b := c.gather.batch(entries)
		if err := c.w.write(b); err != nil {
			return err
		}
		entries = entries[b.Len:]
		b.Release()
	}
	c.rows.Reset()
	c.size = 0
	return nil
}

// appendRow adds a copy of row i of a batch.
func (b *Buffer) appendRow(from *schema.Batch, i int) error {
	row := b.newRow()
	row[rowLayout.size] = from.Sizes[i]
	for col := range schema.Columns {
		at := rowLayout.at[col]
		switch schema.Columns[col].Type {
		case schema.Text, schema.List:
			if err := b.setText(row, at, col, from.Texts[col].Value(i)); err != nil {
				return err
			}
		case schema.Int:
			row[at] = uint32(from.Ints[col][i])
		case schema.Time:
			v := uint64(from.Times[col][i])
			row[at], row[at+1] = uint32(v), uint32(v>>32)
		default:
			row[at] = uint32(from.Flags[col][i])
		}
	}
	b.rows++
	return nil
}
