package lake

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
)

// scratchMemory is how much of a file is held in memory on its way. Most small
// tables are smaller, and need no disk.
const scratchMemory = 256 << 10

// scratch is a file on its way from the lake or to it: in memory while it is small,
// else in a temporary file without a name, which no kill leaves behind.
type scratch struct {
	dir  string // for the temporary file; the system's when empty
	mem  []byte
	file *os.File
	size int64
	sum  hash.Hash
}

func newScratch(dir string) *scratch { return &scratch{dir: dir, sum: sha256.New()} }

// Write appends b.
func (s *scratch) Write(b []byte) (int, error) {
	if s.file == nil && len(s.mem)+len(b) <= scratchMemory {
		s.mem = append(s.mem, b...)
	} else if err := s.toFile(b); err != nil {
		return 0, fmt.Errorf("write scratch file: %w", err)
	}
	s.sum.Write(b)
	s.size += int64(len(b))
	return len(b), nil
}

func (s *scratch) toFile(b []byte) error {
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "keytrail-table-*.parquet")
		if err != nil {
			return err
		}
		s.file = f
		if err := os.Remove(f.Name()); err != nil {
			return err
		}
		if _, err := f.Write(s.mem); err != nil {
			return err
		}
		s.mem = nil
	}
	_, err := s.file.Write(b)
	return err
}

// ReadAt reads what was written.
func (s *scratch) ReadAt(b []byte, off int64) (int, error) {
	if s.file != nil {
		return s.file.ReadAt(b, off)
	}
	if off < 0 || off > s.size {
		return 0, fmt.Errorf("read at %d of %d", off, s.size)
	}
	n := copy(b, s.mem[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// body reads it from its beginning.
func (s *scratch) body() io.ReadSeeker { return io.NewSectionReader(s, 0, s.size) }

// digest tells files of different bytes apart.
func (s *scratch) digest() string { return string(s.sum.Sum(nil)) }

// Close frees it.
func (s *scratch) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
