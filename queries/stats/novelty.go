package stats

import "math"

// Novelty is how surprising it is that something is new, in powers of ten: what is new
// once in a hundred is 2. seen counts all sightings of the days before, news those
// of them that were the first. Where new ones come every day, one more is no surprise.
//
//	-log10((news + 0.5) / (seen + 1))
func Novelty(news, seen int) float64 {
	return max(0, -math.Log10((float64(news)+0.5)/(float64(seen)+1)))
}
