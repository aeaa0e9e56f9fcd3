package parquetio

import (
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// A small table is read and written some rows at a time: a day's ledger may have
// millions.
const (
	batchRows  = 64      // read at a time
	batchBytes = 1 << 20 // and written, of either as many
	groupRows  = 16 << 10
	groupBytes = 16 << 20
)

// TableWriter writes a small table: rows of any struct whose fields have parquet
// tags. It holds one row group. The bytes depend on the rows alone, not on how they
// come.
type TableWriter[T any] struct {
	out    *parquet.GenericWriter[T]
	weigh  func(*T) int
	batch  []T
	bytes  int // of the batch
	rows   int // of the row group
	weight int
}

// NewTableWriter writes to w. weigh, if not nil, says about how many bytes a row
// takes, which keeps row groups of long rows short.
func NewTableWriter[T any](w io.Writer, weigh func(*T) int) *TableWriter[T] {
	return &TableWriter[T]{
		out:   parquet.NewGenericWriter[T](w, &parquet.WriterConfig{CreatedBy: createdBy, Compression: codec{}}),
		weigh: weigh,
		batch: make([]T, 0, batchRows),
	}
}

// Write adds a row.
func (t *TableWriter[T]) Write(row T) error {
	if t.weigh != nil {
		t.bytes += t.weigh(&row)
	}
	t.batch = append(t.batch, row)
	if len(t.batch) < batchRows && t.bytes < batchBytes {
		return nil
	}
	return guard("write rows", t.flush)
}

// flush writes the batch, and ends the row group if that is full.
func (t *TableWriter[T]) flush() error {
	if _, err := t.out.Write(t.batch); err != nil {
		return err
	}
	t.rows, t.weight = t.rows+len(t.batch), t.weight+t.bytes
	clear(t.batch)
	t.batch, t.bytes = t.batch[:0], 0
	if t.rows < groupRows && t.weight < groupBytes {
		return nil
	}
	t.rows, t.weight = 0, 0
	return t.out.Flush()
}

// Close ends the table.
func (t *TableWriter[T]) Close() error {
	return guard("write rows", func() error {
		if len(t.batch) > 0 {
			if err := t.flush(); err != nil {
				return err
			}
		}
		return t.out.Close()
	})
}

// TableReader reads a table that [TableWriter] wrote.
type TableReader[T any] struct {
	through *sourceErrors
	in      *parquet.GenericReader[T]
	batch   []T
	read    int64
}

// OpenTable opens a table. Columns that T lacks are ignored, fields that the file
// lacks are zero.
func OpenTable[T any](r io.ReaderAt, size int64) (*TableReader[T], error) {
	t := &TableReader[T]{through: &sourceErrors{r: r}, batch: make([]T, batchRows)}
	return t, guard("read rows", func() error { return t.open(size) })
}

func (t *TableReader[T]) open(size int64) error {
	file, err := openTable(t.through, size)
	if err != nil {
		return err
	}
	t.in = parquet.NewGenericReader[T](file)
	return nil
}

// openTable opens a small table with the library, if that can read it in bounded
// memory.
func openTable(through *sourceErrors, size int64) (*parquet.File, error) {
	if err := checkFooter(through, size); err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(through, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, through.cause(err)
	}
	// The library takes whatever memory other codecs' pages ask for.
	for _, group := range file.Metadata().RowGroups {
		for i := range group.Columns {
			if c := group.Columns[i].MetaData.Codec; c != format.Zstd && c != format.Uncompressed {
				return nil, corrupt("codec %s", c)
			}
		}
	}
	return file, nil
}

// Next returns the next rows, some at a time, and io.EOF after the last. The slice
// is the reader's until the next call; what the rows point to is the caller's.
func (t *TableReader[T]) Next() (rows []T, err error) {
	err = guard("read rows", func() error {
		rows, err = t.next()
		return err
	})
	return rows, err
}

func (t *TableReader[T]) next() ([]T, error) {
	want := t.batch[:min(t.in.NumRows()-t.read, batchRows)]
	if len(want) == 0 {
		return nil, io.EOF
	}
	clear(want) // else the library would fill in what rows handed out point to
	n, err := t.in.Read(want)
	t.read += int64(n)
	switch {
	case n == len(want):
	case err != nil && err != io.EOF:
		return nil, t.through.cause(err)
	case n == 0:
		return nil, corrupt("%d rows, not %d", t.read, t.in.NumRows())
	}
	return want[:n], nil
}

// Close gives up the reader.
func (t *TableReader[T]) Close() error {
	return guard("read rows", t.in.Close)
}

// WriteRows writes rows as a table of few: see [TableWriter].
func WriteRows[T any](w io.Writer, rows []T) error {
	t := NewTableWriter[T](w, nil)
	for _, row := range rows {
		if err := t.Write(row); err != nil {
			return err
		}
	}
	return t.Close()
}

// ReadRows reads a table of few rows: see [TableReader].
func ReadRows[T any](r io.ReaderAt, size int64) ([]T, error) {
	t, err := OpenTable[T](r, size)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	var rows []T
	for {
		some, err := t.Next()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
}

// checkFooter finds a footer that the library could not decode in bounded memory.
func checkFooter(r io.ReaderAt, size int64) error {
	f := File{r: r, size: size}
	footer, err := f.readFooter()
	if err != nil {
		return err
	}
	if n, err := thriftLength(footer); err != nil || n != len(footer) {
		return corrupt("footer: %v", errThrift)
	}
	return nil
}

// sourceErrors remembers an error of the underlying reader, which the library may
// wrap or lose, to tell it from corruption.
type sourceErrors struct {
	r   io.ReaderAt
	err error
}

func (s *sourceErrors) ReadAt(b []byte, off int64) (int, error) {
	n, err := s.r.ReadAt(b, off)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func (s *sourceErrors) cause(err error) error {
	if s.err != nil {
		return s.err
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}
