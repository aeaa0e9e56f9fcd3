package anomalies

import (
	"fmt"

	"github.com/keytrail/keytrail/queries/stats"
	"github.com/keytrail/keytrail/schema"
)

// leastKeys is how many different keys are worth a comparison.
const leastKeys = 100

// breadth compares the keys that a principal reached on a table with those of the days
// before, and with how many are known of the table. A Scan or Query names no key: what
// it reached is beside that.
func (j *judging) breadth(k doer, did *doing, known float64) {
	var days []float64
	for _, n := range j.history.Distinct(usualDays, k.table, k.principal, "") {
		if n >= 0 {
			days = append(days, float64(n))
		}
	}
	if len(days) < leastDays {
		return
	}
	b := stats.NewBreadth(float64(len(did.keys)), days, known)
	person := did.kind == schema.ActorHuman || did.kind == schema.ActorRoot
	most := person && b.Most && b.Keys >= gateTimes*b.Usual // for some it is every day's work
	if !b.Wide && !most {
		return
	}
	e := &entity{table: k.table, name: did.name, actor: k.principal}
	if did.role != k.principal {
		e.role = did.role
	}
	h := hit{entity: e, id: Breadth, count: b.Keys}
	h.explain = fmt.Sprintf("%s different keys, up to %s a day before", number(b.Keys), number(b.Usual))
	if most {
		h.explain += fmt.Sprintf("; as many as %.0f %% of what anybody reached of this table in a day of late", 100*b.Share)
	}
	h.stat = stat{observed: b.Keys, expected: b.Usual, high: b.Usual, series: append(days, b.Keys)}
	j.out.hits = append(j.out.hits, h)
}
