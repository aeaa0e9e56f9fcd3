package parquetio

import (
	"cmp"
	"slices"
	"strconv"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// A file says of what names its keys are made, over all row groups, and nothing of more
// lists than a table has or when it is not to.
func TestFileKeyNames(t *testing.T) {
	keys := []string{`{"pk":"b","sk":"1"}`, `{"pk":"a"}`, "", `{"id":"1"}`, `{"pk":"a","sk":"\",\"x\":\""}`, `{"pk":"a"}`}
	for range 40 {
		keys = append(keys, `{"pk":"c"}`)
	}
	many := slices.Clone(keys)
	for i := range 6 {
		many = append(many, `{"n`+strconv.Itoa(i)+`":"1"}`)
	}
	for name, c := range map[string]struct {
		keys []string
		o    WriterOptions
		want string
	}{
		"one row group":      {keys, WriterOptions{}, `[["id"],["pk"],["pk","sk"]]`},
		"several row groups": {keys, WriterOptions{RowGroupRows: 3}, `[["id"],["pk"],["pk","sk"]]`},
		"too many":           {many, WriterOptions{RowGroupRows: 3}, ""},
		"not wanted":         {keys, WriterOptions{OmitKeyNames: true}, ""},
		"not the caller's":   {nil, WriterOptions{Metadata: map[string]string{schema.MetadataKeyNames: "x"}}, ""},
		"no keys":            {[]string{"", ""}, WriterOptions{}, ""},
	} {
		rows := make([]schema.Touch, len(c.keys))
		for i, key := range c.keys {
			rows[i] = schema.Touch{EventID: strconv.Itoa(i), ItemKey: key}
		}
		slices.SortStableFunc(rows, func(x, y schema.Touch) int { return cmp.Compare(x.ItemKey, y.ItemKey) })
		f := open(t, write(t, rows, c.o))
		names, ok := f.KeyNames()
		if got := names.Text(); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %s, %v", name, got, ok)
		}
		if text, there := f.Metadata(schema.MetadataKeyNames); text != c.want || there != ok {
			t.Errorf("%s: the metadata has %s", name, text)
		}
	}
}
