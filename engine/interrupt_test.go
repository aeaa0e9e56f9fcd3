package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// interruptedRun is a run in a process of its own that gets a signal, which it
// takes as the command does.
type interruptedRun struct {
	deadRun
	Signal syscall.Signal
}

const (
	interruptedRunEnv = "KEYTRAIL_TEST_INTERRUPTED_RUN"
	promptly          = 5 * time.Second
)

// A test binary with an interruptedRun in its environment is that process.
func init() {
	text := os.Getenv(interruptedRunEnv)
	if text == "" {
		return
	}
	var r interruptedRun
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(r.do())
}

func (r *interruptedRun) do() (status int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var seen atomic.Int64
	onStep = func(name string) {
		if name == r.Step && seen.Add(1) == r.Nth {
			fmt.Println(time.Now().UnixMicro())
			_ = syscall.Kill(os.Getpid(), r.Signal)
			<-ctx.Done()
		}
	}
	switch err := r.ingest(ctx); {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		return 130
	default:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
}

// start runs r and reports whether the signal came, and whether the run was done
// all the same.
func (r *interruptedRun) start(t *testing.T) (came, done bool) {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), interruptedRunEnv+"="+string(text))
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if status := cmd.ProcessState.ExitCode(); status != 0 && status != 130 {
		t.Fatalf("%v at %q: %v\n%s", r.Signal, r.Step, err, &stderr)
	}
	var at int64
	if n, _ := fmt.Sscan(stdout.String(), &at); n == 0 {
		return false, true
	}
	if took := time.Since(time.UnixMicro(at)); took > promptly {
		t.Errorf("%v at %q: it ended %v later", r.Signal, r.Step, took)
	}
	return true, err == nil
}

// Runs that SIGINT or SIGTERM interrupts at every named step end promptly, give back
// the lease, and leave nothing half-written: what later runs make of it is what one
// run over everything makes.
func TestConvergeInterrupted(t *testing.T) {
	logs := makeOddSample(t, 150)
	objects := files(t, logs)
	want, census := oneShot(t, logs)
	for _, kind := range []string{"dir", "s3"} {
		t.Run(kind, func(t *testing.T) {
			root, source := t.TempDir(), logs
			if kind == "s3" {
				root = "s3://" + s3test.Start(t).NewBucket(t)
				source = root + "/logs/"
				upload(t, logs, openSource(t, source), objects)
			}
			rng := rand.New(rand.NewPCG(3, 9))
			const perLake = 4
			lakes, ended, completed := 0, 0, 0
			var l *placed
			// interrupt lets a run over some of the objects meet its signal.
			interrupt := func(i int, step string, objects []string) (came bool) {
				r := &interruptedRun{Signal: []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}[i%2]}
				r.Source, r.Lake, r.Objects, r.Jobs, r.SpillAt = source, fmt.Sprintf("%s/lake-%d", root, lakes), objects, 2, 1
				r.Step, r.Nth = step, 1+rng.Int64N(max(1, census[step]/4))
				came, done := r.start(t)
				l = openPlace(t, r.Lake)
				l.leaseFree(t, step)
				l.whole(t)
				if came && done {
					completed++
					rep := l.run(t, &Engine{}, only{openSource(t, source), objects})
					if rep.ObjectsKnown != rep.ObjectsListed {
						t.Errorf("a run interrupted at %q ended well, and %+v was left to do", step, rep)
					}
				}
				if came {
					ended++
				}
				return came
			}
			converge := func() {
				l.finish(t, source)
				sameFiles(t, want, l.sets(t))
				l.balanced(t)
				lakes++
			}
			var missed []string
			for i, step := range steps {
				if !interrupt(i, step, objects[:len(objects)*(i%perLake+1)/perLake]) {
					missed = append(missed, step)
				}
				if i%perLake == perLake-1 || i == len(steps)-1 {
					converge()
				}
			}
			for i, step := range missed { // there was no such work left in its lake
				if !interrupt(i, step, objects) {
					t.Errorf("a run over everything never came to %q", step)
				}
				converge()
			}
			t.Logf("%d interrupts at %d named steps, of which %d came too late to stop the run, over %d lakes of %d files: nothing lost, nothing doubled, no lease left",
				ended, len(steps), completed, lakes, len(want))
		})
	}
}

// leaseFree checks that nobody holds the lease.
func (p *placed) leaseFree(t *testing.T, after string) {
	t.Helper()
	f, err := p.store.OpenAt(context.Background(), "_keytrail/lease.json")
	if err == nil {
		f.Close()
	}
	if !errors.Is(err, object.ErrNotExist) {
		t.Errorf("after %q the lease is still there (%v)", after, err)
	}
}
