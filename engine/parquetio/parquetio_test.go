package parquetio

import (
	"bytes"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"golang.org/x/sync/semaphore"

	"github.com/keytrail/keytrail/schema"
)

func TestRoundTrip(t *testing.T) {
	rows := sample(1, 200_000)
	f := open(t, write(t, rows, WriterOptions{Metadata: map[string]string{"b": "2", "a": "1"}}))
	if f.NumRows() != 200_000 || f.NumRowGroups() < 3 {
		t.Fatalf("%d rows in %d row groups", f.NumRows(), f.NumRowGroups())
	}
	sameRows(t, f, rows, 5000)
	for key, want := range map[string]string{"a": "1", "b": "2", schema.MetadataVersion: schema.Version} {
		if v, ok := f.Metadata(key); !ok || v != want {
			t.Errorf("metadata %s = %q, %v", key, v, ok)
		}
	}
}

// sameRows holds what a file reads as against what was written to it.
func sameRows(t *testing.T, f *File, want []schema.Touch, batchRows int) {
	t.Helper()
	whole := record(want)
	defer whole.Release()
	at := int64(0)
	for rg := range f.NumRowGroups() {
		r := f.Rows(rg, 0, f.RowGroupRows(rg), nil, batchRows)
		for {
			rec, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			part := whole.NewSlice(at, at+rec.NumRows())
			if !array.RecordEqual(rec, part) {
				t.Fatalf("rows from %d:\n got %v\nwant %v", at, rec, part)
			}
			at += rec.NumRows()
			part.Release()
			rec.Release()
		}
	}
	if at != int64(len(want)) || f.NumRows() != at {
		t.Fatalf("%d rows, want %d", at, len(want))
	}
}

// odd are rows with the values that encodings get wrong.
func odd() []schema.Touch {
	texts := []string{"", "a", "\x00", "a\x00b", "😀", strings.Repeat("é", 300), strings.Repeat("x", 200_000), "ab", "", ""}
	lists := [][]string{nil, {}, {""}, {"a"}, {"a", "b", ""}, nil, {}, {"😀", "\x00"}, {"a"}, make([]string, 1000)}
	var rows []schema.Touch
	for i := range 40 {
		var row schema.Touch
		for k, c := range schema.Columns {
			at := (i*7 + k) % 10
			switch {
			case c.Text != nil:
				*c.Text(&row) = texts[at]
			case c.List != nil:
				*c.List(&row) = lists[at]
			case c.Int != nil:
				*c.Int(&row) = []int32{0, 1, -1, 1 << 30, -1 << 31}[at%5]
			case c.Time != nil:
				*c.Time(&row) = []int64{0, 1, -1, 1 << 60, -1 << 63}[at%5]
			case c.Flag != nil:
				*c.Flag(&row) = at%2 == 0
			case c.Tri != nil:
				*c.Tri(&row) = schema.Tri(at % 3)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func TestOddValues(t *testing.T) {
	for _, tt := range []struct {
		name string
		rows []schema.Touch
	}{
		{"none", nil},
		{"all null", make([]schema.Touch, 3)},
		{"all null in many pages", make([]schema.Touch, 3*maxPageRows+1)},
		{"odd", odd()},
		{"null pages before odd ones", append(make([]schema.Touch, 2*maxPageRows), odd()...)},
		{"odd between null pages", append(append(make([]schema.Touch, maxPageRows-5), odd()...), make([]schema.Touch, 2*maxPageRows)...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, groupRows := range []int{0, 7, maxPageRows} {
				if groupRows == 7 && len(tt.rows) > 100 {
					continue
				}
				f := open(t, write(t, tt.rows, WriterOptions{RowGroupRows: groupRows}))
				sameRows(t, f, tt.rows, 17)
			}
		})
	}
}

// The bytes of a file depend on its rows, not on how Append calls slice them.
func TestSlicing(t *testing.T) {
	rows := append(odd(), sample(2, 20_000)...)
	for _, o := range []WriterOptions{{}, {RowGroupRows: 1000}, {RowGroupBytes: 300_000}} {
		want := write(t, rows, o)
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(seed, 1))
			var out bytes.Buffer
			w := NewWriter(&out, o)
			for at := 0; at < len(rows); {
				// Records of some rows, some of which are appended, in pieces.
				before, n := r.IntN(min(at+1, 50)), 1+r.IntN(3000)
				if at < 200 {
					n = 1 + r.IntN(5)
				}
				end := min(at+n, len(rows))
				rec := record(rows[at-before : min(end+r.IntN(50), len(rows))])
				for from := int64(before); from < int64(before+end-at); {
					to := min(from+1+r.Int64N(int64(n)), int64(before+end-at))
					if err := w.Append(rec, from, to); err != nil {
						t.Fatal(err)
					}
					from = to
				}
				rec.Release()
				at = end
			}
			if _, err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), want) {
				t.Fatalf("%+v, seed %d: %d bytes differ from %d", o, seed, out.Len(), len(want))
			}
		}
	}
}

// A page of lists ends by its values, also when the rows that fill it up have none and
// come in a record of their own.
func TestSlicingOfNullLists(t *testing.T) {
	rows := make([]schema.Touch, 60+2*maxPageRows)
	for i := range rows[:60] {
		rows[i].KeyValues, rows[i].Attributes = make([]string, 1000), make([]string, 1000)
	}
	want := write(t, rows, WriterOptions{})
	var out bytes.Buffer
	w := NewWriter(&out, WriterOptions{})
	for _, some := range [][]schema.Touch{rows[:60], rows[60:]} {
		rec := record(some)
		if err := w.Append(rec, 0, rec.NumRows()); err != nil {
			t.Fatal(err)
		}
		rec.Release()
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), want) {
		t.Error("other bytes than from one record")
	}
}

// Nor on how many processors there are to fill columns side by side.
func TestSpareProcessors(t *testing.T) {
	rows := append(odd(), sample(3, 40_000)...)
	o := WriterOptions{RowGroupRows: 30_000}
	want := write(t, rows, o)
	o.Spare = semaphore.NewWeighted(3)
	if !bytes.Equal(write(t, rows, o), want) {
		t.Error("other bytes")
	}
	if !o.Spare.TryAcquire(3) {
		t.Error("a processor was not given back")
	}
}

func TestRowGroupEnds(t *testing.T) {
	rows := make([]schema.Touch, 10)
	for i := range rows {
		rows[i].RequestParameters = strings.Repeat("x", 100)
	}
	for _, tt := range []struct {
		o    WriterOptions
		want []int64
	}{
		{WriterOptions{RowGroupRows: 4}, []int64{4, 4, 2}},
		{WriterOptions{RowGroupRows: 5}, []int64{5, 5}},
		{WriterOptions{RowGroupBytes: 300}, []int64{3, 3, 3, 1}},
		{WriterOptions{RowGroupBytes: 301}, []int64{4, 4, 2}},
		{WriterOptions{RowGroupBytes: 1, RowGroupRows: 2}, []int64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
	} {
		f := open(t, write(t, rows, tt.o))
		var got []int64
		for rg := range f.NumRowGroups() {
			got = append(got, f.RowGroupRows(rg))
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%+v: row groups of %v rows, want %v", tt.o, got, tt.want)
		}
	}
}

// Some columns, some ranges of rows: the same as reading all and looking at those.
func TestProjection(t *testing.T) {
	rows := append(odd(), sample(3, 60_000)...)
	f := open(t, write(t, rows, WriterOptions{RowGroupRows: 50_000, RowGroupBytes: 1 << 30}))
	r := rand.New(rand.NewPCG(3, 3))
	for range 60 {
		rg := r.IntN(2)
		base := rg * 50_000
		var ranges []RowRange
		var want []int // rows
		for at := r.Int64N(20_000); len(want) < 3000 && at < f.RowGroupRows(rg); at += 1 + r.Int64N(1+r.Int64N(20_000)) {
			x := RowRange{at, at + r.Int64N(1+r.Int64N(1000))}
			ranges = append(ranges, x)
			for at = x.From; at < min(x.To, f.RowGroupRows(rg)); at++ {
				want = append(want, base+int(at))
			}
		}
		columns := r.Perm(len(schema.Columns))[:1+r.IntN(6)]
		rd := f.RowsIn(rg, ranges, columns, 700)
		for {
			rec, err := rd.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if n := min(700, len(want)); int(rec.NumCols()) != len(columns) || int(rec.NumRows()) != n {
				t.Fatalf("%d columns and %d rows, want %d and %d", rec.NumCols(), rec.NumRows(), len(columns), n)
			}
			for i := range int(rec.NumCols()) {
				c := schema.Columns[schema.ColumnIndex(rec.ColumnName(i))]
				for k, row := range want[:rec.NumRows()] {
					var got schema.Touch
					readValue(rec.Column(i), c, k, &got)
					if got, want := field(c, &got), field(c, &rows[row]); !reflect.DeepEqual(got, want) {
						t.Fatalf("row %d, %s: %+v, want %+v", row, c.Name, got, want)
					}
				}
			}
			want = want[rec.NumRows():]
			rec.Release()
		}
		if len(want) > 0 {
			t.Fatalf("ranges %v: %d rows missing", ranges, len(want))
		}
	}
}

func TestRowsRefused(t *testing.T) {
	f := open(t, write(t, sample(3, 10), WriterOptions{}))
	for _, r := range []*RowReader{
		f.Rows(1, 0, 1, nil, 0),
		f.Rows(-1, 0, 1, nil, 0),
		f.Rows(0, 0, 1, []int{len(schema.Columns)}, 0),
		f.RowsIn(0, []RowRange{{5, 6}, {2, 3}}, nil, 0),
	} {
		if rec, err := r.Next(); err == nil || err == io.EOF {
			t.Errorf("%v, %v", rec, err)
		}
	}
	if rec, err := f.Rows(0, 10, 20, nil, 0).Next(); err != io.EOF {
		t.Errorf("beyond the last row: %v, %v", rec, err)
	}
}

func TestAppendRefused(t *testing.T) {
	good := record(sample(3, 3))
	for name, appendTo := range map[string]func(w *Writer) error{
		"rows":     func(w *Writer) error { return w.Append(good, 2, 4) },
		"negative": func(w *Writer) error { return w.Append(good, -1, 2) },
		"schema": func(w *Writer) error {
			return w.Append(array.NewRecord(arrow.NewSchema(good.Schema().Fields()[:1], nil), good.Columns()[:1], 3), 0, 3)
		},
		"after close": func(w *Writer) error { w.Close(); return w.Append(good, 0, 1) },
		"after abort": func(w *Writer) error { w.Abort(); return w.Append(good, 0, 1) },
	} {
		w := NewWriter(io.Discard, WriterOptions{})
		err := appendTo(w)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, again := w.Close(); again == nil || name != "after close" && again.Error() != err.Error() {
			t.Errorf("%s: closed with %v after %v", name, again, err)
		}
	}
}

// A failing disk is an error from Append or Close, always the same from then on.
func TestWriteFails(t *testing.T) {
	rec := record(sample(3, 3000))
	for _, room := range []int{0, 3, 1000, 50_000} {
		w := NewWriter(&limited{room}, WriterOptions{RowGroupRows: 1000})
		err := w.Append(rec, 0, 3000)
		_, closed := w.Close()
		if closed == nil || err != nil && closed != err {
			t.Errorf("room for %d bytes: %v, then %v", room, err, closed)
		}
	}
}

type limited struct{ room int }

func (l *limited) Write(b []byte) (int, error) {
	if len(b) > l.room {
		return 0, io.ErrShortWrite
	}
	l.room -= len(b)
	return len(b), nil
}
