package parquetio

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// The documents of some rows are what reading all of them gives, though of the dictionary
// no more is inflated than they take.
func TestDocumentsOfSomeRows(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for name, doc := range map[string]func(i int) string{
		"alike":           func(i int) string { return fmt.Sprintf(`{"n":%d,"x":"%0300d"}`, i/2, i/2) },
		"long at the end": func(i int) string { return fmt.Sprintf(`{"n":%d,"x":"%0*d"}`, i/2, i/6, i/2) },
		"long at first":   func(i int) string { return fmt.Sprintf(`{"n":%d,"x":"%0*d"}`, i/2, (6000-i)/6, i/2) },
		"of many shapes":  func(i int) string { return fmt.Sprintf(`{"%d":"%0300d"}`, i%97, i/2) },
	} {
		t.Run(name, func(t *testing.T) {
			rows := documentRows(6000, doc)
			f := open(t, write(t, rows, WriterOptions{}))
			column := schema.ColumnIndex("request_parameters")
			for range 100 {
				var ranges []RowRange
				for at := r.Int64N(5000); at < 6000 && len(ranges) < 3; at += 2 + r.Int64N(2000) {
					ranges = append(ranges, RowRange{at, at + 1})
				}
				kept, err := f.Where(0, column, ranges, func(v string) bool { return true })
				if err != nil || len(kept) != len(ranges) {
					t.Fatalf("%v: %v, %v", ranges, kept, err)
				}
				rec, err := f.RowsIn(0, ranges, []int{column}, 0).Next()
				if err != nil {
					t.Fatal(err)
				}
				for i, x := range ranges {
					if got, want := rec.Column(0).ValueStr(i), rows[x.From].RequestParameters; got != want {
						t.Fatalf("row %d is %s, was %s", x.From, got, want)
					}
				}
				rec.Release()
			}
		})
	}
}

// A part is taken where it has what is needed, and has it right.
func TestReadPart(t *testing.T) {
	var values []string
	var plain []byte
	for i := range 9000 {
		values = append(values, fmt.Sprintf("%0100d", i*i))
		plain = appendPlainText(plain, []byte(values[i]))
	}
	packed, err := compress(nil, plain, fast)
	if err != nil {
		t.Fatal(err)
	}
	h := pageHeader{inflated: int32(len(plain)), values: int32(len(values))}
	parts := 0
	for _, need := range []int{1, 100, 3000, 6000, 9000} {
		r := &pageReader{meta: &chunkMeta{codec: format.Zstd}}
		if !r.readPart(h, packed, need) {
			continue
		}
		parts++
		if r.dict.len() != len(values) || len(r.dict.data) >= len(plain) {
			t.Errorf("%d values, %d bytes of %d", r.dict.len(), len(r.dict.data), len(plain))
		}
		for i, v := range values[:need] {
			if string(r.dict.value(i)) != v {
				t.Fatalf("value %d is %q", i, r.dict.value(i))
			}
		}
	}
	if parts != 4 {
		t.Errorf("%d parts read", parts)
	}
	r := &pageReader{meta: &chunkMeta{codec: format.Zstd}}
	for cut := range len(packed) / 50 {
		if r.readPart(h, packed[:50*cut], 3000) && string(r.dict.value(2999)) != values[2999] {
			t.Errorf("cut at %d it has another value", 50*cut)
		}
	}
}
