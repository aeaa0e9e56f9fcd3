package compliance

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
	"github.com/keytrail/keytrail/queries/report"
)

// What the sections count is what DuckDB counts over the same lake.
func TestAccessIsWhatDuckDBCounts(t *testing.T) {
	l, path := accessLake(t, 3000)
	q := Question{From: "2026-03-02", To: "2026-03-05", Policy: parsedPolicy(t)}
	a, made := accessOf(t, l, q)
	d := documentOf(t, made)
	lake := fmt.Sprintf(`(SELECT * FROM read_parquet(%s, hive_partitioning = true)
		WHERE event_time >= TIMESTAMP '2026-03-02' AND event_time < TIMESTAMP '2026-03-06')`, ducktest.Quote(filepath.Join(path, "touches/*/*/*.parquet")))
	byHand := "(actor_kind IN ('human', 'root', 'unknown') OR console) AND (mutates OR op = 'AUDIT') AND outcome = 'ok' AND plane <> 'insight'"
	one := ducktest.Query(t, `SELECT count(*) AS touches, count(DISTINCT event_id) AS events,
		count(DISTINCT table_arn) AS tables,
		count(DISTINCT event_id) FILTER (WHERE `+byHand+`) AS manual_changes,
		count(DISTINCT event_id) FILTER (WHERE outcome = 'denied') AS denied_calls,
		count(DISTINCT event_id) FILTER (WHERE outcome = 'failed') AS failed_calls,
		count(DISTINCT event_id) FILTER (WHERE access_key_id LIKE 'AKIA%') AS calls_long_term_key,
		count(DISTINCT event_id) FILTER (WHERE console) AS calls_console,
		count(DISTINCT event_id) FILTER (WHERE op = 'READ_BULK' AND plane = 'data' AND outcome = 'ok') AS bulk_reads
		FROM `+lake)[0]
	for _, s := range d.Sections {
		for _, tile := range s.Tiles {
			if want, asked := one[tile.ID]; asked && want.(int64) != tile.Value.Int() {
				t.Errorf("%s is %s, DuckDB counts %v", tile.ID, tile.Value, want)
			}
			delete(one, tile.ID)
		}
	}
	if len(one) > 0 {
		t.Errorf("no tile has %v", one)
	}

	counts := map[string][]int64{}
	for _, row := range ducktest.Query(t, `SELECT coalesce(table_arn, '') AS arn, coalesce(table_name, '') AS name, count(*) AS touches, count(DISTINCT event_id) AS calls,
		count(*) FILTER (WHERE outcome = 'ok' AND op LIKE 'READ_%') AS reads, count(*) FILTER (WHERE outcome = 'ok' AND op = 'WRITE_ITEM') AS writes,
		count(*) FILTER (WHERE outcome = 'ok' AND op = 'DELETE_ITEM') AS deletes, count(*) FILTER (WHERE outcome = 'denied') AS denied
		FROM `+lake+` WHERE plane <> 'insight' GROUP BY ALL`) {
		if row["arn"] != "" {
			counts[row["arn"].(string)] = []int64{row["calls"].(int64), row["touches"].(int64), row["reads"].(int64), row["writes"].(int64), row["deletes"].(int64), row["denied"].(int64)}
		}
	}
	list := made[ByTable].Table("tables")
	for _, row := range list.Rows {
		arn := row[at(t, list, "table_arn")].String()
		if arn == "" {
			continue
		}
		var got []int64
		for _, name := range []string{"calls", "touches", "reads", "writes", "deletes", "denied"} {
			got = append(got, row[at(t, list, name)].Int())
		}
		if fmt.Sprint(got) != fmt.Sprint(counts[arn]) {
			t.Errorf("%s: %v, DuckDB counts %v", arn, got, counts[arn])
		}
		delete(counts, arn)
	}
	if len(counts) > 0 {
		t.Errorf("tables that are not listed: %v", counts)
	}

	// Every touch is in one line of the matrix, and in one of the principals'.
	matrix, principals := made[ByTable].Table("access_matrix"), made[ByPerson].Table("principals")
	for _, table := range []*report.Table{matrix, principals} {
		sum := int64(0)
		for _, row := range table.Rows {
			for _, name := range []string{"reads", "writes", "deletes", "admin", "metadata", "denied", "failed"} {
				sum += row[at(t, table, name)].Int()
			}
		}
		if sum+a.insights != a.touches {
			t.Errorf("%s has %d touches of %d", table.ID, sum, a.touches-a.insights)
		}
	}
}

// at is the place of a column.
func at(t testing.TB, table *report.Table, name string) int {
	t.Helper()
	for i, c := range table.Columns {
		if c.Name == name {
			return i
		}
	}
	t.Fatalf("%s has no column %s", table.ID, name)
	return 0
}

// The register has the calls that it counts, once each.
func TestRegisterHasAllManualChanges(t *testing.T) {
	l, _ := accessLake(t, 3000)
	_, made := accessOf(t, l, Question{From: "2026-03-02", To: "2026-03-05"})
	s := made[Privileged]
	register := s.Table("manual_changes")
	tables := map[string]bool{}
	var calls int64
	for _, row := range register.Rows {
		calls += row[at(t, register, "calls")].Int()
		tables[row[at(t, register, "table_arn")].String()] = true
		if !row[at(t, register, "verdict")].IsNull() {
			t.Errorf("a verdict without a policy: %v", row)
		}
	}
	// A call that changed several tables has a line in each.
	if tile := s.Tiles[0].Value.Int(); calls < tile || tile == 0 {
		t.Errorf("the lines have %d calls of %d", calls, tile)
	}
	if !strings.Contains(s.Lead, "no policy with rules") || made[Unexpected].Level != report.Unknown {
		t.Errorf("without a policy: %s; %s", s.Lead, made[Unexpected].Level)
	}
}
