package anomalies

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// steady is a world of nothing but some traffic that is the same every day, give or take.
func steady(seed uint64) (*world, *traffic) {
	w := newWorld(seed)
	t := w.targets[500][0]
	t.weekend, t.dispersion, t.noise = 1, 2, 0.05
	w.draw(t)
	return w, t
}

// spikeOf is the finding of a spike on a night, nil if there is none.
func spikeOf(w *world, t *traffic, night int) *schema.Finding {
	found, _ := w.judge(night, nil)
	for i := range found {
		if found[i].Detection == Spike && t.isOf(&found[i]) {
			return &found[i]
		}
	}
	return nil
}

// A level that goes up for good is told for some nights, and then it is how things are. A
// spike on top of it is told all the same.
func TestLevelChange(t *testing.T) {
	w, on := steady(1)
	for d := night(2); d < w.days; d++ {
		w.put(on, d, 4*on.base)
	}
	told, changed := 0, 0
	for n := range worldNights {
		f := spikeOf(w, on, n)
		if f == nil {
			continue
		}
		told++
		if n < 2 {
			t.Errorf("told on night %d, before it changed", n)
		}
		if strings.Contains(f.Explain, "the level has changed") {
			changed++
			if f.Severity != schema.SeverityLow {
				t.Errorf("a new level is %v", f.Severity)
			}
		}
	}
	if told < 5 || told > 8 || changed < 1 || changed > 2 {
		t.Errorf("told on %d nights, on %d that it has changed", told, changed)
	}
	w.put(on, night(20), 20*on.base)
	if f := spikeOf(w, on, 20); f == nil || f.Severity == schema.SeverityLow {
		t.Errorf("a spike on top of the new level: %+v", f)
	}
}

// A rise is told on the night on which it is too much, and not once more on the next one
// because that has a label, and is not looked at.
func TestRiseIsNotToldOfLabelledDays(t *testing.T) {
	w, on := steady(4)
	for d := night(5); d < w.days; d++ {
		w.put(on, d, on.base*math.Pow(1.1, float64(d-night(4)))-on.base)
	}
	rises := func(n int, c *Calendar) bool {
		found, _ := w.judge(n, c)
		return slices.ContainsFunc(found, func(f schema.Finding) bool { return f.Detection == Rise && on.isOf(&f) })
	}
	n := 5
	for ; !rises(n, nil); n++ {
		if n == 20 {
			t.Fatal("never told")
		}
	}
	next := w.first + int32(night(n+1))
	for name, c := range map[string]*Calendar{"incident": {incidents: []daySpan{{from: next, to: next}}}, "release": {releases: []daySpan{{from: next, to: next}}}} {
		if rises(n+1, c) {
			t.Errorf("told again on the day of a label: %s", name)
		}
	}
}

// Of a day of an incident other operations are as bad as of any: of a release and of a month
// end they are not.
func TestShiftOnLabelledDays(t *testing.T) {
	w, on := steady(5)
	other := *on
	other.op, other.counts, other.denied = schema.OpReadBulk, make([]float64, w.days), make([]float64, w.days)
	for d := range other.counts {
		other.counts[d] = 100 + float64(d%3)
	}
	w.lines = append(w.lines, &other)
	w.put(on, night(2), 50-on.counts[night(2)])
	other.counts[night(2)] = 190
	today := []daySpan{{from: w.first + int32(night(2)), to: w.first + int32(night(2))}}
	for name, c := range map[string]struct {
		*Calendar
		want schema.Severity
	}{
		"nothing": {nil, schema.SeverityMedium}, "incident": {&Calendar{incidents: today}, schema.SeverityMedium},
		"release": {&Calendar{releases: today}, schema.SeverityLow}, "month end": {&Calendar{monthEnds: today}, schema.SeverityLow},
	} {
		found, _ := w.judge(2, c.Calendar)
		at := slices.IndexFunc(found, func(f schema.Finding) bool { return f.Detection == Shift && on.isOf(&f) })
		if at < 0 || found[at].Severity != c.want {
			t.Errorf("%s: %d %s", name, at, brief(found))
		}
	}
}

// What ends is told when it ends, and not for weeks.
func TestEndIsToldTwice(t *testing.T) {
	w, on := steady(2)
	for d := night(3); d < w.days; d++ {
		w.put(on, d, -on.counts[d])
	}
	var nights []int
	for n := range 20 {
		found, _ := w.judge(n, nil)
		for i := range found {
			if found[i].Detection == Silence && on.isOf(&found[i]) {
				nights = append(nights, n)
			}
		}
	}
	if len(nights) == 0 || nights[0] != 3 || len(nights) > 4 {
		t.Errorf("told on nights %v", nights)
	}
}

// A job of month ends that are in the calendar is told when it does more than ever.
func TestMonthEndBeyondMonthEnds(t *testing.T) {
	w := newWorld(3)
	c := &Calendar{monthEnds: []daySpan{{monthly: "last day"}}}
	for n := range worldNights {
		if !w.isMonthEnd(night(n)) {
			continue
		}
		w.put(w.monthEnd, night(n), 20_000)
		found, _ := w.judge(n, c)
		told := false
		for i := range found {
			told = told || found[i].Detection == Spike && w.monthEnd.isOf(&found[i])
		}
		if !told {
			t.Error("five times as much as on other month ends is not told")
		}
	}
}

// One actor that spikes on one table is one finding, and not three: neither the table nor
// the actor as a whole is told beside it.
func TestPartsExplainSums(t *testing.T) {
	h := func(table, actor, role string, all bool, y float64) hit {
		return hit{entity: &entity{table: table, actor: actor, role: role, all: all}, id: Spike, stat: stat{observed: y, expected: 10}}
	}
	own, table, actor := h("t", "a", "", false, 1000), h("t", "", "", true, 1100), h("", "a", "", true, 1005)
	person := h("t", "a#bob", "a", false, 990)
	other := h("u", "b", "", false, 500)
	for _, c := range []struct {
		name       string
		hits, want []hit
	}{
		{"sums go", []hit{own, table, actor}, []hit{own}},
		{"the person stays", []hit{own, table, actor, person}, []hit{person}},
		{"a role and its person count once", []hit{h("t", "", "", true, 2000), own, person}, []hit{h("t", "", "", true, 2000), person}},
		{"others stay", []hit{own, other}, []hit{own, other}},
		{"a sum of many", []hit{other, h("u", "", "", true, 5000)}, []hit{other, h("u", "", "", true, 5000)}},
		{"alone", []hit{table}, []hit{table}},
	} {
		got := absorb(c.hits)
		if len(got) != len(c.want) {
			t.Errorf("%s: %d left, want %d", c.name, len(got), len(c.want))
			continue
		}
		for i := range got {
			if got[i].table != c.want[i].table || got[i].actor != c.want[i].actor {
				t.Errorf("%s: %s %s is left", c.name, got[i].table, got[i].actor)
			}
		}
	}
}

// Who did most on a table is who did most of all operations together.
func TestBiggest(t *testing.T) {
	g := newGrid(100, 9, nil, nil)
	for k, n := range map[seriesKey]int64{
		{"t", "two", schema.OpReadPoint}: 60, {"t", "two", schema.OpReadRange}: 60, {"t", "one", schema.OpReadPoint}: 100,
		{"t", "zero", schema.OpWriteItem}: 0, {"u", "three", schema.OpReadPoint}: 500,
	} {
		g.add(9, &lake.Count{TableARN: k.table, Actor: k.actor, Op: k.op, Count: n})
	}
	j := judging{grid: g}
	for op, want := range map[string]string{"": "two", schema.OpReadPoint: "one", schema.OpWriteItem: "", schema.OpScale: ""} {
		if got := j.biggest(&hit{entity: &entity{table: "t", all: true}, op: op}); got != want {
			t.Errorf("of %q: %q, want %q", op, got, want)
		}
	}
	if got := j.biggest(&hit{entity: &entity{table: "t", actor: "one"}}); got != "" {
		t.Errorf("an actor's own: %q", got)
	}
}

// On a day on which everything is odd, nothing of it is worth waking anybody: something is
// wrong with the baselines, or with the day.
func TestMiscalibrated(t *testing.T) {
	h := hit{entity: &entity{}, id: Spike, op: schema.OpReadBulk, sure: 1e-9}
	for _, c := range []struct {
		self Calibration
		want schema.Severity
	}{
		{Calibration{Tests: 1000, Below: 12}, schema.SeverityHigh},
		{Calibration{Tests: 1000, Below: 120}, schema.SeverityMedium},
		{Calibration{Tests: 20, Below: 5}, schema.SeverityHigh}, // of few tests that says nothing
	} {
		j := judging{out: judgment{self: c.self}}
		if got := j.severity(&h, &about{}, j.policy.TableOf("x"), schema.SeverityMedium); got != c.want {
			t.Errorf("%+v: %v, want %v", c.self, got, c.want)
		}
	}
	if (&Calibration{Tests: 5000, Below: 3}).TooFew() == false || (&Calibration{Tests: 50}).TooFew() {
		t.Error("too few is told of many tests only")
	}
}
