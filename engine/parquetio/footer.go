package parquetio

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

const magic = "PAR1"

// footer writes row groups and remembers what the end of the file says of them.
type footer struct {
	groups  []format.RowGroup
	rows    int64
	at      int64 // bytes written
	filters []filterBytes
	names   schema.KeyNames
	indexes [2][]byte // encoded column indexes, offset indexes
	lengths [2][]int32
}

// filterBytes is the Bloom filter of a column chunk, to be written at the end.
type filterBytes struct {
	group, column int
	encoded       []byte
}

func (f *footer) stats() Stats {
	return Stats{Rows: f.rows, RowGroups: len(f.groups), Bytes: f.at}
}

func (f *footer) put(w io.Writer, b []byte) error {
	n, err := w.Write(b)
	f.at += int64(n)
	return err
}

func (f *footer) begin(w io.Writer) error {
	if f.at > 0 {
		return nil
	}
	return f.put(w, []byte(magic))
}

// addRowGroup writes the chunks of all columns. last says that no row group follows.
func (f *footer) addRowGroup(w io.Writer, columns []*columnWriter, rows int64, last bool) error {
	if len(f.groups) > math.MaxInt16 {
		return fmt.Errorf("more than %d row groups", math.MaxInt16)
	}
	if err := f.begin(w); err != nil {
		return err
	}
	group := format.RowGroup{
		Columns:        make([]format.ColumnChunk, len(columns)),
		NumRows:        rows,
		SortingColumns: sortingColumns(),
		FileOffset:     f.at,
		Ordinal:        int16(len(f.groups)),
	}
	for i, c := range columns {
		meta, err := f.addChunk(w, c, last && len(f.groups) == 0)
		if err != nil {
			return fmt.Errorf("column %s: %w", c.leaf.column.Name, err)
		}
		group.Columns[i].MetaData = meta
		group.TotalByteSize += meta.TotalUncompressedSize
		group.TotalCompressedSize += meta.TotalCompressedSize
	}
	for i, c := range columns {
		if c.names != nil {
			f.names.AddAll(c.names)
		}
		if c.hashes == nil {
			continue
		}
		if err := f.addFilter(i, c.hashes); err != nil {
			return fmt.Errorf("column %s: bloom filter: %w", c.leaf.column.Name, err)
		}
	}
	f.groups = append(f.groups, group)
	f.rows += rows
	return nil
}

func (f *footer) addFilter(column int, hashes *hashSet) error {
	bits := bloomFilter(hashes)
	encoded, err := appendThrift(nil, bloomHeader(len(bits)))
	f.filters = append(f.filters, filterBytes{len(f.groups), column, append(encoded, bits...)})
	return err
}

// writeFilters writes the Bloom filters of all row groups behind them, column by
// column. So those of key_values, which are asked for any question about an item, lie
// before the page indexes, where a reader has them who fetches the end of a file.
func (f *footer) writeFilters(w io.Writer) error {
	slices.SortStableFunc(f.filters, func(a, b filterBytes) int { return a.column - b.column })
	for _, b := range f.filters {
		meta := &f.groups[b.group].Columns[b.column].MetaData
		meta.BloomFilterOffset, meta.BloomFilterLength = f.at, int32(len(b.encoded))
		if err := f.put(w, b.encoded); err != nil {
			return err
		}
	}
	return nil
}

// addChunk writes a column chunk, the column's only one in the file or one of several.
func (f *footer) addChunk(w io.Writer, c *columnWriter, only bool) (format.ColumnMetaData, error) {
	k := &c.chunk
	if err := c.releaseDocuments(); err != nil {
		return format.ColumnMetaData{}, err
	}
	values, n := c.appendDictionary(k.scratch[:0])
	k.scratch = values
	if len(values) > math.MaxInt32 {
		return format.ColumnMetaData{}, fmt.Errorf("a dictionary of %d bytes is more than Parquet holds", len(values))
	}
	compressed := !only || !k.held || len(values)+len(k.first.raw) > tinyChunk
	if err := k.release(compressed); err != nil {
		return format.ColumnMetaData{}, err
	}
	meta := format.ColumnMetaData{
		Type:         c.leaf.kind,
		PathInSchema: c.leaf.path,
		NumValues:    k.levels,
		Statistics:   k.statistics(),
	}
	if compressed {
		meta.Codec = format.Zstd
	}
	start := f.at
	if n > 0 {
		header := format.PageHeader{
			Type:                 format.DictionaryPage,
			DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: int32(n)}),
		}
		stored, err := k.appendPage(k.raw[:0], &header, values, compressed, fast)
		k.raw = stored
		if err != nil {
			return meta, err
		}
		meta.DictionaryPageOffset = f.at
		if err := f.put(w, stored); err != nil {
			return meta, err
		}
	}
	meta.DataPageOffset = f.at
	if err := f.put(w, k.body); err != nil {
		return meta, err
	}
	meta.TotalCompressedSize = f.at - start
	meta.TotalUncompressedSize = k.plain
	meta.Encoding, meta.EncodingStats = k.encodings(meta.DictionaryPageOffset > 0)
	return meta, f.addIndexes(k, meta.DataPageOffset)
}

// addIndexes encodes the chunk's page indexes, to be written at the end.
func (f *footer) addIndexes(k *chunk, dataAt int64) error {
	columnIndex, offsetIndex := k.indexes(dataAt)
	for i, index := range []any{columnIndex, offsetIndex} {
		from := len(f.indexes[i])
		b, err := appendThrift(f.indexes[i], index)
		if err != nil {
			return fmt.Errorf("page index: %w", err)
		}
		f.indexes[i] = b
		f.lengths[i] = append(f.lengths[i], int32(len(b)-from))
	}
	return nil
}

// write ends the file, with the key-value metadata given.
func (f *footer) write(w io.Writer, metadata []format.KeyValue) error {
	if err := f.begin(w); err != nil {
		return err
	}
	if err := f.writeFilters(w); err != nil {
		return err
	}
	n := 0
	at := [2]int64{f.at, f.at + int64(len(f.indexes[0]))}
	for g := range f.groups {
		for i := range f.groups[g].Columns {
			col := &f.groups[g].Columns[i]
			col.ColumnIndexOffset, col.ColumnIndexLength = at[0], f.lengths[0][n]
			col.OffsetIndexOffset, col.OffsetIndexLength = at[1], f.lengths[1][n]
			at[0] += int64(f.lengths[0][n])
			at[1] += int64(f.lengths[1][n])
			n++
		}
	}
	for _, index := range f.indexes {
		if err := f.put(w, index); err != nil {
			return err
		}
	}
	end, err := appendThrift(nil, &format.FileMetaData{
		Version:          2,
		Schema:           schemaElements(),
		NumRows:          f.rows,
		RowGroups:        f.groups,
		KeyValueMetadata: metadata,
		CreatedBy:        createdBy,
		ColumnOrders:     columnOrders(),
	})
	if err != nil {
		return fmt.Errorf("footer: %w", err)
	}
	end = binary.LittleEndian.AppendUint32(end, uint32(len(end)))
	return f.put(w, append(end, magic...))
}

// keyValues is the file's metadata by key: what was given, the schema version, and of
// what names the keys are made.
func (o *WriterOptions) keyValues(names *schema.KeyNames) []format.KeyValue {
	all := []format.KeyValue{{Key: schema.MetadataVersion, Value: schema.Version}}
	if text := names.Text(); text != "" && !o.OmitKeyNames {
		all = append(all, format.KeyValue{Key: schema.MetadataKeyNames, Value: text})
	}
	for k, v := range o.Metadata {
		if k != schema.MetadataVersion && k != schema.MetadataKeyNames {
			all = append(all, format.KeyValue{Key: k, Value: v})
		}
	}
	slices.SortFunc(all, func(a, b format.KeyValue) int { return strings.Compare(a.Key, b.Key) })
	return all
}

// columnSets keeps the buffers of finished writers for the next: a run writes many
// small partitions.
var columnSets = sync.Pool{New: func() any {
	set := make([]*columnWriter, len(leaves))
	for i, l := range leaves {
		set[i] = newColumnWriter(l)
	}
	return &set
}}

func takeColumns() []*columnWriter { return *columnSets.Get().(*[]*columnWriter) }

func giveColumns(set []*columnWriter) {
	for _, c := range set {
		c.reset()
	}
	columnSets.Put(&set)
}
