package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// least is what chances are never told to be below: that small, they are 0 to a float.
const least = 1e-300

// poissonUpTo is the dispersion up to which counts are taken to be a Poisson variable's.
const poissonUpTo = 1.0001

// UpperTail is the chance of y or more where mu, more than 0, is expected and the variance
// is phi times that: of a Poisson variable, or for phi > 1 a negative binomial one with
// r = mu/(phi-1).
//
//	P(Poisson(mu) >= y) = P(y, mu), the regularised incomplete gamma function
//	P(NB(r, 1/phi) >= y) = I(1-1/phi; y, r), the regularised incomplete beta function
//
// Both are worked out as such and not as 1 less the other tail, of which nothing would be
// left below 1e-16. (NIST DLMF 8.2, 8.17.) For mu beyond a million phi must be a fiftieth of
// it or more, as that of every [Baseline] is: the beta function is not worked out there.
func UpperTail(y, mu, phi float64) float64 {
	switch {
	case y <= 0:
		return 1
	case phi <= poissonUpTo:
		return chance(mathext.GammaIncReg(y, mu))
	}
	return chance(mathext.RegIncBeta(y, mu/(phi-1), 1-1/phi))
}

// LowerTail is the chance of y or less, y not negative, of the same variable as
// [UpperTail]'s.
func LowerTail(y, mu, phi float64) float64 {
	if phi <= poissonUpTo {
		return chance(mathext.GammaIncRegComp(y+1, mu))
	}
	return chance(mathext.RegIncBeta(mu/(phi-1), y+1, 1/phi))
}

func chance(p float64) float64 {
	if math.IsNaN(p) {
		return 1
	}
	return min(max(p, least), 1)
}
