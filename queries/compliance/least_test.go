package compliance

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"testing"
)

// What is kept of too many keys does not depend on their order, and nothing is lost.
func TestLeast(t *testing.T) {
	count := func(keys []int) string {
		l := least[int, int]{max: 10, compare: cmp.Compare[int], clone: func(k int) int { return k }, merge: func(into, v *int) { *into += *v }}
		for _, k := range keys {
			*l.at(k)++
		}
		l.trim()
		if len(l.of) != 10 || !l.full() {
			t.Errorf("%d keys are kept", len(l.of))
		}
		return fmt.Sprint(l.of[0] != nil, *l.of[9], l.rest)
	}
	var keys []int
	for k := range 100 {
		for range k%3 + 1 {
			keys = append(keys, k)
		}
	}
	sum := 0
	for k := 10; k < 100; k++ {
		sum += k%3 + 1
	}
	want := fmt.Sprint(true, 1, sum)
	for seed := range uint64(20) {
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		if got := count(keys); got != want {
			t.Fatalf("seed %d: %s, want %s", seed, got, want)
		}
	}
	few := least[int, int]{max: 10, compare: cmp.Compare[int], clone: func(k int) int { return k }}
	*few.at(1)++
	if few.trim(); few.full() || *few.of[1] != 1 {
		t.Error("few keys are not all kept")
	}
}
