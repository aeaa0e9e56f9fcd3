package partition

import (
	"context"
	"errors"
	"unsafe"

	"github.com/keytrail/keytrail/schema"
)

// fanIn is the most runs merged at once: with a batch of each in memory, a merge
// stays within some tens of megabytes however many runs there are.
const fanIn = 32

// Merge merges the rows of p: those it holds, in any number of sorted files
// (present), and those that runs bring. It closes present.
//
// Rows equal in all but their provenance become one, the one read from the
// least (source_object, source_index). Conflicts are counted where the copies
// agree on item key and time, as they do when only other fields differ.
//
// More than a few dozen runs are first merged in groups, through temporary
// files in dir; the output is the same.
func Merge(ctx context.Context, dir string, p schema.Partition, present []Source, runs []Run, out Output) (Counts, error) {
	sources, err := open(runs, p)
	if err != nil {
		return Counts{}, errors.Join(err, closeAll(present))
	}
	var grouped Counts
	for len(sources) > fanIn {
		var group Source
		group, err = mergeGroup(ctx, dir, p, sources[:fanIn], &grouped)
		sources = sources[fanIn:]
		if err != nil {
			return Counts{}, errors.Join(err, closeAll(present), closeAll(sources))
		}
		sources = append(sources, group)
	}
	counts, err := merge(ctx, present, sources, out)
	// What fell out on the way came in, and was dropped.
	counts.New += grouped.Dropped
	counts.Dropped += grouped.Dropped
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

// mergeGroup merges sources into a temporary run and returns its rows, adding
// to dropped what fell out.
func mergeGroup(ctx context.Context, dir string, p schema.Partition, sources []Source, dropped *Counts) (Source, error) {
	w, err := newSpillWriter(dir)
	if err != nil {
		return nil, errors.Join(err, closeAll(sources))
	}
	copier := newCopier(w)
	counts, err := merge(ctx, nil, sources, copier)
	if err == nil {
		err = copier.flush()
	}
	if err != nil {
		return nil, errors.Join(err, w.abort())
	}
	dropped.Dropped += counts.Dropped
	w.run.parts, w.run.spans[p] = []schema.Partition{p}, span{0, len(w.run.frames), counts.Out}
	run, err := w.finish()
	if err != nil {
		return nil, err
	}
	src, err := run.Open(p)
	if err != nil {
		return nil, errors.Join(err, run.Close())
	}
	return &lastSource{src, run}, nil
}

// lastSource is the only source of a run, which it closes with itself.
type lastSource struct {
	Source
	run Run
}

func (s *lastSource) Close() error { return errors.Join(s.Source.Close(), s.run.Close()) }

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
	return &copier{w: w, rows: NewBuffer(), gather: newGatherer(BatchRows)}
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
		rec, n := c.gather.batch(c.rows, entries)
		if err := c.w.write(rec); err != nil {
			return err
		}
		entries = entries[n:]
	}
	c.rows.Reset()
	c.size = 0
	return nil
}

// appendRow adds a copy of row i of a batch.
func (b *Buffer) appendRow(from *schema.Batch, i int) error {
	row := b.newRow()
	for col := range schema.Columns {
		c, at := &schema.Columns[col], rowLayout.at[col]
		switch c.Type {
		case schema.Text:
			if err := b.setText(row, at, c, col, from.Texts[col].Value(i)); err != nil {
				return err
			}
		case schema.List:
			l := from.Lists[col]
			b.lists = b.lists[:0]
			for k, end := l.Lists.ValueOffsets(i); k < end; k++ {
				b.lists = appendItem(b.lists, l.Items.Value(int(k)))
			}
			if err := b.setText(row, at, c, col, unsafe.String(unsafe.SliceData(b.lists), len(b.lists))); err != nil {
				return err
			}
		case schema.Int:
			row[at] = uint32(from.Ints[col][i])
		case schema.Time:
			v := uint64(from.Times[col][i])
			row[at], row[at+1] = uint32(v), uint32(v>>32)
		default:
			row[at] = uint32(triAt(from.Flags[col], i))
		}
	}
	b.rows++
	return nil
}
