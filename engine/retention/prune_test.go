package retention

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/sample"
	"github.com/keytrail/keytrail/engine/verify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The sample has events from 2026-03-02 to 2026-03-04.
var asOf = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

const limits = `
default: {days: 11, reason: enough}
classes:
  restricted: {days: 10, reason: less}
tables:
  - {match: "clickstream*", days: 10, reason: clicks}
  - {match: "sessions", days: 1000, reason: long}
rollup: {days: 11, reason: counts}
quarantine: {days: 11, reason: raw}
frameworks:
  pci: {at_least: 365, reason: twelve months}
  gdpr: {at_most: 30, reason: no longer than needed}
legal_holds:
  - {match: "orders", from: "2026-03-02", to: "2026-03-02", owner: legal, reason: case 7, expires: "2026-12-31"}
  - {match: "payments", owner: legal, reason: case 3, expires: "2026-03-13"}
`

func glob(pattern, text string) bool {
	prefix, any := strings.CutSuffix(pattern, "*")
	return pattern == text || any && strings.HasPrefix(text, prefix)
}

func classes(arn string) (string, []string) {
	switch {
	case strings.HasSuffix(arn, "/inventory"):
		return "restricted", []string{"pci"}
	case strings.HasSuffix(arn, "/sessions"):
		return "", []string{"gdpr"}
	}
	return "", nil
}

func options() Options { return Options{Now: asOf, Glob: glob, Class: classes} }

func parsed(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse("retention.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func store(t *testing.T, files map[string][]byte) *objecttest.Brittle {
	t.Helper()
	m := objecttest.NewMem()
	for key, data := range files {
		if _, err := m.Put(t.Context(), key, bytes.NewReader(data), int64(len(data)), object.Condition{}); err != nil {
			t.Fatal(err)
		}
	}
	return objecttest.NewBrittle(m)
}

func files(t *testing.T, s lake.Store, prefix string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := s.List(t.Context(), prefix, func(o object.Info) error {
		f, err := s.OpenAt(t.Context(), o.Key)
		if err != nil {
			return err
		}
		defer f.Close()
		data := make([]byte, o.Size)
		if _, err := f.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		all[o.Key] = data
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func logs(t *testing.T) engine.Source {
	t.Helper()
	to := t.TempDir()
	if _, err := sample.Write(t.Context(), sample.Options{Dir: to, Events: 1500, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	src, err := dir.Open(to)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func ingest(t *testing.T, s lake.Store, src engine.Source) (*engine.Engine, engine.Report) {
	t.Helper()
	l, err := lake.Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	e := &engine.Engine{Lake: l, Memory: 128 << 20, TempDir: t.TempDir(), Rewrite: []engine.Rewrites{Rewrites(l)}}
	rep, err := e.Ingest(t.Context(), engine.Request{Inputs: []engine.Input{{Source: src}}})
	if err != nil {
		t.Fatal(err)
	}
	return e, rep
}

func verified(t *testing.T, s lake.Store) *verify.Report {
	t.Helper()
	rep, err := verify.Lake(t.Context(), s, verify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func clean(t *testing.T, s lake.Store) *verify.Report {
	t.Helper()
	rep := verified(t, s)
	for _, f := range rep.Findings {
		t.Errorf("%s %s: %s", f.Kind, f.Where, f.What)
	}
	return rep
}

// What is old enough goes, as the first limit that fits says; what is held or younger
// stays as it was, and nothing comes back.
func TestPrune(t *testing.T) {
	src, into := logs(t), store(t, nil)
	e, first := ingest(t, into, src)
	before := files(t, into, "")
	plan, err := Look(t.Context(), e.Lake, parsed(t, limits), options())
	if err != nil {
		t.Fatal(err)
	}
	if got := files(t, into, ""); !maps.EqualFunc(before, got, bytes.Equal) {
		t.Error("looking has changed the lake")
	}
	done, err := Prune(t.Context(), e, parsed(t, limits), options(), "jane")
	if err != nil {
		t.Fatal(err)
	}
	if plan.Rows != done.Rows || plan.Files != done.Files || plan.HeldDays != 1 || plan.Rows == 0 || plan.Bytes == 0 {
		t.Errorf("planned %+v\ndid %+v", plan, done.Plan)
	}
	after := files(t, into, "")
	for key, was := range before {
		if !strings.HasPrefix(key, "touches/") {
			continue
		}
		day := key[strings.Index(key, "/day=")+5:][:10]
		keepFrom := "2026-03-03"
		switch {
		case strings.Contains(key, "=clickstream"), strings.Contains(key, "=inventory/"):
			keepFrom = "2026-03-04"
		case strings.Contains(key, "=sessions/"), strings.Contains(key, "=orders/"):
			keepFrom = ""
		}
		if is, there := after[key]; there != (day >= keepFrom) || there && !bytes.Equal(is, was) {
			t.Errorf("%s: there %t", key, there)
		}
	}
	if rep := clean(t, into); rep.Rows != first.RowsAdded-done.Rows || rep.RowsPruned != done.Rows || rep.Duplicates != first.Duplicates {
		t.Errorf("%d rows, %d pruned, %d duplicates; ingested %+v", rep.Rows, rep.RowsPruned, rep.Duplicates, first)
	}
	if _, there := after["rollup/day=2026-03-02/part.parquet"]; !there {
		t.Error("the counts of rows that are kept went")
	}
	frameworks(t, plan)
	readAgain(t, into, src, done.Rows)
	again, err := Prune(t.Context(), e, parsed(t, limits), options(), "jane")
	if err != nil || again.Files > 0 || again.Journal.Number != 0 {
		t.Errorf("once more: %+v, %v", again, err)
	}
}

// frameworks wants what regulations ask for beside the limits.
func frameworks(t *testing.T, plan *Plan) {
	t.Helper()
	if len(plan.Frameworks) != 2 {
		t.Fatalf("%+v", plan.Frameworks)
	}
	gdpr, pci := plan.Frameworks[0], plan.Frameworks[1]
	if !slices.Equal(gdpr.Long, []string{"sessions"}) || gdpr.Most != 1000 || !slices.Equal(pci.Short, []string{"inventory"}) || pci.Least != 10 {
		t.Errorf("%+v", plan.Frameworks)
	}
}

// readAgain has all objects come late once more.
func readAgain(t *testing.T, into *objecttest.Brittle, src engine.Source, pruned int64) {
	t.Helper()
	want := files(t, into, "touches/")
	for key := range files(t, into, "ledger/") {
		if err := into.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	_, rep := ingest(t, into, src)
	if rep.Withheld < pruned || rep.RowsAdded != 0 {
		t.Errorf("%+v", rep)
	}
	if got := files(t, into, "touches/"); !maps.EqualFunc(want, got, bytes.Equal) {
		t.Error("days came back")
	}
	clean(t, into)
}

// Killed at any of its writes and run again, it leaves the same, and the journal has each
// file once.
func TestPruneKilled(t *testing.T) {
	src, full := logs(t), store(t, nil)
	ingest(t, full, src)
	start := files(t, full, "")
	var want map[string][]byte
	for n := 0; ; n += 1 + n/8 {
		into := store(t, start)
		l, err := lake.Open(t.Context(), into)
		if err != nil {
			t.Fatal(err)
		}
		e := &engine.Engine{Lake: l, Memory: 128 << 20, TempDir: t.TempDir()}
		into.KillAfter(n)
		_, err = Prune(t.Context(), e, parsed(t, limits), options(), "")
		killed := err != nil
		into.Mend()
		e.Lease.Break = true
		if killed {
			if _, err = Prune(t.Context(), e, parsed(t, limits), options(), ""); err != nil {
				t.Fatal(err)
			}
		}
		if got := files(t, into, "touches/"); want == nil {
			want = got
		} else if !maps.EqualFunc(want, got, bytes.Equal) {
			t.Fatalf("killed at write %d: another lake", n)
		}
		clean(t, into)
		tombstones(t, l, len(files(t, full, "touches/"))-len(want))
		if t.Failed() {
			t.Fatalf("killed at write %d", n)
		}
		if !killed {
			return
		}
	}
}

// tombstones wants the journal to have so many files that went, each once.
func tombstones(t *testing.T, l *lake.Lake, want int) {
	t.Helper()
	numbers, err := l.Journal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	gone := map[string]bool{}
	for _, n := range numbers {
		c, err := l.Commit(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range c.Changes {
			key := lake.TouchKey(h.Partition, h.Bucket)
			if h.NewSHA256 != "" {
				continue
			}
			if gone[key] || h.OldSHA256 == "" || h.RowsBefore == 0 || c.Cause.Kind != lake.Retention || !strings.HasPrefix(c.Cause.Request, "after 1") {
				t.Errorf("%s: %+v by %+v", key, h, c.Cause)
			}
			gone[key] = true
		}
	}
	if len(gone) != want {
		t.Errorf("%d files went by the journal, %d went", len(gone), want)
	}
}

// What was pruned is no damage, and what was lost is.
func TestLostIsNotPruned(t *testing.T) {
	src, into := logs(t), store(t, nil)
	e, _ := ingest(t, into, src)
	pruned := "touches/table_name=customers/day=2026-03-02/part-00.parquet"
	bytesBefore := files(t, into, pruned)[pruned]
	if _, err := Prune(t.Context(), e, parsed(t, limits), options(), ""); err != nil {
		t.Fatal(err)
	}
	clean(t, into)
	if _, err := into.Put(t.Context(), pruned, bytes.NewReader(bytesBefore), int64(len(bytesBefore)), object.Condition{}); err != nil {
		t.Fatal(err)
	}
	if rep := verified(t, into); rep.Counts[verify.KindJournal] != 1 || !strings.Contains(rep.Findings[0].What, "retention") {
		t.Errorf("a pruned file is back: %+v", rep.Findings)
	}
	lost := "touches/table_name=customers/day=2026-03-04/part-00.parquet"
	if err := errors.Join(into.Delete(t.Context(), pruned), into.Delete(t.Context(), lost)); err != nil {
		t.Fatal(err)
	}
	if rep := verified(t, into); rep.Counts[verify.KindMissing] != 1 {
		t.Errorf("a file is lost: %+v", rep.Findings)
	}
}

// Where no rows of a day are left, nothing of it is but the ledger and the journal.
func TestPruneAll(t *testing.T) {
	src, into := logs(t), store(t, nil)
	e, first := ingest(t, into, src)
	all := "default: {days: 1, reason: x}\nrollup: {days: 1, reason: x}\nfindings: {days: 1, reason: x}\nruns: {days: 1, reason: x}\nprofiles: {days: 1, reason: x}"
	if _, err := Prune(t.Context(), e, parsed(t, all), options(), ""); err != nil {
		t.Fatal(err)
	}
	for key := range files(t, into, "") {
		if !strings.HasPrefix(key, "ledger/") && !strings.HasPrefix(key, "_keytrail/journal/") &&
			!slices.Contains([]string{"_keytrail/format.json", "_keytrail/coverage", string(lake.RetentionOrder)}, key) {
			t.Errorf("%s is left", key)
		}
	}
	if rep := clean(t, into); rep.Rows != 0 || rep.RowsPruned != first.RowsAdded || rep.Duplicates != first.Duplicates {
		t.Errorf("%+v", rep)
	}
	readAgain(t, into, src, first.RowsAdded)
}

// Days that were held come to go when the hold is over, and those pruned stay gone.
func TestHoldEnds(t *testing.T) {
	src, into := logs(t), store(t, nil)
	e, _ := ingest(t, into, src)
	if _, err := Prune(t.Context(), e, parsed(t, limits), options(), ""); err != nil {
		t.Fatal(err)
	}
	later := options()
	later.Now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	done, err := Prune(t.Context(), e, parsed(t, limits), later, "")
	if err != nil || done.HeldDays != 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	for key := range files(t, into, "touches/") {
		if !strings.Contains(key, "=sessions/") {
			t.Errorf("%s is still there", key)
		}
	}
	clean(t, into)
}

func TestParse(t *testing.T) {
	if _, err := Parse("example.yaml", []byte(Example)); err != nil {
		t.Error(err)
	}
	for text, want := range map[string]string{
		"defalt: {days: 3, reason: x}":                                      "did you mean default",
		"default: {days: 3}":                                                "reason",
		"default: {days: -3, reason: x}":                                    "1 or more",
		"classes: {a: {reason: x}}":                                         "1 or more",
		"tables: [{days: 3, reason: x}]":                                    "match",
		"legal_holds: [{match: a, owner: b, reason: c}]":                    "expires",
		"legal_holds: [{match: a, owner: b, reason: c, expires: tomorrow}]": "no day",
		"frameworks: {pci: {reason: x}}":                                    "at_least",
		"legal_holds: [{match: a, owner: b, reason: c, expires: \"2026-01-01\", from: \"2026-02-01\", to: \"2026-01-01\"}]": "before it begins",
	} {
		if _, err := Parse("r.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestDays(t *testing.T) {
	got := union(less([]days{{ever, 100}}, days{10, 20})...)
	if !slices.Equal(got, []days{{ever, 9}, {21, 100}}) || !within(got, 9) || within(got, 10) || !within(got, 21) || within(got, 101) {
		t.Errorf("%v", got)
	}
	if got := union(days{5, 7}, days{8, 9}, days{1, 2}, days{ever, 0}); !slices.Equal(got, []days{{ever, 2}, {5, 9}}) {
		t.Errorf("%v", got)
	}
	if got := less([]days{{1, 5}}, days{0, 9}); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
