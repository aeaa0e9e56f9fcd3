package parquetio

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/schema"
)

// scan reads all there is to read of a file.
func scan(r io.ReaderAt, size int64) ([]arrow.Record, error) {
	f, err := Open(r, size)
	if err != nil {
		return nil, err
	}
	var all []arrow.Record
	for rg := range f.NumRowGroups() {
		rows := f.Rows(rg, 0, f.RowGroupRows(rg), nil, 100)
		for {
			rec, err := rows.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, err
			}
			all = append(all, rec)
		}
	}
	return all, nil
}

// probe asks a file everything else; only its errors matter.
func probe(r io.ReaderAt, size int64) error {
	f, err := Open(r, size)
	if err != nil {
		return err
	}
	for rg := range f.NumRowGroups() {
		f.TimeBounds(rg)
		for c := range schema.Columns {
			f.Bounds(rg, c)
			_, err1 := f.MayContain(rg, c, "a")
			_, err2 := f.Candidates(rg, c, "a")
			if err := errors.Join(err1, err2); err != nil {
				return err
			}
		}
	}
	return nil
}

func corruptible(t *testing.T) []byte {
	rows := odd()[:12]
	for i := range rows { // no long texts: any byte should have its turn
		for _, c := range schema.Columns {
			if c.Text != nil && len(*c.Text(&rows[i])) > 1000 {
				*c.Text(&rows[i]) = "b"
			}
			if c.List != nil && len(*c.List(&rows[i])) > 100 {
				*c.List(&rows[i]) = []string{"c"}
			}
		}
	}
	return write(t, append(rows, sample(8, 200)...), WriterOptions{RowGroupRows: 150})
}

// A changed byte gives the same rows or an error, never other rows and never a panic.
func TestFlippedBytes(t *testing.T) {
	file := corruptible(t)
	want, err := scan(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(9, 9))
	failed := 0
	step := 61
	if testing.Short() {
		step = 171
	}
	for at := 0; at < len(file); at += 1 + r.IntN(step) {
		bad := bytes.Clone(file)
		bad[at] ^= 1 << r.IntN(8)
		probeErr := probe(bytes.NewReader(bad), int64(len(bad)))
		if probeErr != nil && !errors.Is(probeErr, ErrCorrupt) {
			t.Fatalf("byte %d: %v", at, probeErr)
		}
		got, err := scan(bytes.NewReader(bad), int64(len(bad)))
		if err != nil {
			failed++
			if !errors.Is(err, ErrCorrupt) {
				t.Fatalf("byte %d: %v", at, err)
			}
			continue
		}
		if len(got) != len(want) {
			t.Fatalf("byte %d: %d batches, want %d", at, len(got), len(want))
		}
		for i := range got {
			if !array.RecordEqual(got[i], want[i]) {
				t.Fatalf("byte %d: other rows", at)
			}
		}
	}
	if failed == 0 {
		t.Error("no change was noticed")
	}
}

func TestCutFiles(t *testing.T) {
	file := corruptible(t)
	r := rand.New(rand.NewPCG(10, 9))
	for range 2000 {
		from := r.IntN(len(file)) * r.IntN(2)
		to := from + r.IntN(len(file)-from)
		bad := file[from:to]
		if r.IntN(2) == 0 { // a piece missing in the middle
			bad = append(bytes.Clone(file[:from]), file[to:]...)
			if len(bad) == len(file) {
				continue
			}
		}
		if _, err := scan(bytes.NewReader(bad), int64(len(bad))); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("[%d, %d) of %d bytes: %v", from, to, len(file), err)
		}
	}
}

// Anything between the magic numbers is an error in little time and memory.
func TestGarbage(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 9))
	start := time.Now()
	for range 3000 {
		b := make([]byte, r.IntN(3000))
		for i := range b {
			b[i] = byte(r.Uint32()) >> (r.Uint32() % 8)
		}
		if len(b) >= 8 {
			copy(b[len(b)-4:], magic)
			b[len(b)-8], b[len(b)-7], b[len(b)-6], b[len(b)-5] = byte(r.IntN(256)), byte(r.IntN(4)), 0, 0
		}
		if _, err := Open(bytes.NewReader(b), int64(len(b))); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("%d bytes: %v", len(b), err)
		}
		if _, err := ReadRows[entry](bytes.NewReader(b), int64(len(b))); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("%d bytes: %v", len(b), err)
		}
	}
	if d := time.Since(start); d > time.Minute {
		t.Errorf("took %s", d)
	}
}

// failingReader fails from an offset on, or rather before it: a file ends with its footer.
type failingReader struct {
	r      io.ReaderAt
	before int64
	err    error
}

func (f failingReader) ReadAt(b []byte, off int64) (int, error) {
	if off < f.before {
		return 0, f.err
	}
	return f.r.ReadAt(b, off)
}

// The reader's own errors come through as they are: a file that was replaced is not
// corrupt.
func TestReaderErrors(t *testing.T) {
	file := write(t, sample(8, 20_000), WriterOptions{})
	for _, before := range []int64{5, 1000, int64(len(file)) - 100_000, int64(len(file)) - 40_000, int64(len(file)) - 3} {
		r := failingReader{bytes.NewReader(file), before, errChanged}
		if _, err := scan(r, int64(len(file))); !errors.Is(err, errChanged) || errors.Is(err, ErrCorrupt) {
			t.Errorf("failing before %d: %v", before, err)
		}
	}
	var small bytes.Buffer
	if err := WriteRows(&small, entries(1000)); err != nil {
		t.Fatal(err)
	}
	for _, before := range []int64{4, int64(small.Len()) - 1} {
		r := failingReader{bytes.NewReader(small.Bytes()), before, errChanged}
		if _, err := ReadRows[entry](r, int64(small.Len())); !errors.Is(err, errChanged) || errors.Is(err, ErrCorrupt) {
			t.Errorf("small table failing before %d: %v", before, err)
		}
	}
}

var errChanged = errors.New("changed")

// Whatever the bytes, reading ends: with rows or with ErrCorrupt.
func FuzzFile(f *testing.F) {
	for _, rows := range [][]schema.Touch{nil, make([]schema.Touch, 2), sample(15, 30)} {
		f.Add(write(f, rows, WriterOptions{RowGroupRows: 20}))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, read := range []func(io.ReaderAt, int64) error{
			func(r io.ReaderAt, size int64) error { _, err := scan(r, size); return err },
			probe,
		} {
			if err := read(bytes.NewReader(file), int64(len(file))); err != nil && !errors.Is(err, ErrCorrupt) {
				t.Fatal(err)
			}
		}
	})
}
