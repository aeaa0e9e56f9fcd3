package parquetio

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"

	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// tailBytes is what Open reads in one go. Most footers fit.
const tailBytes = 64 << 10

// File is an open touches file. It reads only what it is asked for. Safe for
// concurrent use if the io.ReaderAt is. Errors of that reader pass through, so that
// a caller can tell a file that was replaced (errors.Is) from one that is corrupt.
type File struct {
	r    io.ReaderAt
	size int64
	meta format.FileMetaData
	// at is, per column of schema.Columns, its place in the file, or -1.
	at []int

	mu      sync.Mutex
	indexes map[[2]int]*chunkIndex // by row group and column
	filters map[[2]int]filterPlace
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
	}
	footer, err := f.readFooter()
	if err != nil {
		return nil, err
	}
	n, err := decodeThrift("footer", footer, &f.meta)
	if err != nil {
		return nil, err
	}
	if n != len(footer) {
		return nil, corrupt("footer: %d bytes left over", len(footer)-n)
	}
	if err := f.mapColumns(); err != nil {
		return nil, err
	}
	return f, f.checkGroups()
}

// readFooter returns the encoded footer.
func (f *File) readFooter() ([]byte, error) {
	const least = int64(len(magic)) + 8
	if f.size < least {
		return nil, corrupt("%d bytes are no file", f.size)
	}
	tail := make([]byte, min(f.size, tailBytes))
	if err := readFull(f.r, tail, f.size-int64(len(tail))); err != nil {
		return nil, fmt.Errorf("read footer: %w", err)
	}
	end := len(tail) - 8
	if string(tail[end+4:]) != magic {
		return nil, corrupt("no magic number at the end")
	}
	length := int64(binary.LittleEndian.Uint32(tail[end:]))
	if length > f.size-least {
		return nil, corrupt("footer of %d bytes in a file of %d", length, f.size)
	}
	if length <= int64(end) {
		return tail[end-int(length) : end], nil
	}
	footer := make([]byte, length)
	if err := readFull(f.r, footer, f.size-8-length); err != nil {
		return nil, fmt.Errorf("read footer: %w", err)
	}
	return footer, nil
}

// mapColumns finds each column of schema.Columns in the file.
func (f *File) mapColumns() error {
	version, ok := f.Metadata(schema.MetadataVersion)
	if !ok {
		return corrupt("no %s in its metadata", schema.MetadataVersion)
	}
	found, err := fileLeaves(f.meta.Schema)
	if err != nil {
		return err
	}
	f.at = make([]int, len(leaves))
	for i, want := range leaves {
		at, ok := found[want.column.Name]
		switch {
		case !ok && (version == schema.Version || !want.column.Nullable):
			return corrupt("no column %s", want.column.Name)
		case !ok:
			f.at[i] = -1
		case !slices.Equal(at.path, want.path) || at.kind != want.kind || at.maxDef != want.maxDef || at.maxRep != want.maxRep:
			return corrupt("column %s is not of the type it should be", want.column.Name)
		default:
			f.at[i] = at.index
		}
	}
	return nil
}

// fileLeaf is a column as a file declares it.
type fileLeaf struct {
	leaf
	index int
}

// fileLeaves lists the leaves of a flattened schema tree, by their first name.
func fileLeaves(tree []format.SchemaElement) (map[string]fileLeaf, error) {
	type group struct {
		left int32
		leaf leaf // what a leaf in it has so far
	}
	found := map[string]fileLeaf{}
	var open []group
	n := 0
	for i, e := range tree {
		var l leaf
		if len(open) > 0 {
			parent := &open[len(open)-1]
			parent.left--
			l = parent.leaf
			l.path = append(slices.Clip(l.path), e.Name)
		} else if i > 0 {
			return nil, corrupt("schema: an element outside the tree")
		}
		switch e.RepetitionType.V {
		case format.Optional:
			l.maxDef++
		case format.Repeated:
			l.maxDef++
			l.maxRep++
		}
		switch {
		case e.NumChildren.V > 0:
			if len(open) > maxThriftDepth {
				return nil, corrupt("schema: too deep")
			}
			open = append(open, group{e.NumChildren.V, l})
		case len(open) == 0:
			return nil, corrupt("schema: no columns")
		default:
			l.kind = e.Type.V
			found[l.path[0]] = fileLeaf{l, n}
			n++
		}
		for len(open) > 0 && open[len(open)-1].left == 0 {
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return nil, corrupt("schema: cut")
	}
	return found, nil
}

// checkGroups holds what the footer says of the row groups against the file.
func (f *File) checkGroups() error {
	rows := int64(0)
	for g, group := range f.meta.RowGroups {
		if group.NumRows < 0 {
			return corrupt("row group %d: %d rows", g, group.NumRows)
		}
		rows += group.NumRows
		for i, at := range f.at {
			if at >= len(group.Columns) {
				return corrupt("row group %d: %d columns", g, len(group.Columns))
			}
			if at < 0 {
				continue
			}
			meta := &group.Columns[at].MetaData
			if !slices.Equal([]string(meta.PathInSchema), leaves[i].path) || meta.Type != leaves[i].kind {
				return corrupt("row group %d: column %d is not %s", g, at, leaves[i].column.Name)
			}
		}
	}
	if rows != f.meta.NumRows {
		return corrupt("%d rows in the row groups, %d in the file", rows, f.meta.NumRows)
	}
	return nil
}

// NumRows is the number of rows in the file.
func (f *File) NumRows() int64 { return f.meta.NumRows }

// NumRowGroups is the number of row groups, which are numbered from 0.
func (f *File) NumRowGroups() int { return len(f.meta.RowGroups) }

// RowGroupRows is the number of rows in row group rg.
func (f *File) RowGroupRows(rg int) int64 { return f.meta.RowGroups[rg].NumRows }

// Metadata returns a value of the file's key-value metadata.
func (f *File) Metadata(key string) (string, bool) {
	for _, kv := range f.meta.KeyValueMetadata {
		if kv.Key == key {
			return kv.Value, true
		}
	}
	return "", false
}

// chunk is what the footer says of a column chunk; nil when the file lacks the column.
func (f *File) chunk(rg, column int) *format.ColumnChunk {
	if f.at[column] < 0 {
		return nil
	}
	return &f.meta.RowGroups[rg].Columns[f.at[column]]
}

// readAt reads n bytes at off, which the file itself named.
func (f *File) readAt(off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || off > f.size || n > f.size-off {
		return nil, corrupt("%d bytes at %d in a file of %d", n, off, f.size)
	}
	b := make([]byte, n)
	return b, readFull(f.r, b, off)
}

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
