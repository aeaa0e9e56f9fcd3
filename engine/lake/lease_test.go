package lake

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

func acquire(t *testing.T, l *Lake, o LeaseOptions) *Lease {
	t.Helper()
	ls, err := l.Acquire(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ls.Release(context.Background()) })
	return ls
}

func release(t *testing.T, ls *Lease) {
	t.Helper()
	if err := ls.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// putLease leaves a lease as another run would, spoiled to taste.
func putLease(t *testing.T, s Store, spoil func(*Holder)) Holder {
	t.Helper()
	h := self("keytrail ingest elsewhere")
	h.Acquired, h.Expires = noon, stamp(time.Now().Add(time.Hour))
	spoil(&h)
	data, err := h.file()
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, leaseKey, string(data))
	return h
}

func foreign(h *Holder) { h.Host, h.Machine, h.PID = "otherhost", "other boot", 4242 }

func stillThere(t *testing.T, s Store) Holder {
	t.Helper()
	var h Holder
	if err := json.Unmarshal([]byte(get(t, s, leaseKey)), &h); err != nil {
		t.Fatal(err)
	}
	return h
}

func waitLost(t *testing.T, ls *Lease) error {
	t.Helper()
	select {
	case <-ls.Lost():
		return ls.Err()
	case <-time.After(10 * time.Second):
		t.Fatal("the lease was not lost")
		return nil
	}
}

func TestLease(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		l := create(t, s)
		ls := acquire(t, l, LeaseOptions{Command: "keytrail ingest here"})
		h := stillThere(t, s)
		if host, _ := os.Hostname(); h.ID == "" || h.PID != os.Getpid() || h.Host != host || h.Command != "keytrail ingest here" {
			t.Errorf("lease says %+v", h)
		}
		if left := time.Until(h.Expires); left > DefaultTTL+time.Second || left < DefaultTTL-time.Minute {
			t.Errorf("it lasts %v", left)
		}
		_, err := l.Acquire(t.Context(), LeaseOptions{})
		wantError(t, err, ErrLeased, s.URL(), h.Host, fmt.Sprint(h.PID), "keytrail ingest here",
			h.Acquired.Format(time.RFC3339), h.Expires.Format(time.RFC3339), "--break-lease")
		var leased *LeasedError
		if !errors.As(err, &leased) || leased.Holder.ID != ls.Holder().ID {
			t.Errorf("the holder of %v", err)
		}
		release(t, ls)
		release(t, ls)
		if ls.Err() != nil {
			t.Errorf("released is not lost: %v", ls.Err())
		}
		for _, key := range keys(t, s) {
			if key == leaseKey {
				t.Error("the lease is still there")
			}
		}
		release(t, acquire(t, l, LeaseOptions{}))
	})
}

// The lease outlives the context it was taken with, and is given back under one
// that is cancelled.
func TestLeaseCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := objecttest.NewMem()
		l := create(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		ls, err := l.Acquire(ctx, LeaseOptions{})
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		time.Sleep(3 * DefaultTTL)
		if err := ls.Err(); err != nil {
			t.Errorf("lost: %v", err)
		}
		if err := ls.Release(ctx); err != nil {
			t.Error(err)
		}
		if _, err := s.OpenAt(t.Context(), leaseKey); !errors.Is(err, object.ErrNotExist) {
			t.Errorf("the lease is still there: %v", err)
		}
	})
}

func TestLeaseContention(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		for _, old := range []string{"none", "expired", "dead"} {
			l := create(t, s)
			if old != "none" {
				putLease(t, s, func(h *Holder) {
					foreign(h)
					h.Expires = noon
				})
			}
			var wg sync.WaitGroup
			var mu sync.Mutex
			var held []*Lease
			for range 12 {
				wg.Go(func() {
					ls, err := l.Acquire(context.Background(), LeaseOptions{})
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						held = append(held, ls)
					} else if !errors.Is(err, ErrLeased) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if len(held) != 1 {
				t.Fatalf("%s: %d holders", old, len(held))
			}
			release(t, held[0])
		}
	})
}

// Goroutines that take turns are never two at a time.
func TestLeaseExcludes(t *testing.T) {
	l := create(t, objecttest.NewMem())
	var inside, turns atomic.Int32
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for done := 0; done < 5; {
				ls, err := l.Acquire(context.Background(), LeaseOptions{})
				if errors.Is(err, ErrLeased) {
					time.Sleep(time.Millisecond)
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) != 1 {
					t.Error("two at a time")
				}
				turns.Add(1)
				inside.Add(-1)
				if err := ls.Release(context.Background()); err != nil {
					t.Error(err)
				}
				done++
			}
		})
	}
	wg.Wait()
	if turns.Load() != 30 {
		t.Errorf("%d turns", turns.Load())
	}
}

func TestLeaseTakeover(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*Holder)
		o     LeaseOptions
		taken bool
	}{
		{"live elsewhere", foreign, LeaseOptions{}, false},
		{"live elsewhere, broken", foreign, LeaseOptions{Break: true}, true},
		{"run out", func(h *Holder) { foreign(h); h.Expires = stamp(time.Now().Add(-time.Second)) }, LeaseOptions{}, true},
		{"run out by our clock", foreign, LeaseOptions{Now: func() time.Time { return time.Now().Add(2 * time.Hour) }}, true},
		{"not yet by our clock", func(h *Holder) { foreign(h); h.Expires = stamp(time.Now().Add(-time.Second)) },
			LeaseOptions{Now: func() time.Time { return time.Now().Add(-time.Hour) }}, false},
		{"this process", func(h *Holder) {}, LeaseOptions{}, false},
		{"recycled pid", func(h *Holder) { h.Started = "1" }, LeaseOptions{}, true},
		{"dead here", func(h *Holder) { h.PID = 1 << 30 }, LeaseOptions{}, true},
		{"same host name and pid, other machine", func(h *Holder) { h.Machine, h.Started = "other boot", "1" }, LeaseOptions{}, false},
		{"machine unknown", func(h *Holder) { h.Machine, h.PID = "", 1<<30 }, LeaseOptions{}, false},
		{"senseless pid", func(h *Holder) { h.PID = -1 }, LeaseOptions{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if machine() == "" && (c.name == "recycled pid" || c.name == "dead here") {
				t.Skip(runtime.GOOS + " does not tell whose process is dead")
			}
			everywhere(t, func(t *testing.T, s Store) {
				l := create(t, s)
				old := putLease(t, s, c.spoil)
				ls, err := l.Acquire(t.Context(), c.o)
				if !c.taken {
					wantError(t, err, ErrLeased, old.Host)
					if stillThere(t, s) != old {
						t.Error("the lease was touched")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if stillThere(t, s).ID != ls.Holder().ID {
					t.Error("the lease is not ours")
				}
				release(t, ls)
			})
		})
	}
}

func TestLeaseCorrupt(t *testing.T) {
	for _, file := range []string{"", "{", "[]", `{"id":"x"}`, `{"expires":"2024-03-10T00:00:00Z"}`, `{"id":"x","expires":"soon"}`} {
		s := objecttest.NewMem()
		l := create(t, s)
		put(t, s, leaseKey, file)
		_, err := l.Acquire(t.Context(), LeaseOptions{})
		wantError(t, err, ErrCorrupt, "lease.json", "--break-lease")
		if get(t, s, leaseKey) != file {
			t.Errorf("%q was written over", file)
		}
		release(t, acquire(t, l, LeaseOptions{Break: true}))
	}
}

func TestLeaseRenewal(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		l := create(t, s)
		counted := &meddler{Store: s}
		ls := acquire(t, &Lake{store: counted}, LeaseOptions{TTL: 1500 * time.Millisecond})
		first := stillThere(t, s)
		for counted.puts.Load() < 3 {
			time.Sleep(10 * time.Millisecond)
		}
		if _, err := l.Acquire(t.Context(), LeaseOptions{}); !errors.Is(err, ErrLeased) {
			t.Fatalf("after it was renewed: %v", err)
		}
		now := stillThere(t, s)
		if !now.Expires.After(first.Expires) || now.ID != first.ID || !now.Acquired.Equal(first.Acquired) {
			t.Errorf("renewed from %+v to %+v", first, now)
		}
		if err := ls.Err(); err != nil {
			t.Error(err)
		}
		release(t, ls)
	})
}

// A renewed lease is never free, and an abandoned one is when its time is over.
func TestLeaseTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := create(t, objecttest.NewMem())
		ls := acquire(t, l, LeaseOptions{})
		for range 100 {
			time.Sleep(17 * time.Second)
			if left := time.Until(stillThere(t, l.store).Expires); left < DefaultTTL*2/3-time.Second {
				t.Fatalf("only %v left", left)
			}
		}
		ls.cancel() // as if the process had died
		<-ls.done
		took := time.Duration(0)
		for ; ; took += time.Second {
			fresh, err := l.Acquire(t.Context(), LeaseOptions{})
			if err == nil {
				release(t, fresh)
				break
			}
			time.Sleep(time.Second)
		}
		if took < DefaultTTL*2/3-time.Second || took > DefaultTTL+time.Second {
			t.Errorf("taken over after %v", took)
		}
	})
}

// A process that slept through its term keeps a lease that nobody took, and loses
// one that somebody did.
func TestLeaseOverslept(t *testing.T) {
	for _, taken := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l := create(t, objecttest.NewMem())
			ls := l.newLease(LeaseOptions{})
			if err := ls.take(t.Context()); err != nil {
				t.Fatal(err)
			}
			ls.deadline = time.Now() // as it looks when the first renewal comes an hour late
			ls.start(t.Context())
			if taken {
				putLease(t, l.store, foreign)
			}
			time.Sleep(DefaultTTL)
			if err := ls.Err(); taken != errors.Is(err, ErrLeased) || !taken && err != nil {
				t.Errorf("taken %v: %v", taken, err)
			}
			release(t, ls)
		})
	}
}

func TestLeaseBroken(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		l := create(t, s)
		old := acquire(t, l, LeaseOptions{TTL: 1500 * time.Millisecond})
		fresh := acquire(t, l, LeaseOptions{Break: true, Command: "the breaker"})
		wantError(t, waitLost(t, old), ErrLeased, "the breaker")
		release(t, old)
		if stillThere(t, s).ID != fresh.Holder().ID {
			t.Error("the old holder's release took the new one's lease away")
		}
		release(t, fresh)
	})
}

// Broken, but not noticed before the release: the lease stays the breaker's.
func TestLeaseReleaseBroken(t *testing.T) {
	l := create(t, objecttest.NewMem())
	old := acquire(t, l, LeaseOptions{})
	fresh := acquire(t, l, LeaseOptions{Break: true})
	release(t, old)
	if stillThere(t, l.store).ID != fresh.Holder().ID {
		t.Error("the lease is not the breaker's")
	}
}

func TestLeaseRemoved(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		l := create(t, s)
		ls := acquire(t, l, LeaseOptions{TTL: 1500 * time.Millisecond})
		if err := s.Delete(t.Context(), leaseKey); err != nil {
			t.Fatal(err)
		}
		wantError(t, waitLost(t, ls), ErrLeased, "removed")
		release(t, ls)
	})
}

// A store that fails for a while costs nothing; one that fails for a whole term
// costs the lease, and that is known before others may take it.
func TestLeaseStoreTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &meddler{Store: objecttest.NewMem()}
		l := create(t, m)
		ls := acquire(t, l, LeaseOptions{})
		fail := func(string, object.Condition) error { return errTest }
		for range 5 {
			m.set(fail, nil)
			time.Sleep(DefaultTTL / 2)
			m.set(nil, nil)
			time.Sleep(DefaultTTL / 2)
			if err := ls.Err(); err != nil {
				t.Fatal(err)
			}
		}
		m.set(fail, nil)
		wantLoss := stillThere(t, m).Expires
		<-ls.Lost()
		wantError(t, ls.Err(), errTest, "could not be renewed")
		if early := time.Until(wantLoss); early < 0 || early > DefaultTTL/6 {
			t.Errorf("lost %v before it runs out", early)
		}
		m.set(nil, nil)
		release(t, ls)
	})
}

// A store that does not answer at all is given up on in time, too.
func TestLeaseStoreHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &meddler{Store: objecttest.NewMem()}
		l := create(t, m)
		ls := acquire(t, l, LeaseOptions{})
		m.set(func(string, object.Condition) error { time.Sleep(DefaultTTL * 2 / 3); return context.DeadlineExceeded }, nil)
		expires := stillThere(t, m).Expires
		<-ls.Lost()
		wantError(t, ls.Err(), context.DeadlineExceeded, "could not be renewed")
		if late := time.Since(expires); late > time.Second {
			t.Errorf("lost %v after it ran out", late)
		}
		m.set(nil, nil)
		release(t, ls)
	})
}

// Puts arrive and their answers do not.
func TestLeaseLostAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &meddler{Store: objecttest.NewMem()}
		l := create(t, m)
		m.set(nil, func(string) error { m.set(nil, nil); return object.ErrCondition })
		ls := acquire(t, l, LeaseOptions{})
		m.set(nil, func(string) error { m.set(nil, nil); return errTest })
		time.Sleep(2 * DefaultTTL)
		if err := ls.Err(); err != nil {
			t.Fatal(err)
		}
		m.set(nil, func(string) error { m.set(nil, nil); return errTest })
		if err := ls.Release(t.Context()); !errors.Is(err, errTest) {
			t.Errorf("release: %v", err)
		}
	})
}

func TestAcquireStoreErrors(t *testing.T) {
	m := &meddler{Store: objecttest.NewMem()}
	l := create(t, m)
	m.set(func(string, object.Condition) error { return errTest }, nil)
	_, err := l.Acquire(t.Context(), LeaseOptions{})
	wantError(t, err, errTest, "acquire lease of mem:///")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Acquire(ctx, LeaseOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestCommandIsCut(t *testing.T) {
	h := self(strings.Repeat("ü", 1000))
	if len(h.Command) > maxCommand+len("…") || strings.Contains(h.Command, "\uFFFD") {
		t.Errorf("%d bytes: %q", len(h.Command), h.Command)
	}
}

// childLake names, in the environment of a copy of this test, the lake it takes
// the lease of; it then waits to be killed.
const childLake = "KEYTRAIL_TEST_CHILD_LAKE"

func childMain() {
	ctx := context.Background()
	s, err := dir.Open(os.Getenv(childLake))
	if err == nil {
		var l *Lake
		if l, err = Open(ctx, s); err == nil {
			_, err = l.Acquire(ctx, LeaseOptions{})
		}
	}
	fmt.Println("acquired", err)
	time.Sleep(time.Minute)
	os.Exit(1)
}

// A run killed on this machine does not keep the next one waiting.
func TestLeaseOfKilledProcess(t *testing.T) {
	if machine() == "" {
		t.Skip(runtime.GOOS + " does not tell whose process is dead")
	}
	path := t.TempDir()
	l := create(t, openDir(t, path))
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childLake+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "acquired <nil>\n" {
		t.Fatalf("child: %q, %v", line, err)
	}
	_, err = l.Acquire(t.Context(), LeaseOptions{})
	wantError(t, err, ErrLeased, fmt.Sprint(cmd.Process.Pid))
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// First while it is a zombie, which nobody has waited for, then without one.
	var ls *Lease
	for range 200 {
		if ls, err = l.Acquire(t.Context(), LeaseOptions{}); err == nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	release(t, ls)
	if err := cmd.Wait(); err == nil {
		t.Error("the child ended well")
	}
	put(t, l.store, leaseKey, strings.TrimSpace(fmt.Sprintf(`{"id":"x","pid":%d,"machine":%q,"started":"1","expires":"2999-01-01T00:00:00Z"}`, cmd.Process.Pid, machine())))
	release(t, acquire(t, l, LeaseOptions{}))
}
