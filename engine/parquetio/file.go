package parquetio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/keytrail/keytrail/schema"
)

// File is an open touches file. It reads only what it is asked for. Safe for
// concurrent use if the io.ReaderAt is. Errors of that reader pass through, so that
// a caller can tell a file that was replaced (errors.Is) from one that is corrupt.
type File struct {
	r    io.ReaderAt
	size int64
	meta fileMeta
	// at is, per column of schema.Columns, its place in the file, or -1.
	at []int

	mu      sync.Mutex
	indexes map[[2]int]*chunkIndex // by row group and column
	filters map[[2]int]filterPlace

	indexBytes, pageBytes atomic.Int64 // that were read

	tail keptBytes // the end of the file, as far as it was read for the footer

	keptMu    sync.Mutex
	kept      []keptBytes
	keptRooms [][]byte // that some of them lie in
	room      int      // for more
}

// Open reads the footer of the file of the given size.
//
// A file of an older schema version may lack columns: they read as null. Columns
// that are not in [schema.Columns] are ignored.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f := &File{
		r: r, size: size,
		indexes: map[[2]int]*chunkIndex{},
		filters: map[[2]int]filterPlace{},
		room:    maxKept,
	}
	footer, err := f.readFooter()
	if err != nil {
		return nil, err
	}
	if f.meta, err = decodeMeta(footer); err != nil {
		return nil, err
	}
	if err := f.mapColumns(footer); err != nil {
		return nil, err
	}
	return f, f.checkGroups()
}

// usualFooter is as much as is read to have a footer, in most files, in one go.
const usualFooter = 10 << 10

// readFooter returns the encoded footer. Its length stands at the end.
func (f *File) readFooter() ([]byte, error) {
	const least = int64(len(magic)) + 8
	if f.size < least {
		return nil, corrupt("%d bytes are no file", f.size)
	}
	tail := make([]byte, min(f.size, usualFooter))
	f.tail = keptBytes{f.size - int64(len(tail)), tail}
	if err := readFull(f.r, tail, f.tail.at); err != nil {
		return nil, fmt.Errorf("read footer: %w", err)
	}
	tail, end := tail[:len(tail)-8], tail[len(tail)-8:]
	if string(end[4:]) != magic {
		return nil, corrupt("no magic number at the end")
	}
	length := int64(binary.LittleEndian.Uint32(end))
	if length > f.size-least {
		return nil, corrupt("footer of %d bytes in a file of %d", length, f.size)
	}
	f.indexBytes.Add(8 + length)
	if length <= int64(len(tail)) {
		return tail[int64(len(tail))-length:], nil
	}
	footer := make([]byte, length)
	if err := readFull(f.r, footer, f.size-8-length); err != nil {
		return nil, fmt.Errorf("read footer: %w", err)
	}
	return footer, nil
}

// checkGroups holds what the footer says of the row groups against the file.
func (f *File) checkGroups() error {
	rows := int64(0)
	for g := range f.meta.groups {
		group := &f.meta.groups[g]
		if group.rows < 0 {
			return corrupt("row group %d: %d rows", g, group.rows)
		}
		rows += group.rows
		for i, at := range f.at {
			if at >= len(group.columns) {
				return corrupt("row group %d: %d columns", g, len(group.columns))
			}
			if at < 0 {
				continue
			}
			if c := &group.columns[at]; !bytes.Equal(c.path, ownPaths[i]) || c.kind != leaves[i].kind {
				return corrupt("row group %d: column %d is not %s", g, at, leaves[i].column.Name)
			}
		}
	}
	if rows != f.meta.rows {
		return corrupt("%d rows in the row groups, %d in the file", rows, f.meta.rows)
	}
	return nil
}

// NumRows is the number of rows in the file.
func (f *File) NumRows() int64 { return f.meta.rows }

// NumRowGroups is the number of row groups, which are numbered from 0.
func (f *File) NumRowGroups() int { return len(f.meta.groups) }

// RowGroupRows is the number of rows in row group rg.
func (f *File) RowGroupRows(rg int) int64 { return f.meta.groups[rg].rows }

// Metadata returns a value of the file's key-value metadata.
func (f *File) Metadata(key string) (string, bool) {
	for _, kv := range f.meta.pairs {
		if string(kv.key) == key {
			return string(kv.value), true
		}
	}
	return "", false
}

// KeyNames are the lists of names that the file's item keys have; not ok when the file
// does not say.
func (f *File) KeyNames() (names schema.KeyNames, ok bool) {
	text, _ := f.Metadata(schema.MetadataKeyNames)
	return schema.ParseKeyNames(text)
}

// chunk is what the footer says of a column chunk; nil when the file lacks the column.
func (f *File) chunk(rg, column int) *chunkMeta {
	if f.at[column] < 0 {
		return nil
	}
	return &f.meta.groups[rg].columns[f.at[column]]
}

// readAt reads n bytes at off, which the file itself named. They must not be changed.
func (f *File) readAt(off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || off > f.size || n > f.size-off {
		return nil, corrupt("%d bytes at %d in a file of %d", n, off, f.size)
	}
	f.indexBytes.Add(n)
	if b := f.keptAt(off, n); b != nil {
		return b, nil
	}
	b := make([]byte, n)
	return b, readFull(f.r, b, off)
}

// BytesRead is what was read of the file: of its footer, filters and indexes, and of
// its columns.
func (f *File) BytesRead() (index, columns int64) { return f.indexBytes.Load(), f.pageBytes.Load() }

// readFull fills b; io.ReaderAt may say EOF along with the last byte.
func readFull(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		return corrupt("ends before byte %d", off+int64(len(b)))
	}
	return err
}

// Buckets is the number of files that the file's partition had when it was written,
// a power of two; see [schema.Share].
func (f *File) Buckets() (int, error) {
	text, ok := f.Metadata(schema.MetadataBuckets)
	if !ok {
		return 0, fmt.Errorf("%w: no %s in its metadata", ErrCorrupt, schema.MetadataBuckets)
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n&(n-1) != 0 {
		return 0, fmt.Errorf("%w: %s is %q, not a power of two", ErrCorrupt, schema.MetadataBuckets, text)
	}
	return n, nil
}
