package detect

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

func TestDistinctIsExactToALimitThenClose(t *testing.T) {
	for _, c := range []struct {
		things int
		room   int
		exact  bool
	}{
		{0, 10, true},
		{1000, 10, true}, // few are always exact
		{maxExact, maxHashes, true},
		{maxExact + 1, maxHashes, false},
		{5000, 2000, false}, // no room for more
		{400_000, maxHashes, false},
	} {
		room := c.room
		var d distinct
		for range 2 { // what comes again does not count again
			for i := range c.things {
				d.add(hashOf("table", strconv.Itoa(i)), &room)
			}
		}
		if (d.sketch == nil) != c.exact {
			t.Errorf("%d things with room for %d: exact is %v", c.things, c.room, d.sketch == nil)
		}
		if off := math.Abs(float64(d.count()) - float64(c.things)); c.exact && off != 0 || off > 0.03*float64(c.things) {
			t.Errorf("%d things are counted as %d", c.things, d.count())
		}
		if c.exact && room != c.room-c.things || !c.exact && room != c.room {
			t.Errorf("%d things leave room for %d of %d", c.things, room, c.room)
		}
		if (d.about() == "") != c.exact {
			t.Errorf("%d things are told as %q%d", c.things, d.about(), d.count())
		}
	}
}

// An estimate is the same on every host and whatever the order.
func TestDistinctDoesNotDependOnOrder(t *testing.T) {
	const things = maxExact + 50_000
	count := func(order []int) int64 {
		room := maxHashes
		var d distinct
		for _, i := range order {
			d.add(hashOf(strconv.Itoa(i)), &room)
		}
		return d.count()
	}
	upwards := make([]int, things)
	for i := range upwards {
		upwards[i] = i
	}
	if a, b := count(upwards), count(rand.New(rand.NewPCG(1, 2)).Perm(things)); a != b {
		t.Errorf("%d one way, %d another", a, b)
	}
}

func TestHashOfTellsTextsApart(t *testing.T) {
	seen := map[uint64][]string{}
	for _, texts := range [][]string{{}, {""}, {"", ""}, {"a"}, {"a", ""}, {"", "a"}, {"ab"}, {"a", "b"}, {"b", "a"}} {
		h := hashOf(texts...)
		if other, ok := seen[h]; ok {
			t.Errorf("%q and %q have one hash", texts, other)
		}
		seen[h] = texts
	}
	if got := hashOf("orders", `{"pk":"O#1"}`); got != 0x1a6b050aac9342e7 {
		t.Errorf("the hash has changed to %#x, and with it what estimates say", got)
	}
}
