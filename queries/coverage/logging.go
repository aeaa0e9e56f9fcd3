package coverage

import (
	"slices"

	"github.com/keytrail/keytrail/queries/detect"
)

// Span is a time in which a class of a table's events was logged alike.
type Span struct {
	From, To int64 // microseconds since 1970, To not included; 0 is open
	Logged   detect.Logged
}

// Logging joins what all trails log of a table's class into spans, in order of time and
// without a hole: of several trails the one that logs most counts. Where nothing is known
// of any, the span is [detect.LoggedUnknown].
func Logging(all []detect.Interval, table string, class detect.LogClass) (spans []Span) {
	var of []Span
	bounds := []int64{0}
	for i := range all {
		if v := &all[i]; v.Table == table && v.Class == class {
			s := Span{Logged: v.Logged}
			if !v.From.IsZero() {
				s.From = v.From.UnixMicro()
			}
			if !v.To.IsZero() {
				s.To = v.To.UnixMicro()
				bounds = append(bounds, s.To)
			}
			bounds = append(bounds, s.From)
			of = append(of, s)
		}
	}
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)
	for i, from := range bounds {
		next := Span{From: from, Logged: best(of, from)}
		if i+1 < len(bounds) {
			next.To = bounds[i+1]
		}
		if last := len(spans) - 1; last >= 0 && spans[last].Logged == next.Logged {
			spans[last].To = next.To
			continue
		}
		spans = append(spans, next)
	}
	return spans
}

// best is what is logged at a moment by the trail that logs most.
func best(of []Span, at int64) detect.Logged {
	most, known := detect.LoggedNo, false
	for _, s := range of {
		if s.From <= at && (s.To == 0 || at < s.To) {
			most, known = max(most, s.Logged), true
		}
	}
	if !known {
		return detect.LoggedUnknown
	}
	return most
}

// Within are the least and the most that is logged within a time.
func Within(spans []Span, from, to int64) (least, most detect.Logged) {
	least = detect.LoggedYes
	for _, s := range spans {
		if s.From < to && (s.To == 0 || from < s.To) {
			least, most = min(least, s.Logged), max(most, s.Logged)
		}
	}
	return least, most
}
