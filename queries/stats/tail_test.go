package stats

import (
	"math"
	"testing"
)

// naiveTails adds up the probabilities of a Poisson or negative binomial variable one by one,
// each from the one before.
func naiveTails(y int, mu, phi float64) (upper, lower float64) {
	p, next := math.Exp(-mu), func(k float64, p float64) float64 { return p * mu / (k + 1) }
	if phi > 1 {
		r := mu / (phi - 1)
		p = math.Exp(-r * math.Log(phi))
		next = func(k, p float64) float64 { return p * (k + r) / (k + 1) * (1 - 1/phi) }
	}
	for k := 0; k < 200_000; k++ {
		if k <= y {
			lower += p
		}
		if k >= y {
			upper += p
		}
		p = next(float64(k), p)
		if k > y && p < upper*1e-17 {
			break
		}
	}
	return upper, lower
}

func TestTails(t *testing.T) {
	for _, mu := range []float64{0.1, 1, 7.5, 40, 300} {
		for _, phi := range []float64{1, 1.5, 4, 10, 90} {
			for _, y := range []int{0, 1, 5, 20, 60, 400, 2000} {
				upper, lower := naiveTails(y, mu, phi)
				near(t, "upper", UpperTail(float64(y), mu, phi), upper, mu, phi, float64(y))
				near(t, "lower", LowerTail(float64(y), mu, phi), lower, mu, phi, float64(y))
			}
		}
	}
}

func near(t *testing.T, name string, got, want float64, of ...float64) {
	t.Helper()
	if want < 1e-290 {
		if got > 1e-280 {
			t.Errorf("%s of %v: %g, want next to nothing", name, of, got)
		}
		return
	}
	if math.Abs(got-want) > 1e-8*want {
		t.Errorf("%s of %v: %.15g, want %.15g", name, of, got, want)
	}
}

// More is never more likely than less, the two tails overlap in y itself, and nothing
// leaves 0 to 1, whatever the numbers.
func TestTailsAreTails(t *testing.T) {
	for _, mu := range []float64{0.1, 3, 1e3, 1e6, 1e9} {
		for _, phi := range []float64{1, 1.00005, 1.5, 50, mu/4 + 1} {
			if mu > 1e6 && phi < mu/50 {
				continue // no baseline has that, see UpperTail
			}
			before := 1.0
			for _, factor := range []float64{0, 0.01, 0.3, 0.9, 1, 1.1, 2, 5, 100, 1e4} {
				y := math.Floor(mu * factor)
				upper, lower := UpperTail(y, mu, phi), LowerTail(y, mu, phi)
				switch {
				case !(upper >= least && upper <= 1 && lower >= least && lower <= 1):
					t.Errorf("mu %g phi %g y %g: tails %g and %g", mu, phi, y, upper, lower)
				case upper > before*(1+1e-9):
					t.Errorf("mu %g phi %g: %g or more is likelier than less", mu, phi, y)
				case upper+lower < 1-1e-5:
					t.Errorf("mu %g phi %g y %g: %g and %g are not all", mu, phi, y, upper, lower)
				}
				before = upper
			}
		}
	}
}
