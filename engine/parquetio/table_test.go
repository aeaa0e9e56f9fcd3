package parquetio

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// Row groups end where the rows say, by number and by weight, and what is read some
// rows at a time is what was written.
func TestTableRowGroups(t *testing.T) {
	type row struct {
		N    int64   `parquet:"n"`
		Text *string `parquet:"text,optional"`
	}
	long, short := strings.Repeat("x", 100_000), "y"
	for _, c := range []struct {
		what   string
		rows   int
		text   *string
		groups int
	}{
		{"none", 0, nil, 0},
		{"one group", groupRows, &short, 1},
		{"one row more", groupRows + 1, &short, 2},
		{"long rows", 400, &long, 3},
	} {
		var b bytes.Buffer
		w := NewTableWriter(&b, func(r *row) int { return 8 + len(*r.Text) })
		for i := range c.rows {
			if err := w.Write(row{int64(i), c.text}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		file, err := parquet.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(file.RowGroups()); n != c.groups {
			t.Errorf("%s: %d row groups, not %d", c.what, n, c.groups)
		}
		r, err := OpenTable[row](bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		var kept []row // as a caller may, beyond the next call
		for {
			rows, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 || len(rows) > batchRows {
				t.Fatalf("%s: %d rows at a time", c.what, len(rows))
			}
			kept = append(kept, rows...)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		for i, got := range kept {
			if got.N != int64(i) || *got.Text != *c.text {
				t.Fatalf("%s: row %d is %d", c.what, i, got.N)
			}
		}
		if len(kept) != c.rows {
			t.Errorf("%s: %d of %d rows read", c.what, len(kept), c.rows)
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestTableWriterFails(t *testing.T) {
	w := NewTableWriter[entry](failing{}, nil)
	var err error
	for _, e := range entries(groupRows) {
		err = errors.Join(err, w.Write(e))
	}
	if err := errors.Join(err, w.Close()); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v", err)
	}
}
