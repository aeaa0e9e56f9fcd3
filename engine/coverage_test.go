package engine

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

const coverageFile = "_keytrail/coverage"

// covered holds the summary of the ledger against the ledger: it must be there, up to
// date, and add up to what the entries say.
func (p *placed) covered(t *testing.T) {
	t.Helper()
	stored, current, err := p.StoredCoverage(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for day, ok := range current {
		if !ok {
			t.Errorf("the summary of the ledger is behind on %q", day)
		}
	}
	all, err := p.Coverage(context.Background())
	if err != nil || !reflect.DeepEqual(all, stored) {
		t.Errorf("%v: the summary says %+v, the ledger %+v", err, stored, all)
	}
	var want lake.Counts
	for _, e := range p.entries(t) {
		if e.Kind == string(object.KindConfig) {
			continue // none of the log
		}
		if e.Status == lake.Done {
			want.Done++
		}
		want.InScope += e.InScope
		want.Quarantined += e.Quarantined
		want.Touches += e.Touches
	}
	sum := all.Total()
	if got := (lake.Counts{Done: sum.Done, InScope: sum.InScope, Quarantined: sum.Quarantined, Touches: sum.Touches}); got != want || want.Done == 0 {
		t.Errorf("the coverage adds up to %+v, the entries to %+v", got, want)
	}
}

// A run that is killed when the ledger is written, and its summary is not, leaves one
// that is behind and that nobody goes by. The next run brings it up to date, also when
// it finds nothing to read.
func TestCoverageAfterInterruption(t *testing.T) {
	logs := makeOddSample(t, 200)
	objects := files(t, logs)
	l := openPlace(t, filepath.Join(t.TempDir(), "lake"))
	l.run(t, &Engine{}, only{openSource(t, logs), objects[:len(objects)/2]})
	l.covered(t)
	r := &deadRun{Source: logs, Lake: l.store.URL(), Objects: objects, Jobs: 2, SpillAt: 1, Step: stepCommitted, Nth: 1}
	if !r.start(t) {
		t.Fatal("the run was not killed")
	}
	_, current, err := l.StoredCoverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	behind := 0
	for _, ok := range current {
		if !ok {
			behind++
		}
	}
	if behind == 0 {
		t.Error("the summary is up to date after a run that was killed before it")
	}
	killed, err := l.Coverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rep := l.run(t, &Engine{}, openSource(t, logs))
	if rep.ObjectsDone != 0 {
		t.Errorf("the run after the killed one read something: %+v", rep)
	}
	l.covered(t)
	if after, err := l.Coverage(t.Context()); err != nil || after.Total().Done != killed.Total().Done {
		t.Errorf("%+v before, %+v after, %v", killed.Total(), after.Total(), err)
	}
}

// A summary that cannot be written is the run's error. What it reports as committed is;
// a lake without a summary gets one from any run.
func TestCoverageCannotBeWritten(t *testing.T) {
	logs := makeOddSample(t, 100)
	mem, broken := objecttest.NewMem(), errors.New("no more puts today")
	faults := objecttest.NewFaults(mem, objecttest.Fault{Op: objecttest.OpPut, Key: coverageFile, Err: broken})
	l, err := lake.Create(t.Context(), faults)
	if err != nil {
		t.Fatal(err)
	}
	p := &placed{l, faults}
	rep, err := p.try(&Engine{}, openSource(t, logs))
	if !errors.Is(err, broken) || faults.Struck(0) != 1 {
		t.Fatalf("%v, of %d puts", err, faults.Struck(0))
	}
	if rep.ObjectsDone == 0 || rep.ObjectsDone != int64(len(p.doneEntries(t))) {
		t.Errorf("it reports %d objects done, the ledger has %d", rep.ObjectsDone, len(p.doneEntries(t)))
	}
	if l, err = lake.Open(t.Context(), mem); err != nil {
		t.Fatal(err)
	}
	p = &placed{l, mem}
	if again := p.run(t, &Engine{}, openSource(t, logs)); again.ObjectsDone != 0 {
		t.Errorf("the next run read something: %+v", again)
	}
	p.covered(t)
}

func (p *placed) doneEntries(t *testing.T) (done []lake.Entry) {
	t.Helper()
	for _, e := range p.entries(t) {
		if e.Status == lake.Done {
			done = append(done, e)
		}
	}
	return done
}
