package sample

import (
	"math/bits"
)

const (
	defaultDays   = 3
	windowSeconds = 300
	windowsPerDay = 24 * hour / windowSeconds
)

// window is five minutes of one account and Region.
type window struct {
	number  uint64 // names the window's random stream
	start   int64
	account int
	region  int
	calls   int     // ordinary calls, drawn at random; or, in a month,
	from    int     // those of its streams from this second of the day
	to      int     // to this one
	set     []scene // calls that are set, beside the ordinary ones
	burst   bool    // all in few, large objects
}

// scene is one call that happens whatever the seed.
type scene struct {
	at      int64
	account int
	region  int
	play    func(*gen)
}

// daylight is how busy each hour of the day is.
var daylight = [24]uint64{14, 11, 9, 8, 9, 13, 22, 38, 56, 70, 78, 82, 84, 86, 88, 86, 80, 74, 68, 62, 52, 40, 28, 19}

// plan divides n ordinary calls over the windows and hangs the scenes in.
//
// Few calls do not mean one call per object: then only some windows are busy. A
// nightly job makes one window per day much larger than all others.
func plan(o Options, n int64, scenes []scene) []window {
	windows := emptyWindows(o)
	for i := range windows {
		w := &windows[i]
		w.burst = w.account == 1 && w.region == 1 && (w.start-o.Start.Unix())/windowSeconds%windowsPerDay == 18
	}
	divide(windows, weights(newRNG(o.Seed, 1), windows, n, o.PerObject), n)
	hang(o, windows, scenes)
	return windows
}

// emptyWindows are all windows of a sample, by time, account and Region.
func emptyWindows(o Options) []window {
	var windows []window
	for w := range o.Days * windowsPerDay {
		for a := range accounts {
			for r := range regions {
				windows = append(windows, window{
					number: uint64(len(windows)), start: o.Start.Unix() + int64(w)*windowSeconds, account: a, region: r,
				})
			}
		}
	}
	return windows
}

// hang puts the scenes into the windows that they are played in.
func hang(o Options, windows []window, scenes []scene) {
	for _, s := range scenes {
		w := int(s.at-o.Start.Unix()) / windowSeconds
		at := (w*len(accounts)+s.account)*len(regions) + s.region
		windows[at].set = append(windows[at].set, s)
	}
}

// weights says how busy each window is, relative to the others.
func weights(r *rng, windows []window, n int64, perObject int) []uint64 {
	perWindow := max(20, perObject) // calls in a busy window of a quiet trail
	busy := min(1000, 1+int(n*1000/(int64(perWindow)*int64(len(windows)))))
	weight := make([]uint64, len(windows))
	var total uint64
	for i, w := range windows {
		a := &accounts[w.account]
		shares := a.shares[0] + a.shares[1] + a.shares[2]
		noise := uint64(r.between(50, 150))
		if r.intn(1000) < busy {
			weight[i] = daylight[w.start/hour%24] * noise * uint64(a.weight*a.shares[w.region]*20/shares)
			total += weight[i]
		}
	}
	for i, w := range windows {
		if w.burst {
			weight[i] = 1 + total/80
		}
	}
	return weight
}

// divide gives every window its part of n, so that the parts add up to n.
func divide(windows []window, weight []uint64, n int64) {
	var total, sum, given uint64
	for _, w := range weight {
		total += w
	}
	for i := range windows {
		sum += weight[i]
		hi, lo := bits.Mul64(sum, uint64(n))
		upTo, _ := bits.Div64(hi, lo, total)
		windows[i].calls = int(upTo - given)
		given = upTo
	}
}
