package detect_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
)

var (
	seeds     = flag.Int("seeds", 3, "made-up worlds that the injection protocol is run in")
	firstSeed = flag.Uint64("first-seed", 0, "seed of the first of them")
)

// The scenarios that single calls make. Each is put into the same night of a made-up
// world, by itself, and judged with the history that the lake keeps of it. What must be
// found is found each time, and nothing of medium or above that is not about it.
func TestInjections(t *testing.T) {
	scores := map[string]*score{}
	of := func(name string) *score {
		if scores[name] == nil {
			scores[name] = &score{beside: map[string]int{}}
		}
		return scores[name]
	}
	for n := range *seeds {
		seed := *firstSeed + uint64(n)
		night := newWorld(seed).night(t)
		for _, s := range scenarios {
			a := s.draw(night.world)
			of(s.name).add(a, night.judge(t, a), fmt.Sprint("seed ", seed))
		}
		a := leftOut(night.world)
		of("S8 the day after, by numbers").addAfter(a, night.after(t, a), fmt.Sprint("seed ", seed))
	}
	var names []string
	for name, s := range scores {
		names = append(names, name)
		for _, what := range s.wrong {
			t.Errorf("%s, %s", name, what)
		}
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		b.WriteString(scores[name].rows(name))
	}
	t.Logf("%d worlds; share, 95 %% interval by Wilson, n:%s", *seeds, b.String())
}
