package partition

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

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
		if err := w.add(p, mem.open(p, true)); err != nil {
			return nil, errors.Join(err, w.abort())
		}
	}
	return w.finish()
}

// spillWriter writes a sorted run: a file of frames, none of which has rows of two
// partitions.
type spillWriter struct {
	file   *os.File
	buf    *bufio.Writer // small partitions make small frames
	framer framer
	size   int64
	run    *fileRun
}

const spillBuffer = 256 << 10

func newSpillWriter(dir string) (*spillWriter, error) {
	f, err := os.CreateTemp(dir, "keytrail-run-*.spill")
	if err != nil {
		return nil, fmt.Errorf("spill a sorted run: %w", err)
	}
	// The open file outlives its name, so that no kill leaves it behind. Where a
	// file in use cannot be removed, Close removes it.
	removed := os.Remove(f.Name()) == nil
	return &spillWriter{file: f, buf: bufio.NewWriterSize(f, spillBuffer), run: &fileRun{file: f, removed: removed, spans: map[schema.Partition]span{}}}, nil
}

// add writes the rows of src, as those of partition p.
func (w *spillWriter) add(p schema.Partition, src Source) error {
	defer src.Close()
	s := span{from: len(w.run.frames)}
	for {
		b, err := src.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		err = w.write(b)
		s.rows += int64(b.Len)
		b.Release()
		if err != nil {
			return err
		}
	}
	s.to = len(w.run.frames)
	w.run.parts = append(w.run.parts, p)
	w.run.spans[p] = s
	return nil
}

func (w *spillWriter) write(b *schema.Batch) error {
	packed, f, err := w.framer.encode(b)
	if err == nil {
		f.at = w.size
		_, err = w.buf.Write(packed)
	}
	if err != nil {
		return fmt.Errorf("spill a sorted run to %s: %w", w.file.Name(), err)
	}
	w.size += int64(len(packed))
	w.run.frames = append(w.run.frames, f)
	return nil
}

func (w *spillWriter) finish() (Run, error) {
	if err := w.buf.Flush(); err != nil {
		return nil, errors.Join(fmt.Errorf("spill a sorted run to %s: %w", w.file.Name(), err), w.abort())
	}
	return w.run, nil
}

func (w *spillWriter) abort() error { return w.run.Close() }

// fileRun is a spilled run.
type fileRun struct {
	file    *os.File
	removed bool
	frames  []frame
	parts   []schema.Partition
	spans   map[schema.Partition]span // of frames
}

func (r *fileRun) Partitions() []schema.Partition { return r.parts }

func (r *fileRun) Rows(p schema.Partition) int64 { return r.spans[p].rows }

func (r *fileRun) Open(p schema.Partition) (Source, error) {
	s := r.spans[p]
	return &fileSource{file: r.file, frames: r.frames[s.from:s.to]}, nil
}

func (r *fileRun) Close() error {
	err := r.file.Close()
	if !r.removed {
		err = errors.Join(err, os.Remove(r.file.Name()))
	}
	return err
}

type fileSource struct {
	file   *os.File
	frames []frame // to come
	packed []byte
}

func (s *fileSource) Next() (*schema.Batch, error) {
	if len(s.frames) == 0 {
		return nil, io.EOF
	}
	f := s.frames[0]
	s.frames = s.frames[1:]
	if cap(s.packed) < int(f.stored) {
		s.packed = make([]byte, f.stored)
	}
	s.packed = s.packed[:f.stored]
	_, err := s.file.ReadAt(s.packed, f.at)
	var b *schema.Batch
	if err == nil {
		b, err = decode(s.packed, f)
	}
	if err != nil {
		return nil, fmt.Errorf("read a sorted run from %s: %w", s.file.Name(), err)
	}
	return b, nil
}

func (s *fileSource) Close() error { return nil }
