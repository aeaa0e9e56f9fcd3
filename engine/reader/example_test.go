package reader_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// logs is a batch of three reads, as CloudTrail logs it, cut down.
const logs = `{"Records": [
{"eventID": "1", "eventTime": "2026-03-02T08:14:31Z", "eventSource": "dynamodb.amazonaws.com", "eventName": "BatchGetItem", "awsRegion": "eu-west-1",
 "userIdentity": {"type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::111122223333:user/alice", "accountId": "111122223333"},
 "requestParameters": {"requestItems": {"orders": {"keys": [{"pk": "c#1"}, {"pk": "c#2"}]}, "customers": {"keys": [{"pk": "c#1"}]}}}}
]}`

// Which items with the key value c#1 were touched, and in which tables?
func ExampleScan() {
	ctx := context.Background()
	trail := objecttest.NewMem()
	if _, err := trail.Put(ctx, "logs.json", strings.NewReader(logs), int64(len(logs)), object.Condition{}); err != nil {
		log.Fatal(err)
	}
	l, err := lake.Create(ctx, objecttest.NewMem())
	if err != nil {
		log.Fatal(err)
	}
	e := engine.Engine{Lake: l}
	if _, err := e.Ingest(ctx, engine.Request{Inputs: []engine.Input{{Source: trail}}}); err != nil {
		log.Fatal(err)
	}

	query := reader.Query{
		Where:   []reader.Condition{reader.KeyValue("c#1")},
		Columns: []int{schema.ColumnIndex("event_name"), schema.ColumnIndex("item_key")},
	}
	stats, err := reader.Scan(ctx, l, query, func(batch arrow.Record, p schema.Partition) error {
		// A batch has the columns in the lake's order, whatever the query's.
		events, keys := batch.Column(0).(*array.String), batch.Column(1).(*array.String)
		for i := range keys.Len() {
			fmt.Println(p.Table, p.DayString(), events.Value(i), keys.Value(i))
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Rows, "rows")
	// Output:
	// customers 2026-03-02 BatchGetItem {"pk":"c#1"}
	// orders 2026-03-02 BatchGetItem {"pk":"c#1"}
	// 2 rows
}
