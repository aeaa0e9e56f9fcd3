package anomalies

import "strings"

var bars = []rune("▁▂▃▄▅▆▇█")

// sparkline is a series as a line of bars, one a day, of the last ones that fit; a dot is
// a day that nobody knows.
func sparkline(series []float64, most int) string {
	series = series[max(0, len(series)-most):]
	for len(series) > 1 && series[0] < 0 {
		series = series[1:] // before the lake
	}
	top := 0.0
	for _, y := range series {
		top = max(top, y)
	}
	var b strings.Builder
	for _, y := range series {
		switch {
		case y < 0:
			b.WriteRune('·')
		case top == 0:
			b.WriteRune(bars[0])
		default:
			b.WriteRune(bars[int(y/top*float64(len(bars)-1)+0.5)])
		}
	}
	return b.String()
}
