package stats

import "slices"

const (
	manyKeys   = 1000 // different keys of a day that are worth a look
	manyTimes  = 3    // times as many as on the days before
	mostOfAll  = 0.5  // share of a table's keys that no person needs in a day
	someOfMany = 100  // keys of which half a table is more than a handful
)

// Breadth is how many different keys somebody reached, beside the days before.
type Breadth struct {
	Keys  float64
	Usual float64 // 99th percentile of the days before
	// Share of the keys that are known of the table: of as many as were reached on the
	// day on which most were. The table may have more, so it is at most that.
	Share float64
	Wide  bool // many keys, and many times as many as usual
	Most  bool // half the table or more
}

// NewBreadth compares keys reached today with those of days before, and with how many
// are known of the table.
func NewBreadth(keys float64, days []float64, known float64) Breadth {
	b := Breadth{Keys: keys, Usual: quantile(slices.Sorted(slices.Values(days)), 0.99)}
	if known = max(known, keys); known > 0 {
		b.Share = keys / known
	}
	b.Wide = keys >= manyKeys && keys >= manyTimes*b.Usual
	b.Most = keys >= someOfMany && b.Share >= mostOfAll
	return b
}
