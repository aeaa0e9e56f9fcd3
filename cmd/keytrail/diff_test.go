package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/ducktest"
	"github.com/keytrail/keytrail/queries"
)

// deedsSQL is who did what to what, how often before and after, and when.
func deedsSQL(d queries.Diff, group string) string {
	in := func(s queries.Span) string {
		return fmt.Sprintf("epoch_us(event_time) >= %d AND epoch_us(event_time) < %d", s.From, s.To)
	}
	table := "true"
	if d.Table != "" {
		table = "table_name = " + ducktest.Quote(d.Table)
	}
	half := func(s queries.Span, name string) string {
		return fmt.Sprintf(`count(*) FILTER (%[1]s) AS %[2]s, count(*) FILTER (%[1]s AND outcome = 'denied') AS %[2]s_denied,
	epoch_us(min(event_time) FILTER (%[1]s)) AS %[2]s_first, epoch_us(max(event_time) FILTER (%[1]s)) AS %[2]s_last,
	epoch_us(min(event_time) FILTER (%[1]s AND outcome = 'denied')) AS %[2]s_denied_first,
	first(event_id ORDER BY event_time, coalesce(event_id, '')) FILTER (%[1]s) AS %[2]s_event`, in(s), name)
	}
	return fmt.Sprintf("SELECT %s, %s, %s FROM touches WHERE %s GROUP BY ALL", group, half(d.Before, "b"), half(d.After, "a"), table)
}

// The rules once more, in the plainest words, over DuckDB's counts.
func expectedChanges(rows, actors, tables []map[string]any, d queries.Diff, beforeDays, afterDays float64) (want []string) {
	n := func(row map[string]any, name string) float64 { return float64(row[name].(int64)) }
	state := func(row map[string]any) string {
		switch {
		case n(row, "b") == 0 && n(row, "a") > 0:
			return "new"
		case n(row, "a") == 0 && n(row, "b") > 0:
			return "gone"
		}
		return "known"
	}
	told := func(row map[string]any) bool {
		return state(row) == "new" || state(row) == "gone" && n(row, "b")/beforeDays*afterDays >= 3
	}
	line := func(kind string, row map[string]any, who, what string) {
		before, after, first := row["b"], row["a"], row["a_first"]
		switch {
		case strings.HasPrefix(kind, "vanished"):
			first = row["b_first"]
		case kind == "newly denied":
			before, after, first = row["b_denied"], row["a_denied"], row["a_denied_first"]
		}
		want = append(want, fmt.Sprintf("%s|%s|%s|%v|%v|%v", kind, who, what, before, after, first))
	}
	word := map[string]string{"new": "new", "gone": "vanished"}
	actorState, tableState := map[any]string{}, map[any]string{}
	for _, row := range actors {
		actorState[row["actor"]] = state(row)
		if told(row) {
			line(word[state(row)]+" actor", row, row["actor"].(string), "")
		}
	}
	for _, row := range tables {
		tableState[row["t"].(string)+row["arn"].(string)] = state(row)
		if told(row) && d.Table == "" {
			line(word[state(row)]+" table", row, "", row["t"].(string)+" "+row["arn"].(string))
		}
	}
	for _, row := range rows {
		if actorState[row["actor"]] != "known" || d.Table == "" && tableState[row["t"].(string)+row["arn"].(string)] != "known" {
			continue
		}
		what := fmt.Sprintf("%s %s %s", row["t"], row["arn"], row["op"])
		before, after := n(row, "b")/beforeDays, n(row, "a")/afterDays
		switch {
		case state(row) != "known":
			if told(row) {
				line(word[state(row)]+" operation", row, row["actor"].(string), what)
			}
		case n(row, "b") == 0: // in neither
		case n(row, "b_denied") == 0 && n(row, "a_denied") > 0:
			line("newly denied", row, row["actor"].(string), what)
		case after >= 3*before && after >= 20 && n(row, "a") >= 20:
			line("more", row, row["actor"].(string), what)
		case before >= 3*after && before >= 20 && n(row, "b") >= 20:
			line("less", row, row["actor"].(string), what)
		}
	}
	return want
}

// For random spans and tables the changes are those that the rules find in what
// DuckDB counts, and each example is an event of its time.
func TestDiffAgreesWithDuckDB(t *testing.T) {
	ducktest.Need(t)
	c, l := sampleLake(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	found := 0
	for range 8 {
		var at [4]int64
		for i := range at { // well inside the lake, so that the days are plain to work out
			step := []time.Duration{time.Hour, time.Second}[r.IntN(2)]
			at[i] = start.Add(2*time.Hour + time.Duration(r.Int64N(int64(68*time.Hour)))/step*step).UnixMicro()
		}
		slices.Sort(at[:])
		d := queries.Diff{Before: queries.Span{From: at[0], To: at[1]}, After: queries.Span{From: at[2], To: at[3]}}
		if r.IntN(2) == 0 {
			d.Table = []string{"orders", "customers", "job-state"}[r.IntN(3)]
		}
		if at[0] == at[1] || at[2] == at[3] {
			continue
		}
		got, err := queries.AskDiff(context.Background(), l, d)
		if err != nil {
			t.Fatal(err)
		}
		rows := ducktest.Query(t, c.sql()+deedsSQL(d, "coalesce(actor, '') AS actor, coalesce(table_name, '') AS t, coalesce(table_arn, '') AS arn, coalesce(op, '') AS op"))
		actors := ducktest.Query(t, c.sql()+deedsSQL(d, "coalesce(actor, '') AS actor"))
		tables := ducktest.Query(t, c.sql()+deedsSQL(d, "coalesce(table_name, '') AS t, coalesce(table_arn, '') AS arn"))
		want := expectedChanges(rows, actors, tables, d, d.Before.Length(), d.After.Length())
		var lines []string
		for i := range got.Changes {
			lines = append(lines, changeLine(&got.Changes[i]))
		}
		slices.Sort(lines)
		slices.Sort(want)
		if !slices.Equal(lines, want) {
			t.Fatalf("seed %d: %+v\ngot  %s\nwant %s", seed, d, strings.Join(only(lines, want), "\n     "), strings.Join(only(want, lines), "\n     "))
		}
		found += len(lines)
		checkExamples(t, got.Changes, rows)
	}
	if found < 20 {
		t.Errorf("%d changes found: too few to mean anything", found)
	}
}

func changeLine(c *queries.Change) string {
	what := ""
	if c.Kind == queries.NewTable || c.Kind == queries.GoneTable {
		what = c.TableName + " " + c.TableARN
	} else if c.Kind != queries.NewActor && c.Kind != queries.GoneActor {
		what = fmt.Sprintf("%s %s %s", c.TableName, c.TableARN, c.Ops[0])
	}
	return fmt.Sprintf("%s|%s|%s|%d|%d|%d", c.Kind, c.Actor, what, c.Before, c.After, c.First)
}

// only are the lines of a that b does not have.
func only(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// checkExamples looks new operations' events and last times up.
func checkExamples(t *testing.T, changes []queries.Change, rows []map[string]any) {
	t.Helper()
	for i := range changes {
		c := &changes[i]
		if c.Kind != queries.NewOperation {
			continue
		}
		at := slices.IndexFunc(rows, func(row map[string]any) bool {
			return row["actor"] == c.Actor && row["t"] == c.TableName && row["arn"] == c.TableARN && row["op"] == c.Ops[0]
		})
		if at < 0 || rows[at]["a_event"] != c.Event || rows[at]["a_last"] != c.Last {
			t.Errorf("%s: event %s, last %d; DuckDB has %v", changeLine(c), c.Event, c.Last, rows[max(at, 0)])
		}
		if c.ActorName == "" {
			t.Errorf("%s: no name", changeLine(c))
		}
	}
}

// New people, networks and programs of known actors are those that DuckDB finds.
func TestDiffDetailAgreesWithDuckDB(t *testing.T) {
	ducktest.Need(t)
	c, l := sampleLake(t)
	day := func(s string) queries.Span {
		span, err := queries.ParseSpan(s, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return span
	}
	d := queries.Diff{Before: day("2026-03-02"), After: day("2026-03-03..2026-03-04"), Detail: true}
	got, err := queries.AskDiff(context.Background(), l, d)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range got.Changes {
		if c.Kind == queries.NewName {
			lines = append(lines, fmt.Sprintf("%s|%s|%d|%d|%s", c.Actor, c.Detail, c.After, c.First, c.Event))
		}
	}
	var want []string
	for _, row := range ducktest.Query(t, c.sql()+`WITH t AS (SELECT *, event_time < TIMESTAMPTZ '2026-03-03 00:00:00Z' AS early FROM touches),
known AS (SELECT coalesce(actor, '') AS actor FROM t GROUP BY 1 HAVING count(*) FILTER (early) > 0 AND count(*) FILTER (NOT early) > 0)
SELECT actor, actor_name, count(*) AS n, epoch_us(min(event_time)) AS since, first(event_id ORDER BY event_time, event_id) AS event
FROM t WHERE actor_kind = 'human' AND actor IN (FROM known) GROUP BY actor, actor_name HAVING count(*) FILTER (early) = 0`) {
		want = append(want, fmt.Sprintf("%s|%s|%d|%d|%s", row["actor"], row["actor_name"], row["n"], row["since"], row["event"]))
	}
	slices.Sort(lines)
	slices.Sort(want)
	if len(want) == 0 || !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if !slices.IsSortedFunc(got.Changes, func(a, b queries.Change) int { return cmp.Compare(kindOrder(a.Kind), kindOrder(b.Kind)) }) {
		t.Error("changes are not in order of their kinds")
	}
}

func kindOrder(k queries.Kind) int {
	order := []queries.Kind{queries.NewActor, queries.NewTable, queries.NewOperation, queries.NewlyDenied, queries.NewName, queries.NewNetwork,
		queries.NewAgent, queries.More, queries.Less, queries.GoneActor, queries.GoneTable, queries.GoneOperation}
	return slices.Index(order, k)
}
