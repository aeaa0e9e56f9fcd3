package queries

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

// lakeWithCounts makes a lake of touches that has hourly counts, as ingest writes
// them.
func lakeWithCounts(t *testing.T, touches []schema.Touch) *lake.Lake {
	t.Helper()
	l := lakeOf(t, touches)
	days := map[string]map[string][]lake.Count{}
	for i := range touches {
		v := &touches[i]
		p := schema.PartitionOf(v)
		if days[p.DayString()] == nil {
			days[p.DayString()] = map[string][]lake.Count{}
		}
		days[p.DayString()][p.Table] = append(days[p.DayString()][p.Table], lake.Count{
			Hour: time.UnixMicro(v.EventTime - mod(v.EventTime, hourMicros)).UTC(), TableARN: v.TableARN, Actor: v.Actor, Op: v.Op, Outcome: v.Outcome, Count: 1,
		})
	}
	for day, tables := range days {
		if err := l.MergeRollup(context.Background(), day, tables); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func rank(t *testing.T, l *lake.Lake, q Top) *Ranking {
	t.Helper()
	r, err := AskTop(context.Background(), l, q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func renderTop(t *testing.T, r *Ranking, f Format, width int) string {
	t.Helper()
	var b bytes.Buffer
	if err := RenderTop(&b, r, f, width); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// traffic is what a ranking has something to rank of: the history, a hot key among
// many, throttles, a batch, an event without an id, and names that try something.
func traffic(t *testing.T) []schema.Touch {
	all := history(t)
	put := all[1]
	for i := range 40 {
		v := put
		v.EventID = fmt.Sprintf("hot-%02d", i/4) // batches of four
		v.TouchIndex, v.TouchCount = int32(i%4), 4
		v.EventTime = micros(t, "2026-03-02T11:59:58Z") + int64(i/8)*1_000_000
		n := 7
		if i%4 > 1 {
			n = 1000 + i
		}
		v.ItemKey, v.KeyValues = key(t, fmt.Sprintf(`{"pk":"customer#%d","sk":"profile"}`, n))
		if i%10 == 0 {
			v.Outcome, v.ErrorCode = schema.OutcomeFailed, "ProvisionedThroughputExceededException"
		}
		all = append(all, v)
	}
	nameless := put
	nameless.EventID, nameless.EventTime = "", micros(t, "2026-03-04T23:59:59Z")
	hostile := hostileTouch(t)
	hostile.Actor, hostile.EventID = "\x1b[2Jevil\u202e", "hostile"
	hostile.TableARN, hostile.TableName = arnPrefix+"../../x\x1b[0m", "../../x\x1b[0m"
	return append(all, nameless, hostile)
}

func TestTopGolden(t *testing.T) {
	l := lakeWithCounts(t, traffic(t))
	for _, c := range []struct {
		name string
		top  Top
	}{
		{"keys", Top{Subject: TopKeys, Limit: 4}},
		{"keys-events", Top{Subject: TopKeys, Limit: 3, ByEvents: true, Where: Who{Table: "customers"}}},
		{"partition-keys", Top{Subject: TopPartitionKeys, Limit: 4}},
		{"actors", Top{Subject: TopActors}},
		{"actors-detail", Top{Subject: TopActors, Detail: true}},
		{"tables", Top{Subject: TopTables}},
		{"operations", Top{Subject: TopOperations}},
		{"errors", Top{Subject: TopErrors}},
		{"agents", Top{Subject: TopAgents}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rank(t, l, c.top)
			for _, width := range []int{80, 160} {
				text := renderTop(t, r, Table, width)
				golden.Check(t, fmt.Sprintf("queries/top-%s-%d", c.name, width), text)
				for line := range strings.Lines(text) {
					if cellWidth(strings.TrimSuffix(line, "\n")) > width {
						t.Errorf("wider than %d: %s", width, line)
					}
				}
			}
			golden.Check(t, "queries/top-"+c.name+"-json", renderTop(t, r, JSON, 0))
		})
	}
}

// Whether hourly counts are read or touches, the numbers that both have are equal.
func TestTopRollupEqualsTouches(t *testing.T) {
	l := lakeWithCounts(t, traffic(t))
	for _, subject := range []Subject{TopActors, TopTables, TopOperations} {
		for _, from := range []int64{0, micros(t, "2026-03-02T09:00:00Z"), micros(t, "2026-03-02T09:00:01Z")} {
			for _, outcomes := range [][]string{nil, {schema.OutcomeFailed}} {
				for _, table := range []string{"", "customers", arnPrefix + "orders", schema.NoTable, "../../x\x1b[0m"} {
					q := Top{Subject: subject, Where: Who{Table: table, From: from}, Outcomes: outcomes}
					counts := rank(t, l, q)
					q.Detail = true
					touches := rank(t, l, q)
					if !counts.FromRollup || touches.FromRollup {
						t.Fatal("not read from where it should be")
					}
					if got, want := numbers(counts), numbers(touches); got != want {
						t.Errorf("%+v\ncounts  %s\ntouches %s", q, got, want)
					}
				}
			}
		}
	}
}

// numbers are those that hourly counts have, times as hours.
func numbers(r *Ranking) string {
	var b strings.Builder
	fmt.Fprintln(&b, r.Total, r.Distinct, r.FirstShare, r.TenShare, r.Entropy)
	for _, row := range r.Rows {
		fmt.Fprintln(&b, row.Rank, row.TableName, row.TableARN, row.Value, row.Touches, row.Share, row.Reads, row.Writes, row.BulkReads, row.Denied,
			row.Failed, row.First/hourMicros, row.Last/hourMicros, row.Hour.At, row.Hour.Touches)
	}
	return b.String()
}

func TestTopCountsEventsOnce(t *testing.T) {
	l := lakeWithCounts(t, traffic(t))
	r := rank(t, l, Top{Subject: TopTables, ByEvents: true, Where: Who{Table: "customers"}})
	events := map[string]bool{}
	want, nameless := int64(0), int64(0)
	for _, v := range traffic(t) {
		switch {
		case v.TableName != "customers":
		case v.EventID == "":
			nameless++
		case !events[v.EventID]:
			events[v.EventID] = true
			want++
		}
	}
	if r.Total != want+nameless || r.Rows[0].Events != want+nameless || r.Rows[0].Touches <= want {
		t.Errorf("%d events in all, %d of the table, want %d", r.Total, r.Rows[0].Events, want+nameless)
	}
}

func TestTopErrorsAreOfNoCallThatSucceeded(t *testing.T) {
	l := lakeWithCounts(t, traffic(t))
	for _, c := range []struct {
		outcomes []string
		denied   bool
	}{{[]string{schema.OutcomeOK}, false}, {[]string{schema.OutcomeOK, schema.OutcomeDenied}, true}} {
		r := rank(t, l, Top{Subject: TopErrors, Outcomes: c.outcomes})
		for _, row := range r.Rows {
			if row.Failed > 0 || row.Touches != row.Denied {
				t.Errorf("%q: %+v", c.outcomes, row)
			}
		}
		if r.Empty() == c.denied {
			t.Errorf("%q: %d rows", c.outcomes, len(r.Rows))
		}
	}
}

func TestTopHot(t *testing.T) {
	var touches []schema.Touch
	one := history(t)[1]
	for i := range 4200 {
		v := one
		v.EventID = fmt.Sprint(i)
		v.EventTime += int64(i % 1_000_000)
		if i >= partitionWrites {
			v.EventName, v.Op, v.Mutates = "GetItem", schema.OpReadPoint, false
			v.EventTime += 60_000_000
		}
		touches = append(touches, v)
	}
	for _, c := range []struct {
		touches int
		hot     bool
	}{{partitionWrites - 1, false}, {partitionWrites, true}, {4200, true}} {
		r := rank(t, lakeWithCounts(t, touches[:c.touches]), Top{Subject: TopKeys})
		if row := r.Rows[0]; row.RequestHot() != c.hot || strings.Contains(renderTop(t, r, Table, 0), "REQUEST-HOT") != c.hot {
			t.Errorf("%d touches: %+v", c.touches, row.Second)
		}
	}
	r := rank(t, lakeWithCounts(t, touches[partitionWrites:]), Top{Subject: TopKeys})
	if row := r.Rows[0]; !row.RequestHot() || row.Second.Reads != 3200 || row.Second.Writes != 0 {
		t.Errorf("%+v", row.Second)
	}
}

func TestTopWithoutQueriesSaysSo(t *testing.T) {
	puts := slices.DeleteFunc(history(t), func(v schema.Touch) bool { return v.EventName == "Query" })
	l := lakeWithCounts(t, puts)
	r := rank(t, l, Top{Subject: TopPartitionKeys})
	if len(r.Rows) != 0 || !slices.Equal(r.Undecided, []string{"customers", "orders"}) {
		t.Errorf("%v, undecided %v", r.Rows, r.Undecided)
	}
	if text := renderTop(t, r, Table, 0); !strings.Contains(text, "--member") {
		t.Error(text)
	}
	r = rank(t, l, Top{Subject: TopPartitionKeys, Member: "pk"})
	if len(r.Rows) == 0 || r.Rows[0].Value != "customer#1042" || r.Rows[0].Member != "pk" || len(r.Undecided) != 0 {
		t.Errorf("%+v, undecided %v", r.Rows, r.Undecided)
	}
}

func TestTopOfNothing(t *testing.T) {
	empty, err := lake.Create(context.Background(), objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range Subjects {
		for _, detail := range []bool{false, true} {
			r := rank(t, empty, Top{Subject: subject, Detail: detail, ByEvents: detail})
			if !r.Empty() || renderTop(t, r, Table, 80) != "" {
				t.Errorf("%s of an empty lake: %+v", subject, r)
			}
			var whole struct {
				Total int
				Rows  []any
			}
			if err := json.Unmarshal([]byte(renderTop(t, r, JSON, 0)), &whole); err != nil || whole.Rows == nil {
				t.Errorf("%s: %v", subject, err)
			}
			if lines := strings.Count(renderTop(t, r, CSV, 0), "\n"); lines != 1 {
				t.Errorf("%s: %d lines of CSV", subject, lines)
			}
		}
	}
	if _, err := AskTop(context.Background(), empty, Top{Subject: "sizes"}); err == nil {
		t.Error("sizes cannot be ranked")
	}
}

// All formats are inert on a terminal and in a spreadsheet, and JSON lines, JSON and
// CSV say the same.
func TestTopHostile(t *testing.T) {
	touches := traffic(t)
	for i := range touches {
		if i%3 == 0 {
			touches[i].Actor, touches[i].ErrorCode, touches[i].Outcome = "=1+1", "@SUM\x1b[A", schema.OutcomeFailed
			touches[i].UserAgent = "-evil\u202e\x07 x"
		}
	}
	l := lakeWithCounts(t, touches)
	for _, subject := range Subjects {
		r := rank(t, l, Top{Subject: subject, Detail: true})
		for _, f := range TopFormats {
			text := renderTop(t, r, f, 100)
			if at := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && (hostile(r) || unicode.IsControl(r)) }); at >= 0 {
				t.Errorf("%s as %s: %q", subject, f, text[at:min(len(text), at+20)])
			}
		}
		records, err := csv.NewReader(strings.NewReader(renderTop(t, r, CSV, 0))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range records[1:] {
			for i, cell := range record {
				if cell != "" && strings.ContainsRune("=+@\t-", rune(cell[0])) {
					t.Errorf("%s: %s is a formula: %s", subject, records[0][i], cell)
				}
			}
		}
		var whole struct{ Rows []json.RawMessage }
		if err := json.Unmarshal([]byte(renderTop(t, r, JSON, 0)), &whole); err != nil {
			t.Fatal(err)
		}
		var lines strings.Builder
		for _, row := range whole.Rows {
			lines.Write(row)
			lines.WriteByte('\n')
		}
		if lines.String() != renderTop(t, r, JSONL, 0) || len(records) != len(whole.Rows)+1 {
			t.Errorf("%s: the formats do not agree", subject)
		}
	}
}

func TestGridLeavesOutWhatDoesNotFit(t *testing.T) {
	columns := []gridColumn{
		{title: "ITEM", cells: []string{strings.Repeat("long key ", 6), "x"}},
		{title: "N", right: true, cells: []string{"1", "20"}},
		{title: "FIRST", order: 1, cells: []string{"2026-03-02 00:00Z", ""}},
		{title: "LAST", order: 2, cells: []string{"2026-03-02 00:00Z", ""}},
		{title: "EMPTY", cells: []string{"", ""}},
	}
	for width, left := range map[int][]string{0: nil, 120: nil, 80: {"LAST"}, 61: {"FIRST", "LAST"}, 30: {"FIRST", "LAST"}} {
		laid, got := grid(columns, width)
		slices.Sort(got)
		if !slices.Equal(got, left) || strings.Contains(laid, "EMPTY") {
			t.Errorf("width %d: left out %v, want %v\n%s", width, got, left, laid)
		}
		for line := range strings.SplitSeq(laid, "\n") {
			if width > 0 && cellWidth(line) > width {
				t.Errorf("width %d: %q", width, line)
			}
		}
	}
}
