package engine

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/keytrail/keytrail/engine/partition"
	"github.com/keytrail/keytrail/schema"
)

// rewritten is the rows of a partition on their way through a rewriter to where they
// are sorted.
type rewritten struct {
	*restating
	part schema.Partition
	by   Rewriter
	rows *partition.Buffer
	runs []partition.Run
	kept int64
}

// noneHeld is a partition without files: what is merged with it is all there is.
func noneHeld() *held { return new(held) }

// read takes in the rows of all files held.
func (r *rewritten) read(ctx context.Context, h *held) error {
	r.rows = partition.NewBuffer()
	for _, source := range h.sources() {
		for {
			b, err := source.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			err = r.batch(b)
			b.Release()
			if err != nil {
				return err
			}
		}
	}
	if r.rows.Len() > 0 {
		r.runs = append(r.runs, r.rows.Run())
	}
	return nil
}

// batch takes in some rows.
func (r *rewritten) batch(b *schema.Batch) error {
	var t schema.Touch
	for i := range b.Len {
		b.Touch(i, &t)
		if r.part.Table != schema.NoTable {
			t.TableName = r.part.Table
		}
		if schema.PartitionOf(&t) != r.part {
			return fmt.Errorf("a row of %s stands in it: verify the lake first", schema.DayString(schema.DayOf(t.EventTime)))
		}
		if !r.by.Rewrite(&t) {
			continue
		}
		if err := r.rows.Append(&t); err != nil {
			return err
		}
		r.kept++
	}
	if r.rows.Bytes() < r.bufferBytes() {
		return nil
	}
	run, err := r.rows.Spill(r.TempDir)
	if err != nil {
		return err
	}
	r.runs = append(r.runs, run)
	return nil
}

func (r *rewritten) close() {
	for _, run := range r.runs {
		_ = run.Close() // memory, or a temporary file without a name
	}
}
