package policy

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// example is the file of the reference: every key there is, and no problem in it.
const example = `version: 1
defaults: {max_lifetime: 365d, grace: 7d, timezone: Europe/Berlin}
org_accounts: ["111122223333", "444455556666"]
partners: {"777788889999": {name: Acme Analytics, contract: C-88, expires: 2027-06-30}}
pipelines:
  - {role: "arn:aws:iam::111122223333:role/ci/terraform-*", networks: ["10.20.0.0/16"], sessions: ["tf-*"], agents: ["*Terraform/*"]}
break_glass: ["arn:aws:iam::*:role/break-glass/*"]
tables:
  - {match: "arn:aws:dynamodb:eu-*:111122223333:table/payments-*", class: restricted, protected: true, frameworks: [pci, sox], owner: payments}
groups:
  app_orders: ["arn:aws:iam::111122223333:role/app/orders-*"]
rules:
  - id: AL-001
    effect: allow                      # allow | deny
    who: {group: app_orders, kind: [service]}
    tables: ["arn:aws:dynamodb:eu-central-1:111122223333:table/orders"]
    ops: [READ_POINT, READ_RANGE, WRITE_ITEM]
    where: {networks: ["vpce-0abc*", "10.0.0.0/8"], regions: [eu-central-1]}
    purpose: order fulfilment
    reason: service account of the orders API
    owner: team-orders
    ticket: CHG-1201
    created: 2026-05-04
    expires: 2027-05-04
  - id: AL-014
    effect: allow
    who: {sso: {permission_set: DataSupport, persons: ["*@example.com", "!contractor-*@example.com"]}}
    tables: ["**:table/customers"]
    ops: [READ_POINT]
    when: {days: [mon, tue, wed, thu, fri], hours: "08:00-18:00"}
    limits: {distinct_keys_per_hour: 40}
    purpose: customer support
    reason: case handling
    owner: support-lead
    ticket: CHG-1310
    created: 2026-01-01
    expires: 2026-12-31
  - id: AL-020
    effect: allow
    who: {role: "arn:aws:iam::111122223333:role/batch/nightly-export", role_id: AROAEXAMPLEID}
    tables: ["**:table/orders"]
    ops: [ExportTableToPointInTime, "!Scan"]
    where: {export_buckets: [org-analytics-exports]}
    cadence: daily
    reason: analytics feed
    owner: data-platform
    ticket: CHG-1188
    created: 2026-02-01
    expires: 2027-01-31
  - id: DN-001
    effect: deny
    who: {kind: [human]}
    tables: ["**:table/payments-*"]
    ops: [WRITE_ITEM, DELETE_ITEM]
    reason: no manual edits of ledger data
`

const (
	ordersARN   = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
	paymentsARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/payments-eu"
	supportRole = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_DataSupport_0123456789abcdef"
)

func parse(t testing.TB, text string) *Policy {
	t.Helper()
	p, err := Parse("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func micros(t testing.TB, text string) int64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMicro()
}

// orders is a call that AL-001 allows.
func orders(t testing.TB) *schema.Touch {
	return &schema.Touch{EventTime: micros(t, "2026-08-03T10:00:00Z"), EventName: "PutItem", Op: schema.OpWriteItem, TableARN: ordersARN, AWSRegion: "eu-central-1",
		Actor: "arn:aws:iam::111122223333:role/app/orders-api", ActorName: "orders-api", ActorKind: schema.ActorService, PrincipalAccountID: "111122223333",
		PrincipalID: "AROAEXAMPLEORDERS:i-0abc", SessionName: "i-0abc", SourceIP: "10.1.2.3"}
}

// support is a call that AL-014 allows.
func support(t testing.TB) *schema.Touch {
	return &schema.Touch{EventTime: micros(t, "2026-08-03T10:00:00Z"), EventName: "GetItem", Op: schema.OpReadPoint, TableARN: strings.Replace(ordersARN, "orders", "customers", 1),
		Actor: supportRole, ActorName: "ann@example.com", ActorKind: schema.ActorHuman, PrincipalAccountID: "111122223333", SessionName: "ann@example.com", SourceIP: "203.0.113.7"}
}

func TestExample(t *testing.T) {
	p, problems := Read("policy.yaml", []byte(example))
	if len(problems.List) > 0 {
		t.Fatal(problems)
	}
	for name, c := range map[string]struct {
		touch *schema.Touch
		edit  func(*schema.Touch)
		want  string
	}{
		"its own":           {orders(t), nil, "allowed AL-001"},
		"through endpoint":  {orders(t), func(c *schema.Touch) { c.SourceIP, c.VPCEndpointID = "172.16.0.1", "vpce-0abc123" }, "allowed AL-001"},
		"v4 in v6":          {orders(t), func(c *schema.Touch) { c.SourceIP = "::ffff:10.1.2.3" }, "allowed AL-001"},
		"elsewhere":         {orders(t), func(c *schema.Touch) { c.SourceIP = "11.1.2.3" }, "none "},
		"another Region":    {orders(t), func(c *schema.Touch) { c.AWSRegion = "eu-west-1" }, "none "},
		"not a service":     {orders(t), func(c *schema.Touch) { c.ActorKind = schema.ActorUnknown }, "none "},
		"another path":      {orders(t), func(c *schema.Touch) { c.Actor = "arn:aws:iam::111122223333:role/app/orders-api/x" }, "none "},
		"another op":        {orders(t), func(c *schema.Touch) { c.Op, c.EventName = schema.OpDeleteItem, "DeleteItem" }, "none "},
		"on its last day":   {orders(t), func(c *schema.Touch) { c.EventTime = micros(t, "2027-05-04T23:59:59+02:00") }, "allowed AL-001"},
		"over":              {orders(t), func(c *schema.Touch) { c.EventTime = micros(t, "2027-05-05T00:00:00+02:00") }, "expired AL-001"},
		"end of grace":      {orders(t), func(c *schema.Touch) { c.EventTime = micros(t, "2027-05-11T23:59:59+02:00") }, "expired AL-001"},
		"after grace":       {orders(t), func(c *schema.Touch) { c.EventTime = micros(t, "2027-05-12T00:00:00+02:00") }, "none "},
		"support":           {support(t), nil, "allowed AL-014"},
		"contractor":        {support(t), func(c *schema.Touch) { c.ActorName = "contractor-1@example.com" }, "none "},
		"too late":          {support(t), func(c *schema.Touch) { c.EventTime = micros(t, "2026-08-03T18:00:00+02:00") }, "none "},
		"just in time":      {support(t), func(c *schema.Touch) { c.EventTime = micros(t, "2026-08-03T17:59:59+02:00") }, "allowed AL-014"},
		"on a Sunday":       {support(t), func(c *schema.Touch) { c.EventTime = micros(t, "2026-08-02T10:00:00Z") }, "none "},
		"a like-named role": {support(t), func(c *schema.Touch) { c.Actor = "arn:aws:iam::111122223333:role/DataSupport" }, "none "},
		"before 1970":       {support(t), func(c *schema.Touch) { c.TableARN, c.Op, c.EventTime = paymentsARN, schema.OpWriteItem, -1<<62 }, "denied DN-001"},
		"ledger by hand":    {support(t), func(c *schema.Touch) { c.TableARN, c.Op = paymentsARN, schema.OpWriteItem }, "denied DN-001"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.edit != nil {
				c.edit(c.touch)
			}
			for range 2 { // the second time out of the cache
				if v := p.Judge(c.touch); string(v.Effect)+" "+v.RuleID() != c.want {
					t.Errorf("got %s %s, want %s", v.Effect, v.RuleID(), c.want)
				}
			}
		})
	}
	if rule := p.Rules[1]; rule.Limits.DistinctKeysPerHour != 40 {
		t.Errorf("limits: %+v", rule.Limits)
	}
}

func TestExportBucket(t *testing.T) {
	p := parse(t, example)
	export := func(id, request string) *schema.Touch {
		return &schema.Touch{EventTime: micros(t, "2026-08-03T10:00:00Z"), EventName: "ExportTableToPointInTime", Op: schema.OpReadBulk, TableARN: ordersARN,
			Actor: "arn:aws:iam::111122223333:role/batch/nightly-export", PrincipalID: id + ":x", RequestParameters: request}
	}
	for request, want := range map[string]Effect{
		`{"s3Bucket":"org-analytics-exports"}`: Allowed, `{"S3Bucket":"org-analytics-exports"}`: Allowed,
		`{"s3Bucket":"elsewhere"}`: None, `{}`: None, ``: None, `{"s3Bucket":7}`: None,
	} {
		if v := p.Judge(export("AROAEXAMPLEID", request)); v.Effect != want {
			t.Errorf("%s: %s, want %s", request, v.Effect, want)
		}
	}
	if v := p.Judge(export("AROAANOTHER", `{"s3Bucket":"org-analytics-exports"}`)); v.Effect != None {
		t.Errorf("a role made anew is %s", v.Effect)
	}
	if at := p.Columns(); at[len(at)-1] != "request_parameters" {
		t.Errorf("columns %v", at)
	}
}

func TestNil(t *testing.T) {
	var p *Policy
	touch := orders(t)
	if v := p.Judge(touch); v.Effect != None || v.RuleID() != "" {
		t.Error(v)
	}
	if _, ok := p.Ours("1"); ok || p.TableOf("x").Match != "" || p.PartnerOf("1", "2026-01-01") != nil || p.PipelineOf(touch) != nil || p.IsBreakGlass(touch) || p.Explain(touch) != nil || p.Lapsed(touch) != nil {
		t.Error("nil knows something")
	}
}

func TestExplain(t *testing.T) {
	p := parse(t, example)
	for _, touch := range []*schema.Touch{orders(t), support(t)} {
		v := p.Judge(touch)
		for _, e := range p.Explain(touch) {
			if e.Rule == v.Rule != e.Speaks {
				t.Errorf("%s speaks: %v, verdict %s %s", e.Rule.ID, e.Speaks, v.Effect, v.RuleID())
			}
		}
	}
	touch := orders(t)
	touch.SourceIP, touch.EventTime = "192.0.2.1", micros(t, "2027-05-06T10:00:00Z")
	got := p.Explain(touch)[0]
	want := `where.networks is "192.0.2.1", not [vpce-0abc*, 10.0.0.0/8]`
	if got.Speaks || strings.Join(got.Why, "; ") != want {
		t.Errorf("got %q\nwant %q", got.Why, want)
	}
	touch.SourceIP = "10.0.0.1"
	if got := p.Explain(touch)[0]; !got.Speaks || got.Effect != Expired || !strings.HasSuffix(strings.Join(got.Why, "; "), "its last day was 2027-05-04, 1 day ago") {
		t.Errorf("%+v", got)
	}
}

func TestLapsed(t *testing.T) {
	p := parse(t, example)
	touch := orders(t)
	touch.EventTime = micros(t, "2028-05-06T10:00:00Z")
	if r := p.Lapsed(touch); r == nil || r.ID != "AL-001" {
		t.Errorf("lapsed %+v", r)
	}
	if r := p.Lapsed(orders(t)); r != nil {
		t.Errorf("%s has lapsed", r.ID)
	}
}

// Judge and TableOf are asked by several at once, with more callers than they remember.
func TestConcurrently(t *testing.T) {
	p := parse(t, example)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			touch := orders(t)
			for i := range maxCached/2 + 100 {
				touch.InvokedBy = fmt.Sprint(worker, i) // another caller to the cache
				if v := p.Judge(touch); v.RuleID() != "AL-001" {
					t.Errorf("%v", v)
					return
				}
				p.TableOf(touch.InvokedBy)
			}
		})
	}
	wg.Wait()
	if n := len(p.compiled.cache.known); n > maxCached {
		t.Errorf("%d callers are remembered", n)
	}
}
