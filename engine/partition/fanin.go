package partition

import (
	"context"
	"errors"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

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
	defer copier.release()
	counts, err := merge(ctx, nil, sources, copier)
	if err == nil {
		err = copier.flush()
	}
	if err != nil {
		return nil, errors.Join(err, w.abort())
	}
	dropped.Dropped += counts.Dropped
	w.run.parts, w.run.spans[p] = []schema.Partition{p}, span{0, w.n, counts.Out}
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

// copier gathers merged rows, which come in short ranges, into full batches of
// a spilled run.
type copier struct {
	w       *spillWriter
	builder *array.RecordBuilder
	rows    int
	size    int
}

func newCopier(w *spillWriter) *copier {
	return &copier{w: w, builder: newGatherer().builder}
}

func (c *copier) release() { c.builder.Release() }

func (c *copier) Append(rec arrow.Record, from, to int64) error {
	for i := int(from); i < int(to); i++ {
		for col, a := range rec.Columns() {
			c.size += appendCell(c.builder.Field(col), a, i)
		}
		c.rows++
		if c.rows >= BatchRows || c.size >= batchBytes {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *copier) flush() error {
	if c.rows == 0 {
		return nil
	}
	rec := c.builder.NewRecord()
	defer rec.Release()
	c.rows, c.size = 0, 0
	return c.w.write(rec)
}

// appendCell copies one cell and returns its size in bytes.
func appendCell(to array.Builder, from arrow.Array, i int) int {
	if from.IsNull(i) {
		to.AppendNull()
		return 4
	}
	switch a := from.(type) {
	case *array.String:
		v := a.Value(i)
		to.(*array.StringBuilder).Append(v)
		return len(v) + 4
	case *array.Int32:
		to.(*array.Int32Builder).Append(a.Value(i))
	case *array.Timestamp:
		to.(*array.TimestampBuilder).Append(a.Value(i))
	case *array.Boolean:
		to.(*array.BooleanBuilder).Append(a.Value(i))
	case *array.List:
		list := to.(*array.ListBuilder)
		list.Append(true)
		first, end := a.ValueOffsets(i)
		size := 4
		for k := first; k < end; k++ {
			size += appendCell(list.ValueBuilder(), a.ListValues(), int(k))
		}
		return size
	}
	return 8
}
