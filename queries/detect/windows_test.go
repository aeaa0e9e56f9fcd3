package detect

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// someTouch is the n-th touch by one of three principals: a key in four is read twice.
func someTouch(day time.Time, n int) *schema.Touch {
	return &schema.Touch{
		EventID: fmt.Sprintf("e-%05d", n), EventTime: day.Add(time.Duration(n) * 7 * time.Second).UnixMicro(),
		Plane: schema.PlaneData, Op: schema.OpReadPoint, Outcome: schema.OutcomeOK, EventName: "GetItem",
		TableName: "orders", TableARN: "arn:aws:dynamodb:eu-central-1:111122223333:table/orders",
		ItemKey: fmt.Sprintf(`{"pk":"%d"}`, n-n%4/3), Actor: fmt.Sprintf("principal-%d", n%3),
	}
}

func eventOf(t *schema.Touch) *Event { return &Event{Touch: t, Principal: schema.PrincipalKey(t)} }

// seen is what a window came to.
type seen struct {
	at       window
	keys     int64
	first    string
	last     int64
	evidence []string
}

func countAll(order []*schema.Touch) (all []seen) {
	w := newWindows(nil)
	for _, touch := range order {
		e := eventOf(touch)
		w.count(windowOf(e), e, hashOf(e.ItemKey))
		w.count(windowOf(e).day(), e, hashOf(e.ItemKey))
	}
	w.each(func(at window, g *windowed) {
		s := seen{at: at, keys: g.things.count(), first: g.event.EventID, last: g.last}
		for _, e := range g.evidence {
			s.evidence = append(s.evidence, e.EventID)
		}
		all = append(all, s)
	})
	return all
}

func TestWindows(t *testing.T) {
	day := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)
	const touches = 2000 // nearly four hours
	var order []*schema.Touch
	for n := range touches {
		order = append(order, someTouch(day, n))
	}
	got := countAll(order)
	if want := 3 * (4 + 1); len(got) != want {
		t.Fatalf("%d windows, want %d: of three principals four hours each, and the day", len(got), want)
	}

	// The obvious way: a set of keys for each.
	keys := map[window]map[string]bool{}
	for _, touch := range order {
		e := eventOf(touch)
		for _, at := range []window{windowOf(e), windowOf(e).day()} {
			if keys[at] == nil {
				keys[at] = map[string]bool{}
			}
			keys[at][e.ItemKey] = true
		}
	}
	for _, s := range got {
		if want := int64(len(keys[s.at])); s.keys != want {
			t.Errorf("%v: %d keys, want %d", s.at, s.keys, want)
		}
		if len(s.evidence) != windowEvidence || s.evidence[0] != s.first || !slices.IsSorted(s.evidence) {
			t.Errorf("%v: first is %s, evidence %v", s.at, s.first, s.evidence)
		}
	}

	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 0))
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		if again := countAll(order); !reflect.DeepEqual(again, got) {
			t.Fatalf("in another order:\n%v\nwant\n%v", again, got)
		}
	}
}

func TestWindowsAreBounded(t *testing.T) {
	left := 0
	d := define(Detection{ID: "X"}, plain{}, func(r *Run, _ *plain) Watcher {
		return &counting{newWindows(r), func(w *windows, e *Event) {
			w.count(windowOf(e), e, hashOf(e.ItemKey))
		}, func(window, *windowed) { left++ }}
	})
	day := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)
	j := newJudging(schema.DayOf(day.UnixMicro()), nil, &naive{}, []Detection{d}, nil)
	for n := range maxWindows + 10 {
		touch := someTouch(day, 1)
		touch.Actor = fmt.Sprint(n)
		j.touch(touch)
	}
	skipped := j.end().Skipped["X"]
	if left != maxWindows || len(skipped) != 1 {
		t.Errorf("%d windows are left, not evaluated: %v", left, skipped)
	}
	for _, n := range skipped {
		if n != 10 {
			t.Errorf("%d are not evaluated, want 10", n)
		}
	}
}

// A call of many items is one piece of evidence, and what comes late but was early goes
// before what is there.
func TestWindowEvidence(t *testing.T) {
	day := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)
	var g windowed
	for _, n := range []int{9, 9, 3, 3, 8, 2, 7, 7, 1, 6, 9, 4, 1} {
		g.see(eventOf(someTouch(day, n)))
	}
	var got []string
	for _, e := range g.evidence {
		got = append(got, e.EventID)
	}
	if want := []string{"e-00001", "e-00002", "e-00003", "e-00004", "e-00006"}; !slices.Equal(got, want) {
		t.Errorf("evidence is %v, want %v", got, want)
	}
}

func TestEventOrder(t *testing.T) {
	e := func(at int64, id string, index int32) *Event {
		return &Event{Touch: &schema.Touch{EventTime: at, EventID: id, TouchIndex: index}}
	}
	order := []*Event{e(1, "b", 1), e(2, "a", 0), e(2, "b", 0), e(2, "b", 1)}
	for i, a := range order {
		for k, b := range order {
			if a.before(b) != (i < k) {
				t.Errorf("%d before %d is %v", i, k, a.before(b))
			}
		}
	}
}

// BenchmarkCounting is a day of reads by many principals.
func BenchmarkCounting(b *testing.B) {
	for _, principals := range []int{3, 3000} {
		b.Run(fmt.Sprintf("principals=%d", principals), func(b *testing.B) {
			day := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)
			events := make([]*Event, 1<<16)
			for n := range events {
				touch := someTouch(day, n%10_000)
				touch.ItemKey, touch.Actor = fmt.Sprintf(`{"pk":"CUSTOMER#%d","sk":"PROFILE"}`, n), fmt.Sprintf("arn:aws:iam::111122223333:role/app/principal-%d", n%principals)
				events[n] = eventOf(touch)
			}
			b.ReportAllocs()
			w := newWindows(nil)
			for i := 0; b.Loop(); i++ {
				e := events[i%len(events)]
				w.count(windowOf(e).day(), e, hashOf(e.ItemKey))
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "touches/s")
		})
	}
}

// sortedFindings are findings in a form that tests compare.
func sortedFindings(all []schema.Finding, detection string) (lines []string) {
	for _, f := range all {
		if f.Detection == detection {
			var evidence []string
			for _, e := range f.Evidence {
				evidence = append(evidence, e.EventID)
			}
			lines = append(lines, fmt.Sprint(f.ID, f.Severity, f.Explain, f.Count, f.First, f.Last, evidence))
		}
	}
	slices.SortFunc(lines, cmp.Compare[string])
	return lines
}
