package lake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

const day = "2024-03-10"

// entry is a ledger row with every column set. spec is "name etag status".
func entry(spec string) Entry {
	f := strings.Fields(spec)
	e := Entry{
		SourceObject: f[0], ETag: f[1], Status: f[2], Source: "s3://trail/", Size: 1000, InflatedBytes: 9000,
		LastModified: noon, SHA256: "ab12", AccountID: "123456789012", AWSRegion: "eu-west-1", Kind: "cloudtrail",
	}
	if e.Status == Done {
		e.Records, e.InScope, e.OutOfScope, e.Quarantined, e.Touches = 10, 6, 3, 1, 9
		e.FirstEventTime, e.LastEventTime = noon.Add(-time.Hour), noon.Add(-time.Minute)
	} else {
		e.Error = "could not be read"
	}
	return e
}

func entries(specs ...string) []Entry {
	var out []Entry
	for _, s := range specs {
		out = append(out, entry(s))
	}
	return out
}

// brief shows a ledger as "name etag status attempts", one after the other.
func brief(t *testing.T, l *Lake, day string) string {
	t.Helper()
	rows, err := l.Ledger(t.Context(), day)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range rows {
		out = append(out, fmt.Sprintf("%s %s %s %d", e.SourceObject, e.ETag, e.Status, e.Attempts))
	}
	return strings.Join(out, ", ")
}

func merge(t *testing.T, l *Lake, rows ...Entry) {
	t.Helper()
	if err := l.MergeLedger(t.Context(), day, rows); err != nil {
		t.Fatal(err)
	}
}

func TestLedgerRoundTrip(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		l := create(t, s)
		if rows, err := l.Ledger(t.Context(), day); rows != nil || err != nil {
			t.Fatalf("absent day: %v, %v", rows, err)
		}
		full := entry("a v1 done")
		full.Attempts = 1
		bare := Entry{SourceObject: "b", Status: Failed, Attempts: 1}
		odd := entry("c v1 failed")
		odd.Attempts = 1
		odd.LastModified = time.Date(2500, 1, 2, 3, 4, 5, 678901234, time.FixedZone("x", 3600))
		odd.Error = "bad \xff byte"
		odd.FirstEventTime, odd.LastEventTime = time.Unix(0, 0), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
		merge(t, l, odd, bare, full)
		got, err := l.Ledger(t.Context(), day)
		if err != nil {
			t.Fatal(err)
		}
		odd.LastModified = time.Date(2500, 1, 2, 2, 4, 5, 678901000, time.UTC)
		odd.FirstEventTime = odd.FirstEventTime.UTC()
		odd.Error = "bad \uFFFD byte"
		if want := []Entry{full, bare, odd}; !slices.Equal(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}

func TestMergeLedger(t *testing.T) {
	for _, c := range []struct {
		name   string
		merges []string // each a comma-separated list of specs
		want   string
	}{
		{"order", []string{"b v1 done, a v1 done, a v0 done"}, "a v0 done 1, a v1 done 1, b v1 done 1"},
		{"nothing", []string{""}, ""},
		{"again", []string{"a v1 done", "a v1 done"}, "a v1 done 1"},
		{"failure counts", []string{"a v1 failed", "a v1 failed", "a v1 failed"}, "a v1 failed 3"},
		{"then success", []string{"a v1 failed", "a v1 failed", "a v1 done"}, "a v1 done 3"},
		{"success of a new version", []string{"a v1 failed", "a v2 done"}, "a v2 done 2"},
		{"failure of a new version", []string{"a v1 done", "a v2 failed"}, "a v1 done 1, a v2 failed 1"},
		{"both versions done", []string{"a v1 done", "a v2 failed", "a v2 done"}, "a v1 done 1, a v2 done 2"},
		{"failures of two versions", []string{"a v1 failed", "a v2 failed"}, "a v2 failed 2"},
		{"done stays done", []string{"a v1 done", "a v1 failed"}, "a v1 done 1"},
		{"skipped once", []string{"a v1 skipped", "a v1 skipped"}, "a v1 skipped 1"},
		{"skipped, then done", []string{"a v1 skipped", "a v1 done"}, "a v1 done 2"},
		{"one call, same object", []string{"a v1 done, a v1 failed"}, "a v1 done 2"},
		{"neighbours stay", []string{"a v1 done, c v1 failed, e v1 done", "d v1 done, b v1 done"},
			"a v1 done 1, b v1 done 1, c v1 failed 1, d v1 done 1, e v1 done 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := create(t, objecttest.NewMem())
			for _, m := range c.merges {
				var rows []Entry
				for _, spec := range strings.Split(m, ",") {
					if spec != "" {
						rows = append(rows, entry(spec))
					}
				}
				merge(t, l, rows...)
			}
			if got := brief(t, l, day); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// The same key under two sources is two objects, and Attempts adds up.
func TestMergeLedgerSources(t *testing.T) {
	l := create(t, objecttest.NewMem())
	there := entry("a v1 failed")
	there.Source, there.Attempts = "s3://other/", 4
	merge(t, l, entry("a v1 done"), there)
	merge(t, l, there)
	if got, want := brief(t, l, day), "a v1 failed 8, a v1 done 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A row that says something new about the same version takes its place.
func TestMergeLedgerReplaces(t *testing.T) {
	l := create(t, objecttest.NewMem())
	merge(t, l, entry("a v1 done"))
	e := entry("a v1 done")
	e.InScope, e.OutOfScope = 4, 5
	merge(t, l, e)
	rows, err := l.Ledger(t.Context(), day)
	if err != nil || len(rows) != 1 || rows[0].InScope != 4 || rows[0].Attempts != 2 {
		t.Errorf("got %+v, %v", rows, err)
	}
}

// A verdict belongs to the version it was given on, and giving one is no attempt.
func TestMergeLedgerVerdicts(t *testing.T) {
	ruled := func(spec, verdict string) Entry {
		e := entry(spec)
		e.DigestVerdict = verdict
		return e
	}
	for _, c := range []struct {
		what        string
		first, then Entry
		want        string // status, attempts and verdict of each row
	}{
		{"comes later", entry("a v1 done"), ruled("a v1 done", "proven"), "done 1 proven"},
		{"changes", ruled("a v1 done", "unproven"), ruled("a v1 done", "proven"), "done 1 proven"},
		{"stays when nobody asked again", ruled("a v1 done", "proven"), entry("a v1 done"), "done 1 proven"},
		{"of a failure", entry("a v1 failed"), ruled("a v1 failed", "missing"), "failed 1 missing"},
		{"of a failure that fails again", ruled("a v1 failed", "altered"), entry("a v1 failed"), "failed 2 altered"},
		{"of a failure that is mended", ruled("a v1 failed", "proven"), entry("a v1 done"), "done 2 proven"},
		{"reaches what is done already", entry("a v1 done"), ruled("a v1 failed", "altered"), "done 1 altered"},
		{"is not that of another version", ruled("a v1 done", "proven"), entry("a v2 done"), "done 1 proven, done 1 "},
	} {
		l := create(t, objecttest.NewMem())
		merge(t, l, c.first)
		merge(t, l, c.then)
		rows, err := l.Ledger(t.Context(), day)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range rows {
			got = append(got, fmt.Sprintf("%s %d %s", e.Status, e.Attempts, e.DigestVerdict))
		}
		if got := strings.Join(got, ", "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}
}

func TestMergeLedgerWritesNothingTwice(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		counted := &meddler{Store: s}
		l := create(t, counted)
		rows := entries("a v1 done", "b v1 skipped", "c v1 done")
		merge(t, l, rows...)
		counted.puts.Store(0)
		merge(t, l, rows...)
		merge(t, l, rows[1])
		merge(t, l)
		if err := l.MergeLedger(t.Context(), "2024-03-11", nil); err != nil {
			t.Fatal(err)
		}
		if n := counted.puts.Load(); n != 0 {
			t.Errorf("%d puts for rows that were there", n)
		}
	})
}

// The bytes depend on the rows: not on their order, nor on how they came.
func TestMergeLedgerDeterministic(t *testing.T) {
	var rows []Entry
	for i := range 200 {
		rows = append(rows, entry(fmt.Sprintf("k%03d v%d %s", i/2, i%3, []string{Done, Done, Failed, Skipped}[i%4])))
	}
	want := ""
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 1))
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		l := create(t, objecttest.NewMem())
		merge(t, l, rows...)
		got := get(t, l.store, "ledger/delivery_day="+day+"/part.parquet")
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("seed %d: other bytes", seed)
		}
	}
}

func TestMergeLedgerSlicings(t *testing.T) {
	var rows []Entry
	for i := range 60 {
		rows = append(rows, entry(fmt.Sprintf("k%03d v1 done", i)))
	}
	want := ""
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 2))
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		l := create(t, objecttest.NewMem())
		for left := rows; len(left) > 0; {
			n := 1 + rng.IntN(len(left))
			merge(t, l, left[:n]...)
			left = left[n:]
		}
		got := get(t, l.store, "ledger/delivery_day="+day+"/part.parquet")
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("seed %d: other bytes", seed)
		}
	}
}

func TestBalanced(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*Entry)
		says  string
	}{
		{"good", func(*Entry) {}, ""},
		{"empty", func(e *Entry) { e.Records, e.InScope, e.OutOfScope, e.Quarantined, e.Touches = 0, 0, 0, 0, 0 }, ""},
		{"lost record", func(e *Entry) { e.Records++ }, "read 11 records, but 6 in scope + 3 out of scope + 1 quarantined = 10"},
		{"invented record", func(e *Entry) { e.Quarantined++ }, "= 11"},
		{"lost touches", func(e *Entry) { e.Touches = 5 }, "6 records in scope but 5 touches"},
		{"touches of nothing", func(e *Entry) { e.InScope, e.OutOfScope = 0, 9 }, "no record in scope but 9 touches"},
		{"negative", func(e *Entry) { e.InScope, e.OutOfScope = 10, -1 }, "negative"},
		{"status", func(e *Entry) { e.Status = "" }, `status ""`},
		{"failed with rows", func(e *Entry) { e.Status = Failed }, "is failed and yet claims 9 touches"},
		{"failed halfway", func(e *Entry) { e.Status, e.Touches, e.InScope = Failed, 0, 0 }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := entry("AWSLogs/x v1 done")
			c.spoil(&e)
			l := create(t, objecttest.NewMem())
			before := keys(t, l.store)
			for _, err := range []error{e.Balanced(), l.MergeLedger(t.Context(), day, []Entry{entry("ok v1 done"), e})} {
				if c.says == "" && err != nil {
					t.Error(err)
				}
				if c.says != "" {
					wantError(t, err, nil, c.says, "s3://trail/AWSLogs/x", "does not balance")
				}
			}
			if c.says != "" && !slices.Equal(keys(t, l.store), before) {
				t.Error("something was written")
			}
		})
	}
	err := create(t, objecttest.NewMem()).MergeLedger(t.Context(), day, []Entry{{Status: Done}})
	wantError(t, err, nil, "without a source object")
}

func TestMergeLedgerDays(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		l := create(t, s)
		for _, d := range []string{"2024-03-11", "", "2023-12-31", "2024-03-10"} {
			if err := l.MergeLedger(t.Context(), d, entries("a v1 done")); err != nil {
				t.Fatal(err)
			}
		}
		put(t, s, "ledger/README", "x")
		put(t, s, "ledger/delivery_day=tomorrow/part.parquet", "x")
		days, err := l.LedgerDays(t.Context())
		if want := []string{"2023-12-31", "2024-03-10", "2024-03-11", ""}; err != nil || !slices.Equal(days, want) {
			t.Errorf("days %q, %v", days, err)
		}
		if got := brief(t, l, ""); got != "a v1 done 1" {
			t.Errorf("no day: %s", got)
		}
		if !slices.Contains(keys(t, s), "ledger/delivery_day=__HIVE_DEFAULT_PARTITION__/part.parquet") {
			t.Errorf("no file of no day in %q", keys(t, s))
		}
		for _, d := range []string{"../../x", "2024-3-1"} {
			if err := l.MergeLedger(t.Context(), d, entries("a v1 done")); err == nil {
				t.Errorf("day %q was accepted", d)
			}
			if _, err := l.Ledger(t.Context(), d); err == nil {
				t.Errorf("day %q was read", d)
			}
		}
	})
}

// Writers that meet merge with each other's rows, and none is lost.
func TestMergeLedgerConcurrent(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		create(t, s)
		const writers, merges = 4, 6
		var all []Entry
		var wg sync.WaitGroup
		for w := range writers {
			l, err := Open(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			for m := range merges {
				all = append(all, entry(fmt.Sprintf("k%d.%d v1 done", w, m)))
			}
			mine := slices.Clone(all[w*merges:])
			wg.Go(func() {
				for _, e := range mine {
					if err := l.MergeLedger(context.Background(), day, []Entry{e, entry("shared v1 done")}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		alone := create(t, objecttest.NewMem())
		merge(t, alone, append(all, entry("shared v1 done"))...)
		key := "ledger/delivery_day=" + day + "/part.parquet"
		if get(t, s, key) != get(t, alone.store, key) {
			t.Errorf("the writers together left %s", brief(t, &Lake{store: s}, day))
		}
	})
}

// The other writer gets in between the read and the put, once.
func TestMergeLedgerMeddled(t *testing.T) {
	for _, c := range []struct {
		name    string
		present string
		between func(t *testing.T, l *Lake)
		want    string
	}{
		{"made", "", func(t *testing.T, l *Lake) { merge(t, l, entry("b v1 done")) }, "a v1 failed 1, b v1 done 1"},
		{"changed", "a v1 failed", func(t *testing.T, l *Lake) { merge(t, l, entry("a v1 failed"), entry("b v1 done")) }, "a v1 failed 3, b v1 done 1"},
		{"finished", "a v1 failed", func(t *testing.T, l *Lake) { merge(t, l, entry("a v1 done")) }, "a v1 done 2"},
		{"deleted", "c v1 done", func(t *testing.T, l *Lake) {
			if err := l.store.Delete(t.Context(), "ledger/delivery_day="+day+"/part.parquet"); err != nil {
				t.Fatal(err)
			}
		}, "a v1 failed 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, s Store) {
				plain := create(t, s)
				if c.present != "" {
					merge(t, plain, entry(c.present))
				}
				m := &meddler{Store: s}
				m.set(func(string, object.Condition) error { m.set(nil, nil); c.between(t, plain); return nil }, nil)
				merge(t, &Lake{store: m}, entry("a v1 failed"))
				if got := brief(t, plain, day); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			})
		})
	}
}

// A put arrives, its answer is lost, and the store's own retry finds the
// condition broken by itself: that must not count as a second attempt.
func TestMergeLedgerLostAnswer(t *testing.T) {
	m := &meddler{Store: objecttest.NewMem()}
	l := create(t, m)
	m.set(nil, func(string) error { m.set(nil, nil); return object.ErrCondition })
	merge(t, l, entry("a v1 failed"))
	if got := brief(t, l, day); got != "a v1 failed 1" {
		t.Errorf("got %s", got)
	}
}

func TestMergeLedgerStoreErrors(t *testing.T) {
	m := &meddler{Store: objecttest.NewMem()}
	l := create(t, m)
	m.set(func(string, object.Condition) error { return errTest }, nil)
	if err := l.MergeLedger(t.Context(), day, entries("a v1 done")); !errors.Is(err, errTest) {
		t.Errorf("got %v", err)
	}
	// Always beaten to it: ends with the context.
	m.set(func(string, object.Condition) error { return object.ErrCondition }, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := l.MergeLedger(ctx, day, entries("a v1 done")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
