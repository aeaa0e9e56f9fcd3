package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func repeat(y float64, n int) []float64 { return slices.Repeat([]float64{y}, n) }

func TestBaseline(t *testing.T) {
	for _, c := range []struct {
		name    string
		days    []float64
		mu, phi float64
		n, out  int
	}{
		{"even", repeat(100, 20), 100, 0.0225 * 100, 20, 0},               // 15 % at the least
		{"few and even", repeat(4, 20), 4, (1 + 1.0/20) * 19 / 17, 20, 0}, // Poisson at the least
		{"nothing", repeat(0, 20), 0.1, (1 + 1.0/20) * 19 / 17, 20, 0},    // never quite nothing
		{"less than Poisson", []float64{2, 4, 4, 4, 5, 5, 7, 9, 5, 5}, 5, 1.1 * 9 / 7, 10, 0},
		{"spread", []float64{0, 10, 0, 10, 0, 10, 0, 10, 0, 10}, 5, 250.0 / 5 / 9 * 1.1 * 9 / 7, 10, 0},
		{"one incident", append(repeat(100, 19), 800), 100, 2.25, 19, 1},
		{"two incidents", append(repeat(100, 18), 800, 700), 100, 2.25, 18, 2},
		{"a weekly job", append(repeat(100, 16), 800, 800, 800, 800), 240, 0, 20, 0},
		{"on some days only", append(repeat(0, 17), 50, 60, 40), 7.5, 0, 20, 0},
	} {
		b := NewBaseline(c.days)
		if b.N != c.n || b.Out != c.out || math.Abs(b.Mu-c.mu) > 1e-9 {
			t.Errorf("%s: mu %g of %d days, %d out; want %g of %d, %d", c.name, b.Mu, b.N, b.Out, c.mu, c.n, c.out)
		}
		if c.phi > 0 && math.Abs(b.Phi-c.phi) > 1e-9 {
			t.Errorf("%s: phi %g, want %g", c.name, b.Phi, c.phi)
		}
	}
}

// A spike hides no other one: the chance of one after a history with some is about that after
// a clean one.
func TestBaselineLeavesIncidentsOut(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		days := make([]float64, 30)
		for i := range days {
			days[i] = math.Round(200 + 30*r.NormFloat64())
		}
		clean := NewBaseline(days)
		days[r.IntN(30)] *= 8
		days[r.IntN(30)] += 1500
		dirty := NewBaseline(days)
		if p, q := clean.Upper(600), dirty.Upper(600); q > 1e-6 || p > 1e-6 {
			t.Fatalf("chance %g, and %g after incidents, of %v", p, q, days)
		}
	}
}

// Order does not matter, and the input stays as it was.
func TestBaselineOfAnyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	days := make([]float64, 25)
	for i := range days {
		days[i] = float64(r.IntN(300))
	}
	want := NewBaseline(days)
	other := slices.Clone(days)
	r.Shuffle(len(other), func(i, k int) { other[i], other[k] = other[k], other[i] })
	before := slices.Clone(other)
	got := NewBaseline(other)
	if got.Mu != want.Mu || got.Phi != want.Phi || got.Low != want.Low || got.High != want.High {
		t.Errorf("%+v, want %+v", got, want)
	}
	if !slices.Equal(before, other) {
		t.Error("the input was changed")
	}
}

func TestAsHighAsLow(t *testing.T) {
	b := NewBaseline([]float64{5, 1, 3, 3, 9})
	for _, c := range []struct {
		y         float64
		high, low int
	}{{0, 5, 0}, {3, 4, 3}, {4, 2, 3}, {9, 1, 5}, {10, 0, 5}} {
		if high, low := b.AsHigh(c.y), b.AsLow(c.y); high != c.high || low != c.low {
			t.Errorf("%g: %d as high, %d as low; want %d and %d", c.y, high, low, c.high, c.low)
		}
	}
	if b.Days() != 5 || b.Low != 1.4 || b.High != 8.2 {
		t.Errorf("%+v", b)
	}
}

func TestRate(t *testing.T) {
	r := NewRate([]float64{0, 0, 0}, []float64{100, 200, 200})
	if want := 0.5 / 1000; r.PerCall != want {
		t.Errorf("nothing denied yet: %g a call, want %g", r.PerCall, want)
	}
	upper, _ := naiveTails(8, 0.05, (1+1.0/3)*3)
	near(t, "denied", r.Upper(8, 100), upper)
	often := NewRate(append(repeat(9, 10), repeat(11, 10)...), repeat(1000, 20))
	if often.Upper(12, 1000) < 0.1 || often.Upper(60, 1000) > 1e-9 {
		t.Errorf("chances %g and %g", often.Upper(12, 1000), often.Upper(60, 1000))
	}
	if none := NewRate(nil, nil); none.Upper(0, 0) != 1 {
		t.Error("nothing of nothing is sure")
	}
}

// 5 % of chi squared with 15 degrees of freedom is 7.261, with 39 it is 25.695 (tables).
func TestCautious(t *testing.T) {
	for _, c := range []struct {
		n   int
		chi float64
	}{{16, 7.26094}, {40, 25.69539}} {
		b := Baseline{Mu: 30, Phi: 4, N: c.n}
		if got, want := b.Cautious(90), UpperTail(90, 30, 4*float64(c.n-1)/c.chi); math.Abs(got/want-1) > 1e-3 {
			t.Errorf("of %d days: %g, want %g", c.n, got, want)
		}
	}
	if b := (Baseline{Mu: 30, Phi: 4, N: 1}); b.Cautious(1e6) != 1 {
		t.Error("one day makes nothing sure")
	}
}
