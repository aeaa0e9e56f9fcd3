package queries

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/schema"
)

func render(t testing.TB, a *Answer, f Format, width int) string {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, a, f, Look{Width: width}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// hostileTouch is a touch whose every text tries something.
func hostileTouch(t testing.TB) schema.Touch {
	v := history(t)[0]
	v.ItemKey, v.KeyValues = key(t, `{"pk":"\u001b[2J\u202egnp.exe","a b":"=1+1"}`)
	v.ActorName = "\x1b]0;pwned\x07root"
	v.ErrorCode = "=HYPERLINK(\"http://203.0.113.1\")"
	v.Outcome = schema.OutcomeFailed
	v.UserAgent = "curl/8.0\r\nnew line \u2066hidden\u2069"
	v.Attributes = []string{"\u009b31m", "\U000e0041tag", "日本語のとても長い属性名です"}
	v.EventName = "Delete\xffItem"
	return v
}

var itemAsked = Who{Table: "customers", Key: []Member{{"pk", "customer#1042"}}}

func TestRenderGolden(t *testing.T) {
	all := history(t)
	withCouldHave := itemAsked
	withCouldHave.CouldHave = true
	limited := withCouldHave
	limited.Limit = 2
	cases := []struct {
		name   string
		answer *Answer
		format Format
		width  int
	}{
		{"table", ask(t, itemAsked, all), Table, 0},
		{"table-100", ask(t, itemAsked, all), Table, 100},
		{"table-60", ask(t, itemAsked, all), Table, 60},
		{"table-could-have", ask(t, withCouldHave, all), Table, 140},
		{"table-limit", ask(t, limited, all), Table, 140},
		{"table-all", ask(t, Who{Ops: nil, Actor: "*"}, all), Table, 0},
		{"table-hostile", ask(t, Who{Table: "customers"}, []schema.Touch{hostileTouch(t)}), Table, 120},
		{"json", ask(t, itemAsked, all[:2]), JSON, 0},
		{"jsonl-could-have", ask(t, withCouldHave, all[5:9]), JSONL, 0},
		{"csv", ask(t, itemAsked, all[1:3]), CSV, 0},
		{"csv-hostile", ask(t, Who{Table: "customers", CouldHave: true}, []schema.Touch{hostileTouch(t)}), CSV, 0},
		{"json-none", ask(t, Who{Table: "nothing"}, all), JSON, 0},
		{"csv-none", ask(t, Who{Table: "nothing"}, all), CSV, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			golden.Check(t, "queries/"+c.name, render(t, c.answer, c.format, c.width))
		})
	}
}

func TestTablesFitTheTerminal(t *testing.T) {
	a := ask(t, Who{Actor: "*"}, append(history(t), hostileTouch(t)))
	for _, width := range []int{40, 60, 80, 100, 120, 140, 200, 400} {
		for line := range strings.Lines(tableOf(a.Touches, Look{Width: width})) {
			if n := text.StringWidthWithoutEscSequences(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("a line of %d cells for %d: %q", n, width, line)
			}
		}
	}
}

func TestNothingFromTheLogReachesTheTerminalRaw(t *testing.T) {
	a := ask(t, Who{Table: "customers", CouldHave: true}, []schema.Touch{hostileTouch(t)})
	for _, f := range []Format{Table, JSON, JSONL, CSV} {
		out := render(t, a, f, 80)
		if !utf8.ValidString(out) {
			t.Errorf("%s is not UTF-8", f)
		}
		for _, r := range out {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				t.Errorf("%s has %U", f, r)
			}
		}
	}
}

func TestJSONHasEveryColumnAndSaysTheSame(t *testing.T) {
	all := history(t)
	all[0].MFA, all[0].ReadOnly = schema.False, schema.True
	all[0].RequestParameters = `{"a":"<\u2028>","n":1}`
	hostile := hostileTouch(t)
	for _, v := range []schema.Touch{all[0], all[4], hostile} {
		a := ask(t, Who{Table: v.TableName, CouldHave: true}, []schema.Touch{v})
		var rows []map[string]any
		if err := json.Unmarshal([]byte(render(t, a, JSON, 0)), &rows); err != nil || len(rows) != 1 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		row := rows[0]
		for _, c := range schema.Columns {
			want := any(nil)
			switch {
			case c.Text != nil && *c.Text(&v) != "":
				want = strings.ToValidUTF8(*c.Text(&v), "\ufffd")
			case c.Int != nil:
				want = float64(*c.Int(&v))
			case c.Flag != nil:
				want = *c.Flag(&v)
			case c.Tri != nil && *c.Tri(&v) != schema.Null:
				want = *c.Tri(&v) == schema.True
			case c.Time != nil:
				want = string(appendTime(nil, *c.Time(&v)))
			case c.List != nil && *c.List(&v) != nil:
				var list []any
				for _, s := range *c.List(&v) {
					list = append(list, s)
				}
				want = list
			}
			got, there := row[c.Name]
			if !there || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %v, want %v", c.Name, got, want)
			}
		}
		if row["table_name"] != "customers" || row["day"] != a.Touches[0].Day || row["could_have"] != false || len(row) != len(schema.Columns)+5 {
			t.Errorf("partition columns: %v %v %v of %d", row["table_name"], row["day"], row["could_have"], len(row))
		}
	}
}

func TestRowsOfNoTableHaveNoTableName(t *testing.T) {
	v := history(t)[0]
	v.TableName = "../../etc"
	a := ask(t, Who{Actor: "*"}, []schema.Touch{v})
	if out := render(t, a, JSON, 0); !strings.Contains(out, `"table_name":null`) || strings.Contains(out, "HIVE") {
		t.Error(out)
	}
}

func TestTimesHaveMicrosecondsOnlyWhereThereAreSome(t *testing.T) {
	for at, want := range map[string]string{"2026-03-03T03:12:07Z": "2026-03-03T03:12:07Z", "2026-03-03T07:41:17.25Z": "2026-03-03T07:41:17.250000Z", "1969-12-31T23:59:59.5Z": "1969-12-31T23:59:59.500000Z"} {
		if got := string(appendTime(nil, micros(t, at))); got != want {
			t.Errorf("%s became %s", at, got)
		}
	}
}

func TestCSVFieldsAreNoFormulas(t *testing.T) {
	a := ask(t, Who{Table: "customers"}, []schema.Touch{hostileTouch(t)})
	lines, err := csv.NewReader(strings.NewReader(render(t, a, CSV, 0))).ReadAll()
	if err != nil || len(lines) != 2 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	guarded := 0
	for i, cell := range lines[1] {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			t.Errorf("%s is %q", lines[0][i], cell)
		}
		if strings.HasPrefix(cell, "'=") {
			guarded++
		}
	}
	if guarded != 1 {
		t.Errorf("%d fields were guarded", guarded)
	}
}

func TestArrowStreamHoldsTheRows(t *testing.T) {
	w := itemAsked
	w.CouldHave = true
	a := ask(t, w, history(t))
	in, err := ipc.NewReader(strings.NewReader(render(t, a, Arrow, 0)))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Release()
	if !in.Schema().Equal(arrowSchema(true)) {
		t.Errorf("schema %v", in.Schema())
	}
	rows := append(append([]Row(nil), a.Touches...), a.CouldHave...)
	n := 0
	for in.Next() {
		rec := in.Record()
		c := NewCollector(Who{Table: "customers"})
		c.Add(schema.Partition{Table: "customers"}, rec)
		for i := range int(rec.NumRows()) {
			v := newView(rec)
			got := v.row(schema.Partition{Table: "customers"}, i)
			if fmt.Sprintf("%+v", got.Touch) != fmt.Sprintf("%+v", rows[n].Touch) {
				t.Errorf("row %d\n got %+v\nwant %+v", n, got.Touch, rows[n].Touch)
			}
			last := int(rec.NumCols()) - 3
			if rec.Column(last).(*array.Boolean).Value(i) != rows[n].CouldHave || rec.Column(last-1).ValueStr(i) != rows[n].Day {
				t.Errorf("row %d: could_have %s, day %s", n, rec.Column(last).ValueStr(i), rec.Column(last-1).ValueStr(i))
			}
			n++
		}
	}
	if n != len(rows) || in.Err() != nil {
		t.Errorf("%d of %d rows, %v", n, len(rows), in.Err())
	}
	if empty := render(t, ask(t, Who{Table: "nothing"}, nil), Arrow, 0); len(empty) == 0 {
		t.Error("no stream for no rows")
	}
}

func TestParseFormat(t *testing.T) {
	for _, f := range Formats {
		if got, err := ParseFormat(string(f)); err != nil || got != f {
			t.Errorf("%s: %v", f, err)
		}
	}
	if _, err := ParseFormat("xml"); err == nil || !strings.Contains(err.Error(), "jsonl") {
		t.Errorf("xml: %v", err)
	}
}
