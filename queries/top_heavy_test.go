package queries

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// Space-Saving's promises, for skewed and even values in any order, in lumps, and
// with texts of any length: a true count lies in [count-slack, count], whatever is not
// held has at most floor, floor is at most the total over the values held, and so
// whatever has more than its share is held.
func TestHeavyKeepsItsPromises(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	evicted := false
	for range 300 {
		h := newHeavy(int64(300 + r.IntN(20_000)))
		truth := map[groupKey]int64{}
		var total int64
		values := 1 + r.IntN(400)
		for range r.IntN(5000) {
			v := r.IntN(values)
			if r.IntN(2) == 0 {
				v = int(float64(values) * r.Float64() * r.Float64() * r.Float64())
			}
			k := groupKey{int32(v % 3), fmt.Sprintf("%0*d", 1+v%90, v)}
			n := int64(1)
			if r.IntN(5) == 0 {
				n += r.Int64N(50)
			}
			h.add(k, n)
			truth[k] += n
			total += n
		}
		evicted = evicted || !h.exact()
		checkHeavy(t, h, truth, total)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if !evicted {
		t.Error("nothing was ever evicted")
	}
}

func checkHeavy(t *testing.T, h *heavy, truth map[groupKey]int64, total int64) {
	t.Helper()
	used := int64(0)
	for i, v := range h.held {
		used += heldBytes + int64(len(v.value))
		if n := truth[v.groupKey]; n > v.count || n < v.count-v.slack {
			t.Errorf("%v: counted %d, slack %d, in truth %d", v.groupKey, v.count, v.slack, n)
		}
		if h.index[v.groupKey] != int32(i) {
			t.Errorf("%v is not where the index says", v.groupKey)
		}
	}
	if used != h.used || h.used > h.budget && len(h.held) > 1 {
		t.Errorf("%d bytes used, %d noted, of %d", used, h.used, h.budget)
	}
	for k, n := range truth {
		at, held := h.index[k]
		switch {
		case !held && n > h.floor:
			t.Errorf("%v was added %d times, is not held, and floor is %d", k, n, h.floor)
		case h.exact() && (!held || h.held[at].count != n):
			t.Errorf("%v: not exact", k)
		}
	}
	if len(h.index) != len(h.held) || h.floor > total/int64(len(h.held)+1) {
		t.Errorf("floor %d of %d in all, %d held", h.floor, total, len(h.held))
	}
}

func TestPairSet(t *testing.T) {
	s := newPairSet(3 * pairBytes)
	for _, c := range []struct {
		of        groupKey
		text      string
		fresh, ok bool
	}{
		{groupKey{1, "a"}, "bc", true, true},
		{groupKey{1, "ab"}, "c", true, true}, // not the same pair
		{groupKey{1, "a"}, "bc", false, true},
		{groupKey{2, "a"}, "bc", true, true},
		{groupKey{3, "a"}, "bc", false, false}, // no room
		{groupKey{2, "a"}, "bc", false, true},
	} {
		if fresh, ok := s.add(c.of, c.text); fresh != c.fresh || ok != c.ok {
			t.Errorf("%v %q: %v, %v", c.of, c.text, fresh, ok)
		}
	}
}

func TestWholeHours(t *testing.T) {
	const h = hourMicros
	none := timeSpan{1, 1}
	for _, c := range []struct {
		from, to int64
		want     cut
	}{
		{0, 0, cut{none, timeSpan{0, 0}, none}},
		{2 * h, 5 * h, cut{none, timeSpan{2 * h, 5 * h}, none}},
		{2*h + 1, 5*h + 1, cut{timeSpan{2*h + 1, 3 * h}, timeSpan{3 * h, 5 * h}, timeSpan{5 * h, 5*h + 1}}},
		{2*h + 1, 2*h + 9, cut{timeSpan{2*h + 1, 2*h + 9}, none, none}},
		{2*h + 1, 3*h + 1, cut{timeSpan{2*h + 1, 3 * h}, timeSpan{3 * h, 3 * h}, timeSpan{3 * h, 3*h + 1}}},
		{-h - 1, 0, cut{timeSpan{-h - 1, -h}, timeSpan{-h, 0}, none}},
		{0, 5*h + 1, cut{none, timeSpan{0, 5 * h}, timeSpan{5 * h, 5*h + 1}}},
	} {
		if got := wholeHours(c.from, c.to); got != c.want {
			t.Errorf("%d to %d: %+v, want %+v", c.from, c.to, got, c.want)
		}
	}
}
