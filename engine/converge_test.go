package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/object/s3"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
	"github.com/keytrail/keytrail/engine/parquetio"
)

var steps = []string{
	stepLeased, stepSpilled, stepMerge, stepPut, stepPutDone, stepMerged, stepQuarantine, stepRollup, stepConfig,
	stepBeside, stepJournal, stepLedger, stepLedgerDone, stepCommitted, stepCovered, stepRelease, stepReleased,
}

// splitAt lets small partitions have several files.
const splitAt = 16

// deadRun is a run in a process of its own, and where that is to be killed.
type deadRun struct {
	Source, Lake string
	Objects      []string // that the run may see
	Jobs         int
	Memory       int64
	SpillAt      int64
	Step         string        // where it dies,
	Nth          int64         // at the so-many-th time;
	After        time.Duration // or so long after it began, when Step is empty
}

const deadRunEnv = "KEYTRAIL_TEST_DEAD_RUN"

// A test binary with a deadRun in its environment is the process of that run.
func init() {
	text := os.Getenv(deadRunEnv)
	if text == "" {
		return
	}
	var r deadRun
	err := json.Unmarshal([]byte(text), &r)
	if err == nil {
		err = r.do(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (r *deadRun) do(ctx context.Context) error {
	if r.Step == "" {
		time.AfterFunc(r.After, die)
	}
	var seen atomic.Int64
	onStep = func(name string) {
		if name == r.Step && seen.Add(1) == r.Nth {
			die()
		}
	}
	return r.ingest(ctx)
}

func (r *deadRun) ingest(ctx context.Context) error {
	store, err := openStore(ctx, r.Lake)
	if err != nil {
		return err
	}
	l, err := lake.Create(ctx, store)
	if err != nil {
		return err
	}
	source, err := openStore(ctx, r.Source)
	if err != nil {
		return err
	}
	eng := &Engine{Lake: l, Jobs: r.Jobs, Memory: r.Memory, spillAt: r.SpillAt, MaxFileRows: splitAt}
	_, err = eng.Ingest(ctx, Request{Inputs: []Input{{Source: only{source, r.Objects}}}})
	return err
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// start runs r in a process and reports whether that was killed.
func (r *deadRun) start(t *testing.T) (killed bool) {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), deadRunEnv+"="+string(text))
	out, err := cmd.CombinedOutput()
	if err == nil {
		return false
	}
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		t.Fatalf("%+v: %v\n%s", r, err, out)
	}
	return true
}

// Runs that are killed at every named step and at random times, over slices of
// the source in random order, leave what one run over everything leaves.
func TestConvergeKilled(t *testing.T) {
	logs := makeOddSample(t, 150)
	objects := files(t, logs)
	want, census := oneShot(t, logs)
	if got := slices.Sorted(maps.Keys(census)); !slices.Equal(got, slices.Sorted(slices.Values(steps))) {
		t.Fatalf("steps of a run: %q, and here: %q", got, steps)
	}
	rounds := 1
	if text := os.Getenv("KEYTRAIL_CONVERGE_ROUNDS"); text != "" {
		var err error
		if rounds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []string{"dir", "s3"} {
		t.Run(kind, func(t *testing.T) {
			root := t.TempDir()
			source := logs
			if kind == "s3" {
				root = "s3://" + s3test.Start(t).NewBucket(t)
				source = root + "/logs/"
				upload(t, logs, openSource(t, source), objects)
			}
			var slicesTried, lakes int
			place := func() string { return fmt.Sprintf("%s/lake-%d", root, lakes) }
			killed := map[string]int{}
			for round := range rounds {
				c := &crashes{source: source, objects: objects, census: census, rng: rand.New(rand.NewPCG(uint64(round), 7))}
				for todo := c.plan(); len(todo) > 0; lakes++ {
					n := min(len(todo), 6)
					l := c.suffer(t, place(), todo[:n], killed)
					todo, slicesTried = todo[n:], slicesTried+n
					sameFiles(t, want, l.sets(t))
					l.balanced(t)
				}
			}
			for _, s := range steps {
				for ; killed[s] == 0; lakes++ { // it came later than a slice got
					r := &deadRun{Source: source, Lake: place(), Objects: objects, Jobs: 2, SpillAt: 1, Step: s, Nth: 1}
					if slicesTried++; !r.start(t) {
						t.Fatalf("a run over everything never came to %q", s)
					}
					killed[s]++
					l := openPlace(t, r.Lake)
					l.whole(t)
					l.finish(t, source)
					sameFiles(t, want, l.sets(t))
					l.balanced(t)
				}
			}
			kills := 0
			for _, n := range killed {
				kills += n
			}
			t.Logf("%d kills, at %d named steps and (%d of them) at random times, over %d slices into %d lakes of %d files: nothing lost, nothing doubled",
				kills, len(steps), killed[""], slicesTried, lakes, len(want))
		})
	}
}

// crashes deals a source out to runs that are killed.
type crashes struct {
	source  string
	objects []string
	census  map[string]int64 // how often a run over everything comes to each step
	rng     *rand.Rand
}

// plan is where to kill: every step, at its first time and at another, and at
// some times.
func (c *crashes) plan() (todo []deadRun) {
	for _, s := range steps {
		todo = append(todo, deadRun{Step: s, Nth: 1})
		if n := c.census[s]; n > 1 {
			todo = append(todo, deadRun{Step: s, Nth: 1 + c.rng.Int64N(n/2)})
		}
	}
	for range 8 {
		todo = append(todo, deadRun{After: time.Duration(c.rng.IntN(80)) * time.Millisecond})
	}
	c.rng.Shuffle(len(todo), func(i, j int) { todo[i], todo[j] = todo[j], todo[i] })
	return todo
}

// suffer lets one lake go through so many killed runs, each over a slice, and
// then a whole one.
func (c *crashes) suffer(t *testing.T, url string, todo []deadRun, killed map[string]int) *placed {
	t.Helper()
	objects := slices.Clone(c.objects)
	c.rng.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
	for i, r := range todo {
		to := len(objects) * (i + 1) / len(todo)
		from := c.rng.IntN(to) // slices overlap, and some objects are in none
		r.Source, r.Lake, r.Objects = c.source, url, objects[from:to]
		r.Jobs, r.Memory, r.SpillAt = 1+c.rng.IntN(3), 64<<20<<c.rng.IntN(5), 1+c.rng.Int64N(64<<10)
		if r.start(t) {
			killed[r.Step]++
		}
		if l, err := tryPlace(url); err == nil {
			l.whole(t)
		}
	}
	l := openPlace(t, url)
	l.finish(t, c.source)
	return l
}

// oneShot is what one run over everything leaves, and how often it comes to each
// step.
func oneShot(t *testing.T, logs string) (sets map[string]string, census map[string]int64) {
	t.Helper()
	var mu sync.Mutex
	census = map[string]int64{}
	hook(t, func(name string) {
		mu.Lock()
		defer mu.Unlock()
		census[name]++
	})
	l := openPlace(t, filepath.Join(t.TempDir(), "lake"))
	rep := l.run(t, &Engine{spillAt: 1}, openSource(t, logs))
	if rep.Duplicates == 0 || rep.Quarantined == 0 || rep.ObjectsFailed != 0 {
		t.Fatalf("the sample lacks something: %+v", rep)
	}
	l.balanced(t)
	onStep = nil
	return l.sets(t), census
}

// hook sets what is called at every step until the test ends.
func hook(t *testing.T, fn func(name string)) {
	onStep = fn
	t.Cleanup(func() { onStep = nil })
}

// makeOddSample is a sample with a record in it that makes no sense, and two snapshots of
// AWS Config that say the same of a table.
func makeOddSample(t *testing.T, events int64) string {
	t.Helper()
	logs := makeSample(t, events)
	odd := `{"Records":[{"eventSource":"dynamodb.amazonaws.com","eventName":"GetItem","eventTime":"some day"}]}`
	write(t, filepath.Join(logs, "111122223333_CloudTrail_eu-west-1_20260303T0000Z_odd.json"), []byte(odd))
	for _, day := range []string{"2", "3"} {
		writeConfig(t, logs, "2026/3/"+day, "ConfigSnapshot", tableItem("orders", "2026-03-02T08:00:00Z", `"deletionProtectionEnabled":true`))
	}
	return logs
}

// only is a source of which some objects can be seen.
type only struct {
	Source
	keys []string
}

func (o only) Children(ctx context.Context, prefix string) ([]string, []object.Info, error) {
	dirs, objects, err := o.Source.Children(ctx, prefix)
	return dirs, slices.DeleteFunc(objects, func(i object.Info) bool { return !slices.Contains(o.keys, i.Key) }), err
}

func (o only) List(ctx context.Context, prefix string, fn func(object.Info) error) error {
	return o.Source.List(ctx, prefix, func(i object.Info) error {
		if !slices.Contains(o.keys, i.Key) {
			return nil
		}
		return fn(i)
	})
}

// store is a directory or a bucket, as a source and as a lake.
type store interface {
	Source
	lake.Store
}

func openStore(ctx context.Context, url string) (store, error) {
	if strings.HasPrefix(url, "s3://") {
		return s3.Open(ctx, url, s3.Options{})
	}
	return dir.Create(url)
}

func openSource(t *testing.T, url string) store {
	t.Helper()
	s, err := openStore(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// placed is a lake and where it lies.
type placed struct {
	*lake.Lake
	store lake.Store
}

func tryPlace(url string) (*placed, error) {
	s, err := openStore(context.Background(), url)
	if err != nil {
		return nil, err
	}
	l, err := lake.Create(context.Background(), s)
	return &placed{l, s}, err
}

func openPlace(t *testing.T, url string) *placed {
	t.Helper()
	p, err := tryPlace(url)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *placed) try(e *Engine, sources ...Source) (Report, error) {
	e.Lake, e.MaxFileRows = p.Lake, splitAt
	var req Request
	for _, s := range sources {
		req.Inputs = append(req.Inputs, Input{Source: s})
	}
	return e.Ingest(context.Background(), req)
}

func (p *placed) run(t *testing.T, e *Engine, sources ...Source) Report {
	t.Helper()
	rep, err := p.try(e, sources...)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// finish ingests all there is, and again, which must find nothing left to do.
func (p *placed) finish(t *testing.T, logs string) {
	t.Helper()
	p.run(t, &Engine{}, openSource(t, logs))
	if rep := p.run(t, &Engine{}, openSource(t, logs)); rep.ObjectsKnown != rep.ObjectsListed || rep.ObjectsListed == 0 {
		t.Errorf("the run after the last had something to do: %+v", rep)
	}
	p.journaled(t)
	p.covered(t)
}

// touches is the SHA-256 of everything under touches/.
func (p *placed) touches(t *testing.T) map[string]string {
	t.Helper()
	return p.sums(t, "touches/")
}

// sets is the SHA-256 of everything that is a function of the set of source records.
func (p *placed) sets(t *testing.T) map[string]string {
	t.Helper()
	all := p.touches(t)
	maps.Copy(all, p.sums(t, "config/"))
	return all
}

func (p *placed) sums(t *testing.T, prefix string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := p.store.List(context.Background(), prefix, func(o object.Info) error {
		f, err := p.store.OpenAt(context.Background(), o.Key)
		if err != nil {
			return err
		}
		defer f.Close()
		sum := sha256.New()
		_, err = io.Copy(sum, io.NewSectionReader(f, 0, f.Info().Size))
		out[o.Key] = hex.EncodeToString(sum.Sum(nil))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// whole reads every file under touches/ to its end and counts the live rows of
// each object.
func (p *placed) whole(t *testing.T) map[string]int64 {
	t.Helper()
	live := map[string]int64{}
	err := p.TouchFiles(context.Background(), "", "", "", func(tf lake.TouchFile) error {
		f, err := p.OpenTouches(context.Background(), tf.Partition, tf.Bucket)
		if err != nil {
			return err
		}
		defer f.Close()
		file, err := parquetio.Open(f, f.Info().Size)
		if err != nil {
			return fmt.Errorf("%s: %w", tf.Info.Key, err)
		}
		src := heldSource{file: file}
		for {
			b, err := src.Next()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return fmt.Errorf("%s: %w", tf.Info.Key, err)
			}
			for i := range b.Len {
				live[strings.Clone(b.Texts[tallied.object].Value(i))]++
			}
			b.Release()
		}
	})
	if err != nil {
		t.Fatalf("half-written: %v", err)
	}
	return live
}

// entries is the whole ledger.
func (p *placed) entries(t *testing.T) (all []lake.Entry) {
	t.Helper()
	days, err := p.LedgerDays(context.Background())
	for _, day := range days {
		entries, failed := p.Ledger(context.Background(), day)
		if all = append(all, entries...); failed != nil {
			err = failed
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// balanced holds the ledger against the live rows: each row's object is done in
// it, and has no more rows than it gave.
func (p *placed) balanced(t *testing.T) {
	t.Helper()
	gave := map[string]int64{}
	for _, e := range p.entries(t) {
		if err := e.Balanced(); err != nil {
			t.Error(err)
		}
		gave[e.SourceObject] += e.Touches
	}
	for name, n := range p.whole(t) {
		if n > gave[name] {
			t.Errorf("%s: %d live rows, %d in the ledger", name, n, gave[name])
		}
	}
}

// failed is what the ledger says could not be read of a source, and why.
func (p *placed) failed(t *testing.T, source string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, e := range p.entries(t) {
		if e.Status == lake.Failed {
			out[strings.TrimPrefix(e.Source+e.SourceObject, source)] = e.Error
		}
	}
	return out
}

// upload puts files of a directory into a store.
func upload(t *testing.T, from string, to lake.Store, names []string) {
	t.Helper()
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := putObject(to, name, data); err != nil {
			t.Fatal(err)
		}
	}
}

func putObject(to lake.Store, key string, data []byte) error {
	_, err := to.Put(context.Background(), key, bytes.NewReader(data), int64(len(data)), object.Condition{})
	return err
}
