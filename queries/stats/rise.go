package stats

import (
	"math"
	"slices"
)

// The textbook pair of a CUSUM chart: what is half a deviation above the usual adds up,
// and five of them are too much. (Page, 1954; Montgomery, Statistical Quality Control.)
const (
	slack      = 0.5
	tooMuch    = 5
	mostADay   = 3   // deviations that one day counts for: a spike is no rise
	leastSigma = 0.1 // of log(1+y)
	higher     = 1.5 // times the usual
	leastUsual = 5   // a day: what is nothing on most days has no level
	// latestDays are those that the level is of, and leastOfKind how many days of a kind tell
	// what is usual.
	latestDays  = 3
	leastOfKind = 10
)

// Day is a number of a day, and what kind of day it is: those of one kind are compared.
type Day struct {
	Y    float64
	Kind int
}

// Rise is a level that goes up slowly.
type Rise struct {
	Sum   float64 // of deviations above the usual, on the last day
	Since int     // index of the day the rise began on
	Alarm bool    // it became too much on the last day: not on one before it
	Level float64 // mean of the latest three days of it
	Usual float64 // what days of the same kinds had before, on average
}

// NewRise looks for a rise that became too much on the last day. The earlier days of one
// that has been told do not raise it again until the level was back to the usual. recent is
// how many of the last days may belong to the rise: those before tell what is usual of
// each kind of day, if there are ten of it; days of other kinds are left out.
//
//	z = (log(1+y) - median) / max(1.4826 MAD, 0.1), within -3 to 3
//	S = max(0, S + z - 0.5), alarm at 5
//
// and none unless the latest level is one and a half times the usual, and by atLeast more:
// of small numbers, and of very even ones, five deviations are soon together.
func NewRise(days []Day, recent int, atLeast float64) Rise {
	usual := usualLogs(days[:max(len(days)-recent, 0)])
	var r Rise
	var latest []int // days of the rise
	told := false
	for i, d := range days {
		r.Alarm = false
		u, ok := usual[d.Kind]
		if !ok {
			continue
		}
		z := min(max((math.Log1p(d.Y)-u.median)/u.sigma, -mostADay), mostADay)
		if r.Sum = max(0, r.Sum+z-slack); r.Sum == 0 {
			r.Since, told, latest = i+1, false, nil
			continue
		}
		latest = append(latest, i)
		latest = latest[max(0, len(latest)-latestDays):]
		r.Level, r.Usual = 0, 0
		for _, k := range latest {
			r.Level += days[k].Y / float64(len(latest))
			r.Usual += math.Expm1(usual[days[k].Kind].median) / float64(len(latest))
		}
		up := r.Usual >= leastUsual && r.Level >= higher*r.Usual && r.Level-r.Usual >= atLeast
		r.Alarm = !told && up && len(latest) == latestDays && r.Sum >= tooMuch
		told = told || r.Alarm
	}
	return r
}

// logs are what the logarithms of a kind of day are like.
type logs struct{ median, sigma float64 }

func usualLogs(days []Day) map[int]logs {
	of := map[int][]float64{}
	for _, d := range days {
		of[d.Kind] = append(of[d.Kind], math.Log1p(d.Y))
	}
	usual := map[int]logs{}
	for kind, l := range of {
		if len(l) < leastOfKind {
			continue
		}
		slices.Sort(l)
		m := quantile(l, 0.5)
		usual[kind] = logs{m, max(madToSigma*deviation(l, m), leastSigma)}
	}
	return usual
}
