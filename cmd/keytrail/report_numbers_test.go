package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
)

// lines joins the named members of each row, for comparing.
func lines(rows []map[string]any, columns ...string) map[string]bool {
	all := map[string]bool{}
	for _, row := range rows {
		var parts []string
		for _, c := range columns {
			v := row[c]
			if v == nil {
				v = ""
			}
			if n, ok := v.(float64); ok {
				v = int64(n)
			}
			parts = append(parts, fmt.Sprint(v))
		}
		all[strings.Join(parts, "|")] = true
	}
	return all
}

func sameLines(t *testing.T, what string, got, want map[string]bool) {
	t.Helper()
	if len(want) == 0 {
		t.Errorf("%s: nothing to compare", what)
	}
	for line := range want {
		if !got[line] {
			t.Errorf("%s: lacks %s", what, line)
		}
	}
	for line := range got {
		if !want[line] {
			t.Errorf("%s: has %s", what, line)
		}
	}
}

// What is paid for is what SQL over the lake's files counts.
func TestCostIsWhatDuckDBCounts(t *testing.T) {
	ducktest.Need(t)
	c, err := sampleCorpus()
	if err != nil {
		t.Fatal(err)
	}
	for _, span := range []struct{ from, to string }{{"2026-03-01", "2026-03-31"}, {"2026-03-03", "2026-03-04"}} {
		d := reportOf(t, "cost", "--copies", "1", "--from", span.from, "--to", span.to, "--lake", c.lake)
		where := fmt.Sprintf("plane = 'data' AND day BETWEEN '%s' AND '%s'", span.from, span.to)
		count := func(by string) []map[string]any {
			return ducktest.Query(t, c.sql()+fmt.Sprintf("SELECT %s, count(DISTINCT (recipient_account_id, event_id)) AS events FROM touches WHERE touch_index = 0 AND %s GROUP BY ALL", by, where))
		}
		sameLines(t, "tables", lines(d.rows(t, "cost_tables"), "table_arn", "events"), lines(count("table_arn"), "table_arn", "events"))
		sameLines(t, "callers", lines(d.rows(t, "cost_callers"), "actor", "actor_name", "events"), lines(count("actor, actor_name"), "actor", "actor_name", "events"))
		sameLines(t, "calls", lines(d.rows(t, "cost_calls"), "op", "event_name", "events"), lines(count("op, event_name"), "op", "event_name", "events"))
		all := ducktest.Query(t, c.sql()+"SELECT count(DISTINCT (recipient_account_id, event_id)) AS n FROM touches WHERE "+where)
		if got := fmt.Sprint(d.tile(t, "data_events")); got != fmt.Sprint(all[0]["n"]) {
			t.Errorf("%s data events, want %v", got, all[0]["n"])
		}
		for _, row := range d.rows(t, "narrower") {
			if row["change"] != "Log writes only" {
				continue
			}
			want := ducktest.Query(t, c.sql()+"SELECT count(*) AS n FROM touches WHERE touch_index = 0 AND (read_only OR op = 'READ_STREAM') AND "+where)
			if fmt.Sprint(row["events"]) != fmt.Sprint(want[0]["n"]) {
				t.Errorf("writes only: %v events less, want %v", row["events"], want[0]["n"])
			}
		}
	}
}

// What arrived is what SQL over the lake's files counts, by table, day and kind.
func TestCoverageIsWhatDuckDBCounts(t *testing.T) {
	ducktest.Need(t)
	c, err := sampleCorpus()
	if err != nil {
		t.Fatal(err)
	}
	d := reportOf(t, "coverage", "--lake", c.lake)
	want := ducktest.Query(t, c.sql()+`SELECT table_arn, strftime(day, '%Y-%m-%d') AS day,
		count(*) FILTER (plane = 'control' AND NOT mutates) AS management_reads, count(*) FILTER (plane = 'control' AND mutates) AS management_writes,
		count(*) FILTER (plane = 'data' AND op <> 'READ_STREAM' AND NOT mutates) AS data_reads, count(*) FILTER (plane = 'data' AND op <> 'READ_STREAM' AND mutates) AS data_writes,
		count(*) FILTER (plane = 'data' AND op = 'READ_STREAM') AS stream_reads, count(*) FILTER (plane = 'kms') AS key_uses,
		count(*) FILTER (plane NOT IN ('control', 'data', 'kms')) AS others, count(*) FILTER (outcome = 'denied') AS denied
		FROM touches WHERE table_arn IS NOT NULL GROUP BY 1, 2`)
	columns := []string{"table_arn", "day", "management_reads", "management_writes", "data_reads", "data_writes", "stream_reads", "key_uses", "others", "denied"}
	var got []map[string]any
	for _, row := range d.rows(t, "table_days") {
		if row["table_arn"] != nil {
			got = append(got, row)
		}
	}
	sameLines(t, "tables by day", lines(got, columns...), lines(want, columns...))
	total := ducktest.Query(t, c.sql()+"SELECT count(*) AS n FROM touches WHERE table_arn IS NOT NULL OR table_name IS NOT NULL")
	var sum float64
	for _, row := range d.rows(t, "coverage_tables") {
		for _, kind := range columns[2:9] {
			sum += row[kind].(float64)
		}
	}
	if fmt.Sprint(int64(sum)) != fmt.Sprint(total[0]["n"]) {
		t.Errorf("%v touches of tables, want %v", sum, total[0]["n"])
	}
	ledger := ducktest.Query(t, c.sql()+"SELECT coalesce(sum(quarantined), 0) AS n FROM ledger WHERE status = 'done'")
	if got := fmt.Sprint(d.tile(t, "records_quarantined")); got != fmt.Sprint(ledger[0]["n"]) {
		t.Errorf("%s records in quarantine, want %v", got, ledger[0]["n"])
	}
}
