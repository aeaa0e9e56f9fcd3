package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/sample"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// However the objects are dealt to runs, and whatever workers and memory do the
// work, the files under touches/ come out the same.
func TestIngestConverges(t *testing.T) {
	logs := makeSample(t, 3000)
	whole := newLake(t)
	rep := whole.ingest(t, &Engine{}, logs)
	if rep.Touches == 0 || rep.Duplicates == 0 || rep.ObjectsFailed != 0 || rep.Quarantined != 0 {
		t.Fatalf("one run over everything: %+v", rep)
	}
	want := whole.touches(t)
	for seed := range uint64(5) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 42))
			objects := files(t, logs)
			rng.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
			part, l := t.TempDir(), newLake(t)
			for len(objects) > 0 {
				n := min(len(objects), 1+rng.IntN(len(objects)))
				copyFiles(t, logs, part, objects[:n])
				objects = objects[n:]
				l.ingest(t, &Engine{Jobs: 1 + rng.IntN(4), spillAt: int64(1 + rng.IntN(6<<20))}, part)
			}
			sameFiles(t, want, l.touches(t))
		})
	}
}

// The same for partitions that are split into several files as they grow.
func TestIngestConvergesOverSplits(t *testing.T) {
	logs := makeSample(t, 2500)
	for _, rows := range []int64{60, 150} {
		t.Run(fmt.Sprint("rows=", rows), func(t *testing.T) {
			whole := newLake(t)
			whole.ingest(t, &Engine{MaxFileRows: rows}, logs)
			want := whole.touches(t)
			if !slices.ContainsFunc(slices.Collect(maps.Keys(want)), func(k string) bool { return strings.HasSuffix(k, "part-01.parquet") }) {
				t.Fatal("no partition was split")
			}
			rng := rand.New(rand.NewPCG(uint64(rows), 1))
			objects := files(t, logs)
			rng.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
			part, l := t.TempDir(), newLake(t)
			for _, n := range []int{len(objects) / 10, len(objects) / 2, len(objects)} {
				copyFiles(t, logs, part, objects[:n])
				l.ingest(t, &Engine{MaxFileRows: rows, Memory: 64 << 20, MaxObject: 16 << 20}, part)
			}
			sameFiles(t, want, l.touches(t))
		})
	}
}

// A split into more files that a crash cuts short, after any of its puts, loses
// and doubles nothing.
func TestIngestAfterUnfinishedSplit(t *testing.T) {
	const rows = 40
	logs := makeSample(t, 2500)
	objects := files(t, logs)
	whole := newLake(t)
	whole.ingest(t, &Engine{MaxFileRows: rows}, logs)
	want := whole.touches(t)
	for put := 1; put <= 4; put++ {
		l, part := newLake(t), t.TempDir()
		copyFiles(t, logs, part, objects[:len(objects)/3])
		l.ingest(t, &Engine{MaxFileRows: rows}, part)
		grown := 0
		for folder, n := range filesPerPartition(want) {
			if had := filesPerPartition(l.touches(t))[folder]; had > 0 && had < n && put < n {
				grown++
				for bucket := n - 1; bucket >= n-put; bucket-- {
					copyFiles(t, whole.path, l.path, []string{fmt.Sprintf("%s/part-%02d.parquet", folder, bucket)})
				}
			}
		}
		if grown == 0 {
			t.Fatal("no partition grew")
		}
		copyFiles(t, logs, part, objects)
		l.ingest(t, &Engine{MaxFileRows: rows}, part)
		sameFiles(t, want, l.touches(t))
	}
}

func filesPerPartition(touches map[string]string) map[string]int {
	n := map[string]int{}
	for f := range touches {
		n[filepath.Dir(f)]++
	}
	return n
}

func TestIngestAgainRewritesNothing(t *testing.T) {
	logs, l := makeSample(t, 1000), newLake(t)
	first := l.ingest(t, &Engine{}, logs)
	before := l.everything(t)
	again := l.ingest(t, &Engine{}, logs)
	if again.ObjectsKnown != first.ObjectsListed || again.Records != 0 || again.PartitionsMerged != 0 {
		t.Errorf("second run: %+v", again)
	}
	sameFiles(t, before, l.everything(t))

	// Nor when the ledger is lost and everything is read again.
	if err := os.RemoveAll(filepath.Join(l.path, "ledger")); err != nil {
		t.Fatal(err)
	}
	lost := l.ingest(t, &Engine{}, logs)
	if lost.Records != first.Records || lost.PartitionsReplaced != 0 || lost.RowsAdded != 0 {
		t.Errorf("run after the ledger was lost: %+v", lost)
	}
	sameFiles(t, before, l.everything(t))
}

func TestIngestLateObjectRewritesItsPartitionsOnly(t *testing.T) {
	logs, part := makeSample(t, 1000), t.TempDir()
	objects := files(t, logs)
	late := objects[len(objects)/2]
	copyFiles(t, logs, part, slices.DeleteFunc(slices.Clone(objects), func(f string) bool { return f == late }))
	l := newLake(t)
	l.ingest(t, &Engine{}, part)
	before := l.touches(t)
	copyFiles(t, logs, part, []string{late})
	rep := l.ingest(t, &Engine{}, part)
	changed := 0
	for f, sum := range l.touches(t) {
		if before[f] != sum {
			changed++
		}
	}
	if rep.ObjectsDone+rep.ObjectsSkipped != 1 || int64(changed) != rep.PartitionsReplaced || changed == len(before) {
		t.Errorf("%d files of %d changed; %+v", changed, len(before), rep)
	}
}

func TestIngestWindow(t *testing.T) {
	logs := makeSample(t, 1000)
	whole, days := newLake(t), newLake(t)
	want := whole.ingest(t, &Engine{}, logs)
	var listed int64
	for _, w := range [][2]string{{"", "2026-03-02"}, {"2026-03-04", ""}, {"2026-03-03", "2026-03-03"}} {
		eng := &Engine{Lake: days.Lake}
		rep, err := eng.Ingest(context.Background(), Request{Inputs: []Input{input(t, logs)}, From: w[0], To: w[1]})
		if err != nil {
			t.Fatal(err)
		}
		if rep.ObjectsDone == 0 {
			t.Errorf("window %v: no objects", w)
		}
		listed += rep.ObjectsListed - rep.ObjectsKnown
	}
	if listed != want.ObjectsListed {
		t.Errorf("three windows: %d objects, all at once: %d", listed, want.ObjectsListed)
	}
	sameFiles(t, whole.touches(t), days.touches(t))
}

// A bad object enters not at all, does not harm the others, and is tried again.
func TestIngestBadObject(t *testing.T) {
	logs := makeSample(t, 500)
	good := newLake(t)
	good.ingest(t, &Engine{}, logs)

	var victim string
	for _, f := range files(t, logs) {
		if strings.Contains(f, "/CloudTrail/") {
			victim = f
			break
		}
	}
	path := filepath.Join(logs, victim)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	l := newLake(t)
	for i, bad := range [][]byte{whole[:len(whole)-5], {}, []byte("<html>"), whole[:len(whole)/2]} {
		write(t, path, bad)
		rep := l.ingest(t, &Engine{}, logs)
		if rep.ObjectsFailed != 1 || len(rep.Failures) != 1 || !strings.HasSuffix(victim, rep.Failures[0].Object) || rep.Complete() {
			t.Errorf("bad object %d: %+v", i, rep)
		}
	}
	write(t, path, whole)
	rep := l.ingest(t, &Engine{}, logs)
	if rep.ObjectsDone != 1 || !rep.Complete() {
		t.Errorf("the object mended: %+v", rep)
	}
	sameFiles(t, good.touches(t), l.touches(t))
}

func TestIngestIsRefusedWhileAnotherHasTheLease(t *testing.T) {
	logs, l := makeSample(t, 100), newLake(t)
	lease, err := l.Acquire(context.Background(), lake.LeaseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eng := &Engine{Lake: l.Lake}
	if _, err := eng.Ingest(context.Background(), Request{Inputs: []Input{input(t, logs)}}); err == nil || !strings.Contains(err.Error(), "leased") {
		t.Errorf("second run: %v", err)
	}
	if err := lease.Release(context.Background()); err != nil {
		t.Fatal(err)
	}
	l.ingest(t, &Engine{}, logs)
}

func TestIngestStopsWhenCancelled(t *testing.T) {
	logs, l := makeSample(t, 2000), newLake(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	eng := &Engine{Lake: l.Lake}
	if _, err := eng.Ingest(ctx, Request{Inputs: []Input{input(t, logs)}}); err == nil {
		t.Error("a cancelled run said it was done")
	}
	l.ingest(t, &Engine{}, logs)
}

// testLake is a lake in a directory.
type testLake struct {
	*lake.Lake
	path string
}

func newLake(t *testing.T) *testLake {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lake")
	store, err := dir.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Create(context.Background(), store)
	if err != nil {
		t.Fatal(err)
	}
	return &testLake{l, path}
}

func (l *testLake) ingest(t *testing.T, e *Engine, logs string) Report {
	t.Helper()
	e.Lake = l.Lake
	rep, err := e.Ingest(context.Background(), Request{Inputs: []Input{input(t, logs)}})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func (l *testLake) touches(t *testing.T) map[string]string { return sums(t, l.path, "touches") }

// everything is all of the lake that readers see, except when objects were tried.
func (l *testLake) everything(t *testing.T) map[string]string {
	all := sums(t, l.path, "touches")
	for _, part := range []string{"ledger", "rollup", "quarantine"} {
		maps.Copy(all, sums(t, l.path, part))
	}
	return all
}

func input(t *testing.T, path string) Input {
	t.Helper()
	store, err := dir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return Input{Source: store}
}

func makeSample(t *testing.T, events int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "logs")
	if _, err := sample.Write(context.Background(), sample.Options{Dir: path, Events: events, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	return path
}

func files(t *testing.T, root string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			all = append(all, strings.TrimPrefix(path, root+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func copyFiles(t *testing.T, from, to string, names []string) {
	t.Helper()
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if old, err := os.ReadFile(filepath.Join(to, name)); err == nil && bytes.Equal(old, data) {
			continue
		}
		write(t, filepath.Join(to, name), data)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// sums is the SHA-256 of every file under root/part.
func sums(t *testing.T, root, part string) map[string]string {
	t.Helper()
	out := map[string]string{}
	if _, err := os.Stat(filepath.Join(root, part)); err != nil {
		return out
	}
	for _, f := range files(t, filepath.Join(root, part)) {
		data, err := os.ReadFile(filepath.Join(root, part, f))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		out[part+"/"+f] = hex.EncodeToString(sum[:])
	}
	return out
}

func sameFiles(t *testing.T, want, got map[string]string) {
	t.Helper()
	for _, f := range slices.Sorted(maps.Keys(want)) {
		switch {
		case got[f] == "":
			t.Errorf("missing: %s", f)
		case got[f] != want[f]:
			t.Errorf("differs: %s", f)
		}
	}
	for f := range got {
		if want[f] == "" {
			t.Errorf("too much: %s", f)
		}
	}
}
