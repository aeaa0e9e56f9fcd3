package engine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
)

const year = 365 * 24 * time.Hour

const bubbleEnv = "KEYTRAIL_TEST_BUBBLE"

// Whatever the clock says, and however long a run takes by it, the lake comes out
// the same to the byte. The other clock is a bubble's, which begins in 2000; it has
// a process of its own, since what a bubble makes may not be used outside of it.
func TestConvergeUnderAnyClock(t *testing.T) {
	if paths := filepath.SplitList(os.Getenv(bubbleEnv)); len(paths) == 2 {
		synctest.Test(t, func(t *testing.T) { ingestSlowly(t, paths[0], paths[1]) })
		return
	}
	logs := makeOddSample(t, 150)
	whole, l := newLake(t), newLake(t)
	whole.ingest(t, &Engine{}, logs)
	cmd := exec.Command(os.Args[0], "-test.run=^TestConvergeUnderAnyClock$")
	cmd.Env = append(os.Environ(), bubbleEnv+"="+logs+string(filepath.ListSeparator)+l.path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := whole.everything(t)
	sameFiles(t, want, l.everything(t))
	t.Logf("one run in %d and two in 2000 that took hours: %d files, the same bytes", time.Now().Year(), len(want))
}

// ingestSlowly makes two runs that halt for an hour at some of their steps, with the
// lease renewed all the while.
func ingestSlowly(t *testing.T, logs, path string) {
	slow := []string{stepSpilled, stepMerge, stepPut, stepBeside, stepLedgerDone}
	var slept sync.Map
	hook(t, func(name string) {
		if _, done := slept.LoadOrStore(name, true); !done && slices.Contains(slow, name) {
			time.Sleep(time.Hour)
		}
	})
	l := openPlace(t, path)
	objects := files(t, logs)
	begun := time.Now()
	for _, n := range []int{len(objects) / 2, len(objects)} {
		slept.Clear()
		e := Engine{Lake: l.Lake, spillAt: 1}
		if _, err := e.Ingest(context.Background(), Request{Inputs: []Input{{Source: only{openSource(t, logs), objects[:n]}}}}); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(begun); begun.Year() != 2000 || took < time.Duration(2*len(slow))*time.Hour {
		t.Errorf("the runs began in %d and took %v", begun.Year(), took)
	}
}

// A clock that jumps while a run holds the lease: forward, and others are kept out
// until it ends; backward, and the lease looks long expired to others. If one takes
// it, the run notices and commits nothing.
func TestLeaseClockJumps(t *testing.T) {
	logs := makeOddSample(t, 60)
	want := cleanTouches(t, logs, files(t, logs))
	jumps := []struct {
		name string
		by   time.Duration
		lost bool
	}{
		{"forward by an hour", time.Hour, false},
		{"forward by a year", year, false},
		{"back by an hour", -time.Hour, true},
		{"back by a year", -year, true},
	}
	for _, at := range []string{stepMerge} {
		for _, c := range jumps {
			t.Run(c.name+" at "+at, func(t *testing.T) {
				l := openPlace(t, filepath.Join(t.TempDir(), "lake"))
				var off atomic.Int64
				var once sync.Once
				var other *lake.Lease
				hook(t, func(name string) {
					if name != at {
						return
					}
					once.Do(func() {
						off.Store(int64(c.by))
						time.Sleep(700 * time.Millisecond) // until the lease has been renewed
						var err error
						other, err = l.Acquire(context.Background(), lake.LeaseOptions{})
						if c.lost != (err == nil) || !c.lost && !errors.Is(err, lake.ErrLeased) {
							t.Errorf("another run is told %v", err)
						}
						if c.lost {
							time.Sleep(700 * time.Millisecond) // until the run has tried to renew again
						}
					})
				})
				_, err := l.try(&Engine{Jobs: 1, Lease: lake.LeaseOptions{TTL: 900 * time.Millisecond, Now: func() time.Time {
					return time.Now().Add(time.Duration(off.Load()))
				}}}, openSource(t, logs))
				// What had been written when the lease was lost may have been all.
				if !c.lost && err != nil || c.lost && err != nil && !errors.Is(err, errLeaseLost) || c.lost && at == stepMerge && err == nil {
					t.Errorf("the run ended with %v", err)
				}
				onStep = nil
				if other != nil {
					if err := other.Release(context.Background()); err != nil {
						t.Error(err)
					}
				}
				l.finish(t, logs)
				sameFiles(t, want, l.touches(t))
				l.balanced(t)
			})
		}
	}
	t.Logf("%d clock jumps tried", len(jumps))
}

// Files from 1970 or from the future, in the source as in the lake, are files like
// others: a clock that was set between runs changes nothing.
func TestConvergeOverFileTimes(t *testing.T) {
	logs := makeOddSample(t, 150)
	objects := files(t, logs)
	half := objects[:len(objects)/2]
	want := cleanTouches(t, logs, objects)
	times := []time.Time{time.Unix(0, 0), time.Unix(1, 1), time.Now().Add(-year), time.Now().Add(year), time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, at := range times {
		date(t, logs, at)
		path := filepath.Join(t.TempDir(), "lake")
		l := openPlace(t, path)
		l.run(t, &Engine{}, only{openSource(t, logs), half})
		date(t, path, at)
		l.whole(t)
		l.finish(t, logs)
		sameFiles(t, want, l.touches(t))
		l.balanced(t)
		for _, e := range l.entries(t) {
			if got := e.LastModified; !got.IsZero() && !got.Equal(at.Truncate(time.Microsecond)) {
				t.Fatalf("%s was last modified %v, and %v by the ledger", e.SourceObject, at, got)
			}
		}
	}
	t.Logf("%d file times tried", len(times))
}

// date sets the time of every file under root.
func date(t *testing.T, root string, at time.Time) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		return os.Chtimes(path, at, at)
	})
	if err != nil {
		t.Fatal(err)
	}
}
