package reader

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// fileScan reads one file in one version. Its rows are held back until release, or
// until there are too many of them.
type fileScan struct {
	ctx     context.Context
	q       *Query
	out     chan<- arrow.Record
	stats   Stats
	held    []arrow.Record
	bytes   int64
	started bool // rows have been handed out
}

func (s *fileScan) read(f *parquetio.File) error {
	pruned := 0
	for rg := range f.NumRowGroups() {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		ranges, err := s.candidates(f, rg)
		if err != nil {
			return err
		}
		if len(ranges) == 0 {
			pruned++
			continue
		}
		if ranges, err = s.match(f, rg, ranges); err != nil {
			return err
		}
		if err := s.emit(f.RowsIn(rg, ranges, s.q.Columns, s.q.BatchRows)); err != nil {
			return err
		}
	}
	s.stats.RowGroups += f.NumRowGroups()
	s.stats.RowGroupsPruned += pruned
	if pruned == f.NumRowGroups() {
		s.stats.FilesPruned++
	}
	return nil
}

// emit hands the rows on, or holds them back.
func (s *fileScan) emit(rows *parquetio.RowReader) error {
	for {
		rec, err := rows.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		s.held = append(s.held, rec)
		s.bytes += recordBytes(rec)
		if s.started || s.bytes > s.q.BufferBytes {
			if err := s.release(); err != nil {
				return err
			}
		}
	}
}

// release hands out what was held back.
func (s *fileScan) release() error {
	for len(s.held) > 0 {
		select {
		case s.out <- s.held[0]:
			s.started = true
			s.held = s.held[1:]
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
	}
	return nil
}

// drop forgets what was held back.
func (s *fileScan) drop() {
	for _, rec := range s.held {
		rec.Release()
	}
	s.held = nil
}

// recordBytes is the memory a record takes.
func recordBytes(rec arrow.Record) int64 {
	var n int64
	for _, col := range rec.Columns() {
		n += dataBytes(col.Data())
	}
	return n
}

func dataBytes(data arrow.ArrayData) int64 {
	var n int64
	for _, b := range data.Buffers() {
		if b != nil {
			n += int64(b.Len())
		}
	}
	for _, child := range data.Children() {
		n += dataBytes(child)
	}
	return n
}

// candidates are the rows of a row group that may match, as far as statistics,
// filters and page indexes tell, asked in the order of what it costs to ask.
func (s *fileScan) candidates(f *parquetio.File, rg int) ([]parquetio.RowRange, error) {
	first, last, ok := f.TimeBounds(rg)
	if ok && (s.q.To != 0 && first >= s.q.To || s.q.From != 0 && last < s.q.From) {
		return nil, nil
	}
	possible := make([][]string, len(s.q.Where))
	for i, c := range s.q.Where {
		if possible[i] = inBounds(f, rg, c); len(possible[i]) == 0 {
			return nil, nil
		}
	}
	for i, c := range s.q.Where {
		var err error
		if possible[i], err = inFilter(f, rg, c.Column, possible[i]); err != nil || len(possible[i]) == 0 {
			return nil, err
		}
	}
	ranges := []parquetio.RowRange{{From: 0, To: f.RowGroupRows(rg)}}
	for i, c := range s.q.Where {
		var any []parquetio.RowRange
		for _, v := range possible[i] {
			pages, err := f.Candidates(rg, c.Column, v)
			if err != nil {
				return nil, err
			}
			any = union(any, pages)
		}
		if ranges = intersect(ranges, any); len(ranges) == 0 {
			return nil, nil
		}
	}
	return ranges, nil
}

// inBounds are the condition's values within the bounds of the row group.
func inBounds(f *parquetio.File, rg int, c Condition) []string {
	least, greatest, nulls, ok := f.Bounds(rg, c.Column)
	if !ok {
		if nulls == f.RowGroupRows(rg) {
			return nil
		}
		return c.AnyOf
	}
	var in []string
	for _, v := range c.AnyOf {
		if least <= v && v <= greatest {
			in = append(in, v)
		}
	}
	return in
}

// inFilter are the values that the column's Bloom filter does not deny.
func inFilter(f *parquetio.File, rg, column int, values []string) ([]string, error) {
	if !schema.Columns[column].Bloom {
		return values, nil
	}
	var in []string
	for _, v := range values {
		may, err := f.MayContain(rg, column, v)
		if err != nil {
			return nil, err
		}
		if may {
			in = append(in, v)
		}
	}
	return in, nil
}
