package parquetio

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// What a search finds in the sorted column is what testing each row finds, in whichever
// order the rows are, and it tests few values.
func TestWhereSorted(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 9))
	rows := sample(7, 20_000)
	for i := range rows {
		if rows[i].ItemKey = "key-" + strconv.Itoa(r.IntN(3000)); r.IntN(9) == 0 {
			rows[i].ItemKey = ""
		}
	}
	column := schema.ColumnIndex("item_key")
	for _, sorted := range []bool{false, true} {
		if sorted {
			slices.SortFunc(rows, func(a, b schema.Touch) int { return bytes.Compare([]byte(a.ItemKey), []byte(b.ItemKey)) })
		}
		f := open(t, write(t, rows, WriterOptions{}))
		for range 50 {
			key, tests := "key-"+strconv.Itoa(r.IntN(3100)), 0
			may := func(least, greatest string) bool { return least <= key && key <= greatest }
			ranges := randomRanges(r, f.RowGroupRows(0))
			got, err := f.WhereSorted(0, column, ranges, may, func(v string) bool { tests++; return v == key })
			if err != nil {
				t.Fatal(err)
			}
			want, err := f.Where(0, column, ranges, func(v string) bool { return v == key })
			if err != nil || !slices.Equal(rowsOf(got), rowsOf(want)) {
				t.Fatalf("sorted %v, %s: %v, want %v; %v", sorted, key, got, want, err)
			}
			if sorted && tests > 4*len(ranges) {
				t.Errorf("%d values were tested in %d ranges", tests, len(ranges))
			}
		}
	}
}

// Some of the numbers are those of all at their places.
func TestDecodeSomeNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 9))
	for range 3000 {
		n, limit := 1+r.IntN(400), 1+r.IntN(70)
		ids := make([]int32, n)
		for i := range ids {
			if ids[i] = int32(r.IntN(limit)); i > 0 && r.IntN(3) > 0 {
				ids[i] = ids[i-1]
			}
		}
		raw, _, err := new(chunk).appendIDs(nil, ids, limit)
		if err != nil {
			t.Fatal(err)
		}
		from := r.IntN(n + 1)
		to := from + r.IntN(n+1-from)
		got, err := decodeHybrid([]uint32{}, raw[1:], int(raw[0]), n, from, to)
		if err != nil || len(got) != to-from {
			t.Fatalf("%d numbers, want %d: %v", len(got), to-from, err)
		}
		for i, id := range got {
			if id != uint32(ids[from+i]) {
				t.Fatalf("number %d of %v is %d", from+i, ids, id)
			}
		}
	}
}

// Pages that lie side by side are read at once, and not again.
func TestReadTogether(t *testing.T) {
	f := open(t, write(t, sample(8, 3000), WriterOptions{}))
	spans, err := f.PageSpans(0, nil, []RowRange{{10, 11}})
	if err != nil || len(spans) < len(schema.Columns) {
		t.Fatal(spans, err)
	}
	reads := f.together(spans)
	if len(reads) == 0 || 4*len(reads) > len(spans) {
		t.Errorf("%d reads for %d spans", len(reads), len(spans))
	}
	_, before := f.BytesRead()
	if err := f.ReadTogether(spans); err != nil {
		t.Fatal(err)
	}
	_, read := f.BytesRead()
	rec, err := f.RowsIn(0, []RowRange{{10, 11}}, nil, 1).Next()
	if err != nil {
		t.Fatal(err)
	}
	rec.Release()
	if _, after := f.BytesRead(); read == before || after != read {
		t.Errorf("read %d bytes, then %d more", read-before, after-read)
	}
	if reads := f.together(spans); reads != nil {
		t.Errorf("would read %v again", reads)
	}
}
