package detect

import (
	"cmp"
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// Naive is the History that looks through all touches for every answer, for tests that hold
// another one against it.
func Naive(day int32, touches []schema.Touch) History {
	return &naive{day, touches}
}

// Once leaves of the copies of a touch that several accounts logged the one that says most
// of who it was.
func Once(touches []schema.Touch) []schema.Touch {
	type copied struct {
		shared, table, item string
		index, day          int32
	}
	all := slices.Clone(touches)
	slices.SortStableFunc(all, func(a, b schema.Touch) int {
		return cmp.Or(cmp.Compare(a.EventTime, b.EventTime), cmp.Compare(a.EventID, b.EventID))
	})
	best := map[copied]int{}
	rank := func(t *schema.Touch) string {
		rank := "a"
		if t.RecipientAccountID != t.PrincipalAccountID {
			rank = "b"
		}
		if t.EventCategory == "NetworkActivity" {
			rank += "n"
		}
		return rank + " " + t.RecipientAccountID
	}
	of := func(t *schema.Touch) copied {
		return copied{t.SharedEventID, t.TableName, t.ItemKey, t.TouchIndex, schema.DayOf(t.EventTime)}
	}
	apart := func(t *schema.Touch) bool { return t.SharedEventID == "" || t.Plane == schema.PlaneInsight }
	for i := range all {
		k := of(&all[i])
		if at, ok := best[k]; !ok || rank(&all[i]) < rank(&all[at]) {
			best[k] = i
		}
	}
	var once []schema.Touch
	for i := range all {
		if apart(&all[i]) || best[of(&all[i])] == i {
			once = append(once, all[i])
		}
	}
	return once
}
