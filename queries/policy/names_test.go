package policy

import (
	"slices"
	"testing"

	"github.com/keytrail/keytrail/queries"
)

// A rule can name every operation class that there is.
func TestOpClasses(t *testing.T) {
	if !slices.Equal(opClasses, queries.Ops) {
		t.Errorf("rules know %v, questions %v", opClasses, queries.Ops)
	}
	for _, call := range calls {
		if !callShaped(call) || nearest(call, calls) != call {
			t.Errorf("%s is not told from %s", call, nearest(call, calls))
		}
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{"Wednesday": "wed", "thurs": "thu", "x": "", "sub": "sun"} {
		if got := nearest(word, weekdays); got != want {
			t.Errorf("%q is near %q, want %q", word, got, want)
		}
	}
}
