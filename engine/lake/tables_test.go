package lake

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

func TestQuarantine(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		counted := &meddler{Store: s}
		l := create(t, counted)
		a := Quarantined{"a", 2, "no readable eventTime", `{"eventTime":"soon"}`}
		b := Quarantined{"b", 0, "no eventSource", "{}"}
		mergeQ := func(rows ...Quarantined) {
			t.Helper()
			if err := l.MergeQuarantine(t.Context(), day, rows); err != nil {
				t.Fatal(err)
			}
		}
		mergeQ()
		mergeQ(b, a, b)
		first := get(t, s, "quarantine/day="+day+"/part.parquet")
		counted.puts.Store(0)
		mergeQ(a)
		mergeQ(b, a)
		if n := counted.puts.Load(); n != 0 {
			t.Errorf("%d puts for rows that were there", n)
		}
		c := Quarantined{"a", 2, "other reason", "\xff{"}
		mergeQ(c)
		c.Raw = "\uFFFD{"
		got, err := l.Quarantine(t.Context(), day)
		if want := []Quarantined{a, c, b}; err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v", got, err)
		}
		other := create(t, objecttest.NewMem())
		if err := other.MergeQuarantine(t.Context(), day, []Quarantined{a, b}); err != nil {
			t.Fatal(err)
		}
		if get(t, other.store, "quarantine/day="+day+"/part.parquet") != first {
			t.Error("equal rows, other bytes")
		}
		if err := l.MergeQuarantine(t.Context(), "", []Quarantined{a}); err != nil {
			t.Fatal(err)
		}
		if days, err := l.QuarantineDays(t.Context()); err != nil || !slices.Equal(days, []string{day, ""}) {
			t.Errorf("days %q, %v", days, err)
		}
		wantError(t, l.MergeQuarantine(t.Context(), day, []Quarantined{{SourceIndex: 1}}), nil, "no object")
		wantError(t, l.MergeQuarantine(t.Context(), "x/y", []Quarantined{a}), nil, "no day")
	})
}

func count(hour int, op string, n int64) Count {
	return Count{Hour: noon.Add(time.Duration(hour-12) * time.Hour), TableARN: "arn:x", Actor: "root", Op: op, Outcome: schema.OutcomeOK, Count: n}
}

func TestRollup(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		counted := &meddler{Store: s}
		l := create(t, counted)
		mergeR := func(tables map[string][]Count) {
			t.Helper()
			if err := l.MergeRollup(t.Context(), day, tables); err != nil {
				t.Fatal(err)
			}
		}
		want := func(lines ...string) {
			t.Helper()
			rows, err := l.Rollup(t.Context(), day)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range rows {
				got = append(got, fmt.Sprintf("%s %d %s %d", c.TableName, c.Hour.Hour(), c.Op, c.Count))
			}
			if !slices.Equal(got, lines) {
				t.Errorf("got %q, want %q", got, lines)
			}
		}
		mergeR(map[string][]Count{"Orders": nil}) // nothing there, nothing to write
		want()
		mergeR(map[string][]Count{
			"Orders": {count(3, "read", 2), count(1, "read", 5), count(3, "read", 1), count(2, "read", 0)},
			"Carts":  {count(4, "write", 1)}, schema.NoTable: {count(5, "list", 7)},
		})
		want(" 5 list 7", "Carts 4 write 1", "Orders 1 read 5", "Orders 3 read 3")
		counted.puts.Store(0)
		mergeR(map[string][]Count{"Orders": {count(3, "read", 3), count(1, "read", 5)}, schema.NoTable: {count(5, "list", 7)}})
		mergeR(nil)
		if n := counted.puts.Load(); n != 0 {
			t.Errorf("%d puts for counts that were there", n)
		}
		mergeR(map[string][]Count{"Orders": {count(9, "read", 1)}, schema.NoTable: nil})
		want("Carts 4 write 1", "Orders 9 read 1")
		mergeR(map[string][]Count{"Orders": {}, "Carts": {}})
		want()
		if days, err := l.RollupDays(t.Context()); err != nil || !slices.Equal(days, []string{day}) {
			t.Errorf("days %q, %v", days, err)
		}
	})
}

func TestRollupRefuses(t *testing.T) {
	l := create(t, objecttest.NewMem())
	for says, c := range map[string]Count{
		"is no hour of 2024-03-10": {Hour: noon.Add(24 * time.Hour), Count: 1},
		"2024-03-10T12:00:01Z":     {Hour: noon.Add(time.Second), Count: 1},
		"count -1":                 {Hour: noon, Count: -1},
	} {
		wantError(t, l.MergeRollup(t.Context(), day, map[string][]Count{"Orders": {c}}), nil, says, "Orders")
	}
	wantError(t, l.MergeRollup(t.Context(), "", nil), nil, "no day")
}

// encode is a Parquet file of any rows at all.
func encode[T any](t *testing.T, rows ...T) string {
	t.Helper()
	var b strings.Builder
	if err := parquetio.WriteRows(&b, rows); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCorruptTables(t *testing.T) {
	lost := entry("a v1 done")
	lost.Records = 99
	type other struct {
		Colour string `parquet:"colour"`
	}
	good := encode(t, entry("a v1 done").row())
	for _, c := range []struct{ name, dir, file, says string }{
		{"empty", ledgerDir, "", ""},
		{"text", ledgerDir, "source_object,etag\n", ""},
		{"cut", ledgerDir, good[:len(good)/2], ""},
		{"no footer", ledgerDir, good[:len(good)-8], ""},
		{"other table", ledgerDir, encode(t, other{"red"}), "names no source object"},
		{"unbalanced", ledgerDir, encode(t, lost.row()), "read 99 records"},
		{"out of order", ledgerDir, encode(t, entry("b v1 done").row(), entry("a v1 done").row()), "row 1 is out of order"},
		{"twice", ledgerDir, encode(t, entry("a v1 done").row(), entry("a v1 done").row()), "row 1 is out of order"},
		{"status", ledgerDir, encode(t, entry("a v1 odd").row()), `status "odd"`},
		{"quarantine", quarantineDir, "PAR1PAR1", ""},
		{"quarantine row", quarantineDir, encode(t, Quarantined{SourceIndex: -1}), "no object"},
		{"rollup", rollupDir, "", ""},
		{"rollup row", rollupDir, encode(t, countRow{Hour: 1}), "no hour"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := objecttest.NewMem()
			l := create(t, s)
			key := c.dir + day + smallFile
			put(t, s, key, c.file)
			var errs []error
			switch c.dir {
			case ledgerDir:
				_, err := l.Ledger(t.Context(), day)
				errs = append(errs, err, l.MergeLedger(t.Context(), day, entries("z v1 done")))
				wantError(t, err, nil, `run "keytrail ingest SOURCE --lake LAKE --from 2024-03-10 --to 2024-03-10"`)
			case quarantineDir:
				_, err := l.Quarantine(t.Context(), day)
				errs = append(errs, err, l.MergeQuarantine(t.Context(), day, []Quarantined{{SourceObject: "z"}}))
			case rollupDir:
				_, err := l.Rollup(t.Context(), day)
				errs = append(errs, err, l.MergeRollup(t.Context(), day, map[string][]Count{"Orders": {count(1, "read", 1)}}))
			}
			for _, err := range errs {
				wantError(t, err, ErrCorrupt, key, "move this file out of the lake", c.says)
			}
			if get(t, s, key) != c.file {
				t.Error("the corrupt file was written over")
			}
		})
	}
}

// A corrupt file of no day is mended without naming days.
func TestCorruptNoDay(t *testing.T) {
	s := objecttest.NewMem()
	l := create(t, s)
	put(t, s, ledgerDir+noDay+smallFile, "x")
	_, err := l.Ledger(t.Context(), "")
	wantError(t, err, ErrCorrupt, `"keytrail ingest SOURCE --lake LAKE"`)
}

// Whatever bytes lie there, reading them ends in rows that make sense or an error.
func FuzzLedgerFile(f *testing.F) {
	var b strings.Builder
	if err := parquetio.WriteRows(&b, []entryRow{entry("a v1 done").row(), entry("b v1 failed").row()}); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(b.String()), 0, byte(0))
	f.Add([]byte("PAR1"), 3, byte(1))
	f.Fuzz(func(t *testing.T, file []byte, at int, flip byte) {
		if len(file) > 0 {
			file[uint(at)%uint(len(file))] ^= flip
		}
		s := objecttest.NewMem()
		l := create(t, s)
		put(t, s, ledgerDir+day+smallFile, string(file))
		rows, err := l.Ledger(t.Context(), day)
		if err != nil {
			wantError(t, err, ErrCorrupt)
			return
		}
		for i := range rows {
			if err := rows[i].Balanced(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
