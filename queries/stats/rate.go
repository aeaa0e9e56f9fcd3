package stats

import "math"

// A rate begins at half a denied call in 500, so that nothing denied is not taken for
// nothing that can be.
const (
	priorDenied = 0.5
	priorCalls  = 500
)

// Rate is what share of calls is denied, as the days before have it.
type Rate struct {
	PerCall float64
	Phi     float64 // how much more the days differ than a Poisson variable with that rate
	N       int
}

// NewRate works a rate out from days' denied calls and all calls, both by day.
func NewRate(denied, calls []float64) Rate {
	d, c := priorDenied, float64(priorCalls)
	for i := range denied {
		d += denied[i]
		c += calls[i]
	}
	r := Rate{PerCall: d / c, Phi: 1}
	sum := 0.0
	for i := range denied {
		if mu := r.PerCall * calls[i]; mu > 0 {
			sum += (denied[i] - mu) * (denied[i] - mu) / mu
			r.N++
		}
	}
	if r.N > 1 {
		r.Phi = max(1, sum/float64(r.N-1))
	}
	return r
}

// Expected is how many of so many calls are denied.
func (r *Rate) Expected(calls float64) float64 { return max(r.PerCall*calls, 1e-6) }

// Upper is the chance that y or more of so many calls are denied.
func (r *Rate) Upper(y, calls float64) float64 {
	mu := r.Expected(calls)
	n := math.Max(float64(r.N), 1)
	return UpperTail(y, mu, max(r.Phi*(1+1/n)*fewDays(n), variation*variation*mu))
}
