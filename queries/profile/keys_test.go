package profile

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

func keysFrom(from, to int) *keySet {
	s := new(keySet)
	for range 2 {
		for i := from; i < to; i++ {
			hash, _ := hashKey("table", fmt.Sprint(i), nil)
			s.add(hash)
		}
	}
	return s
}

// Few keys are counted exactly and many nearly so, by themselves and together.
func TestKeySets(t *testing.T) {
	for _, n := range []int{0, 1, 2, maxExact - 1, maxExact, maxExact + 1, 5000, 60_000} {
		s := keysFrom(0, n)
		near(t, s, n)
		for _, o := range [][2]int{{0, 10}, {n / 2, n/2 + 900}, {n / 2, n/2 + 3000}} {
			both := new(keySet)
			both.merge(keysFrom(o[0], o[1]))
			both.merge(s)
			near(t, both, max(n, o[1]))
		}
	}
}

func near(t *testing.T, s *keySet, want int) {
	t.Helper()
	allowed := 0.0
	if want > maxExact || s.sketch != nil {
		allowed = 4 * 0.0081 * float64(want)
	}
	if got := s.count(); math.Abs(float64(got)-float64(want)) > allowed {
		t.Errorf("%d keys, not %d", got, want)
	}
}

// Keys are of their table: the same item of two tables is two.
func TestHashKey(t *testing.T) {
	a, room := hashKey("ab", "c", nil)
	b, _ := hashKey("a", "bc", room)
	c, _ := hashKey("ab", "c", room)
	if a == b || a != c {
		t.Error(a, b, c)
	}
}

// A day of too many principals is refused before it takes all memory, and says so.
func TestBudget(t *testing.T) {
	b := newBuilding("2026-03-20")
	b.limit = 1 << 20
	var err error
	n := 0
	for ; n < 100_000 && err == nil; n++ {
		err = b.add(&schema.Touch{Actor: fmt.Sprint("role-", n), ItemKey: "k"}, schema.Partition{})
	}
	if err == nil || n < 1000 {
		t.Errorf("after %d: %v", n, err)
	}
}

// What is held and given back adds up.
func TestBudgetIsGivenBack(t *testing.T) {
	b := newBuilding("2026-03-20")
	rows := func(table string) {
		for i := range 2000 {
			v := schema.Touch{TableARN: table, ItemKey: fmt.Sprint(i / 2), SharedEventID: fmt.Sprint(i % 7)}
			if err := b.add(&v, schema.Partition{Table: table}); err != nil {
				t.Fatal(err)
			}
		}
		b.endTable()
	}
	rows("one")
	rows("two")
	var across int64 // all that is left but some words and counts
	for _, s := range b.across {
		across += s.bytes()
	}
	if rest := b.bytes - across; rest < 0 || rest > 10_000 {
		t.Errorf("%d bytes are counted, of which %d are of sets", b.bytes, across)
	}
	if len(b.keys) > 0 || len(b.copies.held)+len(b.copies.loose) > 0 {
		t.Error("something is still held")
	}
}

// Of descriptions that follow one another only the last is kept, and counted.
func TestSettingsBudget(t *testing.T) {
	s := settings{told: map[described]int{}}
	for i, n := range []int{10, 100_000, 5} {
		s.add(&schema.Touch{
			EventName: "DescribeTable", Plane: schema.PlaneControl, Outcome: schema.OutcomeOK, TableARN: orders,
			EventTime: int64(i + 1), ResponseElements: strings.Repeat("x", n),
		})
		if want := touchBytes(&s.all[0]); len(s.all) != 1 || len(s.all[0].ResponseElements) != n || s.bytes != want {
			t.Errorf("%d kept, %d bytes, not %d", len(s.all), s.bytes, want)
		}
	}
}
