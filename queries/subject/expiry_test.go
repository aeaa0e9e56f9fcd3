package subject

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/lake/laketest"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// madeOf is a lake of rows, each with a time and an id of its own.
func madeOf(t *testing.T, rows ...schema.Touch) *lake.Lake {
	t.Helper()
	l, err := lake.Create(t.Context(), objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		r, op := &rows[i], schema.Classify(rows[i].EventName)
		r.EventTime, r.EventID, r.EventSource, r.TouchCount = start+int64(i)*1_000_000, "event-"+string(rune('a'+i)), "dynamodb.amazonaws.com", 1
		r.Op, r.Mutates, r.RecipientAccountID, r.AWSRegion = op.Op, op.Mutates, "111122223333", "eu-west-1"
		if r.Plane = schema.PlaneControl; op.Data {
			r.Plane = schema.PlaneData
		}
	}
	laketest.Put(t, l, rows)
	return l
}

const ordersARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"

// Where time to live was on is said, and since when.
func TestExpiry(t *testing.T) {
	l := madeOf(t,
		schema.Touch{EventName: "GetItem", Outcome: schema.OutcomeOK, TableName: "orders", TableARN: ordersARN, KeyScope: schema.ScopeItem, ItemKey: `{"pk":"42"}`, KeyValues: []string{"42"}},
		schema.Touch{EventName: "UpdateTimeToLive", Outcome: schema.OutcomeOK, TableName: "orders", TableARN: ordersARN, KeyScope: schema.ScopeTable,
			RequestParameters: `{"tableName":"orders","timeToLiveSpecification":{"attributeName":"gone","enabled":true}}`},
	)
	var on []report.Value
	for _, row := range collect(t, l, Question{Value: "42", For: Person}).Section("invisible").Tables[0].Rows {
		if strings.HasPrefix(row[4].String(), "time to live was on") {
			on = row
		}
	}
	if on == nil || on[1].String() != "orders" || on[2].String() != report.TimeOf(start+1_000_000).String() || !on[3].IsNull() {
		t.Errorf("%v", on)
	}
}

// A call that several forms of a value find counts once, as the form has it by which it is
// most certain, whichever comes first.
func TestCallOfSeveralForms(t *testing.T) {
	for _, order := range [][]queries.Likelihood{{queries.Likely, queries.NotExcluded}, {queries.NotExcluded, queries.Likely}} {
		a := &answer{Question: &Question{}, tables: &searched{byName: map[string]*tableSearch{}}}
		a.calls = calls{groups: map[callKey]*callGroup{}, by: map[queries.Likelihood]int64{}, best: map[callID]queries.Likelihood{}}
		for _, fn := range []func(*queries.Row){a.calls.weigh, a.call} {
			for _, certainty := range order {
				fn(&queries.Row{Touch: schema.Touch{EventID: "e", TableName: "orders"}, CouldHave: true, Certainty: certainty})
			}
		}
		if a.calls.count != 1 || a.calls.by[queries.Likely] != 1 || len(a.calls.groups) != 1 {
			t.Errorf("%v: %d calls, %v", order, a.calls.count, a.calls.by)
		}
	}
}
