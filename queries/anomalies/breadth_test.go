package anomalies

import (
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// Somebody whose work is most of what is done by key on a table is not told of every day,
// but of one on which it is twice as much.
func TestMostOfATableByHabit(t *testing.T) {
	for keys, want := range map[int]int{150: 0, 230: 0, 320: 1} {
		r := quiet(t)
		carol := alice
		carol.ActorName = "carol@example.com"
		for back := range 20 {
			r.do(back+1, 140+back%10, carol, customers, schema.OpReadPoint, "GetItem")
		}
		r.do(0, keys, carol, customers, schema.OpReadPoint, "GetItem")
		l := r.lake(t)
		if got := only(ask(t, l, Question{Day: incidentDay, History: kept(l)}).Findings, Breadth); len(got) != want {
			t.Errorf("%d keys:\n%s", keys, brief(got))
		}
	}
}
