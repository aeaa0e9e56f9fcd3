package unexpected

import (
	"encoding/csv"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// busy is a day with a bit of everything.
func busy(t testing.TB) *Answer {
	s := &story{t: t}
	s.does(api, "PutItem", "orders")
	s.does(other, "DeleteItem", "orders")
	s.does(other, "UpdateTable", "orders")
	s.does(ann, "PutItem", "payments")
	s.does(ann, "GetItem", "payments")
	s.does(ann, "GetItem", "payments", denied)
	for i := range int32(3) {
		s.does(ann, "BatchWriteItem", "orders", func(t *schema.Touch) { t.EventID, t.TouchIndex, t.TouchCount = "batch", i, 3 })
	}
	s.does(scaling, "UpdateTable", "orders")
	s.does(other, "DeleteTable", "orders", denied)
	hostile := ann
	hostile.ActorName = "=cmd|' /C calc'!A0\x1b[2J\u202eevil"
	hostile.UserAgent = "\x1b]0;x\x07/1"
	s.does(hostile, "PutItem", "orders", func(t *schema.Touch) { t.EventID = "$(reboot)" })
	a := s.answer(testPolicy)
	a.Gaps = queries.Gaps{{Kind: queries.GapUnread, What: "1 object of 2026-03-03 could not be read"}, {Kind: queries.GapSpan, What: "the lake has deliveries of 2026-03-01 to 2026-03-03"}}
	return a
}

func render(t testing.TB, a *Answer, v View) string {
	t.Helper()
	v.Policy, v.Lake = "policy.yaml", "./my lake"
	var b strings.Builder
	if err := Render(&b, a, v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRender(t *testing.T) {
	a := busy(t)
	for _, width := range []int{80, 160} {
		golden.Check(t, "unexpected/table-"+strconv.Itoa(width), render(t, a, View{Format: queries.Table, Look: queries.Look{Width: width}}))
	}
	golden.Check(t, "unexpected/table-attempts-limit", render(t, a, View{Format: queries.Table, Attempts: true, Limit: 3}))
	golden.Check(t, "unexpected/colours", strings.ReplaceAll(render(t, a, View{Format: queries.Table, Look: queries.Look{Width: 80, Colour: true}}), "\x1b", "ESC"))
	for _, f := range []queries.Format{queries.JSON, queries.JSONL, queries.CSV} {
		golden.Check(t, "unexpected/"+string(f), render(t, a, View{Format: f}))
	}
	quiet := &story{t: t}
	quiet.does(api, "PutItem", "orders")
	golden.Check(t, "unexpected/quiet", render(t, quiet.answer(testPolicy), View{Format: queries.Table, Look: queries.Look{Width: 80}}))
}

// What stands in a log moves no cursor, runs in no spreadsheet and in no shell.
func TestHostile(t *testing.T) {
	a := busy(t)
	for _, f := range queries.TopFormats {
		out := render(t, a, View{Format: f, Attempts: true})
		if strings.ContainsAny(out, "\x1b\x07\u202e") {
			t.Errorf("%s has control characters: %q", f, out)
		}
	}
	hostile := api
	hostile.ActorName, hostile.ActorKind, hostile.SessionName = "\x1b[2J\u202e", schema.ActorHuman, "\x1b]0;"
	hostile.SourceIP = "\x9b31m"
	s := &story{t: t}
	s.does(hostile, "Put\x1bItem", "or\x1bders")
	var b strings.Builder
	if err := RenderExplained(&b, []Explained{explain(a.Question.Policy, &s.rows[0])}, View{}); err != nil || strings.ContainsAny(b.String(), "\x1b\u202e") || strings.Contains(b.String(), "\x9b") {
		t.Errorf("%v %q", err, b.String())
	}
	rows, err := csv.NewReader(strings.NewReader(render(t, a, View{Format: queries.CSV}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("a spreadsheet would run %q", cell)
			}
		}
	}
	var whole struct{ Rows []map[string]any }
	if err := json.Unmarshal([]byte(render(t, a, View{Format: queries.JSON})), &whole); err != nil || len(whole.Rows) != len(a.shown(false)) {
		t.Errorf("%v, %d rows", err, len(whole.Rows))
	}
}

func TestRenderExplained(t *testing.T) {
	p, err := policy.Parse("policy.yaml", []byte(testPolicy))
	if err != nil {
		t.Fatal(err)
	}
	s := &story{t: t}
	s.does(ann, "PutItem", "payments")
	s.does(api, "PutItem", "orders")
	s.does(other, "UpdateTable", "orders")
	s.does(scaling, "UpdateTable", "orders", func(t *schema.Touch) { t.EventTime += 365 * 24 * int64(time.Hour/time.Microsecond) })
	var all []Explained
	for i := range s.rows {
		all = append(all, explain(p, &s.rows[i]))
	}
	var b strings.Builder
	if err := RenderExplained(&b, all, View{Look: queries.Look{Width: 120}}); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "unexpected/explain", b.String())
}
