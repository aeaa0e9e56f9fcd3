package queries

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// brief lists rows as "event@time", in order.
func brief(rows []Row) string {
	var s []string
	for i := range rows {
		s = append(s, rows[i].EventName+"@"+time.UnixMicro(rows[i].EventTime).UTC().Format("02T15:04:05"))
	}
	return strings.Join(s, " ")
}

func TestWho(t *testing.T) {
	all := history(t)
	item := []Member{{"pk", "customer#1042"}, {"sk", "profile"}}
	cases := []struct {
		name      string
		who       Who
		want      string
		couldHave string
	}{
		{"by its whole key", Who{Table: "customers", Key: item},
			"PutItem@02T08:14:31 BatchGetItem@03T03:01:36 UpdateItem@03T03:08:53 DeleteItem@03T03:12:07 UpdateItem@03T07:41:17", ""},
		{"by one member, over tables", Who{Key: item[:1], From: micros(t, "2026-03-02T08:14:32Z"), To: micros(t, "2026-03-03T03:08:53Z")},
			"PutItem@02T10:00:01 BatchGetItem@03T03:01:36", ""},
		{"by a value in any table", Who{Values: []string{"order#7"}}, "PutItem@02T10:00:01", ""},
		{"no part of a value", Who{Values: []string{"order#"}}, "", ""},
		{"by actor and operation", Who{Table: "customers", Actor: "MAREN*@example.com", Ops: []string{schema.OpDeleteItem, schema.OpWriteItem}},
			"UpdateItem@03T03:08:53 DeleteItem@03T03:12:07", ""},
		{"by actor id", Who{Actor: "arn:aws:iam::*:role/checkout-api-rol?", Ops: []string{schema.OpReadPoint}}, "GetItem@02T08:20:00", ""},
		{"by ARN", Who{Table: arnPrefix + "orders", Ops: []string{schema.OpReadBulk}}, "Scan@02T10:00:02", ""},
		{"ARN of another account", Who{Table: "arn:aws:dynamodb:eu-west-1:999988887777:table/orders"}, "", ""},
		{"could have", Who{Table: "customers", Key: item, CouldHave: true, From: micros(t, "2026-03-02T08:14:32Z")},
			"BatchGetItem@03T03:01:36 UpdateItem@03T03:08:53 DeleteItem@03T03:12:07 UpdateItem@03T07:41:17",
			"Query@02T09:00:00 GetRecords@02T09:00:03 Scan@03T02:53:04 Query@03T02:59:12"},
		{"could have by value", Who{Table: "orders", Values: []string{"order#7"}, CouldHave: true}, "PutItem@02T10:00:01", "Scan@02T10:00:02"},
		{"a table whole", Who{Table: "orders"}, "PutItem@02T10:00:01 Scan@02T10:00:02", ""},
		{"a table whole needs no could-have", Who{Table: "orders", CouldHave: true}, "PutItem@02T10:00:01 Scan@02T10:00:02", ""},
		{"member names are exact", Who{Key: []Member{{"PK", "customer#1042"}}}, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := ask(t, c.who, all)
			if got := brief(a.Touches); got != c.want {
				t.Errorf("touches\n got %s\nwant %s", got, c.want)
			}
			if got := brief(a.CouldHave); got != c.couldHave {
				t.Errorf("could have\n got %s\nwant %s", got, c.couldHave)
			}
			for i := range a.CouldHave {
				if !a.CouldHave[i].CouldHave {
					t.Errorf("row %d is not marked", i)
				}
			}
		})
	}
}

func TestStatementsOfOtherPartitionsCouldNotHaveShownIt(t *testing.T) {
	for _, c := range []struct {
		values []string
		want   int
	}{
		{[]string{"customer#1042"}, 1},
		{[]string{"customer#1042", "profile"}, 1},
		{[]string{"customer#1042", "profile", "open"}, 1},
		{[]string{"customer#7", "profile"}, 0},
		{[]string{"customer#7"}, 0},
		{nil, 0},
	} {
		statement := schema.Touch{TableName: "customers", EventName: "ExecuteStatement", Op: schema.OpReadRange, Outcome: schema.OutcomeOK,
			KeyScope: schema.ScopePartition, KeyValues: c.values, RequestParameters: `{"statement":"SELECT ..."}`}
		a := ask(t, Who{Table: "customers", Key: []Member{{"pk", "customer#1042"}, {"sk", "profile"}}, CouldHave: true}, []schema.Touch{statement})
		if len(a.CouldHave) != c.want {
			t.Errorf("%q: %d rows, want %d", c.values, len(a.CouldHave), c.want)
		}
	}
}

func FuzzEachMember(f *testing.F) {
	f.Add(`{"pk":"customer#1042","sk":"profile"}`)
	f.Add(`{"a":"\",\"pk\":\"1","b":{"S":"x"},"":""}`)
	f.Add(`{"a":[1,{"b":null}],"ü":1.0}`)
	f.Fuzz(func(t *testing.T, raw string) {
		text, values, ok := schema.ItemKey([]byte(raw))
		if !ok {
			eachMember(raw, func(string, string) {}) // must only not panic
			return
		}
		var got []string
		eachMember(text, func(_, value string) { got = append(got, value) })
		if len(got) != len(values) {
			t.Fatalf("%s: %q, want the values %q", text, got, values)
		}
		for i := range got {
			if got[i] != canonical(values[i]) {
				t.Errorf("%s: member %d is %s, want %q", text, i, got[i], values[i])
			}
		}
	})
}

func TestSummaryOfAnAnswer(t *testing.T) {
	a := ask(t, Who{Table: "customers", Key: []Member{{"pk", "customer#1042"}}}, history(t))
	if a.Count != 5 || a.Actors != 2 || a.Unsuccessful != 1 {
		t.Errorf("%d touches by %d actors, %d unsuccessful", a.Count, a.Actors, a.Unsuccessful)
	}
	if a.LastWrite == nil || a.LastWrite.EventName != "DeleteItem" {
		t.Errorf("a failed write after it must not hide the deletion: %+v", a.LastWrite)
	}
}

func TestLimitKeepsTheNewestAndCountsAll(t *testing.T) {
	var many []schema.Touch
	for i := range 1000 {
		many = append(many, schema.Touch{TableName: "orders", EventTime: int64(i*7919%1000) * 1e6, EventName: "GetItem", Op: schema.OpReadPoint, Outcome: schema.OutcomeOK, Actor: fmt.Sprint("a", i%3)})
	}
	a := ask(t, Who{Table: "orders", Limit: 10}, many)
	if len(a.Touches) != 10 || a.Count != 1000 || a.Actors != 3 {
		t.Fatalf("%d rows of %d by %d", len(a.Touches), a.Count, a.Actors)
	}
	for i, r := range a.Touches {
		if r.EventTime != int64(990+i)*1e6 {
			t.Errorf("row %d is of second %d", i, r.EventTime/1e6)
		}
	}
}

func TestRowsSurviveTheirBatch(t *testing.T) {
	all := history(t)
	for i := range all {
		batch := batchOf(t, all[i:i+1])
		p := schema.PartitionOf(&all[i])
		c := NewCollector(Who{Table: all[i].TableName})
		c.Add(p, batch)
		a := c.Answer()
		if len(a.Touches) != 1 {
			t.Fatalf("%d rows", len(a.Touches))
		}
		got := a.Touches[0]
		if fmt.Sprintf("%+v", got.Touch) != fmt.Sprintf("%+v", all[i]) || got.Day != p.DayString() {
			t.Errorf("row differs\n got %+v\nwant %+v", got, all[i])
		}
	}
}

func TestOnlyNeededColumnsAreEnough(t *testing.T) {
	all := history(t)
	w := Who{Key: []Member{{"pk", "customer#1042"}}, CouldHave: true, Actor: "*maren*", Ops: []string{schema.OpReadPoint, schema.OpReadBulk, schema.OpReadRange}}
	full, thin := NewCollector(w), NewCollector(w)
	for i := range all {
		p := schema.PartitionOf(&all[i])
		full.Add(p, batchOf(t, all[i:i+1]))
		thin.Add(p, batchOf(t, all[i:i+1], Columns(w, Table)...))
	}
	a, b := full.Answer(), thin.Answer()
	if tableText(t, a) != tableText(t, b) || a.Count == 0 || a.CouldHaveCount == 0 {
		t.Errorf("all columns:\n%s\nneeded columns:\n%s", tableText(t, a), tableText(t, b))
	}
}

func tableText(t *testing.T, a *Answer) string {
	var b strings.Builder
	if err := Render(&b, a, Table, Look{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestKeyMembersAreNotFoundInsideValues(t *testing.T) {
	for _, c := range []struct {
		key, name, value string
		want             bool
	}{
		{`{"pk":"1"}`, "pk", "1", true},
		{`{"a":"2","pk":"1"}`, "pk", "1", true},
		{`{"a":"\",\"pk\":\"1"}`, "pk", "1", false},
		{`{"a":"x,","b":"y"}`, "b", "y", true},
		{`{"a":"x\\","b":"y"}`, "b", "y", true},
		{`{"a":"ü\"\n"}`, "a", "ü\"\n", true},
		{`{"a":""}`, "a", "", true},
		{`{"a":"1"`, "a", "1", true},
		{`{"a"`, "a", "", false},
		{``, "a", "", false},
		{`nonsense`, "a", "", false},
	} {
		if got := hasMember(c.key, keyMember{canonical(c.name), canonical(c.value)}); got != c.want {
			t.Errorf("%s has %s=%q: %v", c.key, c.name, c.value, got)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true}, {"", "", true}, {"", "a", false}, {"a", "A", true}, {"a*c", "abbc", true}, {"a*c", "abb", false},
		{"*holt*", "maren.holt@example.com", true}, {"t?m", "tøm", true}, {"t?m", "tm", false}, {"**a**", "bab", true},
		{"TOMÁS.*", "tomás.rey@example.com", true}, {"*ÉN", "rubén", true}, {"tomas*", "tomás", false}, {"*??q*", "€qa", false},
		{strings.Repeat("*a", 30) + "b", strings.Repeat("a", 2000), false},
	} {
		if got := globMatch(c.pattern, c.text); got != c.want {
			t.Errorf("%q matches %q: %v", c.pattern, c.text, got)
		}
	}
}

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ in, from, to string }{
		{"2026-03-03", "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z"},
		{"2026-03-03 03:12", "2026-03-03T03:12:00Z", "2026-03-03T03:13:00Z"},
		{"2026-03-03T03:12:07Z", "2026-03-03T03:12:07Z", "2026-03-03T03:12:08Z"},
		{"2026-03-03 03:12:07", "2026-03-03T03:12:07Z", "2026-03-03T03:12:08Z"},
		{"2026-03-03T05:12:07.5+02:00", "2026-03-03T03:12:07.5Z", "2026-03-03T03:12:07.500001Z"},
		{"24h", "2026-03-09T12:00:00Z", "2026-03-09T12:00:00.000001Z"},
		{"7d", "2026-03-03T12:00:00Z", "2026-03-03T12:00:00.000001Z"},
	} {
		from, to, err := ParseTime(c.in, now)
		if err != nil || from != micros(t, c.from) || to != micros(t, c.to) {
			t.Errorf("%s: %d to %d, %v", c.in, from, to, err)
		}
	}
	for _, bad := range []string{"", "yesterday", "h", "-3d", "3y", "2026-13-01", "2026-03-03 25:00", "99999999999d"} {
		if _, _, err := ParseTime(bad, now); err == nil {
			t.Errorf("%q was taken for a time", bad)
		}
	}
}

func TestHint(t *testing.T) {
	var h Holdings
	if got := h.Hint(Who{Table: "x"}); !strings.Contains(got, "holds no touches yet") {
		t.Error(got)
	}
	for _, table := range []string{"customers", "orders", "orders-dev", schema.NoTable} {
		h.Add(schema.Partition{Table: table, Day: 20514})
	}
	h.Add(schema.Partition{Table: "orders", Day: 20516})
	for _, c := range []struct {
		who  Who
		want []string
		not  string
	}{
		{Who{Table: "custmers"}, []string{"no table custmers. Did you mean customers?", "customers, orders, orders-dev;", "days 2026-03-02 to 2026-03-04"}, "HIVE"},
		{Who{Table: "order"}, []string{"Did you mean orders or orders-dev?"}, ""},
		{Who{Table: "zzz\x1b[2J"}, []string{`no table zzz\u001b[2J.`}, "mean"},
		{Who{Table: "orders", Key: []Member{{"pk", "1"}}}, []string{"no touch matches", "--could-have"}, "no table"},
		{Who{Actor: "nobody"}, []string{"no touch matches"}, "--could-have"},
	} {
		got := h.Hint(c.who)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%+v: %q is not in %q", c.who, want, got)
			}
		}
		if c.not != "" && strings.Contains(got, c.not) {
			t.Errorf("%+v: %q is in %q", c.who, c.not, got)
		}
	}
}
