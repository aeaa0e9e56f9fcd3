package retention

import (
	"cmp"
	"math"
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// days is a range of event days, both included.
type days struct{ from, to int32 }

// ever is the bound of a range that has none.
const ever = math.MinInt32

// less is what is left of ranges without some days.
func less(ranges []days, without days) (left []days) {
	for _, r := range ranges {
		if without.to < r.from || r.to < without.from {
			left = append(left, r)
			continue
		}
		if r.from < without.from {
			left = append(left, days{r.from, without.from - 1})
		}
		if without.to < r.to {
			left = append(left, days{without.to + 1, r.to})
		}
	}
	return left
}

// union joins ranges, in order; those that meet become one.
func union(ranges ...days) (joined []days) {
	slices.SortFunc(ranges, func(a, b days) int { return cmp.Compare(a.from, b.from) })
	for _, r := range ranges {
		if n := len(joined); n > 0 && int64(r.from) <= int64(joined[n-1].to)+1 {
			joined[n-1].to = max(joined[n-1].to, r.to)
			continue
		}
		joined = append(joined, r)
	}
	return joined
}

func within(ranges []days, day int32) bool {
	return slices.ContainsFunc(ranges, func(r days) bool { return r.from <= day && day <= r.to })
}

// parseDay is a day, or a bound that is none.
func parseDay(text string, none int32) (int32, error) {
	if text == "" {
		return none, nil
	}
	return schema.ParseDay(text)
}
