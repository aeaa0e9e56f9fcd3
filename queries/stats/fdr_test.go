package stats

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSimes(t *testing.T) {
	for _, c := range []struct {
		p    []float64
		want float64
	}{
		{nil, 1}, {[]float64{0.2}, 0.2}, {[]float64{0.01, 0.5}, 0.02}, {[]float64{0.04, 0.03, 0.05}, 0.05}, {[]float64{0.9, 0.001, 0.9, 0.9}, 0.004},
	} {
		if got := Simes(c.p); got < c.want-1e-12 || got > c.want+1e-12 {
			t.Errorf("Simes(%v) = %g, want %g", c.p, got, c.want)
		}
	}
}

// The example of Benjamini and Hochberg's article: at 0.05 they reject the first four of
// fifteen.
func TestBHOfTheArticle(t *testing.T) {
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1}
	r := rand.New(rand.NewPCG(3, 3))
	r.Shuffle(len(p), func(i, k int) { p[i], p[k] = p[k], p[i] })
	for i, chosen := range BH(p, 0.05) {
		if want := p[i] <= 0.0095; chosen != want {
			t.Errorf("%g chosen: %v", p[i], chosen)
		}
	}
}

// A p-value that is above its own line is chosen along with one further up that is not.
func TestBHStepsUp(t *testing.T) {
	if got := BH([]float64{0.045, 0.04}, 0.05); !slices.Equal(got, []bool{true, true}) {
		t.Error(got)
	}
	if got := BY([]float64{0.045, 0.04}, 0.05); !slices.Equal(got, []bool{false, false}) {
		t.Error(got)
	}
	if BH(nil, 0.05) == nil || len(BY(nil, 0.05)) != 0 {
		t.Error("nothing is chosen from nothing")
	}
}

// BY chooses of what BH does, and neither leaves out one that is smaller than one chosen.
func TestChosenAreTheLeast(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 300 {
		p := make([]float64, 1+r.IntN(60))
		for i := range p {
			p[i] = r.Float64()
			if r.IntN(3) == 0 {
				p[i] /= 1000
			}
		}
		bh, by := BH(p, 0.1), BY(p, 0.1)
		for i := range p {
			for k := range p {
				if bh[i] && !bh[k] && p[k] < p[i] {
					t.Fatalf("%g is chosen and %g is not", p[i], p[k])
				}
			}
			if by[i] && !bh[i] {
				t.Fatalf("%g is chosen by the stricter one only", p[i])
			}
		}
	}
}

// Of tests of nothing, some are chosen in one run out of twenty.
func TestBHOfNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	runs := 0
	for range 4000 {
		p := make([]float64, 50)
		for i := range p {
			p[i] = r.Float64()
		}
		if slices.Contains(BH(p, 0.05), true) {
			runs++
		}
	}
	if share := float64(runs) / 4000; share < 0.035 || share > 0.065 {
		t.Errorf("something is chosen in %.3f of the runs, want 0.05", share)
	}
}
