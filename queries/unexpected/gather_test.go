package unexpected

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

const testPolicy = `version: 1
defaults: {grace: 7d}
tables:
  - {match: "**:table/payments", class: restricted, protected: true, frameworks: [pci], owner: payments}
rules:
  - {id: AL-1, effect: allow, who: {role: "arn:aws:iam::111122223333:role/app/orders-api"}, ops: [WRITE_ITEM, READ_POINT], reason: the API, owner: o, expires: 2026-12-31}
  - {id: AL-2, effect: allow, who: {kind: [service]}, tables: ["**:table/orders"], ops: [DELETE_ITEM], reason: a clean-up, owner: o, expires: 2026-03-01}
  - {id: AL-3, effect: allow, who: {kind: [service]}, tables: ["**:table/orders"], ops: [SCHEMA], reason: long over, owner: o, expires: 2026-01-31}
  - {id: AL-4, effect: allow, who: {kind: [external]}, ops: [DESTROY], reason: nobody, owner: o, expires: 2026-12-31}
  - {id: DN-1, effect: deny, who: {kind: [human]}, tables: ["**:table/payments"], ops: [WRITE_ITEM], reason: no manual edits}
`

// Callers.
var (
	api   = schema.Touch{Actor: "arn:aws:iam::111122223333:role/app/orders-api", ActorName: "orders-api", ActorKind: schema.ActorService, PrincipalType: "AssumedRole", UserAgent: "aws-sdk-go-v2/1.30", SourceIP: "10.0.1.7"}
	other = schema.Touch{Actor: "arn:aws:iam::111122223333:role/batch", ActorName: "batch", ActorKind: schema.ActorService, PrincipalType: "AssumedRole", UserAgent: "Boto3/1.30", SourceIP: "10.0.2.7"}
	ann   = schema.Touch{Actor: "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Support_0123456789abcdef", ActorName: "ann@example.com", ActorKind: schema.ActorHuman,
		PrincipalType: "AssumedRole", UserAgent: "Mozilla/5.0 Firefox/147.0", SourceIP: "203.0.113.7", Console: schema.True}
	scaling = schema.Touch{Actor: "arn:aws:iam::111122223333:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
		ActorName: "dynamodb.application-autoscaling.amazonaws.com", ActorKind: schema.ActorAWS, PrincipalType: "AssumedRole", SourceIP: "dynamodb.application-autoscaling.amazonaws.com"}
)

// story is what happens in a test, row by row.
type story struct {
	t    testing.TB
	rows []schema.Touch
}

// does adds a successful call of somebody.
func (s *story) does(who schema.Touch, event, table string, more ...func(*schema.Touch)) {
	touch := who
	op := schema.Classify(event)
	at, err := time.Parse(time.RFC3339, "2026-03-03T10:00:00Z")
	if err != nil {
		s.t.Fatal(err)
	}
	touch.EventTime = at.Add(time.Duration(len(s.rows)) * time.Second).UnixMicro()
	touch.EventID = fmt.Sprintf("event-%02d", len(s.rows))
	touch.EventName, touch.Op, touch.Mutates, touch.Outcome, touch.TouchCount = event, op.Op, op.Mutates, schema.OutcomeOK, 1
	if touch.Plane = schema.PlaneControl; op.Data {
		touch.Plane = schema.PlaneData
	}
	touch.TableName, touch.AWSRegion = table, "eu-west-1"
	touch.TableARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/" + table
	touch.RecipientAccountID, touch.PrincipalAccountID = "111122223333", "111122223333"
	for _, change := range more {
		change(&touch)
	}
	s.rows = append(s.rows, touch)
}

func denied(t *schema.Touch) { t.Outcome, t.ErrorCode = schema.OutcomeDenied, "AccessDeniedException" }

// answer judges the story, in the lake's order.
func (s *story) answer(text string) *Answer {
	s.t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(text))
	if err != nil {
		s.t.Fatal(err)
	}
	a := &Answer{Question: Question{Policy: p}, Reach: Reach{"2026-03-01", "2026-03-03"}, areas: areas{}}
	day, _ := schema.ParseDay("2026-03-03")
	a.Span.From, a.Span.To = int64(day)*dayMicros, int64(day+1)*dayMicros
	g := newGatherer(a)
	rows := slices.Clone(s.rows)
	slices.SortStableFunc(rows, func(a, b schema.Touch) int { return strings.Compare(a.TableName, b.TableName) })
	for i := range rows {
		if err := g.touch(&rows[i], schema.PartitionOf(&rows[i])); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := g.end(); err != nil {
		s.t.Fatal(err)
	}
	return a
}

// told is an answer's groups, one a line.
func told(a *Answer) string {
	var b strings.Builder
	for i := range a.Groups {
		g := &a.Groups[i]
		fmt.Fprintf(&b, "%s %s %s %s %s %s: %d calls, %d touches, %d denied, %d failed\n", g.Severity, g.Verdict.Effect, g.Verdict.RuleID(), g.Principal[strings.LastIndexByte(g.Principal, '/')+1:], g.TableName, g.Op,
			g.Calls, g.Touches, g.Denied, g.Failed)
	}
	return b.String()
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestGroups(t *testing.T) {
	s := &story{t: t}
	s.does(api, "PutItem", "orders") // expected
	s.does(api, "Scan", "orders")    // a read of a table that needs no care
	s.does(other, "DeleteItem", "orders")
	s.does(other, "UpdateTable", "orders") // by a rule long over
	s.does(ann, "PutItem", "payments")
	s.does(ann, "GetItem", "payments")
	s.does(ann, "GetItem", "payments", denied)
	s.does(ann, "PutItem", "orders")
	for i := range int32(3) { // one call of three items
		s.does(ann, "BatchWriteItem", "orders", func(t *schema.Touch) { t.EventID, t.TouchIndex, t.TouchCount = "batch", i, 3 })
	}
	s.does(scaling, "UpdateTable", "orders")
	s.does(scaling, "DeleteTable", "orders") // that is not what it is there for
	s.does(other, "DeleteTable", "orders", denied)
	a := s.answer(testPolicy)
	expect(t, told(a), `critical denied DN-1 ann@example.com payments WRITE_ITEM: 1 calls, 1 touches, 0 denied, 0 failed
medium none  ann@example.com payments READ_POINT: 1 calls, 1 touches, 1 denied, 0 failed
high none  AWSServiceRoleForApplicationAutoScaling_DynamoDBTable orders DESTROY: 1 calls, 1 touches, 0 denied, 0 failed
high none  batch orders SCHEMA: 1 calls, 1 touches, 0 denied, 0 failed
high none  batch orders DESTROY: 0 calls, 0 touches, 1 denied, 0 failed
medium none  ann@example.com orders WRITE_ITEM: 2 calls, 4 touches, 0 denied, 0 failed
medium expired AL-2 batch orders DELETE_ITEM: 1 calls, 1 touches, 0 denied, 0 failed
`)
	if a.Expected != 1 || a.Concerned != 11 || a.Judged != 14 || a.Worst() != schema.SeverityCritical {
		t.Errorf("%d of %d expected, %d judged, worst %s", a.Expected, a.Concerned, a.Judged, a.Worst())
	}
	if len(a.Services) != 1 || a.Services[0] != (ServiceWork{"dynamodb.application-autoscaling.amazonaws.com", 1}) {
		t.Errorf("services %v", a.Services)
	}
	var uses []string
	for _, u := range a.Rules {
		uses = append(uses, fmt.Sprintf("%s:%d/%d %v", u.Rule.ID, u.Touches, u.Late, u.Over))
	}
	expect(t, strings.Join(uses, "\n")+"\n", "AL-1:1/0 false\nAL-2:1/1 true\nAL-3:1/1 true\nAL-4:0/0 false\nDN-1:1/0 false\n")
	if a.Groups[3].Lapsed == nil || a.Groups[3].Lapsed.ID != "AL-3" {
		t.Errorf("lapsed %v", a.Groups[3].Lapsed)
	}
	if len(a.Ruleless) != 1 || !strings.Contains(a.Ruleless[0].Key, "AutoScaling") {
		t.Errorf("without a rule: %v", a.Ruleless)
	}
}

// What is only denied is no finding, and what AWS does for its own is not expected where a
// rule forbids it.
func TestAttemptsAndDeniedServices(t *testing.T) {
	s := &story{t: t}
	s.does(other, "DeleteTable", "orders", denied)
	if a := s.answer(testPolicy); a.Worst() != 0 || len(a.shown(false)) != 0 || len(a.shown(true)) != 1 {
		t.Error(told(a))
	}
	s = &story{t: t}
	s.does(scaling, "UpdateTable", "orders")
	a := s.answer("version: 1\nrules:\n  - {id: D, effect: deny, who: {kind: [aws]}, ops: [SCHEMA], reason: r}\n")
	if a.Worst() != schema.SeverityHigh || a.Groups[0].Verdict.RuleID() != "D" || len(a.Services) != 0 {
		t.Error(told(a))
	}
}

// Of the records of a call across accounts the caller's counts, in any order; without it
// the owner's does, once.
func TestCopies(t *testing.T) {
	share := func(id string) func(*schema.Touch) {
		return func(t *schema.Touch) {
			t.SharedEventID, t.PrincipalAccountID, t.RecipientAccountID = id, "222233334444", "222233334444"
		}
	}
	owner := func(id string) func(*schema.Touch) {
		return func(t *schema.Touch) { t.SharedEventID, t.PrincipalAccountID = id, "222233334444" }
	}
	foreign := schema.Touch{Actor: "222233334444:AROAX", ActorName: "222233334444", ActorKind: schema.ActorExternal, PrincipalType: "AWSAccount"}
	s := &story{t: t}
	s.does(foreign, "PutItem", "orders", owner("one"))
	s.does(other, "PutItem", "orders", share("one"))
	s.does(other, "PutItem", "orders", share("two"))
	s.does(foreign, "PutItem", "orders", owner("two"))
	s.does(foreign, "PutItem", "orders", owner("three"))
	s.does(foreign, "PutItem", "orders", owner("three"))
	s.does(api, "PutItem", "orders", share("four")) // which a rule allows
	s.does(foreign, "PutItem", "orders", owner("four"))
	s.does(foreign, "PutItem", "payments", owner("one")) // another table: another call
	a := s.answer(testPolicy)
	expect(t, told(a), `high none  222233334444:AROAX payments WRITE_ITEM: 1 calls, 1 touches, 0 denied, 0 failed
medium none  222233334444:AROAX orders WRITE_ITEM: 1 calls, 1 touches, 0 denied, 0 failed
medium none  batch orders WRITE_ITEM: 2 calls, 2 touches, 0 denied, 0 failed
`)
	if a.Copies != 4 || a.Expected != 1 || a.Concerned != 5 {
		t.Errorf("%d copies, %d of %d expected", a.Copies, a.Expected, a.Concerned)
	}
}

// A rule that forbids what the owner's record tells of is heard, whatever the caller's says.
func TestForbiddenCopy(t *testing.T) {
	s := &story{t: t}
	s.does(schema.Touch{Actor: "222233334444:AROAX", ActorKind: schema.ActorExternal}, "PutItem", "orders", func(t *schema.Touch) { t.SharedEventID, t.PrincipalAccountID = "one", "222233334444" })
	s.does(api, "PutItem", "orders", func(t *schema.Touch) { t.SharedEventID = "one" })
	a := s.answer(strings.Replace(testPolicy, "kind: [human]}, tables: [\"**:table/payments\"]", "kind: [external]}", 1))
	if len(a.Groups) != 1 || a.Groups[0].Verdict.RuleID() != "DN-1" || a.Copies != 0 {
		t.Error(told(a))
	}
}

// Nor does it matter whether another copy, which no rule forbids, came before.
func TestForbiddenCopyAfterAnother(t *testing.T) {
	s := &story{t: t}
	for _, kind := range []string{schema.ActorUnknown, schema.ActorExternal} {
		s.does(schema.Touch{Actor: "222233334444:AROAX", ActorKind: kind}, "PutItem", "orders", func(t *schema.Touch) { t.SharedEventID, t.PrincipalAccountID = "one", "222233334444" })
	}
	a := s.answer(strings.Replace(testPolicy, "kind: [human]}, tables: [\"**:table/payments\"]", "kind: [external]}", 1))
	if len(a.Groups) != 2 || a.Groups[0].Verdict.RuleID() != "DN-1" {
		t.Error(told(a))
	}
}

// What both records of a call say alike counts once, be it forbidden or allowed.
func TestCopiesJudgedAlike(t *testing.T) {
	owner := func(t *schema.Touch) { t.SharedEventID, t.PrincipalAccountID = "one", "222233334444" }
	caller := func(t *schema.Touch) { owner(t); t.RecipientAccountID = "222233334444" }
	for _, effect := range []string{"deny", "allow"} {
		s := &story{t: t}
		s.does(other, "PutItem", "orders", owner)
		s.does(other, "PutItem", "orders", caller)
		s.does(other, "PutItem", "orders", owner) // once more
		a := s.answer("version: 1\nrules:\n  - {id: R, effect: " + effect + ", who: {kind: [service]}, ops: [WRITE_ITEM], reason: r, owner: o, expires: 2026-12-31}\n")
		want := map[string]string{"deny": "high denied R batch orders WRITE_ITEM: 1 calls, 1 touches, 0 denied, 0 failed\n"}[effect]
		expect(t, told(a), want)
		if a.Concerned != 1 || a.Copies != 2 || (a.Expected == 1) != (effect == "allow") {
			t.Errorf("%s: %d copies, %d of %d expected", effect, a.Copies, a.Expected, a.Concerned)
		}
	}
}

// Groups that differ in the actor alone, as when a permission set is provisioned anew, have
// an order, too.
func TestGroupsHaveOneOrder(t *testing.T) {
	s := &story{t: t}
	for i := range 8 {
		who := ann
		who.Actor = fmt.Sprintf("%s%d", ann.Actor[:len(ann.Actor)-1], i)
		s.does(who, "PutItem", "orders")
	}
	for range 5 {
		for i, g := range s.answer(testPolicy).Groups {
			if want := s.rows[i].Actor; g.Actor != want {
				t.Fatalf("group %d is %s, not %s", i, g.Actor, want)
			}
		}
	}
}

func TestTooManyGroups(t *testing.T) {
	p, err := policy.Parse("p.yaml", []byte("version: 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	g := newGatherer(&Answer{Question: Question{Policy: p, MaxGroups: 10}, areas: areas{}})
	s := &story{t: t}
	for i := range 11 {
		s.does(other, "PutItem", fmt.Sprintf("table-%d", i))
	}
	for i := range s.rows {
		err = g.touch(&s.rows[i], schema.PartitionOf(&s.rows[i]))
	}
	if err == nil || !strings.Contains(err.Error(), "more than 10") {
		t.Error(err)
	}
}
