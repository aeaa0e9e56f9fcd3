package reader

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
)

// fileScan reads one file in one version. Its rows are held back until release, or
// until there are too many of them.
type fileScan struct {
	ctx     context.Context
	part    *part
	q       *Query
	dear    object.Prefetcher // nil where reads are cheap
	tail    int64             // of the file from here on is had, where reads are dear
	key     keyAsked
	stats   Stats
	held    []sized
	bytes   int64 // of those held
	started bool  // rows have been handed out
}

// sized is a record and the memory that it takes.
type sized struct {
	arrow.Record
	bytes int64
}

func (s *fileScan) read(f *parquetio.File) error {
	defer func() { s.stats.IndexBytes, s.stats.ColumnBytes = f.BytesRead() }()
	groups, err := s.candidates(f)
	if err != nil {
		return err
	}
	for i := range groups {
		if err := s.readGroup(f, &groups[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *fileScan) readGroup(f *parquetio.File, g *group) error {
	defer f.Forget()
	if err := s.ctx.Err(); err != nil {
		return err
	}
	ranges, err := s.match(f, g)
	if err != nil || len(ranges) == 0 {
		return err
	}
	if err := s.prepare(f, g.rg, ranges); err != nil {
		return err
	}
	return s.emit(f.RowsIn(g.rg, ranges, s.q.Columns, s.q.BatchRows))
}

// fewRows are so few that reading their pages is mostly calls to the system.
const fewRows = 64

// count is how many rows there are in ranges.
func count(ranges []parquetio.RowRange) (n int64) {
	for _, r := range ranges {
		n += r.To - r.From
	}
	return n
}

// prepare sees to it that rows are read in few reads.
func (s *fileScan) prepare(f *parquetio.File, rg int, ranges []parquetio.RowRange) error {
	if s.dear == nil && count(ranges) > fewRows {
		return nil
	}
	spans, err := f.PageSpans(rg, s.q.Columns, ranges)
	if err != nil {
		return err
	}
	if s.dear == nil {
		return f.ReadTogether(spans)
	}
	return s.announce(spans)
}

// announce says what will be read next, where that makes reading cheaper. What is too
// much to be kept, with many files being read, is read as it comes.
func (s *fileScan) announce(spans []parquetio.Span) error {
	if s.dear == nil || len(spans) == 0 || length(spans) > s.q.BufferBytes/heldParts {
		return nil
	}
	ranges := make([]object.Range, len(spans))
	for i, span := range spans {
		ranges[i] = object.Range(span)
	}
	return s.dear.Prefetch(ranges)
}

// emit hands the rows on, or holds them back.
func (s *fileScan) emit(rows *parquetio.RowReader) error {
	for {
		if err := s.part.room(s.ctx); err != nil {
			return err
		}
		rec, err := rows.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		held := sized{rec, recordBytes(rec)}
		s.held = append(s.held, held)
		s.bytes += held.bytes
		s.part.scan.held.Add(held.bytes)
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
		case s.part.out <- s.held[0]:
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
		s.part.scan.held.Add(-rec.bytes)
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
