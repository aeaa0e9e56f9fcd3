package parquetio

import (
	"bytes"
	"io"
	"reflect"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/keytrail/keytrail/schema"
)

// The library's own reader, by way of rows and by way of pages, finds in a file what
// was written: values, schema, page index, filters.
func TestLibraryReads(t *testing.T) {
	for _, name := range []string{"several row groups", "one row group"} {
		t.Run(name, func(t *testing.T) {
			rows := append(odd(), sample(12, 10_000)...)
			slices.SortStableFunc(rows, compareTouches)
			o := WriterOptions{Metadata: map[string]string{"z": "1"}}
			if name == "several row groups" {
				rows = append(make([]schema.Touch, maxPageRows+3), rows...)
				o.RowGroupRows = maxPageRows + 6000
			}
			checkLibrary(t, rows, write(t, rows, o))
		})
	}
}

func checkLibrary(t *testing.T, rows []schema.Touch, file []byte) {
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Metadata().CreatedBy; got != createdBy {
		t.Errorf("created by %q", got)
	}
	if v, ok := f.Lookup(schema.MetadataVersion); !ok || v != schema.Version {
		t.Errorf("schema version %q", v)
	}
	checkLibrarySchema(t, f)
	in := parquet.NewGenericReader[any](f)
	buf := make([]parquet.Row, 100)
	at := 0
	for {
		n, err := in.ReadRows(buf)
		for _, row := range buf[:n] {
			checkLibraryRow(t, at, row, &rows[at])
			at++
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if at != len(rows) {
		t.Fatalf("%d rows, want %d", at, len(rows))
	}
	base := 0
	for _, rg := range f.RowGroups() {
		checkLibraryChunks(t, rg, rows[base:base+int(rg.NumRows())])
		base += int(rg.NumRows())
	}
}

func checkLibrarySchema(t *testing.T, f *parquet.File) {
	t.Helper()
	for i, c := range schema.Columns {
		field := f.Schema().Fields()[i]
		if field.Name() != c.Name || field.Optional() != c.Nullable || field.Required() == c.Nullable {
			t.Errorf("column %d is %s, optional %v", i, field.Name(), field.Optional())
		}
		want := map[schema.Type]string{
			schema.Text: "STRING", schema.Int: "INT(32,true)", schema.Bool: "BOOLEAN",
			schema.Time: "TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)", schema.List: "LIST",
		}[c.Type]
		if got := field.Type().String(); got != want && !(c.Type == schema.Int && got == "INT32") {
			t.Errorf("column %s is %s, want %s", c.Name, got, want)
		}
	}
	for _, rg := range f.RowGroups() {
		var names []string
		for _, s := range rg.SortingColumns() {
			names = append(names, s.Path()[0])
			if s.Descending() || !s.NullsFirst() {
				t.Errorf("sorting column %v", s)
			}
		}
		if !reflect.DeepEqual(names, schema.SortColumns) {
			t.Errorf("sorted by %v", names)
		}
	}
}

func checkLibraryRow(t *testing.T, at int, row parquet.Row, want *schema.Touch) {
	t.Helper()
	got := make([][]string, len(schema.Columns))
	for _, v := range row {
		if !v.IsNull() {
			got[v.Column()] = append(got[v.Column()], v.String())
		}
	}
	for i, c := range schema.Columns {
		var expect []string
		switch {
		case c.List != nil:
			expect = append(expect, *c.List(want)...)
		case c.Text != nil && *c.Text(want) == "", c.Tri != nil && *c.Tri(want) == schema.Null:
		default:
			expect = []string{libraryText(c, want)}
		}
		if !reflect.DeepEqual(got[i], expect) {
			t.Fatalf("row %d, %s: %q, want %q", at, c.Name, got[i], expect)
		}
	}
}

// libraryText is a value as the library prints it.
func libraryText(c schema.Column, row *schema.Touch) string {
	switch {
	case c.Text != nil:
		return parquet.ValueOf(*c.Text(row)).String()
	case c.Int != nil:
		return parquet.ValueOf(*c.Int(row)).String()
	case c.Time != nil:
		return parquet.ValueOf(*c.Time(row)).String()
	case c.Flag != nil:
		return parquet.ValueOf(*c.Flag(row)).String()
	default:
		return parquet.ValueOf(*c.Tri(row) == schema.True).String()
	}
}

// checkLibraryChunks seeks to rows through the offset index, and asks the filters.
func checkLibraryChunks(t *testing.T, rg parquet.RowGroup, rows []schema.Touch) {
	t.Helper()
	for i, chunk := range rg.ColumnChunks() {
		c := schema.Columns[i]
		if index, err := chunk.ColumnIndex(); err != nil || index.NumPages() == 0 {
			t.Fatalf("%s: column index: %v", c.Name, err)
		} else if c.Name == "item_key" && !index.IsAscending() {
			t.Errorf("%s: pages are not said to ascend", c.Name)
		}
		if (chunk.BloomFilter() != nil) != c.Bloom {
			t.Errorf("%s: bloom filter %v", c.Name, chunk.BloomFilter())
		}
		if !c.Bloom {
			continue
		}
		pages := chunk.Pages()
		for r := 0; r < len(rows); r += 1709 {
			if err := pages.SeekToRow(int64(r)); err != nil {
				t.Fatal(err)
			}
			page, err := pages.ReadPage()
			if err != nil {
				t.Fatal(err)
			}
			var v [1]parquet.Value
			if n, err := page.Values().ReadValues(v[:]); n == 0 {
				t.Fatal(err)
			}
			want := values(c, &rows[r])
			if v[0].IsNull() != (len(want) == 0) || len(want) > 0 && v[0].String() != want[0] {
				t.Fatalf("%s, row %d: %q, want %q", c.Name, r, v[0], want)
			}
			for _, w := range want {
				if may, err := chunk.BloomFilter().Check(parquet.ValueOf(w)); !may || err != nil {
					t.Fatalf("%s: filter denies %q (%v)", c.Name, w, err)
				}
			}
			parquet.Release(page)
		}
		pages.Close()
	}
}
