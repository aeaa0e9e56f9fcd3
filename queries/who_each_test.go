package queries

import (
	"slices"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// Each is shown all that is found, however few rows are kept.
func TestEach(t *testing.T) {
	row := func(id, event, scope string) schema.Touch {
		op := schema.Classify(event)
		touch := schema.Touch{EventID: id, EventName: event, Op: op.Op, Outcome: schema.OutcomeOK, KeyScope: scope, TouchCount: 1, TableName: "orders",
			TableARN: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", EventTime: micros(t, "2026-03-03T10:00:00Z")}
		if scope == schema.ScopeItem {
			touch.ItemKey, touch.KeyValues = `{"pk":"a"}`, []string{"a"}
		}
		return touch
	}
	var touches, calls []string
	w := Who{Values: []string{"a"}, CouldHave: true, Limit: 1}
	w.Each = func(r *Row) {
		if r.CouldHave {
			calls = append(calls, r.EventID+" "+r.Certainty.String())
		} else {
			touches = append(touches, r.EventID)
		}
	}
	a := ask(t, w, []schema.Touch{
		row("1", "PutItem", schema.ScopeItem), row("2", "GetItem", schema.ScopeItem), row("3", "GetItem", schema.ScopeItem),
		row("4", "Scan", schema.ScopeTable), row("5", "Scan", schema.ScopeTable), row("6", "Scan", schema.ScopeTable), row("7", "DescribeTable", schema.ScopeNone),
	})
	if !slices.Equal(touches, []string{"1", "2", "3"}) || !slices.Equal(calls, []string{"4 likely", "5 likely", "6 likely"}) {
		t.Errorf("shown %q and %q", touches, calls)
	}
	if len(a.Touches) != 1 || a.Count != 3 || len(a.CouldHave) != 1 || a.CouldHaveCount != 3 {
		t.Errorf("kept %d of %d touches, %d of %d calls", len(a.Touches), a.Count, len(a.CouldHave), a.CouldHaveCount)
	}
}
