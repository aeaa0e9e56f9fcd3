package compliance

import (
	"testing"

	"github.com/keytrail/keytrail/engine/golden"
)

func TestAccessOfASample(t *testing.T) {
	l, _ := accessLake(t, 3000)
	q := Question{From: "2026-03-02", To: "2026-03-05", Policy: parsedPolicy(t)}
	_, made := accessOf(t, l, q)
	documentOf(t, made)
	for _, id := range accessSections {
		golden.Check(t, "compliance/"+id, sectionText(t, made[id]))
	}
}
