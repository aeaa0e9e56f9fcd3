package detect_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/queries/anomalies"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/profile"
	"github.com/keytrail/keytrail/schema"
)

// after is the day after an act that keeps calls out of the log: by the numbers, too. It
// takes the act into the night's lake, so it comes last.
func (n *night) after(t testing.TB, a *act) *anomalies.Report {
	t.Helper()
	next := slices.DeleteFunc(n.background(n.day+1), a.hides)
	last := &call{at: at(n.day+1, 23, 59, 0), who: n.cast[workload][0], name: "GetItem", table: n.tables[worldTables-1]}
	last.request = params{"tableName": last.table.name, "key": n.key()} // the day is over
	logs := n.with(t, a)
	maps.Copy(logs, written(t, n.day+1, "b", append(next, last)))
	ingest(t, n.lake, logs)
	h, err := profile.Open(t.Context(), n.lake, n.day+1, worldBefore+n.r.IntN(2), nil) // with what the trail was set to first, or without
	if err != nil {
		t.Fatal(err)
	}
	r, err := anomalies.Ask(t.Context(), n.lake, anomalies.Question{
		Day: schema.DayString(n.day + 1), Policy: n.policy,
		History: func(context.Context, int32) (detect.History, error) { return h, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// addAfter counts what the numbers say of a table that the log leaves out: that they do
// not tell, and not that nobody works with it any more.
func (s *score) addAfter(a *act, r *anomalies.Report, world string) {
	silent := slices.IndexFunc(r.Findings, func(f schema.Finding) bool {
		return f.TableARN == a.table.arn() && (f.Detection == anomalies.Silence || f.Detection == "DDB-AUD-009")
	})
	told := r.States[anomalies.NotCovered] > 0 && r.Tested > 0 && slices.ContainsFunc(r.NotEvaluated, func(why string) bool { return strings.Contains(why, a.table.name) })
	s.unwanted.count(silent >= 0)
	s.recall.count(told)
	if silent >= 0 {
		s.wrong = append(s.wrong, fmt.Sprintf("%s: %s", world, r.Findings[silent].Explain))
	}
	if !told {
		s.wrong = append(s.wrong, fmt.Sprintf("%s: not said that %s is not covered: %v, %v", world, a.table.name, r.States, r.NotEvaluated))
	}
}
