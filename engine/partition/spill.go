package partition

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/ipc"

	"github.com/keytrail/keytrail/schema"
)

// Spill sorts the buffer, writes it to a temporary file in dir (the system's
// when empty) as a sorted run, and empties the buffer.
func (b *Buffer) Spill(dir string) (Run, error) {
	mem := b.sortedRun()
	defer b.Reset()
	w, err := newSpillWriter(dir)
	if err != nil {
		return nil, err
	}
	for _, p := range mem.parts {
		src, err := mem.Open(p)
		if err == nil {
			err = w.add(p, src)
		}
		if err != nil {
			return nil, errors.Join(err, w.abort())
		}
	}
	return w.finish()
}

// spillWriter writes a sorted run: an Arrow IPC file whose batches never cross
// a partition, LZ4-compressed, since it is read once and soon.
type spillWriter struct {
	file *os.File
	ipc  *ipc.FileWriter
	run  *fileRun
	n    int // batches written
}

func newSpillWriter(dir string) (*spillWriter, error) {
	f, err := os.CreateTemp(dir, "keytrail-run-*.arrow")
	if err != nil {
		return nil, fmt.Errorf("spill a sorted run: %w", err)
	}
	// The open file outlives its name, so that no kill leaves it behind. Where a
	// file in use cannot be removed, Close removes it.
	removed := os.Remove(f.Name()) == nil
	w, err := ipc.NewFileWriter(f, ipc.WithSchema(schema.Arrow), ipc.WithLZ4())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("spill a sorted run: %w", err), f.Close())
	}
	return &spillWriter{file: f, ipc: w, run: &fileRun{file: f, removed: removed, spans: map[schema.Partition]span{}}}, nil
}

// add writes the rows of src, as those of partition p.
func (w *spillWriter) add(p schema.Partition, src Source) error {
	defer src.Close()
	s := span{from: w.n}
	for {
		rec, err := src.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		err = w.write(rec)
		s.rows += rec.NumRows()
		rec.Release()
		if err != nil {
			return err
		}
	}
	s.to = w.n
	w.run.parts = append(w.run.parts, p)
	w.run.spans[p] = s
	return nil
}

func (w *spillWriter) write(rec arrow.Record) error {
	if err := w.ipc.Write(rec); err != nil {
		return fmt.Errorf("spill a sorted run to %s: %w", w.file.Name(), err)
	}
	w.n++
	return nil
}

func (w *spillWriter) finish() (Run, error) {
	if err := w.ipc.Close(); err != nil {
		return nil, errors.Join(fmt.Errorf("spill a sorted run to %s: %w", w.file.Name(), err), w.run.Close())
	}
	size, err := w.file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, errors.Join(err, w.run.Close())
	}
	w.run.size = size
	return w.run, nil
}

func (w *spillWriter) abort() error { return w.run.Close() }

// fileRun is a spilled run.
type fileRun struct {
	file    *os.File
	removed bool
	size    int64
	parts   []schema.Partition
	spans   map[schema.Partition]span
}

func (r *fileRun) Partitions() []schema.Partition { return r.parts }

func (r *fileRun) Rows(p schema.Partition) int64 { return r.spans[p].rows }

func (r *fileRun) Open(p schema.Partition) (Source, error) {
	s := r.spans[p]
	if s.from == s.to {
		return emptySource{}, nil
	}
	reader, err := ipc.NewFileReader(io.NewSectionReader(r.file, 0, r.size))
	if err != nil {
		return nil, fmt.Errorf("read a sorted run: %w", err)
	}
	return &fileSource{reader, s}, nil
}

func (r *fileRun) Close() error {
	err := r.file.Close()
	if !r.removed {
		err = errors.Join(err, os.Remove(r.file.Name()))
	}
	return err
}

type fileSource struct {
	reader *ipc.FileReader
	span   span
}

func (s *fileSource) Next() (arrow.Record, error) {
	if s.span.from == s.span.to {
		return nil, io.EOF
	}
	rec, err := s.reader.RecordAt(s.span.from)
	if err != nil {
		return nil, fmt.Errorf("read a sorted run: %w", err)
	}
	s.span.from++
	return rec, nil
}

func (s *fileSource) Close() error { return s.reader.Close() }

type emptySource struct{}

func (emptySource) Next() (arrow.Record, error) { return nil, io.EOF }
func (emptySource) Close() error                { return nil }
