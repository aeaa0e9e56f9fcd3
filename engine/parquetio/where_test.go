package parquetio

import (
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// rowsOf lists the rows of ranges.
func rowsOf(ranges []RowRange) (rows []int64) {
	for _, x := range ranges {
		for i := x.From; i < x.To; i++ {
			rows = append(rows, i)
		}
	}
	return rows
}

// randomRanges are in order and apart from each other.
func randomRanges(r *rand.Rand, rows int64) (ranges []RowRange) {
	for at := r.Int64N(rows/4 + 1); at < rows; {
		to := min(rows, at+1+r.Int64N(rows/3+1))
		ranges = append(ranges, RowRange{at, to})
		at = to + 1 + r.Int64N(rows/3+1)
	}
	return ranges
}

// Of any ranges, those rows are left that pass; of any column, in pages of any kind.
func TestWhere(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	rows := append(append(odd(), sample(6, 20_000)...), make([]schema.Touch, 300)...)
	f := open(t, write(t, rows, WriterOptions{RowGroupRows: 10_000}))
	base := 0
	for rg := range f.NumRowGroups() {
		group := rows[base : base+int(f.RowGroupRows(rg))]
		base += len(group)
		for i, c := range schema.Columns {
			if c.Text == nil && c.List == nil {
				continue
			}
			some := values(c, &group[r.IntN(len(group))])
			test := func(v string) bool { return slices.Contains(some, v) || len(v)%7 == 3 }
			ranges := randomRanges(r, int64(len(group)))
			var want []int64
			for _, row := range rowsOf(ranges) {
				if slices.ContainsFunc(values(c, &group[row]), test) {
					want = append(want, row)
				}
			}
			got, err := f.Where(rg, i, ranges, test)
			if err != nil || !slices.Equal(rowsOf(got), want) {
				t.Fatalf("%s, row group %d: %d rows, want %d; %v", c.Name, rg, len(rowsOf(got)), len(want), err)
			}
			if r.IntN(2) == 0 {
				f.Forget()
			}
		}
		ranges := randomRanges(r, int64(len(group)))
		late := func(at int64) bool { return at > group[0].EventTime }
		got, err := f.WhereTime(rg, ranges, late)
		want := slices.DeleteFunc(rowsOf(ranges), func(row int64) bool { return !late(group[row].EventTime) })
		if err != nil || !slices.Equal(rowsOf(got), want) {
			t.Fatalf("times: %d rows, want %d; %v", len(rowsOf(got)), len(want), err)
		}
	}
	if _, err := f.Where(0, 0, []RowRange{{5, 9}, {2, 3}}, func(string) bool { return true }); err == nil {
		t.Error("ranges in no order: no error")
	}
}

// A test hears each value of a dictionary once, and rows that were found are read
// again without reading the file.
func TestWhereAsksOnce(t *testing.T) {
	f := open(t, write(t, sample(3, 5000), WriterOptions{}))
	calls := map[string]int{}
	op := schema.ColumnIndex("op")
	all := []RowRange{{0, f.RowGroupRows(0)}}
	if _, err := f.Where(0, op, all, func(v string) bool { calls[v]++; return false }); err != nil || len(calls) < 2 {
		t.Fatalf("%v, %v", calls, err)
	}
	for v, n := range calls {
		if n != 1 {
			t.Errorf("asked %d times about %q", n, v)
		}
	}
	_, before := f.BytesRead()
	read := func() int64 {
		rec, err := f.RowsIn(0, all, []int{op}, 5000).Next()
		if err != nil {
			t.Fatal(err)
		}
		rec.Release()
		_, now := f.BytesRead()
		return now - before
	}
	kept := read()
	f.Forget()
	if again := read() - kept; kept >= again {
		t.Errorf("%d bytes read again after Where, %d after Forget", kept, again)
	}
}

// What is announced is what is read: filters, indexes, pages.
func TestSpans(t *testing.T) {
	rows := sample(5, 20_000)
	file := write(t, rows, WriterOptions{RowGroupRows: 9000})
	f := open(t, file)
	watch := &watched{r: f.r}
	f.r = watch
	r := rand.New(rand.NewPCG(6, 6))
	for rg := range f.NumRowGroups() {
		for i, c := range schema.Columns {
			if !c.Bloom {
				continue
			}
			some := append(values(c, &rows[len(rows)/2]), "absent", c.Name)
			watch.allowed = f.FilterSpans(rg, i, some)
			for _, v := range some {
				if _, err := f.MayContain(rg, i, v); err != nil {
					t.Fatalf("%s, %q: %v", c.Name, v, err)
				}
			}
		}
		columns := []int{schema.ColumnIndex("item_key"), schema.ColumnIndex("op"), schema.ColumnIndex("touch_index")}
		index, _ := f.IndexSpan(rg, nil)
		bounds, ok := f.BoundsSpan(rg, columns[0])
		watch.allowed = []Span{index, bounds}
		if _, err := f.Candidates(rg, columns[0], "x"); err != nil || !ok {
			t.Fatal(err)
		}
		ranges := randomRanges(r, f.RowGroupRows(rg))
		spans, err := f.PageSpans(rg, columns, ranges)
		if err != nil {
			t.Fatal(err)
		}
		watch.allowed = spans
		in := f.RowsIn(rg, ranges, columns, 1000)
		for rec, err := in.Next(); err == nil; rec, err = in.Next() {
			rec.Release()
		}
		if in.err != io.EOF {
			t.Fatal(in.err)
		}
	}
}

// watched fails reads of what is not in the spans allowed, side by side or alone.
type watched struct {
	r       io.ReaderAt
	allowed []Span
}

func (w *watched) ReadAt(b []byte, off int64) (int, error) {
	for at := off; at < off+int64(len(b)); at++ {
		if !slices.ContainsFunc(w.allowed, func(s Span) bool { return s.Off <= at && at < s.Off+s.Len }) {
			return 0, corrupt("byte %d is not announced", at)
		}
	}
	return w.r.ReadAt(b, off)
}

// FuzzPageHeader and FuzzLocations hold our reading of page headers and of offset
// indexes against the library's.
func FuzzPageHeader(f *testing.F) {
	for _, h := range []format.PageHeader{{}, {Type: format.DictionaryPage, CRC: -5, CompressedPageSize: 1 << 30}} {
		b, err := appendThrift(nil, &h)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	k := chunk{kind: format.ByteArray}
	if err := k.store(page{pageInfo: pageInfo{levels: 70_000, nulls: 3}, raw: []byte("text")}, k.begin(), true); err != nil {
		f.Fatal(err)
	}
	f.Add(k.body)
	f.Fuzz(func(t *testing.T, b []byte) {
		got, n, err := decodePageHeader(b)
		var want format.PageHeader
		m, libraryErr := decodeThrift("page header", b, &want)
		if err != nil || libraryErr != nil {
			return
		}
		if again, err := appendThrift(nil, &want); err != nil || string(again) != string(b[:m]) {
			return // said in a way that the library would not
		}
		data, dict := want.DataPageHeader, want.DictionaryPageHeader
		if n != m || got.kind != want.Type || got.size != want.CompressedPageSize || got.inflated != want.UncompressedPageSize ||
			got.sum != want.CRC || got.data != data.Valid || got.dict != dict.Valid ||
			data.Valid && !dict.Valid && (got.values != data.V.NumValues || got.encoding != data.V.Encoding) ||
			dict.Valid && !data.Valid && (got.values != dict.V.NumValues || got.encoding != dict.V.Encoding) {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

// begin makes room for a page.
func (k *chunk) begin() int {
	k.pages = append(k.pages, pageInfo{})
	return len(k.pages) - 1
}

func FuzzLocations(f *testing.F) {
	for _, pages := range [][]format.PageLocation{nil, {{Offset: 4, CompressedPageSize: 9, FirstRowIndex: 0}, {Offset: 1 << 40, CompressedPageSize: 1, FirstRowIndex: 8}}} {
		b, err := appendThrift(nil, &format.OffsetIndex{PageLocations: pages})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := decodeLocations(b)
		var want format.OffsetIndex
		n, libraryErr := decodeThrift("offset index", b, &want)
		if err != nil || libraryErr != nil || n != len(b) {
			return
		}
		if again, err := appendThrift(nil, &want); err != nil || string(again) != string(b) {
			return
		}
		if len(got) != len(want.PageLocations) {
			t.Fatalf("%d pages, want %d", len(got), len(want.PageLocations))
		}
		for i, p := range want.PageLocations {
			if got[i] != (pageLocation{p.Offset, p.FirstRowIndex, p.CompressedPageSize}) {
				t.Fatalf("page %d: %+v, want %+v", i, got[i], p)
			}
		}
	})
}
