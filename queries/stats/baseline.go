package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Constants of a [Baseline].
const (
	madToSigma = 1.4826 // median absolute deviation of a normal variable to its deviation
	variation  = 0.15   // days of anything differ so much from their mean, at the least
	farOut     = 3.5    // residual above which a day is left out
	// leastMedian is the median below which no day is left out: of few, or where there is
	// nothing on most days, the others are not odd for being there.
	leastMedian = 5
	mostOut     = 0.1 // of the days: more that are as high are no accident, and none is left out
)

// Baseline is what the days before lead one to expect of a day's count.
type Baseline struct {
	Mu  float64 // mean of the days kept, 0.1 or more
	Phi float64 // variance of a new day over Mu, 1 or more
	N   int     // days kept
	Out int     // days left out, since they are far above the others
	// Low and High are of the middle nine tenths of all days, those left out among them.
	Low, High float64

	days []float64 // all, least first
}

// NewBaseline works out a baseline of days' counts, of which there must be two or more.
//
// It begins at the median m and leaves out, of the days whose 2/3-power residual
//
//	r = 1.5 (h^(2/3) - m^(2/3)) / (m^(1/6) sqrt(phi0))
//
// is above 3.5, the highest ones: days with incidents of their own would otherwise hide the
// next one. Where they are more than two and more than a tenth of all days, they are no
// incidents but a job that runs once a week, and none is left out; nor is where the median
// is below 5. The mean of the rest is Mu. Phi comes from their variance, times
// (1+1/n)(n-1)/(n-3) for neither the mean nor the variance of n days being known exactly,
// and is never below a deviation of 15 % of the mean.
//
// Residual and reweighting are after Farrington, Noufaily and others; it starts from the
// median, which a few high days do not move.
func NewBaseline(days []float64) Baseline {
	h := slices.Sorted(slices.Values(days))
	b := Baseline{days: h, Low: quantile(h, 0.05), High: quantile(h, 0.95)}
	b.Out = farAbove(h)
	kept := h[:len(h)-b.Out]
	b.N = len(kept)
	b.Mu = max(mean(kept), 0.1)
	n := float64(b.N)
	phi := 1.0
	if b.N > 1 {
		sum := 0.0
		for _, y := range kept {
			sum += (y - b.Mu) * (y - b.Mu) / b.Mu
		}
		phi = max(1, sum/(n-1))
	}
	b.Phi = max(phi*(1+1/n)*fewDays(n), variation*variation*b.Mu)
	return b
}

// fewDays makes up for a variance that comes from few days: what is divided by it is too large
// on average by so much, the mean of the inverse of chi squared.
func fewDays(n float64) float64 {
	if n <= 4 {
		return 3
	}
	return (n - 1) / (n - 3)
}

// farAbove is how many of the highest days to leave out.
func farAbove(h []float64) int {
	m := quantile(h, 0.5)
	if m < leastMedian {
		return 0
	}
	spread := madToSigma * deviation(h, m)
	phi := max(1, spread*spread/m, variation*variation*m)
	most := max(2, int(mostOut*float64(len(h))))
	for out := 0; ; out++ {
		if out == len(h) {
			return 0
		}
		y := h[len(h)-1-out]
		r := 1.5 * (math.Pow(y, 2.0/3) - math.Pow(m, 2.0/3)) / (math.Pow(m, 1.0/6) * math.Sqrt(phi))
		switch {
		case r <= farOut:
			return out
		case out == most:
			return 0
		}
	}
}

// Upper is the chance of y or more on a day like those before.
func (b *Baseline) Upper(y float64) float64 { return UpperTail(y, b.Mu, b.Phi) }

// Cautious is [Baseline.Upper] for the largest Phi that N days leave possible, at 95 %: a
// few days that happen to be alike make what is far off look farther. Of normal variables
//
//	(n-1) s^2 / sigma^2 is chi squared with n-1 degrees of freedom
func (b *Baseline) Cautious(y float64) float64 {
	if b.N < 2 {
		return 1
	}
	degrees := float64(b.N - 1)
	return UpperTail(y, b.Mu, b.Phi*degrees/(2*mathext.GammaIncRegInv(degrees/2, 0.05)))
}

// Lower is the chance of y or less.
func (b *Baseline) Lower(y float64) float64 { return LowerTail(y, b.Mu, b.Phi) }

// AsHigh is on how many of the days before there was y or more.
func (b *Baseline) AsHigh(y float64) int {
	at, _ := slices.BinarySearch(b.days, y)
	return len(b.days) - at
}

// AsLow is on how many there was y or less.
func (b *Baseline) AsLow(y float64) int {
	at, _ := slices.BinarySearch(b.days, math.Nextafter(y, math.Inf(1)))
	return at
}

// Days is how many days the baseline was worked out from, those left out among them.
func (b *Baseline) Days() int { return len(b.days) }

func mean(h []float64) float64 {
	sum := 0.0
	for _, y := range h {
		sum += y
	}
	return sum / float64(len(h))
}

// deviation is the median absolute deviation from m.
func deviation(h []float64, m float64) float64 {
	d := make([]float64, len(h))
	for i, y := range h {
		d[i] = math.Abs(y - m)
	}
	slices.Sort(d)
	return quantile(d, 0.5)
}

// quantile is that of sorted numbers, between two of them where it falls there.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[low]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}
