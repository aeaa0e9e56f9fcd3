package parquetio

import (
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/schema"
)

// DefaultBatchRows is the length of batches when a caller does not say.
const DefaultBatchRows = 4096

// RowReader reads rows of one row group, batch by batch. Not safe for concurrent use;
// several RowReaders of one File are.
type RowReader struct {
	ranges  []RowRange // still to be read
	batch   int64
	schema  *arrow.Schema
	columns []*columnReader
	err     error
}

// Rows reads rows [from, to) of row group rg, a range that is cut to the rows it has.
// columns are positions in [schema.Columns], in any order; nil means all. batchRows
// is the length of the batches, by default [DefaultBatchRows].
func (f *File) Rows(rg int, from, to int64, columns []int, batchRows int) *RowReader {
	return f.RowsIn(rg, []RowRange{{from, to}}, columns, batchRows)
}

// RowsIn is like [File.Rows], for several ranges in order and apart from each other.
// A batch may hold rows of several. Only the pages that have some of the rows are
// read, each once.
func (f *File) RowsIn(rg int, ranges []RowRange, columns []int, batchRows int) *RowReader {
	r := &RowReader{batch: int64(batchRows)}
	if batchRows <= 0 {
		r.batch = DefaultBatchRows
	}
	if rg < 0 || rg >= f.NumRowGroups() {
		r.err = fmt.Errorf("row group %d of %d", rg, f.NumRowGroups())
		return r
	}
	if r.ranges, r.err = cutRanges(ranges, f.RowGroupRows(rg)); r.err != nil {
		return r
	}
	if r.schema, columns, r.err = project(columns); r.err != nil || len(r.ranges) == 0 {
		return r
	}
	if r.err = f.readIndexes(rg, columns); r.err != nil {
		return r
	}
	wanted := slices.Clone(r.ranges) // which are used up batch by batch
	for _, i := range columns {
		c := &columnReader{column: &schema.Columns[i]}
		if f.chunk(rg, i) != nil {
			c.start = func() (*pageReader, error) { return newPageReader(f, rg, i, wanted) }
		}
		r.columns = append(r.columns, c)
	}
	return r
}

// cutRanges drops what is not in a row group of that many rows.
func cutRanges(ranges []RowRange, rows int64) ([]RowRange, error) {
	var cut []RowRange
	last := int64(0)
	for _, x := range ranges {
		x.From, x.To = max(x.From, 0), min(x.To, rows)
		if x.From >= x.To {
			continue
		}
		if x.From < last {
			return nil, fmt.Errorf("ranges of rows %v are not in order", ranges)
		}
		last = x.To
		cut = append(cut, x)
	}
	return cut, nil
}

// project is the schema of records with the given columns, and those in file order.
func project(columns []int) (*arrow.Schema, []int, error) {
	if columns == nil {
		all := make([]int, len(schema.Columns))
		for i := range all {
			all[i] = i
		}
		return schema.Arrow, all, nil
	}
	columns = slices.Clone(columns)
	slices.Sort(columns)
	if columns = slices.Compact(columns); len(columns) == len(schema.Columns) && columns[0] == 0 && columns[len(columns)-1] == len(columns)-1 {
		return schema.Arrow, columns, nil
	}
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		if c < 0 || c >= len(schema.Columns) {
			return nil, nil, fmt.Errorf("column %d of %d", c, len(schema.Columns))
		}
		fields[i] = schema.Arrow.Field(c)
	}
	return arrow.NewSchema(fields, nil), columns, nil
}

// Next returns the next batch, or io.EOF after the last. The record is the caller's
// to release and stays valid until then. Its columns are the ones asked for, in the
// order of [schema.Columns].
func (r *RowReader) Next() (arrow.Record, error) {
	if r.err == nil && len(r.ranges) == 0 {
		r.err = io.EOF
	}
	if r.err != nil {
		return nil, r.err
	}
	var rec arrow.Record
	r.err = guard("read rows", func() error {
		var err error
		rec, err = r.next(r.take())
		return err
	})
	return rec, r.err
}

// take takes the ranges of the next batch off those to be read.
func (r *RowReader) take() (ranges []RowRange, n int64) {
	for n < r.batch && len(r.ranges) > 0 {
		x := &r.ranges[0]
		k := min(r.batch-n, x.To-x.From)
		ranges = append(ranges, RowRange{x.From, x.From + k})
		n += k
		if x.From += k; x.From == x.To {
			r.ranges = r.ranges[1:]
		}
	}
	return ranges, n
}

func (r *RowReader) next(ranges []RowRange, n int64) (arrow.Record, error) {
	arrays := make([]arrow.Array, len(r.columns))
	defer func() {
		for _, a := range arrays {
			if a != nil {
				a.Release()
			}
		}
	}()
	for i, c := range r.columns {
		data, err := c.read(ranges, int(n))
		if err != nil {
			return nil, err
		}
		arrays[i] = array.MakeFromData(data)
		data.Release()
		if len(r.ranges) == 0 && c.pages != nil { // this batch is the last
			c.pages.done()
		}
	}
	return array.NewRecord(r.schema, arrays, n), nil
}
