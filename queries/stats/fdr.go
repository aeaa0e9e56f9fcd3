package stats

import (
	"cmp"
	"slices"
)

// Simes is one p-value for several of the same thing: the least m p(i)/i of the sorted
// ones. (Simes, An improved Bonferroni procedure, 1986.) That of none is 1.
func Simes(p []float64) float64 {
	sorted := slices.Sorted(slices.Values(p))
	all := 1.0
	for i, v := range sorted {
		all = min(all, float64(len(sorted))*v/float64(i+1))
	}
	return all
}

// BH selects from many p-values so that a share of q of those selected is wrong, on
// average: the k least, with the largest k for which p(k) <= q k/m. (Benjamini and
// Hochberg, 1995; holds where the p-values depend on each other positively.)
func BH(p []float64, q float64) []bool {
	at := make([]int, len(p))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	last := -1
	for k, i := range at {
		if p[i] <= q*float64(k+1)/float64(len(p)) {
			last = k
		}
	}
	selected := make([]bool, len(p))
	for _, i := range at[:last+1] {
		selected[i] = true
	}
	return selected
}

// BY is [BH] for p-values that depend on each other in whatever way: with q over
// 1 + 1/2 + ... + 1/m. (Benjamini and Yekutieli, 2001.)
func BY(p []float64, q float64) []bool {
	sum := 0.0
	for i := range p {
		sum += 1 / float64(i+1)
	}
	if sum == 0 {
		return nil
	}
	return BH(p, q/sum)
}
