package custody

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/digest"
	"github.com/keytrail/keytrail/engine/digest/digesttest"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

const absentRow = "failed missing"

// What somebody does to a bucket, before or after an ingest, is in the ledger
// afterwards; nothing else is. The clean chain has five digests, across midnight, the
// fourth without logs.
func TestRecordDigestVerdicts(t *testing.T) {
	cases := map[string]struct {
		before, after func(w *world)
		want          map[int]string // what the ledger says of logs that are not "done proven"
		findings      int
		notAsSigned   int64
		sums          string
	}{
		"nothing": {sums: "8 objects: 8 proven, 0 unproven, 0 altered, 0 not judged"},
		"tampered before ingest": {
			before: func(w *world) { w.tamper(4) }, want: map[int]string{4: "done altered"}, findings: 1, notAsSigned: 1,
			sums: "8 objects: 7 proven, 0 unproven, 1 altered, 0 not judged",
		},
		"tampered after ingest": {
			after: func(w *world) { w.tamper(4) }, findings: 1,
			sums: "8 objects: 8 proven, 0 unproven, 0 altered, 0 not judged",
		},
		"tampered, and read again": {
			after: func(w *world) { w.tamper(4); w.ingest() }, want: map[int]string{4: "done altered, done proven"}, findings: 1, notAsSigned: 1,
			sums: "9 objects: 7 proven, 0 unproven, 2 altered, 0 not judged", // it has rows of two days
		},
		"unreadable before ingest": {
			before: func(w *world) { w.put(w.Logs[4], []byte("\x1f\x8bno gzip"), nil) }, want: map[int]string{4: "failed altered"}, findings: 1,
			sums: "7 objects: 7 proven, 0 unproven, 0 altered, 0 not judged",
		},
		"deleted before ingest": {
			before: func(w *world) { w.remove(w.Logs[3]) }, want: map[int]string{3: absentRow}, findings: 1,
			sums: "7 objects: 7 proven, 0 unproven, 0 altered, 0 not judged",
		},
		"deleted after ingest": {
			after: func(w *world) { w.remove(w.Logs[3]) }, findings: 1,
			sums: "8 objects: 8 proven, 0 unproven, 0 altered, 0 not judged",
		},
		"tampered, ingested and deleted": {
			before: func(w *world) { w.tamper(3) }, after: func(w *world) { w.remove(w.Logs[3]) },
			want: map[int]string{3: "done altered"}, findings: 1, notAsSigned: 1,
			sums: "8 objects: 7 proven, 0 unproven, 1 altered, 0 not judged",
		},
		"unreadable, then deleted": {
			before: func(w *world) { w.put(w.Logs[4], []byte("\x1f\x8bno gzip"), nil) }, after: func(w *world) { w.remove(w.Logs[4]) },
			want: map[int]string{4: absentRow}, findings: 1,
			sums: "7 objects: 7 proven, 0 unproven, 0 altered, 0 not judged",
		},
		"unreadable, then mended": {
			before: func(w *world) { w.put(w.Logs[4], []byte("\x1f\x8bno gzip"), nil) },
			after:  func(w *world) { w.put(w.Logs[4], digesttest.Zip(w.Bodies[4]), nil) }, want: map[int]string{4: "failed"},
			sums: "7 objects: 7 proven, 0 unproven, 0 altered, 0 not judged",
		},
		"delivered after ingest": {
			after: func(w *world) { w.Hour(1) }, want: map[int]string{8: ""},
			sums: "8 objects: 8 proven, 0 unproven, 0 altered, 0 not judged",
		},
		"archived after ingest": {
			after: func(w *world) { w.bucket.Archive(w.Logs[1], "GLACIER") },
			sums:  "8 objects: 8 proven, 0 unproven, 0 altered, 0 not judged",
		},
		"swapped digest": {
			before: func(w *world) {
				swap := w.Digests[1]
				r, err := w.bucket.Mem.OpenAt(w.t.Context(), swap)
				if err != nil {
					w.t.Fatal(err)
				}
				data := make([]byte, r.Info().Size)
				if _, err := r.ReadAt(data, 0); err != nil && len(data) == 0 {
					w.t.Fatal(err)
				}
				w.put(w.Digests[2], data, w.bucket.meta[swap])
			},
			want: map[int]string{4: "done unproven", 5: "done unproven"}, findings: 1,
			sums: "8 objects: 6 proven, 2 unproven, 0 altered, 0 not judged",
		},
		"planted": {
			before: func(w *world) {
				w.Now = w.Now.Add(-100 * time.Minute)
				key, _ := w.Log()
				w.Logs = append(w.Logs, key)
			},
			want: map[int]string{8: "done unproven"}, findings: 1,
			sums: "9 objects: 8 proven, 1 unproven, 0 altered, 0 not judged",
		},
		"expired first digest": {
			before: func(w *world) { w.remove(w.Digests[0]) }, want: map[int]string{0: "done unproven", 1: "done unproven"},
			sums: "8 objects: 6 proven, 2 unproven, 0 altered, 0 not judged",
		},
		"begun anew after a gap": {
			before: func(w *world) { w.Now = w.Now.Add(3 * time.Hour); w.Anew(); w.Hour(2) }, findings: 1,
			sums: "10 objects: 10 proven, 0 unproven, 0 altered, 0 not judged",
		},
		"backfill": {
			before: func(w *world) {
				w.Backfill, w.Now = true, w.Now.Add(-4*time.Hour)
				w.Anew()
				w.Hour(2)
				w.Hour(1)
				w.tamper(9)
			},
			want: map[int]string{9: "done altered"}, findings: 1, notAsSigned: 1,
			sums: "11 objects: 10 proven, 0 unproven, 1 altered, 0 not judged",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for _, n := range []int{2, 2, 2, 0, 2} {
				w.Hour(n)
			}
			if c.before != nil {
				c.before(w)
			}
			w.ingest()
			if c.after != nil {
				c.after(w)
			}
			clear(w.bucket.opens)
			dry := w.record(Options{ReadOnly: true})
			for _, key := range w.Logs {
				if n := w.bucket.opens[key]; n > 0 && c.after == nil && !strings.HasPrefix(c.want[slices.Index(w.Logs, key)], "failed") {
					t.Errorf("%s was read again", key)
				}
			}
			if got := w.sums(); !strings.HasSuffix(got, fmt.Sprintf(": 0 proven, 0 unproven, 0 altered, %s not judged", strings.Fields(got)[8])) {
				t.Errorf("a dry run left verdicts: %s", got)
			}
			rep := w.record(Options{})
			if rep.Changed != dry.Changed || rep.Entered != dry.Entered || rep.Digests.Logs != dry.Digests.Logs {
				t.Errorf("a dry run said %+v, then %+v", dry, rep)
			}
			if n := rep.Digests.Findings(); n != c.findings || rep.NotAsSigned != c.notAsSigned {
				t.Errorf("%d findings, %d not as signed, want %d and %d: %+v", n, rep.NotAsSigned, c.findings, c.notAsSigned, rep)
			}
			w.wantLedger(c.want)
			if got := w.sums(); got != c.sums {
				t.Errorf("summary: %s\nwant     %s", got, c.sums)
			}
			before := fmt.Sprint(w.ledger())
			if rep := w.record(Options{}); rep.Changed+rep.Entered != 0 || fmt.Sprint(w.ledger()) != before {
				t.Errorf("the second time changed something: %+v", rep)
			}
			w.keys = new(digest.Keys)
			if w.record(Options{}); fmt.Sprint(w.ledger()) != before {
				t.Errorf("without keys: %s\nbefore %s", w.ledger(), before)
			}
			for _, key := range w.Digests {
				w.remove(key)
			}
			if w.record(Options{}); fmt.Sprint(w.ledger()) != before {
				t.Errorf("without digests: %s\nbefore %s", w.ledger(), before)
			}
			w.wantClean()
		})
	}
}

// A log that was missing and arrives after all is an object like any other.
func TestRecordDigestLogArrivesLate(t *testing.T) {
	w := newWorld(t)
	w.Hour(2)
	w.Hour(0)
	body := w.Bodies[1]
	w.remove(w.Logs[1])
	w.ingest()
	w.record(Options{})
	w.wantLedger(map[int]string{1: absentRow})
	entries, err := w.lake.Ledger(t.Context(), "2026-03-02")
	if err != nil {
		t.Fatal(err)
	}
	e := entries[slices.IndexFunc(entries, func(e lake.Entry) bool { return e.SourceObject == w.Logs[1] })]
	if want := "a digest names it, and it is not there: " + w.Digests[0]; e.Error != want || e.ETag != "" || e.AccountID != "111122223333" || e.Source != w.bucket.URL() {
		t.Errorf("its row: %+v", e)
	}
	w.put(w.Logs[1], digesttest.Zip(body), nil)
	w.ingest()
	w.wantLedger(map[int]string{0: "done proven", 1: "done"})
	if got, want := w.sums(), "2 objects: 1 proven, 0 unproven, 0 altered, 1 not judged"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	w.record(Options{})
	w.wantLedger(nil)
	w.wantClean()
}

// What a signature proved is not taken back on the word of a digest without one.
func TestRecordDigestKeepsWhatWasProven(t *testing.T) {
	w := newWorld(t)
	w.Hour(1)
	w.Hour(1)
	w.ingest()
	w.record(Options{})
	w.wantLedger(nil)
	newest := w.Digests[1]
	r, err := w.bucket.Mem.Open(t.Context(), object.Info{Key: newest})
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	good := fmt.Sprintf("%x", sha256.Sum256(w.Bodies[1]))
	w.put(newest, digesttest.Zip([]byte(strings.ReplaceAll(string(raw), good, strings.Repeat("0", 64)))), nil)
	if rep := w.record(Options{}); rep.Digests.Logs.Altered != 1 || rep.Changed != 0 || rep.NotAsSigned != 0 {
		t.Errorf("%+v, %d changed, %d not as signed", rep.Digests.Logs, rep.Changed, rep.NotAsSigned)
	}
	w.wantLedger(nil)
}

// Whoever stops a validation stops it: with his own error, and nobody is left behind.
func TestRecordDigestStops(t *testing.T) {
	w := newWorld(t)
	for range 10 {
		w.Hour(3)
	}
	w.ingest()
	stop := errors.New("enough")
	n := 0
	_, err := Record(t.Context(), w.lake, w.bucket, "", w.keys, Options{Each: func(digest.Verdict) error {
		if n++; n == 5 {
			return stop
		}
		return nil
	}})
	if !errors.Is(err, stop) || n != 5 {
		t.Errorf("%d verdicts, then %v", n, err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err = Record(ctx, w.lake, w.bucket, "", w.keys, Options{Each: func(digest.Verdict) error { cancel(stop); return nil }})
	if err == nil {
		t.Error("went on without its context")
	}
	if err := w.store.Delete(t.Context(), "ledger/delivery_day=2026-03-02/part.parquet"); err != nil {
		t.Fatal(err)
	}
	broken := "not Parquet"
	if _, err := w.store.Put(t.Context(), "ledger/delivery_day=2026-03-02/part.parquet", strings.NewReader(broken), int64(len(broken)), object.Condition{}); err != nil {
		t.Fatal(err)
	}
	if _, err := Record(t.Context(), w.lake, w.bucket, "", w.keys, Options{}); !errors.Is(err, lake.ErrCorrupt) {
		t.Errorf("with a ledger that cannot be read: %v", err)
	}
}

// However few hashes are kept, what is known is right, and of the version asked for.
func TestDigestKnownVersions(t *testing.T) {
	w := newWorld(t)
	for range 2 * 24 {
		w.Hour(1)
	}
	w.ingest()
	var all []object.Info
	if err := w.bucket.List(t.Context(), "", func(o object.Info) error { all = append(all, o); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, most := range []int{0, 1, 30, 1000} {
		k := newKnown(t.Context(), w.lake, w.bucket.URL())
		k.most = most
		for i := range all {
			o := all[(i*37)%len(all)]
			sum, ok := k.sum(o)
			at := slices.Index(w.Logs, o.Key)
			if ok != (at >= 0) || ok && sum != sha256.Sum256(w.Bodies[at]) {
				t.Fatalf("at most %d: %s: %v, %x", most, o.Key, ok, sum)
			}
			o.ETag += "x"
			if _, ok := k.sum(o); ok {
				t.Fatalf("knows another version of %s", o.Key)
			}
		}
		if kept := k.count; kept > max(most, 24) {
			t.Errorf("%d hashes kept, at most %d wanted", kept, most)
		}
	}
}

// With a window, the verdicts of its days are those that all digests give, and
// nothing is said of others.
func TestRecordDigestWindow(t *testing.T) {
	w := newWorld(t)
	for h := range 6 * 24 {
		w.Hour(h % 2)
	}
	w.ingest()
	clear(w.bucket.opens)
	rep := w.record(Options{From: "2026-03-04", To: "2026-03-05"})
	want := map[int]string{}
	inside := 0
	for i, key := range w.Logs {
		if strings.Contains(key, "/2026/03/04/") || strings.Contains(key, "/2026/03/05/") {
			inside++
		} else {
			want[i] = "done"
		}
	}
	w.wantLedger(want)
	if rep.Digests.Logs.Proven != int64(inside) || rep.Changed != int64(inside) || inside < 20 || rep.Digests.Findings() != 0 {
		t.Errorf("%d logs in the window: %+v, %d changed, %d findings", inside, rep.Digests.Logs, rep.Changed, rep.Digests.Findings())
	}
	if c := rep.Digests.Chains[0]; c.Digests != 4*24 || !strings.Contains(c.Before, "/2026/03/02/") {
		t.Errorf("%d digests, before them %s", c.Digests, c.Before)
	}
	if len(w.bucket.opens) != 4*24 {
		t.Errorf("%d objects were read", len(w.bucket.opens))
	}
	if got, want := w.sums("2026-03-02"), "not judged"; !strings.Contains(got, " 0 proven") || !strings.HasSuffix(got, want) {
		t.Errorf("of another day: %s", got)
	}
}

// Random faults in random trails: the ledger always says what was done to each log.
func TestRecordDigestRandomFaults(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	const tampered, tamperedLate, deleted, deletedLate, faults = 0, 1, 2, 3, 4
	digests, done := 0, 0
	for range 25 {
		w := newWorld(t)
		hour := map[int]int{} // of each log
		hours := 3 + rng.IntN(6)
		for h := range hours {
			for range rng.IntN(4) {
				hour[len(hour)] = h
			}
			w.Hour(len(hour) - len(w.Logs))
		}
		digests += hours
		lost := -1 // a digest in the middle
		if rng.IntN(2) == 0 {
			lost = 1 + rng.IntN(hours-2)
			w.remove(w.Digests[lost])
			done++
		}
		want := map[int]string{}
		var late []func()
		for i := range w.Logs {
			signed := hour[i] != lost
			if !signed {
				want[i] = "done unproven"
			}
			if rng.IntN(3) > 0 {
				continue
			}
			done++
			switch rng.IntN(faults) {
			case tampered:
				w.tamper(i)
				if signed {
					want[i] = "done altered"
				}
			case tamperedLate:
				late = append(late, func() { w.tamper(i) })
				if !signed {
					want[i] = "done unproven"
				}
			case deleted:
				w.remove(w.Logs[i])
				if want[i] = ""; signed {
					want[i] = absentRow
				}
			case deletedLate:
				late = append(late, func() { w.remove(w.Logs[i]) })
				if !signed {
					want[i] = "done" // nobody speaks of it any more
				}
			}
		}
		w.ingest()
		for _, f := range late {
			f()
		}
		w.record(Options{})
		w.wantLedger(want)
		w.wantClean()
		if t.Failed() {
			t.Fatalf("%d hours, digest %d lost; log hours %v", hours, lost, hour)
		}
	}
	t.Logf("%d digests, %d faults", digests, done)
}
