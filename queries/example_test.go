package queries_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/object/s3"
	"github.com/keytrail/keytrail/queries"
)

// logs is what CloudTrail delivers, cut down: somebody reads an item, a function
// changes it, and somebody else may not delete it.
const logs = `{"Records": [
{"eventID": "1", "eventTime": "2026-03-02T08:14:31Z", "eventSource": "dynamodb.amazonaws.com", "eventName": "GetItem", "awsRegion": "eu-west-1",
 "userIdentity": {"type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::111122223333:user/alice", "accountId": "111122223333"},
 "requestParameters": {"tableName": "orders", "key": {"pk": "c#1", "sk": "o#9"}}},
{"eventID": "2", "eventTime": "2026-03-02T09:00:00Z", "eventSource": "dynamodb.amazonaws.com", "eventName": "UpdateItem", "awsRegion": "eu-west-1",
 "userIdentity": {"type": "IAMUser", "userName": "checkout", "arn": "arn:aws:iam::111122223333:user/checkout", "accountId": "111122223333"},
 "requestParameters": {"tableName": "orders", "key": {"sk": "o#9", "pk": "c#1"}}},
{"eventID": "3", "eventTime": "2026-03-03T03:12:07Z", "eventSource": "dynamodb.amazonaws.com", "eventName": "DeleteItem", "awsRegion": "eu-west-1",
 "userIdentity": {"type": "IAMUser", "userName": "mallory", "arn": "arn:aws:iam::111122223333:user/mallory", "accountId": "111122223333"},
 "errorCode": "AccessDenied", "requestParameters": {"tableName": "orders", "key": {"pk": "c#1", "sk": "o#9"}}}
]}`

// tinyLake ingests logs into a lake in memory.
func tinyLake(ctx context.Context) (*lake.Lake, error) {
	trail := objecttest.NewMem()
	if _, err := trail.Put(ctx, "logs.json", strings.NewReader(logs), int64(len(logs)), object.Condition{}); err != nil {
		return nil, err
	}
	l, err := lake.Create(ctx, objecttest.NewMem())
	if err != nil {
		return nil, err
	}
	e := engine.Engine{Lake: l}
	_, err = e.Ingest(ctx, engine.Request{Inputs: []engine.Input{{Source: trail}}})
	return l, err
}

// Who touched the order o#9 of the customer c#1?
func ExampleAsk() {
	ctx := context.Background()
	l, err := tinyLake(ctx)
	if err != nil {
		log.Fatal(err)
	}
	who := queries.Who{Table: "orders", Key: []queries.Member{{Name: "pk", Value: "c#1"}, {Name: "sk", Value: "o#9"}}}
	answer, err := queries.Ask(ctx, l, who, queries.Columns(who, queries.Table))
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range answer.Touches {
		fmt.Println(time.UnixMicro(t.EventTime).UTC().Format(time.DateTime), t.ActorName, t.EventName, t.ItemKey, t.Outcome)
	}
	fmt.Println("last written by", answer.LastWrite.ActorName)
	// Output:
	// 2026-03-02 08:14:31 alice GetItem {"pk":"c#1","sk":"o#9"} ok
	// 2026-03-02 09:00:00 checkout UpdateItem {"pk":"c#1","sk":"o#9"} ok
	// 2026-03-03 03:12:07 mallory DeleteItem {"pk":"c#1","sk":"o#9"} denied
	// last written by checkout
}

// As data, an answer has the lake's columns. Tell [queries.Columns] so, or the rows
// have only those that a table shows.
func ExampleRender_json() {
	ctx := context.Background()
	l, err := tinyLake(ctx)
	if err != nil {
		log.Fatal(err)
	}
	who := queries.Who{Actor: "mal*"}
	answer, err := queries.Ask(ctx, l, who, queries.Columns(who, queries.JSON))
	if err != nil {
		log.Fatal(err)
	}
	var text bytes.Buffer
	if err := queries.Render(&text, answer, queries.JSON, queries.Look{}); err != nil {
		log.Fatal(err)
	}
	var rows []struct {
		Time      time.Time `json:"event_time"`
		Actor     string    `json:"actor"`
		Error     string    `json:"error_code"`
		KeyValues []string  `json:"key_values"`
	}
	if err := json.Unmarshal(text.Bytes(), &rows); err != nil {
		log.Fatal(err)
	}
	fmt.Println(rows)
	// Output:
	// [{2026-03-03 03:12:07 +0000 UTC arn:aws:iam::111122223333:user/mallory AccessDenied [c#1 o#9]}]
}

// A lake in a bucket, with the credentials that the environment has. The answer is a
// table that may be as wide as it likes.
func ExampleAsk_bucket() {
	ctx := context.Background()
	store, err := s3.Open(ctx, "s3://my-audit-lake/keytrail", s3.Options{})
	if err != nil {
		log.Fatal(err)
	}
	l, err := lake.Open(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	who := queries.Who{Values: []string{"c#1"}, CouldHave: true, Limit: 100}
	answer, err := queries.Ask(ctx, l, who, queries.Columns(who, queries.Table))
	if err != nil {
		log.Fatal(err)
	}
	if err := queries.Render(os.Stdout, answer, queries.Table, queries.Look{}); err != nil {
		log.Fatal(err)
	}
}
