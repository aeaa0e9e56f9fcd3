package lake

import (
	"context"
	"io"

	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// Causes of commits that are no ingest.
const (
	Erasure   = "erasure"   // a person's rows were unlinked or removed
	Retention = "retention" // days that had been kept long enough were removed
)

// Cause says why a commit changed rows that the lake had, or removed them. It names
// the request, never whom it was about.
type Cause struct {
	Kind     string // [Erasure] or [Retention]; empty for an ingest
	Request  string // the request's id, or what the rule said
	Operator string // who did it; empty when nobody said
}

// String is the cause as a person reads it: "erasure DSR-17 by jane".
func (c Cause) String() string {
	s := c.Kind
	if c.Request != "" {
		s += " " + c.Request
	}
	if c.Operator != "" {
		s += " by " + c.Operator
	}
	return s
}

// causedRow is a change of a commit with a cause on disk. Others are written without
// these columns, so that a journal's old entries have the bytes they always had; who
// reads it as a table reads it by column names.
type causedRow struct {
	changeRow
	Cause    string `parquet:"cause,optional"`
	Request  string `parquet:"request,optional"`
	Operator string `parquet:"operator,optional"`
}

func (r *causedRow) cause() Cause { return Cause{r.Cause, r.Request, r.Operator} }

// write writes the commit's changes as a table.
func (c *Commit) write(out io.Writer) error {
	if c.Cause == (Cause{}) {
		return writeChanges(out, c.Changes, (*changeRow).weight, c.row)
	}
	return writeChanges(out, c.Changes, func(r *causedRow) int { return r.weight() }, func(h *Change) causedRow {
		return causedRow{c.row(h), text(c.Cause.Kind), text(c.Cause.Request), text(c.Cause.Operator)}
	})
}

func writeChanges[T any](out io.Writer, changes []Change, weigh func(*T) int, row func(*Change) T) error {
	w := parquetio.NewTableWriter(out, weigh)
	for i := range changes {
		if err := w.Write(row(&changes[i])); err != nil {
			return err
		}
	}
	return w.Close()
}

// Restated returns the partitions that commits of some causes changed, in no order and some
// of them more than once. It reads the whole journal.
func (l *Lake) Restated(ctx context.Context, by func(Cause) bool) (parts []schema.Partition, err error) {
	numbers, err := l.Journal(ctx)
	if err != nil {
		return nil, err
	}
	for _, n := range numbers {
		c, err := l.Commit(ctx, n)
		if err != nil {
			return nil, err
		}
		if !by(c.Cause) {
			continue
		}
		for i := range c.Changes {
			parts = append(parts, c.Changes[i].Partition)
		}
	}
	return parts, nil
}
