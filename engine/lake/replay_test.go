package lake

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/parquetio"
)

const (
	ledgerKey     = "ledger/delivery_day=" + day + "/part.parquet"
	quarantineKey = "quarantine/day=" + day + "/part.parquet"
)

// What merges left is the same when it is written again.
func TestReplayLedger(t *testing.T) {
	l := create(t, objecttest.NewMem()).WithTempDir(t.TempDir())
	all := make([]Entry, 9000)
	for i := range all {
		all[i] = entry(fmt.Sprintf("AWSLogs/%08d v%d %s", i, i%7, []string{Done, Done, Failed, Skipped}[i%4]))
		all[i].SHA256 = fmt.Sprintf("%x", sha256.Sum256([]byte(all[i].SourceObject)))
	}
	merge(t, l, all[3000:]...)
	merge(t, l, all[:6000]...)
	whole := get(t, l.store, ledgerKey)
	if len(whole) < scratchMemory {
		t.Errorf("%d bytes need no temporary file", len(whole))
	}
	n := 0
	replay, err := l.ReplayLedger(t.Context(), day, func(e Entry) error {
		if e.SourceObject != all[n].SourceObject {
			return fmt.Errorf("row %d is %q", n, e.SourceObject)
		}
		n++
		return nil
	})
	if size := int64(len(whole)); err != nil || n != len(all) || replay != (Replay{size, size, true}) {
		t.Errorf("%d rows of %d bytes, %+v, %v", n, len(whole), replay, err)
	}
}

// Every flipped bit is found, and one that leaves the rows readable at its place or
// before.
func TestReplayFindsFlips(t *testing.T) {
	l := create(t, objecttest.NewMem())
	merge(t, l, entries("a v1 done", "b v1 failed", "c v1 done")...)
	whole := get(t, l.store, ledgerKey)
	readable := 0
	for at := 0; at < len(whole); at += 3 {
		bad := []byte(whole)
		bad[at] ^= 1 << (at % 8)
		put(t, l.store, ledgerKey, string(bad))
		replay, err := l.ReplayLedger(t.Context(), day, func(Entry) error { return nil })
		switch {
		case errors.Is(err, ErrCorrupt):
		case err != nil || replay.Same || replay.At > int64(at):
			t.Errorf("byte %d of %d: %+v, %v", at, len(whole), replay, err)
		default:
			readable++
		}
	}
	if readable < 30 {
		t.Errorf("only %d flips of %d bytes left the rows readable", readable, len(whole))
	}
}

// Rows that keytrail would not have left so, or not written so, make a difference;
// what cannot be understood is an error.
func TestReplayLedgerDiffers(t *testing.T) {
	rows := func(edit func([]entryRow) []entryRow, more ...string) string {
		var b strings.Builder
		var out []entryRow
		for _, e := range entries("a v1 done", "b v1 failed", "c v1 done") {
			e.Attempts = 1
			out = append(out, e.row())
		}
		if err := parquetio.WriteRows(&b, edit(out)); err != nil {
			t.Fatal(err)
		}
		return b.String() + strings.Join(more, "")
	}
	zero := int64(-62135596800 * 1e6) // the zero time, which is stored as none
	for _, c := range []struct {
		what string
		edit func([]entryRow) []entryRow
		same bool
	}{
		{"as merged", func(r []entryRow) []entryRow { return r }, true},
		{"no rows", func([]entryRow) []entryRow { return nil }, true},
		{"no attempt", func(r []entryRow) []entryRow { r[1].Attempts = 0; return r }, false},
		{"no text", func(r []entryRow) []entryRow { r[1].Error = "\xff"; return r }, false},
		{"a time that is none", func(r []entryRow) []entryRow { r[2].LastModified = &zero; return r }, false},
	} {
		l := create(t, objecttest.NewMem())
		put(t, l.store, ledgerKey, rows(c.edit))
		replay, err := l.ReplayLedger(t.Context(), day, func(Entry) error { return nil })
		if err != nil || replay.Same != c.same || !c.same && (replay.At == 0 || replay.At >= replay.Size) {
			t.Errorf("%s: %+v, %v", c.what, replay, err)
		}
	}
	l := create(t, objecttest.NewMem())
	none, err := l.ReplayLedger(t.Context(), day, func(Entry) error { return errTest })
	if err != nil || !none.Same || none.Size != 0 {
		t.Errorf("without a file: %+v, %v", none, err)
	}
	same := func(r []entryRow) []entryRow { return r }
	put(t, l.store, ledgerKey, rows(same))
	if _, err := l.ReplayLedger(t.Context(), day, func(Entry) error { return errTest }); err != errTest {
		t.Errorf("a callback that fails: %v", err)
	}
	put(t, l.store, ledgerKey, rows(func(r []entryRow) []entryRow { slices.Reverse(r); return r }))
	_, err = l.ReplayLedger(t.Context(), day, func(Entry) error { return nil })
	wantError(t, err, ErrCorrupt, "out of order")
	put(t, l.store, ledgerKey, rows(same, "x"))
	_, err = l.ReplayLedger(t.Context(), day, func(Entry) error { return nil })
	wantError(t, err, ErrCorrupt)
}

// Long records make short row groups, the same ones again.
func TestReplayQuarantine(t *testing.T) {
	l := create(t, objecttest.NewMem()).WithTempDir(t.TempDir())
	var rows []Quarantined
	for i := range 120 {
		rows = append(rows, Quarantined{fmt.Sprint("object", i/50), int32(i), "no sense", strings.Repeat(string(rune('a'+i%26)), 200_000+i)})
	}
	if err := l.MergeQuarantine(t.Context(), day, rows); err != nil {
		t.Fatal(err)
	}
	n := 0
	replay, err := l.ReplayQuarantine(t.Context(), day, func(q Quarantined) error {
		if q != rows[n] {
			t.Errorf("row %d is another", n)
		}
		n++
		return nil
	})
	if err != nil || !replay.Same || n != len(rows) {
		t.Errorf("%d rows, %+v, %v", n, replay, err)
	}
	rows[100].Reason = "\xff"
	var b strings.Builder
	if err := parquetio.WriteRows(&b, rows); err != nil { // by number alone, in one row group
		t.Fatal(err)
	}
	put(t, l.store, quarantineKey, b.String())
	if replay, err = l.ReplayQuarantine(t.Context(), day, func(Quarantined) error { return nil }); err != nil || replay.Same {
		t.Errorf("%+v, %v", replay, err)
	}
}
