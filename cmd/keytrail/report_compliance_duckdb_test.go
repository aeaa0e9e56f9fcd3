package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
)

// The report on the demo's month has the numbers that SQL over the lake's files counts, and
// its first sentence is the incident.
func TestComplianceIsWhatDuckDBCounts(t *testing.T) {
	ducktest.Need(t)
	m := newMonth(t, "first_days: 31\nfail_on: never\n", "--incident-day", fmt.Sprint(monthIncident))
	if out, status := m.night(monthDays); status != exitDone {
		t.Fatalf("status %d\n%s", status, out)
	}
	d := reportOf(t, "compliance", "--period", monthStart[:7], "--lake", m.path("lake"))
	read := func(dir string) string {
		return "read_parquet(" + ducktest.Quote(filepath.Join(m.path("lake"), dir, "**/*.parquet")) + ", hive_partitioning = true, hive_types = {'day': DATE})"
	}
	where := fmt.Sprintf(" WHERE strftime(day, '%%Y-%%m') = '%s'", monthStart[:7])
	touches := read("touches") + where
	one := ducktest.Query(t, `SELECT count(*) AS touches, count(DISTINCT event_id) AS events, count(DISTINCT table_arn) AS tables,
		count(DISTINCT event_id) FILTER (outcome = 'denied') AS denied_calls FROM `+touches)[0]
	for id, want := range one {
		if got := fmt.Sprint(d.tile(t, id)); got != fmt.Sprint(want) {
			t.Errorf("%s is %s, DuckDB counts %v", id, got, want)
		}
	}
	var named []map[string]any
	for _, row := range d.rows(t, "tables") {
		if row["table_arn"] != nil {
			named = append(named, row)
		}
	}
	want := ducktest.Query(t, `SELECT table_arn, count(*) AS touches, count(DISTINCT event_id) AS calls,
		count(*) FILTER (outcome = 'ok' AND op = 'DELETE_ITEM') AS deletes, count(*) FILTER (outcome = 'denied') AS denied
		FROM `+touches+" AND plane <> 'insight' AND table_arn IS NOT NULL GROUP BY 1")
	columns := []string{"table_arn", "touches", "calls", "deletes", "denied"}
	sameLines(t, "tables", lines(named, columns...), lines(want, columns...))

	found := ducktest.Query(t, "SELECT id AS finding, detection, coalesce(table_name, '') AS table_name FROM "+read("findings")+where)
	columns = []string{"finding", "detection", "table_name"}
	sameLines(t, "findings", lines(d.rows(t, "findings"), columns...), lines(found, columns...))
	first := d.rows(t, "incidents")[0]
	if first["who"] != "maren.holt@example.com" || first["severity"] != "critical" || !strings.Contains(fmt.Sprint(first["tables"]), "customers") {
		t.Errorf("the first incident is %v", first)
	}
}
