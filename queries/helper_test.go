package queries

import (
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/keytrail/keytrail/schema"
)

// batchOf builds the batch that a reader would yield for touches, with some
// columns only; none means all.
func batchOf(t testing.TB, touches []schema.Touch, columns ...int) arrow.Record {
	t.Helper()
	var fields []arrow.Field
	var cols []*schema.Column
	for i := range schema.Columns {
		if len(columns) == 0 || slices.Contains(columns, i) {
			cols = append(cols, &schema.Columns[i])
			fields = append(fields, schema.Arrow.Field(i))
		}
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for i := range touches {
		for j, c := range cols {
			appendCell(b.Field(j), c, &touches[i])
		}
	}
	rec := b.NewRecord()
	t.Cleanup(rec.Release)
	return rec
}

// ask gathers the answer to w from touches, which may be of several tables and
// days.
func ask(t testing.TB, w Who, touches []schema.Touch) *Answer {
	t.Helper()
	c := NewCollector(w)
	for _, named := range []bool{true, false} { // as [Ask] reads them
		for i := range touches {
			p := schema.PartitionOf(&touches[i])
			if f := newFilter(w); (f.Table == "" || f.Table == p.Table) && named == (touches[i].KeyScope == schema.ScopeItem) {
				c.Add(p, batchOf(t, touches[i:i+1]))
			}
		}
	}
	return c.Answer()
}

func micros(t testing.TB, s string) int64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMicro()
}

func key(t testing.TB, raw string) (string, []string) {
	t.Helper()
	text, values, ok := schema.ItemKey([]byte(raw))
	if !ok {
		t.Fatalf("%s is no key", raw)
	}
	return text, values
}

const arnPrefix = "arn:aws:dynamodb:eu-west-1:111122223333:table/"

// history is a small lake: what happened to customer 1042, and some noise.
func history(t testing.TB) []schema.Touch {
	engineer := schema.Touch{Actor: "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_ProductionSupport_6f0c1a2b3d4e5f60",
		ActorName: "maren.holt@example.com", ActorKind: schema.ActorHuman, SourceIP: "203.0.113.77", Console: schema.True,
		UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0"}
	service := schema.Touch{Actor: "arn:aws:iam::111122223333:role/checkout-api-role", ActorName: "checkout-api", ActorKind: schema.ActorService,
		SourceIP: "198.18.3.4", UserAgent: "aws-sdk-js/3.971.0 ua/2.1 os/linux"}
	var touches []schema.Touch
	add := func(who schema.Touch, at, event, scope, rawKey string, change func(*schema.Touch)) {
		t.Helper()
		v := who
		v.EventTime = micros(t, at)
		v.EventID = "00000000-0000-4000-8000-" + string(rune('a'+len(touches)))
		v.EventName, v.KeyScope, v.TouchCount = event, scope, 1
		op := schema.Classify(event)
		v.Op, v.Mutates, v.Outcome = op.Op, op.Mutates, schema.OutcomeOK
		v.TableName, v.RecipientAccountID = "customers", "111122223333"
		if rawKey != "" {
			k, values := key(t, rawKey)
			v.KeyValues = values
			v.RequestParameters = `{"key":` + rawKey + `}`
			if scope == schema.ScopeItem {
				v.ItemKey = k
			}
		}
		if change != nil {
			change(&v)
		}
		v.TableARN = arnPrefix + v.TableName
		touches = append(touches, v)
	}
	const item = `{"pk":"customer#1042","sk":"profile"}`
	add(engineer, "2026-03-03T03:12:07Z", "DeleteItem", schema.ScopeItem, item, nil)
	add(service, "2026-03-02T08:14:31Z", "PutItem", schema.ScopeItem, item, func(v *schema.Touch) { v.Attributes = []string{"email", "iban", "name", "pk", "sk"} })
	add(engineer, "2026-03-03T03:08:53Z", "UpdateItem", schema.ScopeItem, item, func(v *schema.Touch) { v.Attributes = []string{"iban"} })
	add(engineer, "2026-03-03T03:01:36Z", "BatchGetItem", schema.ScopeItem, item, func(v *schema.Touch) { v.TouchIndex, v.TouchCount = 2, 8 })
	add(service, "2026-03-03T07:41:17.25Z", "UpdateItem", schema.ScopeItem, item, func(v *schema.Touch) {
		v.Outcome, v.ErrorCode, v.Attributes = schema.OutcomeFailed, "ConditionalCheckFailedException", []string{"last_login"}
	})
	add(service, "2026-03-02T08:20:00Z", "GetItem", schema.ScopeItem, `{"pk":"customer#1043","sk":"profile"}`, nil)
	add(engineer, "2026-03-03T02:53:04Z", "Scan", schema.ScopeTable, "", nil)
	add(engineer, "2026-03-03T02:59:12Z", "Query", schema.ScopeIndex, `{"tier":"VIP"}`, func(v *schema.Touch) { v.IndexName = "by-tier" })
	add(service, "2026-03-02T09:00:00Z", "Query", schema.ScopePartition, `{"pk":"customer#1042"}`, nil)
	add(service, "2026-03-02T09:00:01Z", "Query", schema.ScopePartition, `{"pk":"customer#1042","sk":"consent"}`, nil)
	add(service, "2026-03-02T09:00:02Z", "Query", schema.ScopePartition, `{"pk":"customer#7"}`, nil)
	add(service, "2026-03-02T09:00:03Z", "GetRecords", schema.ScopeStream, "", nil)
	add(engineer, "2026-03-03T03:14:40Z", "ExportTableToPointInTime", schema.ScopeTable, "", func(v *schema.Touch) {
		v.Outcome, v.ErrorCode = schema.OutcomeDenied, "AccessDenied"
	})
	add(service, "2026-03-02T10:00:00Z", "DescribeTable", schema.ScopeNone, "", nil)
	add(service, "2026-03-02T10:00:01Z", "PutItem", schema.ScopeItem, `{"pk":"customer#1042","sk":"order#7"}`, func(v *schema.Touch) { v.TableName = "orders" })
	add(service, "2026-03-02T10:00:02Z", "Scan", schema.ScopeTable, "", func(v *schema.Touch) { v.TableName = "orders" })
	return touches
}
