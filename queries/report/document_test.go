package report_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/report/reporttest"
)

const moment = int64(1_767_600_000_000_000) // 2026-01-05 08:00:00

// every is a document with each kind of value and of plot; s is the text in it.
func every(s string) *report.Document {
	table := report.Table{ID: "all_kinds", Title: "All kinds " + s, Lead: s}
	row := []report.Value{
		report.TextOf(s), report.CodeOf(s), report.WordOf(s, report.Attention), report.CountOf(1234567), report.RealOf(0.25), report.ShareOf(1, 8), report.MoneyOf(12.5),
		report.TimeOf(moment), report.DayOf("2026-01-05"), report.FlagOf(true), report.ListOf([]string{s, "b"}),
	}
	for kind := report.Text; kind <= report.List; kind++ {
		table.Columns = append(table.Columns, report.Column{Name: kind.String() + "_value", Title: "A " + kind.String(), Kind: kind})
	}
	table.Add(row...)
	table.Add(make([]report.Value, len(row))...)
	plots := []report.Plot{
		{ID: "bars", Kind: report.Bars, Columns: []string{s, "b"}, Rows: []report.PlotRow{{Name: s, Values: []float64{1, math.NaN()}}}},
		{ID: "stacked", Kind: report.Stacked, Columns: []string{"a"}, Rows: []report.PlotRow{{Name: s, Values: []float64{1}}, {Values: []float64{2.5}, Level: report.Alarm}}},
		{ID: "lines", Kind: report.Lines, Columns: []string{"a"}, Rows: []report.PlotRow{{Name: s, Values: []float64{1}, Low: []float64{0}, High: []float64{math.Inf(1)}}}},
		{ID: "heat", Kind: report.Heat, Columns: []string{s}, Rows: []report.PlotRow{{Name: s, Values: []float64{0}}}},
		{ID: "matrix", Kind: report.Matrix, Columns: []string{s}, Rows: []report.PlotRow{{Name: s, Values: []float64{0}}}, States: []report.State{{Name: s, Sign: "x", Level: report.OK}}},
		{ID: "timeline", Kind: report.Timeline, Rows: []report.PlotRow{{Name: s}}, Moments: []report.Moment{{Time: moment, Text: s, Level: report.Unknown}}, From: moment - 1, To: moment + 1},
		{ID: "nothing", Kind: report.Heat},
	}
	return &report.Document{
		Kind: "compliance", Title: "A report " + s, Subtitle: s, Status: report.Note{Level: report.Attention, Text: "Complete but for gaps. " + s},
		Facts: []report.Fact{{ID: "period", Name: "Period", Value: report.TextOf(s)}, {ID: "head", Name: "State of the lake", Value: report.CodeOf("42"), Text: s}},
		Sections: []report.Section{
			{ID: "summary", Title: "Summary", Lead: "One change. " + s, Level: report.Alarm,
				Tiles: []report.Fact{{ID: "changes", Name: "Changes", Value: report.CountOf(31), Text: "1 that no rule allows", Level: report.Alarm}, {ID: "unknown", Name: "Not known", Level: report.Unknown}},
				Notes: []report.Note{{Level: report.Unknown, Text: "What TTL deletes cannot be seen. " + s}, {Text: "Plain."}}, Plots: plots, Tables: []report.Table{table}},
			{ID: "denied-access", Title: "Denied", Tables: []report.Table{{ID: "denied", Title: "Denied", Empty: "Nobody was denied.", Columns: []report.Column{{Name: "actor", Title: "Who", Kind: report.Code}}}}},
		},
	}
}

const hostile = "<script>alert(1)</script>\x1b[31m\u202e\r\n\x00\xff=1+1"

func jsonOf(t *testing.T, d *report.Document) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := report.WriteJSON(&out, d); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWriteJSON(t *testing.T) {
	d := every("plain")
	text := jsonOf(t, d)
	golden.Check(t, "report/json", string(text))
	reporttest.Valid(t, text)
	if again := jsonOf(t, d); !bytes.Equal(text, again) {
		t.Error("the same document gives other bytes the second time")
	}
}

// What the JSON says is what the document has, whatever its texts are.
func TestJSONRoundTrip(t *testing.T) {
	d := every(hostile)
	text := jsonOf(t, d)
	reporttest.Valid(t, text)
	if i := bytes.IndexFunc(bytes.ReplaceAll(text, []byte("\n"), nil), func(r rune) bool { return r < 0x20 || r == 0x202e || r == '<' }); i >= 0 {
		t.Errorf("raw hostile text at byte %d", i)
	}
	var got struct {
		Title    string
		Sections []struct {
			Tables []struct {
				Columns []struct{ Name string }
				Rows    []map[string]any
			}
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	valid := strings.ToValidUTF8(hostile, "\ufffd")
	if want := "A report " + valid; got.Title != want {
		t.Errorf("title %q, want %q", got.Title, want)
	}
	want := map[string]any{
		"text_value": valid, "code_value": valid, "word_value": valid, "count_value": 1234567.0, "real_value": 0.25, "share_value": 0.125, "money_value": 12.5,
		"time_value": "2026-01-05T08:00:00Z", "day_value": "2026-01-05", "flag_value": true, "list_value": []any{valid, "b"},
	}
	rows := got.Sections[0].Tables[0].Rows
	if len(rows) != 2 || len(rows[0]) != len(want) {
		t.Fatalf("rows %v", rows)
	}
	for name, value := range want {
		a, _ := json.Marshal(rows[0][name])
		b, _ := json.Marshal(value)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: got %s, want %s", name, a, b)
		}
		if value, there := rows[1][name]; !there || value != nil {
			t.Errorf("%s of an empty row: got %v, want null", name, value)
		}
	}
}

// The schema refuses what others could not read.
func TestSchemaRefuses(t *testing.T) {
	for _, c := range []struct{ from, to string }{
		{`"kind": "heat"`, `"kind": "pie"`}, {`"level": "alarm"`, `"level": "red"`}, {`"id": "denied-access"`, `"id": "Denied"`},
		{`"schema": "keytrail-report/1"`, `"schema": "keytrail-report/2"`}, {`"2026-01-05T08:00:00Z",`, `"2026-01-05 08:00",`}, {`"sign": "x"`, `"sign": "x", "more": 1`},
	} {
		text := jsonOf(t, every("plain"))
		changed := bytes.Replace(text, []byte(c.from), []byte(c.to), -1)
		if bytes.Equal(text, changed) {
			t.Errorf("no %s in the JSON", c.from)
		}
		if reporttest.Fault(t, changed) == nil {
			t.Errorf("the schema takes %s", c.to)
		}
	}
}

func FuzzWriteJSON(f *testing.F) {
	f.Add("plain", 1.5, int64(7))
	f.Add(hostile, math.Inf(-1), int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, s string, x float64, n int64) {
		d := every(s)
		d.Facts = append(d.Facts, report.Fact{ID: "real", Value: report.RealOf(x)}, report.Fact{ID: "count", Value: report.CountOf(n)})
		d.Sections[0].Plots[0].Rows[0].Values[1] = x
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
		reporttest.Valid(t, jsonOf(t, d))
	})
}

func TestWriteCSV(t *testing.T) {
	for name, s := range map[string]string{"csv": "plain, \"quoted\"", "csv-hostile": "=HYPERLINK(\"x\")\x1b\u202e"} {
		var out bytes.Buffer
		if err := report.WriteCSV(&out, every(s).Sections[0].Table("all_kinds")); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, "report/"+name, out.String())
	}
}

func TestWriteText(t *testing.T) {
	for name, s := range map[string]string{"text": "plain", "text-hostile": hostile} {
		var out bytes.Buffer
		if err := report.WriteText(&out, every(s), queries.Look{Width: 110}); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, "report/"+name, out.String())
	}
}

func TestCheck(t *testing.T) {
	if err := every("x").Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		fault string // part of the message
		do    func(d *report.Document)
	}{
		{`section has the id "Summary"`, func(d *report.Document) { d.Sections[0].ID = "Summary" }},
		{`two sections have the id "summary"`, func(d *report.Document) { d.Sections[1].ID = "summary" }},
		{`two tables have the id "all_kinds"`, func(d *report.Document) { d.Sections[1].Tables[0].ID = "all_kinds" }},
		{`two plots have the id "bars"`, func(d *report.Document) { d.Sections[0].Plots[1].ID = "bars" }},
		{`cover fact has the id ""`, func(d *report.Document) { d.Facts[0].ID = "" }},
		{`two section summary facts have the id "changes"`, func(d *report.Document) { d.Sections[0].Tiles[1].ID = "changes" }},
		{`column "text_value" is twice there`, func(d *report.Document) { d.Sections[0].Tables[0].Columns[1].Name = "text_value" }},
		{`row 0 has 1 values for 11 columns`, func(d *report.Document) { d.Sections[0].Tables[0].Rows[0] = make([]report.Value, 1) }},
		{`another kind in column text_value`, func(d *report.Document) { d.Sections[0].Tables[0].Rows[0][0] = report.CountOf(1) }},
		{`plot bars: there is no kind "pie"`, func(d *report.Document) { d.Sections[0].Plots[0].Kind = "pie" }},
		{`plot bars: bars of 2 rows`, func(d *report.Document) {
			d.Sections[0].Plots[0].Rows = append(d.Sections[0].Plots[0].Rows, report.PlotRow{Values: make([]float64, 2)})
		}},
		{`has 2 values for 1 columns`, func(d *report.Document) { d.Sections[0].Plots[1].Rows[0].Values = make([]float64, 2) }},
		{`between 1 lows and 0 highs`, func(d *report.Document) { d.Sections[0].Plots[2].Rows[0].High = nil }},
		{`has the state 1 of 1`, func(d *report.Document) { d.Sections[0].Plots[4].Rows[0].Values[0] = 1 }},
		{`a moment is in lane 1 of 1`, func(d *report.Document) { d.Sections[0].Plots[5].Moments[0].Lane = 1 }},
	} {
		d := every("x")
		c.do(d)
		if err := d.Check(); err == nil || !strings.Contains(err.Error(), c.fault) {
			t.Errorf("got %v, want %s", err, c.fault)
		}
	}
}

func TestFind(t *testing.T) {
	d := every("x")
	if d.Section("denied-access").Table("denied") == nil || d.Section("denied-access").Table("other") != nil || d.Section("other") != nil {
		t.Error("sections and tables are not found by their ids")
	}
}
