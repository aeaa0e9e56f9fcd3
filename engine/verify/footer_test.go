package verify

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// chunkOf is what the footer says of a column's first chunk.
func chunkOf(t *testing.T, meta *format.FileMetaData, column string) *format.ColumnMetaData {
	t.Helper()
	for i := range meta.RowGroups[0].Columns {
		if c := &meta.RowGroups[0].Columns[i].MetaData; c.PathInSchema[0] == column {
			return c
		}
	}
	t.Fatalf("no column %s", column)
	return nil
}

func metadata(t *testing.T, data []byte) *format.FileMetaData {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return f.Metadata()
}

// emptyFilter clears a column's Bloom filter.
func emptyFilter(t *testing.T, data []byte, column string) []byte {
	t.Helper()
	data = slices.Clone(data)
	c := chunkOf(t, metadata(t, data), column)
	end := c.BloomFilterOffset + int64(c.BloomFilterLength)
	clear(data[end-int64(c.BloomFilterLength)/32*32 : end])
	return data
}

// editFooter writes the file's footer anew.
func editFooter(t *testing.T, data []byte, edit func(*format.FileMetaData)) []byte {
	t.Helper()
	meta := metadata(t, data)
	edit(meta)
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), meta)
	if err != nil {
		t.Fatal(err)
	}
	old := binary.LittleEndian.Uint32(data[len(data)-8:])
	data = append(slices.Clone(data[:len(data)-8-int(old)]), footer...)
	data = binary.LittleEndian.AppendUint32(data, uint32(len(footer)))
	return append(data, "PAR1"...)
}

// raiseMinimum makes a column's least value its greatest.
func raiseMinimum(t *testing.T, data []byte, column string) []byte {
	return editFooter(t, data, func(meta *format.FileMetaData) {
		c := chunkOf(t, meta, column)
		c.Statistics.MinValue = c.Statistics.MaxValue
	})
}

func changeNulls(t *testing.T, data []byte, column string) []byte {
	return editFooter(t, data, func(meta *format.FileMetaData) { chunkOf(t, meta, column).Statistics.NullCount-- })
}

// keyNames is what a file says of the names that its keys are made of.
func keyNames(meta *format.FileMetaData) *string {
	for i := range meta.KeyValueMetadata {
		if meta.KeyValueMetadata[i].Key == schema.MetadataKeyNames {
			return &meta.KeyValueMetadata[i].Value
		}
	}
	panic("nothing is said of the names of keys")
}
