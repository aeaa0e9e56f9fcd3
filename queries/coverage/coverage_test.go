package coverage

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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
	orders = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	quiet  = "arn:aws:dynamodb:eu-west-1:111122223333:table/quiet"
	trail  = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
	start  = int64(1772496000) * 1_000_000 // 2026-03-03
	// snapshot names the one trail, which logs all.
	snapshot = `{"trailList":[{"TrailARN":"` + trail + `","HomeRegion":"eu-west-1","IsMultiRegionTrail":true}]}
{"TrailARN":"` + trail + `","AdvancedEventSelectors":[
 {"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]},
 {"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::DynamoDB::Table"]}]}]}`
)

// made is a lake of six days: a busy table and one that is described alone. On the third
// day the trail is stopped, on the fifth it is started again.
func made(t *testing.T) *lake.Lake {
	t.Helper()
	l, err := lake.Create(t.Context(), objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	var rows []schema.Touch
	add := func(day, hour int, event, arn string) *schema.Touch {
		op := schema.Classify(event)
		table, _ := schema.ParseTableARN(arn)
		rows = append(rows, schema.Touch{
			EventID: fmt.Sprintf("event-%03d", len(rows)), EventTime: start + int64(day)*dayMicros + int64(hour)*int64(time.Hour/time.Microsecond), EventSource: "dynamodb.amazonaws.com",
			EventName: event, Op: op.Op, Mutates: op.Mutates, Plane: schema.PlaneControl, Outcome: schema.OutcomeOK, TouchCount: 1, KeyScope: op.Scope,
			TableARN: arn, TableName: table.Table, AWSRegion: "eu-west-1", RecipientAccountID: "111122223333", Actor: "a", ActorName: "a", ActorKind: schema.ActorService,
		})
		touch := &rows[len(rows)-1]
		if op.Data {
			touch.Plane = schema.PlaneData
		}
		return touch
	}
	for _, day := range []int{0, 1, 2, 5} {
		add(day, 1, "GetItem", orders)
		add(day, 2, "PutItem", orders)
	}
	add(1, 3, "Query", orders).Outcome = schema.OutcomeDenied
	add(1, 4, "GetRecords", orders)
	add(1, 5, "BatchGetItem", orders).KeyScope = schema.ScopeUnknown
	add(0, 1, "DescribeTable", quiet)
	add(0, 1, "UpdateTable", quiet)
	for day, call := range map[int]string{2: "StopLogging", 4: "StartLogging"} {
		c := add(day, 12, call, "")
		c.EventSource, c.Plane, c.Op, c.RequestParameters = "cloudtrail.amazonaws.com", schema.PlaneTrail, schema.OpAudit, `{"name":"`+trail+`"}`
	}
	laketest.Put(t, l, rows)
	for day := range 6 {
		name := schema.DayString(int32(start/dayMicros) + int32(day))
		e := lake.Entry{SourceObject: fmt.Sprintf("AWSLogs/111122223333/CloudTrail/eu-west-1/%s/log.json.gz", name), ETag: "e", AccountID: "111122223333", AWSRegion: "eu-west-1",
			Kind: "cloudtrail", Status: lake.Done, Attempts: 1, Records: 10, InScope: 10, Touches: 10}
		if day == 1 {
			e.Status, e.Error, e.Records, e.InScope, e.Touches = lake.Failed, "gunzip: truncated", 0, 0, 0
		}
		if err := l.MergeLedger(t.Context(), name, []lake.Entry{e}); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func collect(t *testing.T, trails []byte) *report.Document {
	t.Helper()
	d, err := Collect(t.Context(), made(t), Question{Trails: trails, Tool: "test", Command: "keytrail report coverage"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestReport(t *testing.T) {
	for name, trails := range map[string][]byte{"known": []byte(snapshot), "unknown": nil} {
		var out, again bytes.Buffer
		if err := report.WriteText(&out, collect(t, trails), queries.Look{Width: 200}); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, "coverage/"+name, out.String())
		if err := report.WriteText(&again, collect(t, trails), queries.Look{Width: 200}); err != nil || again.String() != out.String() {
			t.Errorf("made twice, it is not the same: %v", err)
		}
	}
}

// Each day of each table is in the state that the settings, the deliveries and the touches
// come to.
func TestStates(t *testing.T) {
	for _, c := range []struct {
		name   string
		trails []byte
		want   map[string]string
	}{
		{"known", []byte(snapshot), map[string]string{"orders": "●!◐✕◐●", "quiet": "○!◐✕◐○"}},
		// Nothing is known before the trail is stopped, nor of other trails.
		{"unknown", nil, map[string]string{"orders": "•!◐✕◐•", "quiet": "?!◐✕◐?"}},
	} {
		p := collect(t, c.trails).Section("summary").Plots[0]
		if len(p.Rows) != 2 {
			t.Fatalf("%d tables", len(p.Rows))
		}
		for _, row := range p.Rows {
			signs := ""
			for _, v := range row.Values {
				signs += p.States[int(v)].Sign
			}
			if name, _, _ := strings.Cut(row.Name, " "); signs != c.want[name] {
				t.Errorf("%s: %s is %s, want %s", c.name, name, signs, c.want[name])
			}
		}
	}
}

func TestBadSnapshot(t *testing.T) {
	if _, err := Collect(t.Context(), made(t), Question{Trails: []byte("{")}); err == nil || !strings.Contains(err.Error(), "snapshot of the trails: answer 1") {
		t.Error(err)
	}
}

// A report is of one state of the lake, or is none.
func TestUnchanged(t *testing.T) {
	l := made(t)
	before, err := Head(t.Context(), l)
	if err != nil || before != (lake.Head{}) {
		t.Fatal(before, err)
	}
	if err := Unchanged(t.Context(), l, before); err != nil {
		t.Error(err)
	}
	day := int32(start / dayMicros)
	_, err = l.AppendJournal(t.Context(), lake.Commit{Head: lake.Head{Number: 1}, At: time.UnixMicro(start),
		Changes: []lake.Change{{Partition: schema.Partition{Table: "orders", Day: day}, NewSHA256: strings.Repeat("a", 64), Rows: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := Unchanged(t.Context(), l, before); !errors.Is(err, ErrChanging) {
		t.Error(err)
	}
}

func TestEmptyLake(t *testing.T) {
	l, err := lake.Create(t.Context(), objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	d, err := Collect(t.Context(), l, Question{})
	if err != nil || d.Status.Level != report.Unknown {
		t.Errorf("%v %+v", err, d)
	}
}

func TestLogging(t *testing.T) {
	at := func(n int64) time.Time {
		if n == 0 {
			return time.Time{}
		}
		return time.UnixMicro(n)
	}
	interval := func(trail string, from, to int64, logged detect.Logged) detect.Interval {
		return detect.Interval{Trail: trail, Table: orders, Class: detect.DataReads, From: at(from), To: at(to), Logged: logged}
	}
	for _, c := range []struct {
		name string
		all  []detect.Interval
		want []Span
	}{
		{"no trail", nil, []Span{{0, 0, detect.LoggedUnknown}}},
		{"one, from some time on", []detect.Interval{interval("a", 5, 0, detect.LoggedYes)}, []Span{{0, 5, detect.LoggedUnknown}, {5, 0, detect.LoggedYes}}},
		{"the trail that logs most counts", []detect.Interval{interval("a", 0, 10, detect.LoggedYes), interval("a", 10, 0, detect.LoggedNo), interval("b", 0, 20, detect.LoggedNo), interval("b", 20, 0, detect.LoggedPartly)},
			[]Span{{0, 10, detect.LoggedYes}, {10, 20, detect.LoggedNo}, {20, 0, detect.LoggedPartly}}},
		{"alike are one", []detect.Interval{interval("a", 0, 10, detect.LoggedYes), interval("b", 10, 0, detect.LoggedYes)}, []Span{{0, 0, detect.LoggedYes}}},
	} {
		if got := Logging(c.all, orders, detect.DataReads); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	spans := []Span{{0, 10, detect.LoggedYes}, {10, 20, detect.LoggedNo}, {20, 0, detect.LoggedYes}}
	for _, c := range []struct {
		from, to    int64
		least, most detect.Logged
	}{{0, 10, detect.LoggedYes, detect.LoggedYes}, {5, 11, detect.LoggedNo, detect.LoggedYes}, {12, 20, detect.LoggedNo, detect.LoggedNo}, {20, 30, detect.LoggedYes, detect.LoggedYes}} {
		if least, most := Within(spans, c.from, c.to); least != c.least || most != c.most {
			t.Errorf("%d to %d: %s, %s", c.from, c.to, least, most)
		}
	}
}

// Names of tables that somebody makes up take no more memory than so many do.
func TestManyTables(t *testing.T) {
	f := &Facts{}
	g := gathering{facts: f, tables: map[tableID]*Table{}}
	for i := range maxTables + 10 {
		for range 2 {
			g.touch(&schema.Touch{TableName: fmt.Sprintf("made-up-%d", i), Plane: schema.PlaneControl}, 1)
		}
	}
	if len(g.tables) != maxTables || f.Untold != 20 || f.Touches != 2*(maxTables+10) {
		t.Errorf("%d tables, %d untold of %d", len(g.tables), f.Untold, f.Touches)
	}
}
