package anomalies

import (
	"cmp"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/lake/laketest"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/profile"
	"github.com/keytrail/keytrail/schema"
)

// incidentDay is a Wednesday. The lake begins seven weeks before it and ends a day after.
const (
	incidentDay = "2026-03-18"
	daysBefore  = 49
	account     = "111122223333"
)

const (
	orders    = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
	customers = "arn:aws:dynamodb:eu-central-1:111122223333:table/customers"
	support   = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_DataSupport_0123456789abcdef"
)

func dayOf(t testing.TB, text string) int32 {
	t.Helper()
	day, err := schema.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

// trail is touches to fill a lake with.
type trail struct {
	day     int32
	touches []schema.Touch
}

// do adds n touches of a day, so many days from the incident, a second apart from 10:00 on.
func (r *trail) do(back, n int, who schema.Touch, table, op, name string) {
	for i := range n {
		c := who
		at := dayTime(r.day - int32(back)).Add(10*time.Hour + time.Duration(i)*time.Second)
		c.EventTime, c.EventName, c.Op = at.UnixMicro(), name, op
		c.EventID = fmt.Sprintf("event-%d", len(r.touches))
		c.EventSource, c.EventCategory, c.Plane, c.AWSRegion = "dynamodb.amazonaws.com", "Data", schema.PlaneData, "eu-central-1"
		c.Outcome = cmp.Or(c.Outcome, schema.OutcomeOK)
		c.TableARN, c.TableName, c.RecipientAccountID, c.TouchCount = table, table[len(table)-6:], account, 1
		if table == customers {
			c.TableName = "customers"
		}
		if op == schema.OpReadPoint || op == schema.OpWriteItem {
			c.ItemKey, c.KeyScope = fmt.Sprintf(`{"pk":"%d"}`, i), schema.ScopeItem
		}
		c.SourceObject = "AWSLogs/" + account + "/CloudTrail/eu-central-1/log.json.gz"
		r.touches = append(r.touches, c)
	}
}

var (
	api     = schema.Touch{Actor: "arn:aws:iam::111122223333:role/app/orders-api", ActorName: "orders-api", ActorKind: schema.ActorService, SourceIP: "10.1.2.3", UserAgent: "aws-sdk-go-v2/1.30"}
	billing = schema.Touch{Actor: "arn:aws:iam::111122223333:role/app/billing", ActorName: "billing", ActorKind: schema.ActorService, SourceIP: "10.1.9.3", UserAgent: "aws-sdk-java/2.20"}
	alice   = schema.Touch{Actor: support, ActorName: "alice@example.com", ActorKind: schema.ActorHuman, SourceIP: "198.51.100.7", UserAgent: "aws-cli/2.15"}
	bob     = schema.Touch{Actor: support, ActorName: "bob@example.com", ActorKind: schema.ActorHuman, SourceIP: "198.51.100.8", UserAgent: "aws-cli/2.15"}
)

// usual is a day of everybody's work: it differs a little from day to day.
func (r *trail) usual(back int) {
	r.do(back, 60+back*7%13, api, orders, schema.OpReadPoint, "GetItem")
	r.do(back, 30+back*5%11, api, orders, schema.OpWriteItem, "PutItem")
	r.do(back, 40+back*3%9, billing, customers, schema.OpReadPoint, "GetItem")
	if !weekend(dayTime(r.day - int32(back))) {
		r.do(back, 4+back%3, alice, customers, schema.OpReadPoint, "GetItem")
		r.do(back, 12+back%5, bob, customers, schema.OpReadPoint, "GetItem")
	}
}

// quiet is a lake in which every day is as usual.
func quiet(t testing.TB) *trail {
	r := &trail{day: dayOf(t, incidentDay)}
	for back := daysBefore; back >= -1; back-- {
		r.usual(back)
	}
	return r
}

// incident is the same with a bad day: alice reads most of a table, and is denied more than
// that; billing stops; a role that nobody knows scans.
func incident(t testing.TB) *trail {
	r := &trail{day: dayOf(t, incidentDay)}
	for back := daysBefore; back >= -1; back-- {
		if back != 0 {
			r.usual(back)
			continue
		}
		r.do(0, 62, api, orders, schema.OpReadPoint, "GetItem")
		r.do(0, 31, api, orders, schema.OpWriteItem, "PutItem")
		r.do(0, 13, bob, customers, schema.OpReadPoint, "GetItem")
		r.do(0, 400, alice, customers, schema.OpReadPoint, "GetItem")
		denied := alice
		denied.Outcome, denied.ErrorCode = schema.OutcomeDenied, "AccessDeniedException"
		r.do(0, 25, denied, orders, schema.OpReadPoint, "GetItem")
		r.do(0, 25, denied, customers, schema.OpReadBulk, "Scan")
		stranger := schema.Touch{Actor: "arn:aws:iam::999988887777:role/=cmd|calc\x1b[31m", ActorName: "=cmd|calc\x1b[31m", ActorKind: schema.ActorExternal, SourceIP: "203.0.113.9", UserAgent: "Boto3/1.34"}
		r.do(0, 3, stranger, customers, schema.OpReadBulk, "Scan")
	}
	return r
}

// lake fills a lake: touches, hourly counts, and a ledger in which every day was delivered.
func (r *trail) lake(t testing.TB) *lake.Lake {
	t.Helper()
	l, err := lake.Create(t.Context(), objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	laketest.Put(t, l, r.touches)
	counts := map[string]map[string][]lake.Count{}
	for i := range r.touches {
		v := &r.touches[i]
		day := schema.DayString(schema.DayOf(v.EventTime))
		if counts[day] == nil {
			counts[day] = map[string][]lake.Count{}
		}
		counts[day][v.TableName] = append(counts[day][v.TableName], lake.Count{Hour: time.UnixMicro(v.EventTime).UTC().Truncate(time.Hour),
			TableARN: v.TableARN, Actor: v.Actor, Op: v.Op, Outcome: v.Outcome, Count: 1})
	}
	for day, tables := range counts {
		if err := l.MergeRollup(t.Context(), day, tables); err != nil {
			t.Fatal(err)
		}
		last := dayTime(dayOf(t, day)).Add(23*time.Hour + 55*time.Minute)
		ledger(t, l, day, lake.Entry{Status: lake.Done, Records: 10, InScope: 10, Touches: 10, FirstEventTime: last.Add(-20 * time.Hour), LastEventTime: last})
	}
	return l
}

// ledger adds a log to the ledger of a delivery day.
func ledger(t testing.TB, l *lake.Lake, day string, e lake.Entry) {
	t.Helper()
	e.SourceObject = fmt.Sprintf("AWSLogs/%s/CloudTrail/eu-central-1/%s/%s.json.gz", account, day, e.Status)
	e.ETag, e.AccountID, e.AWSRegion, e.Kind, e.Attempts = "etag", account, "eu-central-1", "cloudtrail", 1
	if err := l.MergeLedger(t.Context(), day, []lake.Entry{e}); err != nil {
		t.Fatal(err)
	}
}

// kept is the history that a lake keeps.
func kept(l *lake.Lake) func(context.Context, int32) (detect.History, error) {
	return func(ctx context.Context, day int32) (detect.History, error) {
		return profile.Open(ctx, l, day, profile.MaxDays, nil)
	}
}
