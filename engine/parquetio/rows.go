package parquetio

import (
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// WriteRows writes a small table: rows of any struct whose fields have parquet tags.
// The bytes depend on the rows alone.
func WriteRows[T any](w io.Writer, rows []T) error {
	return guard("write rows", func() error {
		out := parquet.NewGenericWriter[T](w, &parquet.WriterConfig{
			CreatedBy:   createdBy,
			Compression: codec{},
		})
		if _, err := out.Write(rows); err != nil {
			return err
		}
		return out.Close()
	})
}

// ReadRows reads a table that [WriteRows] wrote. Columns that T lacks are ignored,
// fields that the file lacks are zero.
func ReadRows[T any](r io.ReaderAt, size int64) ([]T, error) {
	var rows []T
	err := guard("read rows", func() error {
		var err error
		rows, err = readRows[T](r, size)
		return err
	})
	return rows, err
}

func readRows[T any](r io.ReaderAt, size int64) ([]T, error) {
	through := &sourceErrors{r: r}
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
	in := parquet.NewGenericReader[T](file)
	defer in.Close()
	var rows []T
	for int64(len(rows)) < in.NumRows() {
		// Grown as rows arrive: a corrupt footer may announce any number.
		batch := make([]T, min(in.NumRows()-int64(len(rows)), maxReadRows))
		n, err := in.Read(batch)
		rows = append(rows, batch[:n]...)
		switch {
		case n == len(batch):
		case err != nil && err != io.EOF:
			return nil, through.cause(err)
		case n == 0:
			return nil, corrupt("%d rows, not %d", len(rows), in.NumRows())
		}
	}
	return rows, nil
}

const maxReadRows = 4096

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
