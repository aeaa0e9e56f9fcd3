package detect

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// Whatever the order in which calls are seen, their first ones are kept, each once.
func TestFirsts(t *testing.T) {
	var events []*Event
	for i := range 60 {
		touch := &schema.Touch{EventID: fmt.Sprintf("%02d", i), EventTime: int64(i/2) * 1e6}
		events = append(events, &Event{Touch: touch}, &Event{Touch: touch})
	}
	var want firsts
	for i := range schema.MaxEvidence {
		want = append(want, events[2*i].Evidence())
	}
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 0))
		rng.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		var got firsts
		for _, e := range events {
			got.add(e)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %v", seed, got)
		}
	}
}
