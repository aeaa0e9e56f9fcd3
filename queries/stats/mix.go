package stats

import (
	"cmp"
	"math"
	"slices"
)

const (
	leastDistance = 0.25 // that is no shift, whatever the days before were like
	beyondUsual   = 1.25 // times the greatest distance of a day before from the others
)

// Shift is how far today's mix of operations is from that of the days before.
type Shift struct {
	Distance  float64   // square root of the Jensen-Shannon divergence in bits: 0 alike, 1 nothing in common
	Threshold float64   // above it is a shift
	Today     []float64 // shares
	Before    []float64
	Main      []int // the two operations that make most of the distance, the first first
}

// Is reports whether that is a shift.
func (s *Shift) Is() bool { return s.Distance > s.Threshold }

// Mix compares today's counts by operation with those of days before, which have the
// same operations in the same order. Shares are of counts with half a call added to
// each. Of days with fewer calls than enough, none is told from the others: what few
// calls are made up of differs by itself. There must be two days or more with enough.
//
//	M = (P+Q)/2, d^2 = (sum P log2(P/M) + sum Q log2(Q/M)) / 2
//
// (Lin, Divergence measures based on the Shannon entropy, 1991; Endres and Schindelin,
// 2003, on its root being a metric.)
func Mix(today []float64, days [][]float64, enough float64) Shift {
	all := make([]float64, len(today))
	for _, day := range days {
		add(all, day, 1)
	}
	s := Shift{Today: shares(today), Before: shares(all), Threshold: leastDistance}
	s.Distance = distance(s.Today, s.Before)
	rest := make([]float64, len(today))
	for _, day := range days {
		if sum(day) < enough {
			continue
		}
		copy(rest, all)
		add(rest, day, -1)
		s.Threshold = max(s.Threshold, beyondUsual*distance(shares(day), shares(rest)))
	}
	s.Main = make([]int, len(today))
	for i := range s.Main {
		s.Main[i] = i
	}
	slices.SortStableFunc(s.Main, func(a, b int) int {
		return cmp.Compare(part(s.Today[b], s.Before[b]), part(s.Today[a], s.Before[a]))
	})
	s.Main = s.Main[:min(len(s.Main), 2)]
	return s
}

// distance is the root of the divergence of two lists of shares.
func distance(p, q []float64) float64 {
	d := 0.0
	for i := range p {
		d += part(p[i], q[i])
	}
	return math.Sqrt(min(max(d, 0), 1))
}

// part is what one operation adds to the divergence; never negative.
func part(p, q float64) float64 {
	m := (p + q) / 2
	return (half(p, m) + half(q, m)) / 2
}

func half(p, m float64) float64 {
	if p == 0 {
		return 0
	}
	return p * math.Log2(p/m)
}

func shares(counts []float64) []float64 {
	all := sum(counts) + 0.5*float64(len(counts))
	s := make([]float64, len(counts))
	for i, n := range counts {
		s[i] = (n + 0.5) / all
	}
	return s
}

func add(to, counts []float64, times float64) {
	for i, n := range counts {
		to[i] += n * times
	}
}

func sum(counts []float64) float64 {
	all := 0.0
	for _, n := range counts {
		all += n
	}
	return all
}
