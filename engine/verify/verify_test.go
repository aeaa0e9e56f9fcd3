package verify

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/sample"
)

// A lake that the engine wrote has nothing wrong with it, and is counted alike.
func TestCleanLakeHasNoFindings(t *testing.T) {
	logs := t.TempDir()
	if _, err := sample.Write(t.Context(), sample.Options{Dir: logs, Events: 2000, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	for name, rows := range map[string]int64{"one file per partition": 0, "several": 60} {
		t.Run(name, func(t *testing.T) {
			mem := objecttest.NewMem()
			src := source(t, logs)
			did := ingest(t, engine.Engine{MaxFileRows: rows}, src, mem)
			for _, s := range []lake.Store{mem, files(t, mem).dir(t)} {
				rep := look(t, s, Input{Source: src})
				if !rep.Clean() {
					t.Errorf("%d findings:\n%s", rep.Total, rep.text())
				}
				if rep.Rows != did.RowsAdded || rep.Touches != did.Touches || rep.Duplicates != did.Duplicates ||
					rep.ObjectsDone != did.ObjectsDone || rep.Rows == 0 || rep.Duplicates == 0 || rep.Probes == 0 {
					t.Errorf("counted %+v\nengine %+v", rep, did)
				}
				if rep.Partitions != did.PartitionsMerged || rows > 0 == (rep.TouchFiles == rep.Partitions) {
					t.Errorf("%d files of %d partitions", rep.TouchFiles, rep.Partitions)
				}
			}
		})
	}
}

// Nor does one that grew in several runs, with versions replaced, failures and
// records in quarantine.
func TestCleanAfterSeveralRuns(t *testing.T) {
	src, into := objecttest.NewMem(), objecttest.NewMem()
	all := trail()
	put(t, src, objectA, all[objectA][:100]) // cut short: fails
	put(t, src, objectB, all[objectB])
	if rep := ingest(t, engine.Engine{}, src, into); rep.ObjectsFailed != 1 || rep.Quarantined != 1 {
		t.Fatalf("%+v", rep)
	}
	if rep := look(t, into); !rep.Clean() || rep.Quarantined != 1 {
		t.Errorf("with a failed object: %s", rep.text())
	}
	put(t, src, objectA, all[objectB]) // readable now
	ingest(t, engine.Engine{}, src, into)
	put(t, src, objectA, all[objectA]) // replaced
	put(t, src, "AWSLogs/111122223333/Config/eu-west-1/2026/3/2/x.json.gz", []byte("x"))
	put(t, src, "AWSLogs/readme.json.gz", gzipped([]string{record(1, "../../x", "k", "2026-03-02")}))
	ingest(t, engine.Engine{}, src, into)
	put(t, src, objectB, all[objectB][:50]) // replaced by what fails, after it was read
	ingest(t, engine.Engine{}, src, into)
	if rep := look(t, into); !rep.Clean() {
		t.Errorf("%s", rep.text())
	}
	rep := look(t, into, Input{Source: src})
	if rep.Total != 1 || !rep.has(KindUnread, objectB) {
		t.Errorf("compared with the source: %s", rep.text())
	}
}

// Every flipped bit is found, wherever in a file of touches it is, and in the pages
// and indexes of the small tables.
func TestEveryFlippedBitIsFound(t *testing.T) {
	clean := small(t, engine.Engine{})
	touches := clean.only(t, "table_name=users", "day=2026-03-03")
	rng := rand.New(rand.NewPCG(1, 2))
	tried := 0
	for _, key := range []string{
		touches, clean.only(t, "delivery_day=2026-03-02"), clean.only(t, "rollup", "2026-03-03"), clean.only(t, "quarantine"),
	} {
		data, store := clean[key], clean.mem(t)
		if rep := look(t, store); !rep.Clean() {
			t.Fatalf("the lake is not clean: %s", rep.text())
		}
		end := len(data)
		offsets := rng.Perm(end)
		for _, at := range offsets[:min(end, 60)] {
			bad := slices.Clone(data)
			bad[at] ^= 1 << rng.IntN(8)
			put(t, store, key, bad)
			if rep := look(t, store); rep.Clean() {
				t.Errorf("%s: byte %d of %d, %02x instead of %02x, is not found", key, at, len(data), bad[at], data[at])
			}
			tried++
		}
	}
	t.Logf("%d flips tried", tried)
}

// Reading fails for reasons that are not the lake's: that is no finding.
func TestStoreFailureIsNoFinding(t *testing.T) {
	clean := small(t, engine.Engine{})
	for key := range clean {
		s := &faulty{Mem: clean.mem(t), key: key, err: object.ErrDenied}
		s.left.Store(1 << 30)
		rep, err := Lake(t.Context(), s, Options{})
		if !errors.Is(err, object.ErrDenied) || !rep.Clean() {
			t.Errorf("%s cannot be read: %v\n%s", key, err, rep.text())
		}
	}
}

// A file that a run replaces while it is read is read again.
func TestReplacedFileIsReadAgain(t *testing.T) {
	clean := small(t, engine.Engine{})
	for key := range clean {
		s := &faulty{Mem: clean.mem(t), key: key, err: object.ErrChanged}
		s.left.Store(1)
		if rep := look(t, s); !rep.Clean() {
			t.Errorf("%s changed: %s", key, rep.text())
		}
		if s.left.Load() >= 0 {
			t.Errorf("%s was not read again", key)
		}
	}
}

// faulty fails the first reads of one file.
type faulty struct {
	*objecttest.Mem
	key  string
	err  error
	left atomic.Int64
}

func (s *faulty) OpenAt(ctx context.Context, key string) (object.File, error) {
	f, err := s.Mem.OpenAt(ctx, key)
	if err == nil && key == s.key {
		f = faultyFile{f, s}
	}
	return f, err
}

type faultyFile struct {
	object.File
	s *faulty
}

func (f faultyFile) ReadAt(p []byte, off int64) (int, error) {
	if f.s.left.Add(-1) >= 0 {
		return 0, &object.Error{Op: "read", Key: f.s.key, Err: f.s.err}
	}
	return f.File.ReadAt(p, off)
}

func TestNoLake(t *testing.T) {
	if _, err := Lake(t.Context(), objecttest.NewMem(), Options{}); !errors.Is(err, lake.ErrNoLake) {
		t.Error(err)
	}
}

// While a run is at work the report says so; a lease that has expired is no matter.
func TestRunningRunIsNoted(t *testing.T) {
	m := small(t, engine.Engine{}).mem(t)
	l, err := lake.Open(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	lease, err := l.Acquire(t.Context(), lake.LeaseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rep := look(t, m)
	if !rep.Clean() || len(rep.Notes) != 1 || !strings.Contains(rep.Notes[0], "holds the lease") {
		t.Errorf("%q %s", rep.Notes, rep.text())
	}
	if err := lease.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(t, m, leaseKey, []byte(`{"id":"x","expires":"2020-01-01T00:00:00Z"}`))
	if rep := look(t, m); !rep.Clean() || len(rep.Notes) != 0 {
		t.Errorf("%q %s", rep.Notes, rep.text())
	}
}

// However many findings there are, the report stays small and counts them.
func TestFindingsAreBounded(t *testing.T) {
	f := small(t, engine.Engine{})
	m := f.mem(t)
	for i := range maxFindings + 10 {
		put(t, m, "touches/"+strings.Repeat("x", i+1), []byte("x"))
	}
	rep := look(t, m)
	if len(rep.Findings) != maxFindings || rep.Total != maxFindings+10 || rep.Counts[KindStray] != rep.Total {
		t.Errorf("%d findings of %d: %v", len(rep.Findings), rep.Total, rep.Counts)
	}
	if bytes.Contains([]byte(rep.text()), []byte("rollup")) {
		t.Error(rep.text())
	}
}
