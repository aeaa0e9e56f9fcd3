package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/s3"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// faultCase is a fault, and how the run takes it that meets it.
type faultCase struct {
	name   string
	strike strike
	// Why the run failed, or objects did according to the ledger; neither when
	// nothing may come of it.
	run, objects string
	unseen       bool // the run cannot know what it misses
	leased       bool // nor give back its lease
}

const (
	logsURL   = "/logs/"
	touchURL  = "/lake/touches/"
	listing   = "list-type=2"
	getObject = http.MethodGet
	putMethod = http.MethodPut
)

// faultCases is what goes wrong with victim, an object of the source, and others.
func faultCases(victim string) []faultCase {
	return []faultCase{
		{name: "500 at first", strike: strike{method: getObject, part: logsURL + "AWSLogs", to: 1, eachKey: true, do: refuse(500, "InternalError")}},
		{name: "burst of 503", strike: strike{method: getObject, part: logsURL + "AWSLogs", to: 1, eachKey: true, do: refuse(503, "SlowDown")}},
		{name: "connections reset", strike: strike{method: getObject, part: logsURL + "AWSLogs", to: 1, eachKey: true, do: reset}},
		{name: "bodies truncated", strike: strike{method: getObject, part: logsURL + "AWSLogs", to: 1, eachKey: true, do: truncate}},
		{name: "bodies stalled", strike: strike{method: getObject, part: logsURL + "AWSLogs", to: 1, eachKey: true, do: stall}},
		{name: "listing pages repeat", strike: strike{method: getObject, part: listing, do: repeatPage}},
		{name: "listing fails at first", strike: strike{method: getObject, part: listing, from: 3, to: 4, do: refuse(500, "InternalError")}},
		{name: "lake: puts fail at first", strike: strike{method: putMethod, part: touchURL, to: 1, eachKey: true, do: refuse(503, "SlowDown")}},
		{name: "lake: answers to puts lost", strike: strike{method: putMethod, part: touchURL, to: 1, eachKey: true, do: loseAnswer}},
		{name: "lake: answers to ledger puts lost", strike: strike{method: putMethod, part: "/lake/ledger/", to: 1, eachKey: true, do: loseAnswer}},
		{name: "lake: reads truncated", strike: strike{method: getObject, part: touchURL, to: 1, eachKey: true, do: truncate}},

		{name: "500 for ever", objects: "InternalError", strike: strike{method: getObject, part: victim, do: refuse(500, "InternalError")}},
		{name: "truncated for ever", objects: "EOF", strike: strike{method: getObject, part: victim, do: truncate}},
		{name: "reset for ever", objects: "EOF", strike: strike{method: getObject, part: victim, do: reset}},
		{name: "403 for one object", objects: "access denied", strike: strike{method: getObject, part: victim, do: refuse(403, "AccessDenied")}},
		{name: "403 in the middle", objects: "access denied", strike: strike{method: getObject, part: logsURL + "AWSLogs", from: 5, do: refuse(403, "AccessDenied")}},

		{name: "credentials expire", run: "credentials", strike: strike{method: getObject, part: logsURL + "AWSLogs", from: 5, do: refuse(400, "ExpiredToken")}},
		{name: "listing denied in the middle", run: "access denied", strike: strike{method: getObject, part: listing, from: 6, do: refuse(403, "AccessDenied")}},
		{name: "listing fails in the middle", run: "InternalError", strike: strike{method: getObject, part: listing, from: 6, do: refuse(500, "InternalError")}},
		{name: "lake: lease denied", run: "access denied", strike: strike{method: putMethod, part: "lease.json", do: refuse(403, "AccessDenied")}},
		{name: "lake: puts denied in the middle", run: "access denied", strike: strike{method: putMethod, part: touchURL, from: 3, do: refuse(403, "AccessDenied")}},
		{name: "lake: puts fail in the middle", run: "InternalError", strike: strike{method: putMethod, part: touchURL, from: 3, do: refuse(500, "InternalError")}},
		{name: "lake: puts reset in the middle", run: "put", strike: strike{method: putMethod, part: touchURL, from: 3, do: reset}},
		{name: "lake: rollup denied", run: "access denied", strike: strike{method: putMethod, part: "/lake/rollup/", from: 1, do: refuse(403, "AccessDenied")}},
		{name: "lake: ledger denied in the middle", run: "access denied", strike: strike{method: putMethod, part: "/lake/ledger/", from: 1, do: refuse(403, "AccessDenied")}},
	}
}

// What goes wrong between us and S3 leaves nothing half-written, stands in the
// ledger if it lasts, and leaves no trace once it is over.
func TestFaultS3(t *testing.T) { meetFaults(t, faultCases, 0) }

// meetFaults runs into each fault with a lake of its own, and then once more
// without it.
func meetFaults(t *testing.T, with func(victim string) []faultCase, silence time.Duration) {
	server := s3test.Start(t)
	t.Setenv("AWS_MAX_ATTEMPTS", "2")
	bucket := server.NewBucket(t)
	logs := makeOddSample(t, 60)
	objects := files(t, logs)
	source := openSource(t, "s3://"+bucket+"/logs/")
	upload(t, logs, source, objects)
	half := objects[:len(objects)/2]
	victim := objects[len(objects)-1]
	cases := with(victim)
	want := cleanTouches(t, logs, objects)

	runs := make([]*faultRun, len(cases))
	for i, c := range cases {
		p := newFaultProxy(t, server.Endpoint, c.strike)
		// The proxy sees /bucket/N/lake/touches/….
		runs[i] = &faultRun{proxy: p, silence: silence, source: source.URL(), url: fmt.Sprintf("s3://%s/%d/lake/", bucket, i)}
		l := openPlace(t, runs[i].url)
		l.run(t, &Engine{}, only{source, half})
		if runs[i].old = l.touches(t); len(runs[i].old) == 0 {
			t.Fatal("the lake is empty before the fault")
		}
	}
	var all sync.WaitGroup
	for _, r := range runs { // side by side: they wait a lot
		all.Go(r.meet)
	}
	all.Wait()
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := runs[i]
			if r.proxy.times() == 0 {
				t.Error("the fault never struck")
			}
			l := openPlace(t, r.url)
			failed := l.failed(t, r.source)
			next := want
			switch {
			case c.run != "":
				if r.err == nil || !strings.Contains(r.err.Error(), c.run) {
					t.Errorf("the run's error is %v; want one with %q", r.err, c.run)
				}
				oldOrNew(t, r.old, want, l.touches(t))
			case r.err != nil:
				t.Errorf("the run failed: %v", r.err)
			case c.unseen:
				seen := l.names(t, r.source)
				if len(failed) > 0 || len(seen) == len(objects) {
					t.Errorf("%d of %d objects seen, %d failed", len(seen), len(objects), len(failed))
				}
				sameFiles(t, cleanTouches(t, logs, seen), l.touches(t))
			default:
				if c.objects == "" != (len(failed) == 0) || int64(len(failed)) != r.rep.ObjectsFailed {
					t.Errorf("failed objects: %v in the ledger, %d in the report", failed, r.rep.ObjectsFailed)
				}
				for name, why := range failed {
					if !strings.Contains(why, c.objects) {
						t.Errorf("%s: %q does not say %q", name, why, c.objects)
					}
				}
				if len(failed) > 0 {
					next = cleanTouches(t, logs, slices.DeleteFunc(slices.Clone(objects), func(o string) bool { return failed[o] != "" }))
				}
				sameFiles(t, next, l.touches(t))
			}
			if c.leased {
				if _, err := l.try(&Engine{}, source); !errors.Is(err, lake.ErrLeased) {
					t.Errorf("the next run says %v; want %v", err, lake.ErrLeased)
				}
				l.run(t, &Engine{Lease: lake.LeaseOptions{Break: true}}, source)
			}
			l.finish(t, r.source)
			sameFiles(t, want, l.touches(t))
			l.balanced(t)
			if failed := l.failed(t, r.source); len(failed) > 0 {
				t.Errorf("still failed once the fault was over: %v", failed)
			}
		})
	}
	t.Logf("%d faults of S3 tried: nothing half-written, nothing lost or doubled by the next run", len(cases))
}

// faultRun is a run that meets a fault.
type faultRun struct {
	proxy       *faultProxy
	silence     time.Duration
	source, url string
	old         map[string]string // touches before it
	rep         Report
	err         error
}

func (r *faultRun) meet() {
	ctx := context.Background()
	o := s3.Options{Endpoint: r.proxy.URL, Silence: r.silence}
	source, err := s3.Open(ctx, r.source, o)
	if err != nil {
		r.err = err
		return
	}
	store, err := s3.Open(ctx, r.url, o)
	if err != nil {
		r.err = err
		return
	}
	l, err := lake.Create(ctx, store)
	if err != nil {
		r.err = err
		return
	}
	r.rep, r.err = (&placed{l, store}).try(&Engine{}, source)
}

// cleanTouches is what is left by a run over some objects that nothing befalls.
func cleanTouches(t *testing.T, logs string, objects []string) map[string]string {
	t.Helper()
	l := openPlace(t, filepath.Join(t.TempDir(), "lake"))
	l.run(t, &Engine{}, only{openSource(t, logs), objects})
	return l.touches(t)
}

// oldOrNew says which files are neither.
func oldOrNew(t *testing.T, old, want, got map[string]string) {
	t.Helper()
	for f, sum := range got {
		if sum != old[f] && sum != want[f] {
			t.Errorf("neither old nor new: %s", f)
		}
	}
	for f := range old {
		if got[f] == "" {
			t.Errorf("gone: %s", f)
		}
	}
}

// An object that goes away, or becomes another, between its listing and its
// reading is not read; the next run takes what is there then.
func TestFaultObjectChangesUnderListing(t *testing.T) {
	server := s3test.Start(t)
	bucket := server.NewBucket(t)
	logs := makeOddSample(t, 60)
	objects := files(t, logs)
	victim, second := objects[len(objects)-1], trailOf(1)
	changed := t.TempDir()
	copyFiles(t, logs, changed, objects)
	write(t, filepath.Join(changed, victim), second)
	without := slices.DeleteFunc(slices.Clone(objects), func(o string) bool { return o == victim })

	for i, c := range []struct {
		name, why string
		change    func(store) error
		mended    map[string]string
	}{
		{"vanishes", object.ErrNotExist.Error(), func(s store) error { return s.Delete(context.Background(), victim) },
			cleanTouches(t, logs, without)},
		{"overwritten", object.ErrChanged.Error(), func(s store) error { return putObject(s, victim, second) },
			cleanTouches(t, changed, objects)},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := fmt.Sprintf("s3://%s/%d/logs/", bucket, i)
			source := openSource(t, url)
			upload(t, logs, source, objects)
			p := newFaultProxy(t, server.Endpoint, strike{method: http.MethodGet, part: victim, to: 1, do: func(p *faultProxy, w http.ResponseWriter, r *http.Request) {
				if err := c.change(source); err != nil {
					t.Error(err)
				}
				p.pass.ServeHTTP(w, r)
			}})
			r := &faultRun{proxy: p, source: url, url: fmt.Sprintf("s3://%s/%d/lake/", bucket, i)}
			if r.meet(); r.err != nil {
				t.Fatal(r.err)
			}
			l := openPlace(t, r.url)
			if failed := l.failed(t, r.source); len(failed) != 1 || !strings.Contains(failed[victim], c.why) {
				t.Errorf("the ledger says %v; want %s: %s", failed, victim, c.why)
			}
			sameFiles(t, cleanTouches(t, logs, without), l.touches(t))
			l.run(t, &Engine{}, source)
			sameFiles(t, c.mended, l.touches(t))
			l.balanced(t)
		})
	}
}

// An object that is overwritten between two runs gives the rows of both versions,
// whether or not the run that read the first came to write the ledger.
func TestFaultObjectOverwrittenBetweenRuns(t *testing.T) {
	const name = "111122223333_CloudTrail_eu-west-1_20260303T0000Z_one.json"
	for _, c := range []struct {
		died      string
		committed bool
	}{{"", true}, {stepLedger, false}, {stepPutDone, false}} {
		t.Run("died at "+c.died, func(t *testing.T) {
			logs, url := t.TempDir(), filepath.Join(t.TempDir(), "lake")
			write(t, filepath.Join(logs, name), trailOf(1, 2, 3, 4, 5))
			if c.committed {
				openPlace(t, url).run(t, &Engine{}, openSource(t, logs))
			} else if r := (&deadRun{Source: logs, Lake: url, Objects: []string{name}, Jobs: 1, Step: c.died, Nth: 1}); !r.start(t) {
				t.Fatal("the first run was not killed")
			}
			write(t, filepath.Join(logs, name), trailOf(6))
			l := openPlace(t, url)
			for range 3 { // also when the ledger has the second version
				l.run(t, &Engine{}, openSource(t, logs))
				if n := l.whole(t)[name]; n != 6 {
					t.Errorf("%d rows; want 5 of the first version and 1 of the second", n)
				}
			}
			if c.committed {
				l.balanced(t)
			}
			write(t, filepath.Join(logs, name), trailOf(6, 7))
			l.run(t, &Engine{}, openSource(t, logs))
			if n := l.whole(t)[name]; n != 7 {
				t.Errorf("%d rows after a third version; want 7", n)
			}
		})
	}
}

// trailOf is a trail object with a record for each n, all of one table and day.
func trailOf(ns ...int) []byte {
	var records []string
	for _, n := range ns {
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.11","eventID":"00000000-0000-4000-8000-%012d",`+
			`"eventTime":"2026-03-03T00:00:%02dZ","eventSource":"dynamodb.amazonaws.com","eventName":"GetItem","awsRegion":"eu-west-1",`+
			`"requestParameters":{"tableName":"orders","key":{"pk":"%d"}},"recipientAccountId":"111122223333","eventCategory":"Data"}`, n, n, n))
	}
	return []byte(`{"Records":[` + strings.Join(records, ",") + `]}`)
}

// Disks that fill up or go away while runs are spilled fail the run, which leaves
// the lake as it was.
func TestFaultSpill(t *testing.T) {
	logs := makeOddSample(t, 150)
	objects := files(t, logs)
	want := cleanTouches(t, logs, objects)
	full := t.TempDir()
	mounted := syscall.Mount("tmpfs", full, "tmpfs", 0, "size=64k") == nil
	if mounted {
		t.Cleanup(func() {
			if err := syscall.Unmount(full, 0); err != nil {
				t.Error(err)
			}
		})
	}
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	for _, c := range []struct {
		name, temp string
		why        error
		ok         bool
	}{
		{"full", full, syscall.ENOSPC, mounted},
		{"gone", filepath.Join(t.TempDir(), "gone"), os.ErrNotExist, true},
		{"a file", file, syscall.ENOTDIR, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !c.ok {
				t.Skip("SKIPPED: no right to mount a small disk")
			}
			l := openPlace(t, filepath.Join(t.TempDir(), "lake"))
			l.run(t, &Engine{}, only{openSource(t, logs), objects[:len(objects)/2]})
			old, ledger := l.touches(t), l.entries(t)
			for _, spillAt := range []int64{1, 0} { // while decoding, and while merging
				_, err := l.try(&Engine{TempDir: c.temp, spillAt: spillAt, Jobs: 2}, openSource(t, logs))
				if !errors.Is(err, c.why) {
					t.Fatalf("the run's error is %v; want %v", err, c.why)
				}
				oldOrNew(t, old, want, l.touches(t))
				if !slices.Equal(ledger, l.entries(t)) {
					t.Error("a run that failed wrote to the ledger")
				}
			}
			l.finish(t, logs)
			sameFiles(t, want, l.touches(t))
			l.balanced(t)
		})
	}
	if mounted {
		left, err := os.ReadDir(full)
		if err != nil || len(left) > 0 {
			t.Errorf("left on the full disk: %v, %v", left, err)
		}
	}
}

// A lake that cannot be written to, from the start or from some put on, fails the
// run and stays whole.
func TestFaultLakeReadOnly(t *testing.T) {
	logs := makeOddSample(t, 150)
	objects := files(t, logs)
	want := cleanTouches(t, logs, objects)
	path := filepath.Join(t.TempDir(), "lake")
	l := openPlace(t, path)
	l.run(t, &Engine{}, only{openSource(t, logs), objects[:len(objects)/2]})
	old := l.touches(t)
	for puts := int64(0); ; puts += 2 {
		failing := &readOnlyAfter{Store: l.store}
		failing.left.Store(puts)
		ro, err := lake.Open(context.Background(), failing)
		if err != nil {
			t.Fatal(err)
		}
		// The lease of the run before could not be given back.
		_, err = (&placed{ro, failing}).try(&Engine{Jobs: 2, Lease: lake.LeaseOptions{Break: true}}, openSource(t, logs))
		if err == nil {
			t.Logf("read-only after 0 to %d puts", puts-2)
			break
		}
		if !errors.Is(err, syscall.EROFS) {
			t.Fatalf("the run's error after %d puts is %v; want %v", puts, err, syscall.EROFS)
		}
		oldOrNew(t, old, want, l.touches(t))
		l.whole(t)
	}
	l.run(t, &Engine{Lease: lake.LeaseOptions{Break: true}}, openSource(t, logs))
	l.finish(t, logs)
	sameFiles(t, want, l.touches(t))
	l.balanced(t)
}

// readOnlyAfter is a store that becomes read-only after so many puts.
type readOnlyAfter struct {
	lake.Store
	left atomic.Int64
}

func (s *readOnlyAfter) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (string, error) {
	if s.left.Add(-1) < 0 {
		return "", &object.Error{Op: "put", Key: key, Err: syscall.EROFS}
	}
	return s.Store.Put(ctx, key, body, size, cond)
}

func (s *readOnlyAfter) Delete(_ context.Context, key string) error {
	return &object.Error{Op: "delete", Key: key, Err: syscall.EROFS}
}

// Two runs at once over different objects, the second of which breaks the lease of
// the first: both end or one says why not, and neither undoes what the other did.
func TestConvergeTwoRuns(t *testing.T) {
	logs := makeOddSample(t, 150)
	objects := files(t, logs)
	want := cleanTouches(t, logs, objects)
	bucket := s3test.Start(t).NewBucket(t)
	places := map[string]string{"dir": t.TempDir(), "s3": "s3://" + bucket}
	for kind, root := range places {
		for _, at := range []string{stepMerge, stepPut, stepPutDone, stepMerged, stepRollup, stepLedger, stepLedgerDone, ""} {
			t.Run(kind+" at "+at, func(t *testing.T) {
				url := root + "/lake-" + strings.ReplaceAll(at, " ", "-")
				both := [2]*placed{openPlace(t, url), openPlace(t, url)}
				reached, resume := make(chan struct{}), make(chan struct{})
				var first atomic.Bool
				hook(t, func(name string) {
					if (name == at || at == "" && name == stepLeased) && first.CompareAndSwap(false, true) {
						close(reached)
						if at != "" {
							<-resume
						}
					}
				})
				var errs [2]error
				var runs sync.WaitGroup
				source, n := openSource(t, logs), len(objects)
				runs.Go(func() { _, errs[0] = both[0].try(&Engine{Jobs: 2}, only{source, objects[:2*n/3]}) })
				<-reached // the first run stops there until the second has ended
				_, errs[1] = both[1].try(&Engine{Lease: lake.LeaseOptions{Break: true}}, only{source, objects[n/3:]})
				close(resume)
				runs.Wait()
				for i, err := range errs {
					if err != nil && !errors.Is(err, errLeaseLost) {
						t.Errorf("run %d: %v", i, err)
					}
				}
				if errs == [2]error{} {
					sameFiles(t, want, both[0].touches(t))
				}
				both[0].balanced(t)
				both[0].finish(t, logs)
				sameFiles(t, want, both[0].touches(t))
			})
		}
	}
}

// A run whose lease is taken while it works stops before it commits, and says so.
func TestLeaseLostStopsRun(t *testing.T) {
	logs := makeOddSample(t, 60)
	l := openPlace(t, filepath.Join(t.TempDir(), "lake"))
	hook(t, func(name string) {
		if name != stepMerge {
			return
		}
		other, err := l.Acquire(context.Background(), lake.LeaseOptions{Break: true})
		if err != nil {
			t.Error(err)
			return
		}
		time.Sleep(200 * time.Millisecond) // until the run has tried to renew
		if err := other.Release(context.Background()); err != nil {
			t.Error(err)
		}
	})
	_, err := l.try(&Engine{Lease: lake.LeaseOptions{TTL: 150 * time.Millisecond}}, openSource(t, logs))
	if !errors.Is(err, errLeaseLost) {
		t.Errorf("the run's error is %v; want %v", err, errLeaseLost)
	}
	if n := len(l.entries(t)); n > 0 {
		t.Errorf("it wrote %d ledger entries all the same", n)
	}
	onStep = nil
	l.finish(t, logs)
	l.balanced(t)
}
