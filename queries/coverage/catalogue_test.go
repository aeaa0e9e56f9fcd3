package coverage

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/lake/laketest"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Tables of the policy that the lake has nothing of are listed, those with events are not,
// and have their class; time to live is told with the time since when it is on.
func TestCatalogue(t *testing.T) {
	const text = `version: 1
tables:
  - {match: "` + orders + `", class: confidential, protected: true}
  - {match: "arn:aws:dynamodb:eu-west-1:111122223333:table/ghost", class: restricted, protected: true}
  - {match: "arn:aws:dynamodb:*:*:table/hr-*", class: restricted}
  - {match: "arn:aws:dynamodb:*:*:table/qu*", class: internal}
  - {match: "**", class: internal}
`
	p, err := policy.Parse("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Create(t.Context(), objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	row := func(event, table, request string, at int64) schema.Touch {
		op := schema.Classify(event)
		arn, _ := schema.ParseTableARN(table)
		return schema.Touch{EventID: event + table, EventTime: start + at, EventSource: "dynamodb.amazonaws.com", EventName: event, Op: op.Op, Mutates: op.Mutates, Plane: schema.PlaneControl,
			Outcome: schema.OutcomeOK, TouchCount: 1, KeyScope: schema.ScopeTable, TableARN: table, TableName: arn.Table, AWSRegion: "eu-west-1", RecipientAccountID: "111122223333", RequestParameters: request}
	}
	laketest.Put(t, l, []schema.Touch{
		row("DescribeTable", quiet, "", 0),
		row("UpdateTimeToLive", orders, `{"tableName":"orders","timeToLiveSpecification":{"attributeName":"gone","enabled":true}}`, 5_000_000),
	})
	d, err := Collect(t.Context(), l, Question{Policy: p, Tool: "test", Command: "keytrail report coverage"})
	if err != nil {
		t.Fatal(err)
	}
	s := d.Section("tables")
	var missing []string
	for _, row := range s.Table("untouched").Rows {
		missing = append(missing, row[0].String()+" "+row[1].String()+" "+row[2].String()+" "+row[3].String())
	}
	if got := strings.Join(missing, "; "); got != "ghost restricted yes the policy; arn:aws:dynamodb:*:*:table/hr-* restricted no the policy" && got != "ghost restricted yes the policy; hr-* restricted no the policy" {
		t.Errorf("untouched: %s", got)
	}
	seen := s.Table("coverage_tables")
	for _, row := range seen.Rows {
		cells := map[string]string{}
		for i, c := range seen.Columns {
			cells[c.Name] = row[i].String()
		}
		want := map[string]string{"orders": "confidential yes on 2026-03-03 00:00:05", "quiet": "internal no not known "}[cells["table"]]
		if got := cells["class"] + " " + cells["protected"] + " " + cells["ttl"] + " " + cells["ttl_since"]; got != want {
			t.Errorf("%s: %q, want %q", cells["table"], got, want)
		}
	}
	if text := s.Notes[0].Text; !strings.Contains(text, "orders since 2026-03-03 00:00:05") || !strings.Contains(text, "not known of 1 of 2 tables") {
		t.Error(text)
	}
}
