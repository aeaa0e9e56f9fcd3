package custody

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/digest"
	"github.com/keytrail/keytrail/engine/digest/digesttest"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/verify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bucket keeps metadata, and counts how often objects are opened.
type bucket struct {
	*objecttest.Mem
	meta  map[string]map[string]string
	mu    sync.Mutex
	opens map[string]int
}

func (b *bucket) Metadata(_ context.Context, key string) (map[string]string, error) {
	return b.meta[key], nil
}

func (b *bucket) Open(ctx context.Context, o object.Info) (io.ReadCloser, error) {
	b.mu.Lock()
	b.opens[o.Key]++
	b.mu.Unlock()
	return b.Mem.Open(ctx, o)
}

// world is a trail, its bucket, and a lake made of it.
type world struct {
	*digesttest.Trail
	t      *testing.T
	bucket *bucket
	store  *objecttest.Mem
	lake   *lake.Lake
	keys   *digest.Keys
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, store: objecttest.NewMem(),
		bucket: &bucket{Mem: objecttest.NewMem(), meta: map[string]map[string]string{}, opens: map[string]int{}}}
	w.Trail = digesttest.New(w.put)
	var err error
	if w.lake, err = lake.Create(t.Context(), w.store); err != nil {
		t.Fatal(err)
	}
	if w.keys, err = digest.ReadKeys(bytes.NewReader(digesttest.PublicKeys())); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) put(key string, data []byte, meta map[string]string) {
	w.t.Helper()
	if _, err := w.bucket.Put(w.t.Context(), key, bytes.NewReader(data), int64(len(data)), object.Condition{}); err != nil {
		w.t.Fatal(err)
	}
	w.bucket.meta[key] = meta
}

func (w *world) remove(key string) {
	w.t.Helper()
	if err := w.bucket.Delete(w.t.Context(), key); err != nil {
		w.t.Fatal(err)
	}
}

// tamper puts a log with another record in the place of the i-th.
func (w *world) tamper(i int) {
	w.put(w.Logs[i], digesttest.Zip(digesttest.Record(digesttest.Start, 1000+i)), nil)
}

func (w *world) ingest() {
	w.t.Helper()
	eng := engine.Engine{Lake: w.lake, Memory: 128 << 20, Jobs: 1, TempDir: w.t.TempDir()}
	if _, err := eng.Ingest(w.t.Context(), engine.Request{Inputs: []engine.Input{{Source: w.bucket}}}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) record(o Options) Report {
	w.t.Helper()
	rep, err := record(w.t.Context(), w.lake, w.bucket, "", w.keys, o, 3)
	if err != nil {
		w.t.Fatal(err)
	}
	return rep
}

// ledger is "status verdict" of the versions of the trail's objects, by name, sorted.
func (w *world) ledger() map[string]string {
	w.t.Helper()
	days, err := w.lake.LedgerDays(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	found := map[string][]string{}
	for _, day := range days {
		entries, err := w.lake.Ledger(w.t.Context(), day)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, e := range entries {
			if e.Kind == string(object.KindCloudTrail) {
				found[e.SourceObject] = append(found[e.SourceObject], strings.TrimSpace(e.Status+" "+e.DigestVerdict))
			}
		}
	}
	out := map[string]string{}
	for name, v := range found {
		slices.Sort(v)
		out[name] = strings.Join(v, ", ")
	}
	return out
}

// wantLedger compares the ledger with what is wanted of the i-th log; of those that
// are not in the map, "done proven".
func (w *world) wantLedger(want map[int]string) {
	w.t.Helper()
	got := w.ledger()
	for i, key := range w.Logs {
		wanted, ok := want[i]
		if !ok {
			wanted = "done proven"
		}
		if got[key] != wanted {
			w.t.Errorf("log %d: %q, want %q", i, got[key], wanted)
		}
	}
}

// wantClean verifies the lake: verdicts and rows of missing logs are nothing odd.
func (w *world) wantClean() {
	w.t.Helper()
	rep, err := verify.Lake(w.t.Context(), w.store, verify.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range rep.Findings {
		w.t.Errorf("verify: %s %s: %s", f.Kind, f.Where, f.What)
	}
}

// sums is the summary over all tables and days.
func (w *world) sums(days ...string) string {
	w.t.Helper()
	all, err := Summary(w.t.Context(), w.lake, days...)
	if err != nil {
		w.t.Fatal(err)
	}
	var s TableDay
	for _, t := range all {
		s.Objects += t.Objects
		s.Proven += t.Proven
		s.Unproven += t.Unproven
		s.Altered += t.Altered
		s.NotJudged += t.NotJudged
	}
	return fmt.Sprintf("%d objects: %d proven, %d unproven, %d altered, %d not judged", s.Objects, s.Proven, s.Unproven, s.Altered, s.NotJudged)
}
