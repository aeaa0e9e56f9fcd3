package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/ducktest"
)

// comparedPolicy is one that SQL can say, too. AWS services are allowed, so that what they
// do without a rule does not matter.
const comparedPolicy = `version: 1
tables:
  - {match: "**:table/payments", class: restricted, protected: true}
  - {match: "**:table/customers", class: internal}
rules:
  - {id: A-1, effect: allow, who: {kind: [service]}, tables: ["**:table/*", "!**:table/payments"], ops: [WRITE_ITEM], reason: r, owner: o, expires: 2026-03-02}
  - {id: A-2, effect: allow, who: {kind: [aws]}, ops: ["!NoCall"], reason: r, owner: o, expires: never, approved_by: me}
  - {id: A-3, effect: allow, who: {kind: [human], persons: ["*@example.com"]}, ops: [DELETE_ITEM], where: {regions: [eu-west-1]}, when: {hours: "06:00-18:00"}, reason: r, owner: o, expires: 2026-12-31}
  - {id: D-1, effect: deny, who: {kind: [human]}, tables: ["**:table/payments"], ops: ["!GetItem", "!Query"], reason: r}
`

// The same in SQL: the verdict of each row that somebody has to have expected.
const comparedSQL = `
WITH judged AS (
	SELECT *, CASE
		WHEN actor_kind = 'human' AND table_arn LIKE '%:table/payments' AND event_name NOT IN ('GetItem', 'Query') THEN 'denied D-1'
		WHEN actor_kind = 'service' AND op = 'WRITE_ITEM' AND regexp_full_match(table_arn, '.*:table/[^:/]*') AND table_arn NOT LIKE '%:table/payments'
			AND event_time < '2026-03-03' THEN 'allowed A-1'
		WHEN actor_kind = 'aws' THEN 'allowed A-2'
		WHEN actor_kind = 'human' AND regexp_full_match(actor_name, '[^:/]*@example.com') AND op = 'DELETE_ITEM' AND aws_region = 'eu-west-1'
			AND hour(event_time AT TIME ZONE 'UTC') BETWEEN 6 AND 17 THEN 'allowed A-3'
		WHEN actor_kind = 'service' AND op = 'WRITE_ITEM' AND regexp_full_match(table_arn, '.*:table/[^:/]*') AND table_arn NOT LIKE '%:table/payments'
			AND event_time < '2026-03-10' THEN 'expired A-1'
		ELSE 'none ' END AS verdict
	FROM touches
	WHERE plane <> 'insight' AND (mutates OR op = 'AUDIT' OR op LIKE 'READ_%' AND table_arn LIKE '%:table/payments')
)
SELECT concat_ws('|', verdict, actor, CASE WHEN actor_kind = 'human' THEN actor_name ELSE '' END, coalesce(table_arn, ''), op,
	count(DISTINCT event_id) FILTER (outcome = 'ok'), count(*) FILTER (outcome = 'ok'),
	count(DISTINCT event_id) FILTER (outcome = 'denied'), count(DISTINCT event_id) FILTER (outcome = 'failed'),
	epoch_us(min(event_time)), epoch_us(max(event_time))) AS line
FROM judged WHERE verdict NOT LIKE 'allowed%'
GROUP BY verdict, actor, actor_kind, CASE WHEN actor_kind = 'human' THEN actor_name ELSE '' END, table_arn, CASE WHEN table_arn IS NULL THEN table_name END, op`

// What nobody expected is what SQL over the lake's files finds.
func TestUnexpectedIsWhatDuckDBFinds(t *testing.T) {
	ducktest.Need(t)
	c, err := sampleCorpus()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(file, []byte(comparedPolicy), 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := keytrail("unexpected", "--policy", file, "--lake", c.lake, "--from", "2020-01-01", "--attempts", "--fail-on", "never", "--format", "jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for line := range strings.Lines(string(out)) {
		got = append(got, comparedLine(t, line))
	}
	for _, row := range ducktest.Query(t, c.sql()+comparedSQL) {
		want = append(want, row["line"].(string))
	}
	slices.Sort(got)
	slices.Sort(want)
	if len(want) < 50 || !slices.Equal(got, want) {
		t.Errorf("%d groups, DuckDB finds %d", len(got), len(want))
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				t.Fatalf("got  %s\nwant %s", got[i], want[i])
			}
		}
	}
}

// A group's event leads to the rule that decided.
func TestUnexpectedExplains(t *testing.T) {
	c, err := sampleCorpus()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(file, []byte(comparedPolicy), 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := keytrail("unexpected", "--policy", file, "--lake", c.lake, "--from", "2020-01-01", "--fail-on", "never", "--format", "jsonl")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		var g struct {
			Verdict, Rule string
			Events        []string `json:"event_ids"`
		}
		if err := json.Unmarshal([]byte(line), &g); err != nil {
			t.Fatal(err)
		}
		if explained[g.Verdict] || len(g.Events) == 0 {
			continue
		}
		explained[g.Verdict] = true
		text, err := keytrail("unexpected", "--policy", file, "--lake", c.lake, "--explain", g.Events[0])
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"denied": "Forbidden: D-1 (r)", "expired": "Not expected any more: A-1 (r), last day 2026-03-02", "none": "Nobody expects it: no rule speaks of it"}[g.Verdict]
		if !strings.Contains(string(text), want) || !strings.Contains(string(text), "A-2 does not speak of it: who.kind is ") {
			t.Errorf("%s: want %q in\n%s", g.Verdict, want, text)
		}
	}
	if len(explained) != 3 {
		t.Errorf("only %v", explained)
	}
}

func comparedLine(t *testing.T, line string) string {
	t.Helper()
	var g struct {
		Verdict, Rule, Actor, Op string
		Name                     string `json:"actor_name"`
		Kind                     string `json:"actor_kind"`
		ARN                      string `json:"table_arn"`
		Calls, Touches           int64
		Denied                   int64  `json:"denied_calls"`
		Failed                   int64  `json:"failed_calls"`
		First                    string `json:"first_seen"`
		Last                     string `json:"last_seen"`
	}
	if err := json.Unmarshal([]byte(line), &g); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	if g.Kind != "human" {
		g.Name = ""
	}
	return fmt.Sprintf("%s %s|%s|%s|%s|%s|%d|%d|%d|%d|%d|%d", g.Verdict, g.Rule, g.Actor, g.Name, g.ARN, g.Op, g.Calls, g.Touches, g.Denied, g.Failed, unexpectedMicros(t, g.First), unexpectedMicros(t, g.Last))
}

func unexpectedMicros(t *testing.T, text string) int64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMicro()
}
