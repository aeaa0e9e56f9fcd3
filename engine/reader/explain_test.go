package reader

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

// What is explained is the same every time, and adds up.
func TestExplain(t *testing.T) {
	all := sample(2000)
	l := newLake(t, objecttest.NewMem(), all)
	split := schema.Partition{Table: "orders", Day: day0 + 1}
	for bucket := 3; bucket >= 0; bucket-- {
		put(t, l, split, bucket, 4, all[split])
	}
	first := int64(day0) * 86_400_000_000
	for name, q := range map[string]Query{
		"all":     {},
		"key":     {Table: "orders", Key: []schema.KeyMember{{Name: "pk", Value: "17"}, {Name: "sk", Value: "1"}}},
		"names":   {Table: "orders", Key: []schema.KeyMember{{Name: "id", Value: "17"}, {Name: "sk", Value: "1"}}},
		"item":    {Table: "orders", Where: []Condition{ItemKey(`{"pk":"17","sk":"1"}`)}},
		"value":   {Where: []Condition{KeyValue("17")}, From: first + 86_400_000_000},
		"nothing": {Table: "orders", Key: []schema.KeyMember{{Name: "pk", Value: "no such value"}}},
		"time":    {From: first, To: first + 1},
		"absent":  {Table: "absent"},
	} {
		t.Run(name, func(t *testing.T) {
			var before string
			for range 3 {
				_, stats, err := scan(l, q)
				if err != nil {
					t.Fatal(err)
				}
				text := stats.Explain(&object.Usage{Requests: 1234, Bytes: 5_600_000, Cached: 700})
				if before != "" && text != before {
					t.Fatalf("one time\n%s\nand another\n%s", before, text)
				}
				before = text
				if strings.Contains(stats.Explain(nil), "asked the store") {
					t.Error("requests that nobody counted")
				}
			}
			golden.Check(t, "reader/explain-"+name, before)
		})
	}
}
