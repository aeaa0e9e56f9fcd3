package lake

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/parquetio"
)

// A ledger of many row groups, merged by way of temporary files, has the same bytes
// however its rows came, and leaves no file behind.
func TestMergeLedgerLarge(t *testing.T) {
	temp := t.TempDir()
	const rows = 20_000
	all := make([]Entry, rows)
	for i := range all {
		all[i] = entry(fmt.Sprintf("AWSLogs/%08d v%d done", i, i%7))
		all[i].SHA256 = fmt.Sprintf("%x", sha256.Sum256([]byte(all[i].SourceObject)))
	}
	once, many := create(t, objecttest.NewMem()), create(t, objecttest.NewMem())
	once, many = once.WithTempDir(temp), many.WithTempDir(temp)
	merge(t, once, all...)
	for part := range 4 {
		var some []Entry
		for i := part; i < rows; i += 4 {
			some = append(some, all[i])
		}
		merge(t, many, some...)
	}
	key := "ledger/delivery_day=" + day + "/part.parquet"
	data := get(t, once.store, key)
	if data != get(t, many.store, key) {
		t.Error("other bytes when merged in parts")
	}
	if len(data) < scratchMemory {
		t.Errorf("%d bytes need no temporary file", len(data))
	}
	n := 0
	err := many.EachLedgerEntry(t.Context(), day, func(e Entry) error {
		want := all[n].normal()
		if want.Attempts = 1; e != want {
			return fmt.Errorf("row %d: got %+v, want %+v", n, e, want)
		}
		n++
		return nil
	})
	if err != nil || n != rows {
		t.Errorf("%d rows, %v", n, err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := once.WithTempDir(filepath.Join(temp, "gone")).MergeLedger(t.Context(), day, all[:1]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a place for temporary files: %v", err)
	}
}

func TestEachLedgerEntryStops(t *testing.T) {
	l := create(t, objecttest.NewMem())
	merge(t, l, entries("a v1 done", "b v1 done", "c v1 done")...)
	var seen []string
	err := l.EachLedgerEntry(t.Context(), day, func(e Entry) error {
		if seen = append(seen, e.SourceObject); len(seen) == 2 {
			return errTest
		}
		return nil
	})
	if err != errTest || !slices.Equal(seen, []string{"a", "b"}) {
		t.Errorf("saw %q, %v", seen, err)
	}
}

// Rows out of order are found also where they are not read together.
func TestLedgerOrderAcrossBatches(t *testing.T) {
	for _, at := range []int{1, 63, 64, 65, 128, 199} {
		var rows []entryRow
		for i := range 200 {
			rows = append(rows, entry(fmt.Sprintf("k%03d v1 done", i)).row())
		}
		rows[at].SourceObject = rows[at-1].SourceObject
		var b strings.Builder
		if err := parquetio.WriteRows(&b, rows); err != nil {
			t.Fatal(err)
		}
		l := create(t, objecttest.NewMem())
		put(t, l.store, "ledger/delivery_day="+day+"/part.parquet", b.String())
		err := l.EachLedgerEntry(t.Context(), day, func(Entry) error { return nil })
		wantError(t, err, ErrCorrupt, "out of order")
		before := keys(t, l.store)
		wantError(t, l.MergeLedger(t.Context(), day, entries("k000 v2 done")), ErrCorrupt, "out of order")
		if got := get(t, l.store, "ledger/delivery_day="+day+"/part.parquet"); got != b.String() || !slices.Equal(before, keys(t, l.store)) {
			t.Error("a corrupt ledger was written over")
		}
	}
}

// Long records make short row groups and come back whole.
func TestQuarantineLong(t *testing.T) {
	l := create(t, objecttest.NewMem()).WithTempDir(t.TempDir())
	var want []Quarantined
	for i := range 120 {
		want = append(want, Quarantined{"object", int32(i), "no sense", strings.Repeat(string(rune('a'+i%26)), 200_000+i)})
	}
	for _, part := range [][]Quarantined{want[60:], want[:70], nil} {
		if err := l.MergeQuarantine(t.Context(), day, part); err != nil {
			t.Fatal(err)
		}
	}
	got, err := l.Quarantine(t.Context(), day)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%d records of %d, %v", len(got), len(want), err)
	}
}
