package parquetio

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// documentRows are rows in the order of a file, with request parameters that doc makes.
func documentRows(n int, doc func(i int) string) []schema.Touch {
	rows := make([]schema.Touch, n)
	for i := range rows {
		rows[i].ItemKey = fmt.Sprintf(`{"pk":"%08d"}`, i)
		rows[i].RequestParameters = doc(i)
	}
	return rows
}

func dataEncodings(t *testing.T, f *File, column string) map[format.Encoding]bool {
	t.Helper()
	found := map[format.Encoding]bool{}
	meta := libraryMeta(t, f)
	for _, s := range meta.RowGroups[0].Columns[schema.ColumnIndex(column)].MetaData.EncodingStats {
		if s.PageType == format.DataPage {
			found[s.Encoding] = true
		}
	}
	return found
}

// Documents that come again are in a dictionary, as long as it has room; others are in
// their pages. Either way they are read as they were written, by the library too.
func TestDocuments(t *testing.T) {
	long := strings.Repeat("x", 4000)
	for _, tt := range []struct {
		name string
		rows []schema.Touch
		want []format.Encoding
	}{
		{"often the same", documentRows(9000, func(i int) string { return fmt.Sprintf(`{"n":%d}`, i*i%100) }),
			[]format.Encoding{format.RLEDictionary}},
		{"shorter than a beginning and an end", documentRows(300, func(i int) string { return strings.Repeat("{}[]", 3)[:i%12] }),
			[]format.Encoding{format.RLEDictionary}},
		{"all different", documentRows(300, func(i int) string { return fmt.Sprintf(`{"n":%d}`, i) }),
			[]format.Encoding{format.DeltaLengthByteArray}},
		{"more than a dictionary holds", documentRows(5000, func(i int) string { return fmt.Sprintf(`{"n":%d,"x":"%s"}`, i/2, long) }),
			[]format.Encoding{format.RLEDictionary, format.DeltaLengthByteArray}},
		{"more than a dictionary holds, all different", documentRows(3000, func(i int) string { return fmt.Sprintf(`{"n":%d,"x":"%s"}`, i, long) }),
			[]format.Encoding{format.DeltaLengthByteArray}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := write(t, tt.rows, WriterOptions{})
			f := open(t, file)
			sameRows(t, f, tt.rows, 1000)
			checkLibrary(t, tt.rows, file)
			want := map[format.Encoding]bool{}
			for _, e := range tt.want {
				want[e] = true
			}
			if got := dataEncodings(t, f, "request_parameters"); !reflect.DeepEqual(got, want) {
				t.Errorf("data pages are %v, want %v", got, want)
			}
		})
	}
}

// Documents of one shape stand together, in the order they came in.
func TestDocumentOrder(t *testing.T) {
	var d documents
	for _, v := range []string{`{"item":7,"table":"b"}`, `{"key":"zz","table":"b"}`, `{}`, `{"item":3,"table":"b"}`, `{"key":"aa","table":"b"}`, `{"item":10,"table":"b"}`} {
		d.id(v)
	}
	d.arrange()
	var got []string
	for _, k := range d.order {
		got = append(got, d.value(k.id))
	}
	want := []string{`{}`, `{"item":7,"table":"b"}`, `{"item":3,"table":"b"}`, `{"item":10,"table":"b"}`, `{"key":"zz","table":"b"}`, `{"key":"aa","table":"b"}`}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("order %q, want %q", got, want)
	}
}
