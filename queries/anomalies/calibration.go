package anomalies

import "math"

// A day's tests are checked against themselves: of a hundred numbers as they always are,
// about one has a chance below 1 %.
const (
	checkP     = 0.01
	mostBelow  = 0.05
	leastBelow = 0.005
	checkFrom  = 100  // tests that say anything about it
	lowFrom    = 1000 // and about too few
)

// Calibration says whether the chances of a day were what they claim to be.
type Calibration struct {
	Tests int // lines tested
	Below int // with a chance below 1 %
}

func (c *Calibration) add(p []float64) {
	for _, v := range p {
		c.Tests++
		if v < checkP {
			c.Below++
		}
	}
}

// Share is that of the tests below 1 %; NaN of none.
func (c *Calibration) Share() float64 {
	if c.Tests == 0 {
		return math.NaN()
	}
	return float64(c.Below) / float64(c.Tests)
}

// TooMany: days like these are not what the baselines were made of, whatever the reason,
// and no count of this day is worth waking anybody.
func (c *Calibration) TooMany() bool { return c.Tests >= checkFrom && c.Share() > mostBelow }

// TooFew: the baselines are wider than they need be, and something may have been missed.
func (c *Calibration) TooFew() bool { return c.Tests >= lowFrom && c.Share() < leastBelow }
