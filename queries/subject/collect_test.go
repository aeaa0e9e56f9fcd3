package subject

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/lake/laketest"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

const testPolicy = `version: 1
rules:
  - {id: AL-1, effect: allow, who: {kind: [service]}, purpose: to send the order, reason: the API, owner: o, expires: 2026-12-31}
  - {id: DN-1, effect: deny, who: {kind: [human]}, ops: [DELETE_ITEM], purpose: none of your business, reason: nobody, owner: o}
`

// start is 2026-03-03, in microseconds.
const start = int64(1772496000) * 1_000_000

// evil is what somebody calls himself to be seen as something else.
const evil = "=cmd|'/C calc'!A0\x1b[31m\u202eevil<script>alert(1)</script>"

// made is a lake with a person's item and what was done around it.
func made(t *testing.T) *lake.Lake {
	t.Helper()
	l, err := lake.Create(t.Context(), objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	var rows []schema.Touch
	add := func(day int, event string, who schema.Touch, scope string, values ...string) *schema.Touch {
		touch, op := who, schema.Classify(event)
		touch.EventTime, touch.EventID = start+int64(day)*dayMicros+int64(len(rows))*1_000_000, fmt.Sprintf("event-%02d", len(rows))
		touch.EventSource, touch.EventName, touch.Op, touch.Mutates, touch.Outcome, touch.TouchCount = "dynamodb.amazonaws.com", event, op.Op, op.Mutates, schema.OutcomeOK, 1
		if touch.Plane = schema.PlaneControl; op.Data {
			touch.Plane = schema.PlaneData
		}
		touch.TableName, touch.AWSRegion, touch.TableARN = "orders", "eu-west-1", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
		touch.RecipientAccountID, touch.PrincipalAccountID, touch.KeyScope = "111122223333", "111122223333", scope
		if touch.KeyValues = values; scope == schema.ScopeItem {
			touch.ItemKey = `{"pk":` + string(schema.AppendCanonicalString(nil, values[0])) + `}`
		}
		rows = append(rows, touch)
		return &rows[len(rows)-1]
	}
	api := schema.Touch{Actor: "arn:aws:iam::111122223333:role/orders-api", ActorName: "orders-api", ActorKind: schema.ActorService, SourceIP: "10.0.1.7", UserAgent: "aws-sdk-go"}
	ann := schema.Touch{Actor: "arn:aws:iam::111122223333:role/support", ActorName: "ann@example.com", ActorKind: schema.ActorHuman, SessionName: "ann@example.com", SourceIP: "203.0.113.7", UserAgent: "Mozilla/5.0", Console: schema.True}
	eve := schema.Touch{Actor: "arn:aws:iam::111122223333:user/" + evil, ActorName: evil, ActorKind: schema.ActorHuman, SourceIP: "198.51.100.9", UserAgent: evil}
	add(0, "PutItem", api, schema.ScopeItem, "USER#42")
	add(0, "GetItem", ann, schema.ScopeItem, "USER#42")
	add(0, "GetItem", ann, schema.ScopeItem, "USER#421")
	add(1, "Query", ann, schema.ScopePartition, "USER#42").Outcome = schema.OutcomeDenied
	add(1, "Query", api, schema.ScopePartition, "USER#42").RequestParameters = `{"key":{"pk":{"s":"USER#42"}}}`
	add(1, "BatchGetItem", eve, schema.ScopeItem, "USER#42").UserAgent = evil
	add(2, "Scan", eve, schema.ScopeTable)
	add(2, "Scan", eve, schema.ScopeTable)
	add(2, "ExportTableToPointInTime", ann, schema.ScopeTable).RequestParameters = `{"s3Bucket":"` + "b\u202eucket" + `"}`
	add(2, "DeleteItem", ann, schema.ScopeItem, "USER#42")
	add(3, "Scan", api, schema.ScopeTable)
	other := add(3, "GetItem", api, schema.ScopeItem, "42")
	other.TableName, other.TableARN = "invoices", "arn:aws:dynamodb:eu-west-1:111122223333:table/invoices"
	laketest.Put(t, l, rows)
	return l
}

func collect(t *testing.T, l *lake.Lake, q Question) *report.Document {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(testPolicy))
	if err != nil {
		t.Fatal(err)
	}
	q.Policy, q.Tool, q.Command = p, "test", "keytrail report subject"
	d, err := Collect(t.Context(), l, q)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func text(t *testing.T, d *report.Document) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.WriteText(&out, d, queries.Look{Width: 160}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestReports(t *testing.T) {
	l := made(t)
	base := Question{Value: "42", Patterns: []string{"USER#{value}"}, For: Investigator}
	person, weighed, nobody, key := base, base, base, base
	person.For, weighed.For, weighed.WithIdentities = Person, Person, true
	nobody.Value, nobody.Patterns = "nobody", nil
	key.Value, key.Patterns, key.Table, key.Key = "", nil, "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", []queries.Member{{Name: "pk", Value: "USER#42"}}
	key.From, key.To = start+dayMicros, start+2*dayMicros
	for name, q := range map[string]Question{"investigator": base, "person": person, "person_with_identities": weighed, "nothing": nobody, "key": key} {
		t.Run(name, func(t *testing.T) {
			d := collect(t, l, q)
			golden.Check(t, "subject/"+name, text(t, d))
			var json, again bytes.Buffer
			for _, out := range []*bytes.Buffer{&json, &again} {
				if err := report.WriteJSON(out, collect(t, l, q)); err != nil {
					t.Fatal(err)
				}
			}
			if json.String() != again.String() {
				t.Error("made twice, it is not the same")
			}
			if strings.ContainsAny(json.String(), "\x1b\u202e") || strings.Contains(json.String(), "<script") {
				t.Error("text of the log came through as it is")
			}
		})
	}
}

// Without the flag none of those who acted is in the person's report; with it their names
// are, and no more of them.
func TestPersonsReport(t *testing.T) {
	l := made(t)
	written := func(with bool) string {
		var out bytes.Buffer
		if err := report.WriteJSON(&out, collect(t, l, Question{Value: "42", Patterns: []string{"USER#{value}"}, For: Person, WithIdentities: with})); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	without, with := written(false), written(true)
	for _, identity := range []string{"ann@", "orders-api", "evil", "arn:aws", "111122223333", "203.0.113.7", "198.51", "10.0.1.7", "Mozilla", "event-", "AL-1", "ucket", "none of your business"} {
		if strings.Contains(without, identity) {
			t.Errorf("the person is told %q", identity)
		}
	}
	for _, identity := range []string{"ann@example.com", "orders-api"} {
		if !strings.Contains(with, identity) {
			t.Errorf("asked for expressly, the person is not told %q", identity)
		}
	}
	for _, identity := range []string{"203.0.113.7", "Mozilla", "event-", "AL-1"} {
		if strings.Contains(with, identity) {
			t.Errorf("asked for identities, the person is told %q", identity)
		}
	}
}

func TestAccessRecord(t *testing.T) {
	line, err := AccessRecord{User: "me\x1b[2J\u202e", Lake: "l", For: Person, Tokens: []string{"k1_aa"}}.Line()
	if err != nil {
		t.Fatal(err)
	}
	if s := string(line); strings.ContainsAny(s, "\x1b\u202e") || strings.Count(s, "\n") != 1 || !strings.Contains(s, `"tokens":["k1_aa"]`) {
		t.Errorf("%q", s)
	}
}
