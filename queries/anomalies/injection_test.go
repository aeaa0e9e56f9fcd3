package anomalies

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

var (
	seeds     = flag.Int("seeds", 5, "made-up worlds that the injection protocol is run in")
	firstSeed = flag.Uint64("first-seed", 0, "seed of the first of them")
)

// tally is how often something came out, by world: what is drawn again for intervals.
type tally struct{ hit, of []float64 }

func (t *tally) count(world int, hit bool) {
	if hit {
		t.add(world, 1, 1)
	} else {
		t.add(world, 0, 1)
	}
}

func (t *tally) add(world int, hit, of float64) {
	for len(t.of) <= world {
		t.hit, t.of = append(t.hit, 0), append(t.of, 0)
	}
	t.hit[world] += hit
	t.of[world] += of
}

func (t *tally) share() float64 { return ratio(t.hit, t.of) }

func ratio(hit, of []float64) float64 {
	h, n := 0.0, 0.0
	for i := range of {
		h, n = h+hit[i], n+of[i]
	}
	return h / max(n, 1)
}

// interval is that of 95 % by bootstrap over worlds.
func (t *tally) interval() (low, high float64) {
	r := rand.New(rand.NewPCG(1, 2))
	var all []float64
	hit, of := make([]float64, len(t.of)), make([]float64, len(t.of))
	for range 1000 {
		for i := range of {
			k := r.IntN(len(of))
			hit[i], of[i] = t.hit[k], t.of[k]
		}
		all = append(all, ratio(hit, of))
	}
	slices.Sort(all)
	return all[25], all[974]
}

func (t *tally) String() string {
	low, high := t.interval()
	return fmt.Sprintf("%.4f (%.4f to %.4f, n=%.0f)", t.share(), low, high, sumOf(t.of))
}

// protocol is what the scenarios come to.
type protocol map[string]*tally

func (p protocol) of(name string) *tally {
	if p[name] == nil {
		p[name] = &tally{}
	}
	return p[name]
}

// The scenarios that are about numbers: spikes of all sizes, also after a history that has
// incidents of its own, a slow rise, a job at month ends, a deployment, and a month in
// which nothing happens. What is scored is a finding of the detection about the very
// actor and table on the very night.
func TestInjections(t *testing.T) {
	p := protocol{}
	for seed := range *seeds {
		w := newWorld(*firstSeed + uint64(seed))
		p.nothing(w, seed)
		p.deployment(w, seed)
		p.monthEnd(w, seed)
		p.slowRise(w, seed)
		p.spikes(w, seed, "clean")
		w.contaminate()
		p.spikes(w, seed, "contaminated")
	}
	p.table(t)
	p.targets(t)
}

// targets are what has to hold.
func (p protocol) targets(t *testing.T) {
	check := func(name string, ok func(share float64) bool, want string) {
		t.Helper()
		if p[name] == nil {
			t.Fatalf("no scenario %q", name)
		}
		if share := p[name].share(); !ok(share) {
			t.Errorf("%s: %v, want %s", name, p[name], want)
		}
	}
	atLeast := func(x float64) (func(float64) bool, string) {
		return func(share float64) bool { return share >= x }, fmt.Sprintf("at least %g", x)
	}
	for name, least := range map[string]float64{
		"S13 recall x3, base 50 and up, clean": 0.80, "S13 recall x5, base 50 and up, clean": 0.95, "S13 recall x10, base 50 and up, clean": 0.95,
		"S13 precision x3, clean": 0.85, "S13 precision x5, clean": 0.85, "S13 precision x10, clean": 0.85,
		"S3 told by day 10": 0.85, "S11 told when not in the calendar": 1,
	} {
		ok, want := atLeast(least)
		check(name, ok, want)
	}
	for _, k := range factors {
		name := fmt.Sprintf("S13 recall x%g, base 50 and up, ", k)
		if loss := p[name+"clean"].share() - p[name+"contaminated"].share(); loss > 0.15 {
			t.Errorf("%s: %.3f lost by a contaminated history, want at most 0.15", name, loss)
		}
	}
	none := func(share float64) bool { return share == 0 }
	check("S14 findings per series-night", func(s float64) bool { return s <= 0.002 }, "at most 0.002")
	for _, name := range []string{"S14 pages", "S3 pages", "S9 medium or above", "S11 told when in the calendar"} {
		check(name, none, "none")
	}
}

func (p protocol) table(t *testing.T) {
	var names []string
	for name := range p {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "\n%-50s %v", name, p[name])
	}
	t.Logf("%d worlds; share, 95 %% interval by bootstrap over worlds, n:%s", *seeds, b.String())
}

var factors = []float64{2, 3, 5, 10}

// spikes puts twelve of one size on each of three nights.
func (p protocol) spikes(w *world, seed int, history string) {
	for _, k := range factors {
		precision := p.of(fmt.Sprintf("S13 precision x%g, %s", k, history))
		for i, n := range []int{1, 9, 18} {
			var odd []*traffic
			for _, base := range bases {
				for _, t := range w.targets[base][3*i : 3*i+3] {
					w.put(t, night(n), w.count((k-1)*float64(base), t.dispersion))
					odd = append(odd, t)
				}
			}
			found, _ := w.judge(n, nil)
			w.undo()
			for _, t := range odd {
				hit := slices.ContainsFunc(found, func(f schema.Finding) bool { return f.Detection == Spike && t.isOf(&f) })
				p.of(fmt.Sprintf("S13 recall x%g, base %4.0f, %s", k, t.base, history)).count(seed, hit)
				if t.base >= 50 {
					p.of(fmt.Sprintf("S13 recall x%g, base 50 and up, %s", k, history)).count(seed, hit)
				}
			}
			for i := range found {
				precision.count(seed, slices.ContainsFunc(odd, func(t *traffic) bool { return t.isOf(&found[i]) }))
			}
		}
	}
}

func (t *traffic) isOf(f *schema.Finding) bool { return f.TableARN == t.table && f.Actor == t.actor }

// contaminate makes one day of twenty of what is injected into eight times as high.
func (w *world) contaminate() {
	for _, base := range bases {
		for _, t := range w.targets[base] {
			for d := range worldBefore {
				if w.r.IntN(20) == 0 {
					t.counts[d] = float64(int(8 * t.counts[d]))
				}
			}
		}
	}
}

// nothing judges a month in which nothing was put.
func (p protocol) nothing(w *world, seed int) {
	step := 1
	if *seeds <= 5 {
		step = 3 // nights are alike; all of them take a minute
	}
	for n := 0; n < worldNights; n += step {
		found, out := w.judge(n, nil)
		odd, pages := 0.0, 0.0
		for i := range found {
			if w.monthEnd.isOf(&found[i]) {
				continue // that is another scenario
			}
			odd++
			if found[i].Severity >= schema.SeverityHigh {
				pages++
			}
			p.of("S14 of those "+found[i].Detection).add(seed, 1, 0)
		}
		tested := float64(out.states[Tested])
		for _, d := range Catalogue {
			if strings.HasPrefix(d.ID, "DDB-STA") {
				p.of("S14 of those "+d.ID).add(seed, 0, tested)
			}
		}
		p.of("S14 findings per series-night").add(seed, odd, tested)
		p.of("S14 pages").add(seed, pages, tested)
		p.of("S14 tests with a chance below 1 %").add(seed, float64(out.self.Below), float64(out.self.Tests))
	}
}

// deployment starts forty containers of each of ten services anew: each of them asks what
// its table is like and fills its cache.
func (p protocol) deployment(w *world, seed int) {
	const n = 3
	var started []*traffic
	for _, t := range w.lines {
		if t.kind == "service" && t.base >= 100 && t.active == 1 && len(started) < 10 {
			started = append(started, t)
		}
	}
	before := len(w.lines)
	for _, t := range started {
		w.put(t, night(n), t.counts[night(n)]*0.3)
		asks := *t
		asks.op, asks.counts, asks.denied = schema.OpMetaRead, make([]float64, w.days), make([]float64, w.days)
		asks.counts[night(n)] = 40
		w.lines = append(w.lines, &asks)
	}
	found, _ := w.judge(n, nil)
	w.undo()
	w.lines = w.lines[:before]
	for _, t := range started {
		p.of("S9 medium or above").count(seed, slices.ContainsFunc(found, func(f schema.Finding) bool {
			return t.isOf(&f) && f.Severity >= schema.SeverityMedium
		}))
	}
}

// monthEnd runs a job on the last day of a month that is in the calendar, or is not.
func (p protocol) monthEnd(w *world, seed int) {
	calendar := &Calendar{monthEnds: []daySpan{{monthly: "last day"}}}
	for n := range worldNights {
		if !w.isMonthEnd(night(n)) {
			continue
		}
		for name, c := range map[string]*Calendar{"S11 told when in the calendar": calendar, "S11 told when not in the calendar": nil} {
			found, _ := w.judge(n, c)
			p.of(name).count(seed, slices.ContainsFunc(found, func(f schema.Finding) bool { return f.Detection == Spike && w.monthEnd.isOf(&f) }))
		}
	}
}

// slowRise adds ten per cent a day for ten days.
func (p protocol) slowRise(w *world, seed int) {
	var rising []*traffic
	for _, base := range bases[1:] {
		rising = append(rising, w.targets[base][:4]...)
	}
	told, paged := map[*traffic]bool{}, map[*traffic]bool{}
	more := 1.0
	for n := 5; n < 15; n++ {
		more *= 1.1
		for _, t := range rising {
			w.put(t, night(n), float64(int((more-1)*t.counts[night(n)])))
		}
		found, _ := w.judge(n, nil)
		for _, t := range rising {
			for i := range found {
				if t.isOf(&found[i]) {
					told[t] = told[t] || found[i].Detection == Rise
					paged[t] = paged[t] || found[i].Severity >= schema.SeverityHigh
				}
			}
		}
	}
	w.undo()
	for _, t := range rising {
		p.of("S3 told by day 10").count(seed, told[t])
		p.of("S3 pages").count(seed, paged[t])
	}
}

func sumOf(all []float64) (sum float64) {
	for _, n := range all {
		sum += n
	}
	return sum
}
