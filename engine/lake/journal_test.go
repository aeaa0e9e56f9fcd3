package lake

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/keytrail/keytrail/engine/ducktest"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// sum is a made-up SHA-256.
func sum(digit string) string { return strings.Repeat(digit, 64) }

// put1 is a touches file as a run put it: "table day bucket digit rows objects…".
func put1(spec string) Merged {
	f := strings.Fields(spec)
	m := Merged{Partition: part(f[0], f[1]), SHA256: sum(f[3])}
	fmt.Sscan(f[2], &m.Bucket)
	fmt.Sscan(f[4], &m.Rows)
	m.SourceObjects = f[5:]
	return m
}

func record(t *testing.T, l *Lake, known int64, specs ...string) Head {
	t.Helper()
	var files []Merged
	for _, s := range specs {
		files = append(files, put1(s))
	}
	head, err := l.Record(t.Context(), noon, known, files)
	if err != nil {
		t.Fatal(err)
	}
	return head
}

// told shows a commit as "table/day/bucket old-new rows-rows [objects]" by change.
func told(t *testing.T, l *Lake, n int64) string {
	t.Helper()
	c, err := l.Commit(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, h := range c.Changes {
		out = append(out, fmt.Sprintf("%s/%s/%d %.1s-%.1s %d-%d %v", h.Partition.Table, h.Partition.DayString(), h.Bucket,
			h.OldSHA256, h.NewSHA256, h.RowsBefore, h.Rows, h.SourceObjects))
	}
	return strings.Join(out, ", ")
}

func TestRecord(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		l := create(t, s)
		if head := record(t, l, 0); head != (Head{}) {
			t.Errorf("nothing merged: %v", head)
		}
		one := record(t, l, 0, "Orders 2024-03-10 0 a 5 x y", "Carts 2024-03-11 0 b 3 x", "Carts 2024-03-10 0 c 1 y")
		if got, want := told(t, l, 1), "Carts/2024-03-10/0 -c 0-1 [y], Carts/2024-03-11/0 -b 0-3 [x], Orders/2024-03-10/0 -a 0-5 [x y]"; got != want {
			t.Errorf("first commit:\ngot  %s\nwant %s", got, want)
		}
		if again := record(t, l, 1, "Orders 2024-03-10 0 a 5 x"); again != one {
			t.Errorf("nothing changed: %v after %v", again, one)
		}
		// A split, and a file that has not changed.
		two := record(t, l, 1, "Orders 2024-03-10 0 d 4 z", "Orders 2024-03-10 1 e 3 z", "Carts 2024-03-10 0 c 1")
		if got, want := told(t, l, 2), "Orders/2024-03-10/0 a-d 5-4 [z], Orders/2024-03-10/1 -e 0-3 [z]"; got != want {
			t.Errorf("second commit:\ngot  %s\nwant %s", got, want)
		}
		c, err := l.Commit(t.Context(), 2)
		if err != nil || c.Previous != one.SHA256 || c.Head != two || !c.At.Equal(noon) {
			t.Errorf("second commit %+v, %v", c, err)
		}
		states, err := l.Manifest(t.Context(), day)
		want := []FileState{
			{part("Carts", day), 0, sum("c"), 1, 1}, {part("Orders", day), 0, sum("d"), 4, 2}, {part("Orders", day), 1, sum("e"), 3, 2},
		}
		if err != nil || !reflect.DeepEqual(states, want) {
			t.Errorf("manifest %+v, %v", states, err)
		}
		if days, err := l.ManifestDays(t.Context()); err != nil || fmt.Sprint(days) != "[2024-03-10 2024-03-11]" {
			t.Errorf("days %v, %v", days, err)
		}
		if numbers, err := l.Journal(t.Context()); err != nil || fmt.Sprint(numbers) != "[1 2]" {
			t.Errorf("entries %v, %v", numbers, err)
		}
	})
}

// An object whose rows somebody else's commit has recorded is named all the same,
// once.
func TestRecordNamesEveryObject(t *testing.T) {
	l := create(t, objecttest.NewMem())
	record(t, l, 0, "Orders 2024-03-10 0 a 5 x")
	record(t, l, 1, "Orders 2024-03-10 0 a 5 w x")
	if got, want := told(t, l, 2), "Orders/2024-03-10/0 a-a 5-5 [w x]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if head := record(t, l, 2, "Orders 2024-03-10 0 a 5 w"); head.Number != 2 {
		t.Errorf("named again: %s", told(t, l, 3))
	}
}

// A run that is killed after its entry leaves the manifest to the next.
func TestRecordSettles(t *testing.T) {
	s := &meddler{Store: objecttest.NewMem()}
	l := create(t, s)
	record(t, l, 0, "Orders 2024-03-10 0 a 5 x")
	s.set(func(key string, _ object.Condition) error {
		if strings.HasPrefix(key, manifestDir) {
			return errTest
		}
		return nil
	}, nil)
	if _, err := l.Record(t.Context(), noon, 1, []Merged{put1("Orders 2024-03-10 0 b 6 y")}); !errors.Is(err, errTest) {
		t.Fatal(err)
	}
	s.set(nil, nil)
	record(t, l, 2, "Orders 2024-03-10 0 c 7 z")
	if got, want := told(t, l, 3), "Orders/2024-03-10/0 b-c 6-7 [z]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// When another run's commit came between, or the answer of our put was lost, what
// is recorded is what the files are.
func TestRecordBesideAnother(t *testing.T) {
	for _, lost := range []bool{false, true} {
		s := &meddler{Store: objecttest.NewMem()}
		l := create(t, s)
		p := part("Orders", day)
		put := func(rows ...string) Merged {
			b := touchesFile(t, len(rows))
			etag, err := l.PutTouches(t.Context(), p, 0, bytes.NewReader(b), int64(len(b)), object.Condition{})
			if err != nil {
				t.Fatal(err)
			}
			m := Merged{Partition: p, ETag: etag, SourceObjects: []string{rows[len(rows)-1]}}
			if err := l.refresh(t.Context(), &m, true); err != nil {
				t.Fatal(err)
			}
			return m
		}
		ours := put("ours")
		theirs := put("ours", "theirs")
		s.set(func(key string, cond object.Condition) error {
			if key != journalKey(1) {
				return nil
			}
			s.set(nil, func(string) error {
				if lost {
					s.set(nil, nil)
					return &object.Error{Op: "put", Key: key, Err: object.ErrCondition}
				}
				return nil
			})
			_, err := l.Record(t.Context(), noon, 0, []Merged{theirs})
			return errors.Join(err, object.ErrCondition)
		}, nil)
		if _, err := l.Record(t.Context(), noon, 0, []Merged{ours}); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("Orders/2024-03-10/0 -%.1s 0-2 [theirs]", theirs.SHA256)
		then := fmt.Sprintf("Orders/2024-03-10/0 %.1s-%.1s 2-2 [ours]", theirs.SHA256, theirs.SHA256)
		if got := told(t, l, 1); got != want {
			t.Errorf("lost %v: got %s, want %s", lost, got, want)
		}
		if got := told(t, l, 2); got != then {
			t.Errorf("lost %v: got %s, want %s", lost, got, then)
		}
		if numbers, _ := l.Journal(t.Context()); len(numbers) != 2 {
			t.Errorf("lost %v: entries %v", lost, numbers)
		}
	}
}

// touchesFile is a touches file of so many rows, in which nothing stands.
func touchesFile(t *testing.T, rows int) []byte {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema.Arrow)
	defer b.Release()
	for range rows {
		for _, f := range b.Fields() {
			f.AppendEmptyValue()
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	var file bytes.Buffer
	w := parquetio.NewWriter(&file, parquetio.WriterOptions{Metadata: map[string]string{schema.MetadataBuckets: "1"}})
	if err := w.Append(rec, 0, rec.NumRows()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// An entry that could not have been written by us is corrupt.
func TestCommitCorrupt(t *testing.T) {
	for what, edit := range map[string]func([]changeRow) []changeRow{
		"no rows":        func([]changeRow) []changeRow { return nil },
		"another number": func(r []changeRow) []changeRow { r[0].Commit = 2; return r },
		"another time":   func(r []changeRow) []changeRow { r[1].CommittedAt++; return r },
		"out of order":   func(r []changeRow) []changeRow { return []changeRow{r[1], r[0]} },
		"twice":          func(r []changeRow) []changeRow { return []changeRow{r[0], r[0]} },
		"no file":        func(r []changeRow) []changeRow { r[0].File = "touches/x"; return r },
		"another table":  func(r []changeRow) []changeRow { r[0].TableName = "x"; return r },
		"another day":    func(r []changeRow) []changeRow { r[0].Day++; return r },
		"sum":            func(r []changeRow) []changeRow { r[0].RowsAdded++; return r },
		"negative":       func(r []changeRow) []changeRow { r[0].RowsBefore, r[0].RowsAdded = -1, r[0].Rows+1; return r },
		"no hash":        func(r []changeRow) []changeRow { r[0].NewSHA256 = ""; return r },
		"half a hash":    func(r []changeRow) []changeRow { r[0].OldSHA256 = "abcd"; return r },
		"loud hash":      func(r []changeRow) []changeRow { r[0].NewSHA256 = sum("A"); return r },
	} {
		s := objecttest.NewMem()
		l := create(t, s)
		record(t, l, 0, "Carts 2024-03-10 0 c 1 y", "Orders 2024-03-10 0 a 5 x y")
		data := get(t, s, journalKey(1))
		rows, err := parquetio.ReadRows[changeRow](strings.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := parquetio.WriteRows(&b, edit(rows)); err != nil {
			t.Fatal(err)
		}
		put(t, s, journalKey(1), b.String())
		if _, err := l.Commit(t.Context(), 1); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestParseHead(t *testing.T) {
	for _, h := range []Head{{}, {Number: 7}, {7, sum("a")}} {
		if got, err := ParseHead(strings.TrimSuffix(h.String(), ":")); err != nil || got != h {
			t.Errorf("%v became %v, %v", h, got, err)
		}
	}
	for _, s := range []string{"", "x", "-1", "1:", "1:ab", "1:" + sum("A"), "1 ", ":" + sum("a"), "99999999999999999999"} {
		if got, err := ParseHead(s); err == nil {
			t.Errorf("%q became %v", s, got)
		}
	}
}

// The journal is one table to a reader that globs.
func TestJournalInDuckDB(t *testing.T) {
	ducktest.Need(t)
	root := t.TempDir()
	l := create(t, openDir(t, root))
	record(t, l, 0, "Orders 2024-03-10 0 a 5 x y", schema.NoTable+" 2024-03-10 0 b 2 x")
	record(t, l, 1, "Orders 2024-03-10 0 c 9 z")
	from := "read_parquet(" + ducktest.Quote(filepath.Join(root, journalPrefix, "*.parquet")) + ")"
	want := `commit BIGINT
committed_at TIMESTAMP WITH TIME ZONE
previous_sha256 VARCHAR
table_name VARCHAR
day DATE
file VARCHAR
old_sha256 VARCHAR
new_sha256 VARCHAR
rows_before BIGINT
rows BIGINT
rows_added BIGINT
source_objects VARCHAR[]`
	if got := describe(t, from); got != want {
		t.Errorf("columns\n%s\nwant\n%s", got, want)
	}
	got := ducktest.Query(t, "SELECT commit AS n, table_name AS name, day, rows_added AS added, array_to_string(source_objects, ' ') AS objects FROM "+from+" ORDER BY 1, 2 NULLS FIRST")
	if want := []map[string]any{
		{"n": int64(1), "name": nil, "day": "2024-03-10", "added": int64(2), "objects": "x"},
		{"n": int64(1), "name": "Orders", "day": "2024-03-10", "added": int64(5), "objects": "x y"},
		{"n": int64(2), "name": "Orders", "day": "2024-03-10", "added": int64(4), "objects": "z"},
	}; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
