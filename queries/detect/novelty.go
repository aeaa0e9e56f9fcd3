package detect

import (
	"math"
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// Days that the history must have had before it can call anything new or unusual.
const (
	forgotten   = 30 // what was not seen for so many days is new again
	settled     = 14 // days that a table is known before anything on it is new
	baseline    = 28 // days that are looked at
	newNeeds    = 25 // of them, to say that something is new
	usualNeeds  = 14 // of them, to say what is usual
	busyPercent = 99
)

// newTo reports whether the principal was not seen with a value of a family on the
// event's table for 30 days, or ever. Where the history is too short to say, the
// detection is not evaluated; so ask last.
func (r *Run) newTo(e *Event, f Family, value string) bool {
	if e.TableARN == "" {
		r.NotEvaluated("the record does not say which table")
		return false
	}
	if r.sawLately(f, e.TableARN, e.Principal, value) && r.succeeded(e.TableARN, e.Principal, e.Op) {
		return false
	}
	return r.learnt(e.TableARN, newNeeds)
}

// succeeded reports whether a principal did anything of an operation class on a table
// within the month before: what it was only denied it did not do, or else one attempt
// would make the theft of the next day look like habit. An empty class is any.
func (r *Run) succeeded(table, principal, op string) bool {
	r.key = appendTexts(r.key[:0], table, principal, op)
	if did, known := r.did[string(r.key)]; known {
		return did
	}
	if r.did == nil || len(r.did) >= unseenRoom {
		r.did = map[string]bool{}
	}
	var did int64
	for _, n := range r.History.Touched(forgotten, table, principal, op, "") {
		did += max(n, 0)
	}
	for _, outcome := range []string{schema.OutcomeDenied, schema.OutcomeFailed} {
		for _, n := range r.History.Touched(forgotten, table, principal, op, outcome) {
			did -= max(n, 0)
		}
	}
	r.did[string(r.key)] = did > 0
	return did > 0
}

// learnt reports whether the history knows a table long enough, and at least so many of
// the last 28 days; if not, the detection is not evaluated.
func (r *Run) learnt(table string, needs int) bool {
	if r.History.Days(baseline) < needs {
		r.NotEvaluated("learning: too few days of history")
		return false
	}
	if first, known := r.History.FirstDay(table); !known || first > r.Day-settled {
		r.NotEvaluated("learning: the table is new")
		return false
	}
	return true
}

// busiest is the 99th percentile of the different keys a day that a principal reached on
// a table with an operation class, over 28 days; known is false, and the detection not
// evaluated, where the history is too short.
func (r *Run) busiest(table, principal, op string) (keys int64, known bool) {
	if !r.learnt(table, usualNeeds) {
		return 0, false
	}
	return percentile(r.History.Distinct(baseline, table, principal, op), busyPercent), true
}

// percentile is the least value that so many percent of the values do not exceed; days
// that nobody knows, which are -1, do not count. Of nothing it is 0.
func percentile(values []int64, percent float64) int64 {
	known := slices.DeleteFunc(slices.Clone(values), func(v int64) bool { return v < 0 })
	if len(known) == 0 {
		return 0
	}
	slices.Sort(known)
	return known[int(math.Ceil(percent/100*float64(len(known))))-1]
}
