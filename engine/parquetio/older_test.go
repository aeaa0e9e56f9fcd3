package parquetio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// refooter is file with its footer edited.
func refooter(t *testing.T, file []byte, edit func(*format.FileMetaData)) []byte {
	t.Helper()
	f := open(t, file)
	footer, err := f.readFooter()
	if err != nil {
		t.Fatal(err)
	}
	meta := libraryMeta(t, f)
	edit(&meta)
	end, err := appendThrift(nil, &meta)
	if err != nil {
		t.Fatal(err)
	}
	end = binary.LittleEndian.AppendUint32(end, uint32(len(end)))
	return slices.Concat(file[:len(file)-8-len(footer)], end, []byte(magic))
}

// without drops a column from a footer.
func without(name string) func(*format.FileMetaData) {
	return func(m *format.FileMetaData) {
		m.Schema = slices.DeleteFunc(m.Schema, func(e format.SchemaElement) bool { return e.Name == name })
		m.Schema[0].NumChildren.V--
		for g := range m.RowGroups {
			m.RowGroups[g].Columns = slices.DeleteFunc(m.RowGroups[g].Columns, func(c format.ColumnChunk) bool {
				return c.MetaData.PathInSchema[0] == name
			})
		}
	}
}

func version(v string) func(*format.FileMetaData) {
	return func(m *format.FileMetaData) {
		for i := range m.KeyValueMetadata {
			if m.KeyValueMetadata[i].Key == schema.MetadataVersion {
				m.KeyValueMetadata[i].Value = v
			}
		}
	}
}

// Columns that a file of an older version lacks read as null; one of this version
// that lacks any is corrupt.
func TestMissingColumns(t *testing.T) {
	rows := sample(13, 100)
	file := write(t, rows, WriterOptions{})
	old := refooter(t, refooter(t, file, version("0")), without("actor"))
	for i := range rows {
		rows[i].Actor = ""
	}
	f := open(t, old)
	sameRows(t, f, rows, 30)
	actor := schema.ColumnIndex("actor")
	if _, _, nulls, ok := f.Bounds(0, actor); ok || nulls != 100 {
		t.Errorf("bounds of a missing column: %d nulls, %v", nulls, ok)
	}
	if may, err := f.MayContain(0, actor, "x"); may || err != nil {
		t.Errorf("a missing column contains: %v, %v", may, err)
	}
	if ranges, err := f.Candidates(0, actor, "x"); len(ranges) > 0 || err != nil {
		t.Errorf("candidates of a missing column: %v, %v", ranges, err)
	}
	for name, bad := range map[string][]byte{
		"this version":    refooter(t, file, without("actor")),
		"required column": refooter(t, refooter(t, file, version("0")), without("event_time")),
		"no version":      refooter(t, file, func(m *format.FileMetaData) { m.KeyValueMetadata = nil }),
		"other type": refooter(t, file, func(m *format.FileMetaData) {
			m.Schema[1].RepetitionType.V = format.Required
		}),
	} {
		if _, err := Open(bytes.NewReader(bad), int64(len(bad))); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A column of a newer version is passed over.
func TestAddedColumns(t *testing.T) {
	rows := sample(14, 100)
	newer := refooter(t, refooter(t, write(t, rows, WriterOptions{}), version("2")), func(m *format.FileMetaData) {
		e := m.Schema[1]
		e.Name = "added"
		m.Schema = slices.Insert(m.Schema, 1, e)
		m.Schema[0].NumChildren.V++
		for g := range m.RowGroups {
			c := m.RowGroups[g].Columns[0]
			c.MetaData.PathInSchema = []string{"added"}
			m.RowGroups[g].Columns = slices.Insert(m.RowGroups[g].Columns, 0, c)
		}
	})
	sameRows(t, open(t, newer), rows, 0)
}
