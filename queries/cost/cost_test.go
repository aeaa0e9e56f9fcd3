package cost

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/lake/laketest"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

const (
	orders   = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	payments = "arn:aws:dynamodb:us-east-1:111122223333:table/payments"
	role     = "arn:aws:iam::111122223333:role/app/orders-api"
	evil     = "=1+1\x1b[31m\u202e<script>"
	start    = int64(1772496000) * 1_000_000 // 2026-03-03
)

// made is a lake of two days: 30 reads of orders by a role, 10 writes of payments by a
// user, a batch over both tables, 5 reads of a stream, and one call that is no data event.
func made(t *testing.T) *lake.Lake {
	t.Helper()
	l, err := lake.Create(t.Context(), objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	var rows []schema.Touch
	add := func(event, arn, actor, kind string, index int32) {
		op := schema.Classify(event)
		table, _ := schema.ParseTableARN(arn)
		touch := schema.Touch{
			EventID: fmt.Sprintf("event-%03d", len(rows)), EventTime: start + int64(len(rows)%2)*dayMicros, EventName: event, Op: op.Op, Mutates: op.Mutates, Plane: schema.PlaneControl,
			Outcome: schema.OutcomeOK, TouchIndex: index, TouchCount: 1, ReadOnly: schema.TriOf(!op.Mutates), KeyScope: op.Scope, TableARN: arn, TableName: table.Table,
			AWSRegion: table.Region, RecipientAccountID: "111122223333", Actor: actor, ActorName: actor[strings.LastIndexByte(actor, '/')+1:], ActorKind: kind,
		}
		if op.Data {
			touch.Plane = schema.PlaneData
		}
		if index > 0 {
			touch.EventID = rows[len(rows)-1].EventID
		}
		rows = append(rows, touch)
	}
	for range 30 {
		add("GetItem", orders, role, schema.ActorService, 0)
	}
	for range 10 {
		add("PutItem", payments, "arn:aws:iam::111122223333:user/"+evil, schema.ActorHuman, 0)
	}
	add("BatchGetItem", orders, role, schema.ActorService, 0)
	add("BatchGetItem", payments, role, schema.ActorService, 1)
	for range 5 {
		add("GetRecords", orders, role, schema.ActorService, 0)
	}
	add("DescribeTable", orders, role, schema.ActorService, 0)
	laketest.Put(t, l, rows)
	return l
}

func collect(t *testing.T) *report.Document {
	t.Helper()
	p, err := ParsePrices("prices.yaml", []byte("as_of: 2026-03-01\nsources: [a test]\nregions:\n  default: {data_events: 100000, management_copies: 200000, insights: 35000, storage: 1, puts: 1}\n  us-east-1: {data_events: 200000}\n"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Collect(t.Context(), made(t), Question{Prices: p, Tool: "test", Command: "keytrail report cost"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestReport(t *testing.T) {
	d := collect(t)
	var out, data, again bytes.Buffer
	if err := report.WriteText(&out, d, queries.Look{Width: 200}); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "cost/report", out.String())
	for _, to := range []*bytes.Buffer{&data, &again} {
		if err := report.WriteJSON(to, collect(t)); err != nil {
			t.Fatal(err)
		}
	}
	if data.String() != again.String() {
		t.Error("made twice, it is not the same")
	}
	if strings.ContainsAny(data.String(), "\x1b\u202e") || strings.Contains(data.String(), "<script") {
		t.Error("text of the log came through as it is")
	}
}

// An event is paid for once, at the price of its Region, with the first table it reached.
func TestCosts(t *testing.T) {
	d := collect(t)
	month := monthDays / 2 // of two days
	for _, c := range []struct {
		table  string
		row    int
		events int64
		usd    float64
	}{
		{"cost_tables", 0, 36, 36 * month}, {"cost_tables", 1, 10, 20 * month},
		{"cost_callers", 0, 36, 36 * month}, {"cost_calls", 0, 30, 30 * month}, {"cost_calls", 1, 10, 20 * month}, {"cost_calls", 2, 5, 5 * month},
	} {
		for i := range d.Sections {
			if tab := d.Sections[i].Table(c.table); tab != nil {
				row, n := tab.Rows[c.row], len(tab.Columns)
				if got := row[n-7].Int(); got != c.events {
					t.Errorf("%s row %d: %d events, want %d", c.table, c.row, got, c.events)
				}
				if got := row[n-1].Float(); got < c.usd*0.999999 || got > c.usd*1.000001 {
					t.Errorf("%s row %d: %v USD, want %v", c.table, c.row, got, c.usd)
				}
			}
		}
	}
}

// What a choice's selectors leave out is what they are said to leave out, by the code that
// reads trails' settings; management events are logged by all of them.
func TestSelectors(t *testing.T) {
	want := map[string]map[string][2]detect.Logged{ // reads and writes by table
		"Log writes only":             {orders: {detect.LoggedNo, detect.LoggedYes}, payments: {detect.LoggedNo, detect.LoggedYes}},
		"Leave out table orders":      {orders: {detect.LoggedNo, detect.LoggedNo}, payments: {detect.LoggedYes, detect.LoggedYes}},
		"Leave out GetItem":           {orders: {detect.LoggedPartly, detect.LoggedPartly}},
		"Leave out caller orders-api": {orders: {detect.LoggedPartly, detect.LoggedPartly}},
		"Leave out streams":           {orders: {detect.LoggedYes, detect.LoggedYes}, payments: {detect.LoggedYes, detect.LoggedYes}},
	}
	events := map[string]int64{"Log writes only": 36, "Leave out table orders": 31, "Leave out GetItem": 30, "Leave out caller orders-api": 36, "Leave out streams": 5}
	rows := collect(t).Section("narrower").Tables[0].Rows
	for _, row := range rows {
		change, selectors := row[0].String(), row[5].String()
		var all []selector
		if err := json.Unmarshal([]byte(selectors), &all); err != nil || len(all) == 0 || all[0].FieldSelectors[0].Equals[0] != "Management" {
			t.Fatalf("%s: %v\n%s", change, err, selectors)
		}
		tables, ok := want[change]
		if !ok {
			continue
		}
		delete(want, change)
		if row[1].Int() != events[change] {
			t.Errorf("%s: %d events less, want %d", change, row[1].Int(), events[change])
		}
		c := detect.NewCoverage()
		trail := "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t"
		snapshot := `{"trailList":[{"TrailARN":"` + trail + `","HomeRegion":"eu-west-1","IsMultiRegionTrail":true}]} {"TrailARN":"` + trail + `","AdvancedEventSelectors":` + selectors + `}`
		if err := c.Learn(strings.NewReader(snapshot)); err != nil {
			t.Fatal(err)
		}
		for table, logged := range tables {
			for i, class := range []detect.LogClass{detect.DataReads, detect.DataWrites} {
				if got := c.Of(table, class); got != logged[i] {
					t.Errorf("%s: %s of %s: %s, want %s", change, class, table, got, logged[i])
				}
			}
			if got := c.Of(table, detect.ManagementWrites); got != detect.LoggedYes {
				t.Errorf("%s: management writes of %s: %s", change, table, got)
			}
		}
	}
	for change := range want {
		t.Errorf("%q is not offered", change)
	}
}

func TestNotCaller(t *testing.T) {
	for actor, want := range map[string]string{
		role:                                  "arn:aws:sts::111122223333:assumed-role/orders-api/",
		"arn:aws-cn:iam::111122223333:role/x": "arn:aws-cn:sts::111122223333:assumed-role/x/",
		"arn:aws:iam::111122223333:user/a/b":  "arn:aws:iam::111122223333:user/a/b",
		"arn:aws:iam::111122223333:root":      "",
		"dynamodb.amazonaws.com":              "",
		"arn:aws:iam::111122223333:role/":     "",
		"":                                    "",
	} {
		if f, ok := notCaller(actor); ok != (want != "") || ok && strings.Join(append(f.NotStartsWith, f.NotEquals...), "") != want {
			t.Errorf("%q: %+v %t, want %q", actor, f, ok, want)
		}
	}
}

func TestPrices(t *testing.T) {
	p, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	if *p.of("eu-central-1").Storage != 0.0245 || *p.of("eu-central-1").DataEvents != 0.1 || *p.of("nowhere").Storage != 0.023 {
		t.Errorf("%+v", p.Regions)
	}
	const standard = "regions:\n  default: {data_events: 1, management_copies: 1, insights: 1, storage: 1, puts: 1}\n"
	for text, want := range map[string]string{
		standard:                   "as_of wants the day",
		"as_of: soon\n" + standard: "as_of wants the day",
		"as_of: 2026-01-01\n":      "wants an entry default",
		"as_of: 2026-01-01\n" + standard + "  x: {puts: -1}\n":          "p.yaml:4:13: puts of x is below 0",
		"as_of: 2026-01-01\n" + standard + "  x: {puts: .nan}\n":        "p.yaml:4:13: puts of x is no price",
		"as_of: 2026-01-01\n" + standard + "  x: {storage: .inf}\n":     "storage of x is no price",
		"as_of: 2026-01-01\n" + standard + "  x-1: {puts: -1}\n":        "p.yaml:4:15: puts of x-1 is below 0",
		"as_of: 2026-01-01\n" + standard + "  x: {puts: 1, puts: 2}\n":  "p.yaml:4:",
		"as_of: 2026-01-01\nregions:\n  default: {data_events: 1}\n":    "default has no storage",
		"as_of: 2026-01-01\nprice: 3\n" + standard:                      "unknown key",
		"as_of: 2026-01-01\nregions:\n  default: {data_events: much}\n": "p.yaml:3",
		"{": "no YAML",
	} {
		if _, err := ParsePrices("p.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
