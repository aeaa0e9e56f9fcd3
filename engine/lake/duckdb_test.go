package lake

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/ducktest"
	"github.com/keytrail/keytrail/schema"
)

// describe is what DuckDB makes of the columns of a query, in order.
func describe(t *testing.T, from string) string {
	t.Helper()
	var out []string
	for _, r := range ducktest.Query(t, "DESCRIBE SELECT * FROM "+from) {
		out = append(out, fmt.Sprintf("%v %v", r["column_name"], r["column_type"]))
	}
	return strings.Join(out, "\n")
}

// The small tables are read by other people's SQL: names, order and types are
// promises, and so is where NULL stands.
func TestSmallTablesInDuckDB(t *testing.T) {
	ducktest.Need(t)
	root := t.TempDir()
	l := create(t, openDir(t, root))
	files := func(dir string) string {
		return "read_parquet(" + ducktest.Quote(filepath.Join(root, dir, "*", "part.parquet")) + ", hive_partitioning = true)"
	}
	bare := Entry{SourceObject: "b", Status: Failed}
	late := entry("c v1 done")
	late.LastEventTime = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	merge(t, l, entry("a v1 done"), bare, late)
	if err := l.MergeLedger(t.Context(), "", entries("d v1 skipped")); err != nil {
		t.Fatal(err)
	}
	if err := l.MergeQuarantine(t.Context(), day, []Quarantined{{"a", 3, "no eventSource", "{\x00\xff}"}}); err != nil {
		t.Fatal(err)
	}
	if err := l.MergeRollup(t.Context(), day, map[string][]Count{"Orders": {count(12, "read", 2)}, schema.NoTable: {count(0, "list", 1)}}); err != nil {
		t.Fatal(err)
	}

	for dir, want := range map[string]string{
		"ledger": `source_object VARCHAR
etag VARCHAR
size BIGINT
inflated_bytes BIGINT
last_modified TIMESTAMP WITH TIME ZONE
sha256 VARCHAR
account_id VARCHAR
aws_region VARCHAR
kind VARCHAR
status VARCHAR
error VARCHAR
attempts BIGINT
records BIGINT
in_scope BIGINT
out_of_scope BIGINT
quarantined BIGINT
touches BIGINT
first_event_time TIMESTAMP WITH TIME ZONE
last_event_time TIMESTAMP WITH TIME ZONE
source VARCHAR
digest_verdict VARCHAR
delivery_day DATE`,
		"quarantine": "source_object VARCHAR\nsource_index INTEGER\nreason VARCHAR\nraw VARCHAR\nday DATE",
		"rollup": "hour TIMESTAMP WITH TIME ZONE\ntable_name VARCHAR\ntable_arn VARCHAR\nactor VARCHAR\n" +
			"op VARCHAR\noutcome VARCHAR\ntouches BIGINT\nday DATE",
	} {
		if got := describe(t, files(dir)); got != want {
			t.Errorf("%s has columns\n%s\nwant\n%s", dir, got, want)
		}
	}

	for _, c := range []struct {
		sql  string
		want []map[string]any
	}{
		{`SELECT source_object, delivery_day AS day, etag IS NULL AND last_modified IS NULL AND first_event_time IS NULL AND error IS NULL AND source IS NULL AS bare,
last_event_time AS last FROM ` + files("ledger") + ` ORDER BY 1`, []map[string]any{
			{"source_object": "a", "day": "2024-03-10", "bare": false, "last": "2024-03-10 11:59:00+00"},
			{"source_object": "b", "day": "2024-03-10", "bare": true, "last": nil},
			{"source_object": "c", "day": "2024-03-10", "bare": false, "last": "9999-12-31 00:00:00+00"},
			{"source_object": "d", "day": nil, "bare": false, "last": nil},
		}},
		{`SELECT table_name, hour, touches FROM ` + files("rollup") + ` ORDER BY hour`, []map[string]any{
			{"table_name": nil, "hour": "2024-03-10 00:00:00+00", "touches": int64(1)},
			{"table_name": "Orders", "hour": "2024-03-10 12:00:00+00", "touches": int64(2)},
		}},
		{`SELECT source_index, length(raw) AS n, reason FROM ` + files("quarantine"), []map[string]any{
			{"source_index": int64(3), "n": int64(4), "reason": "no eventSource"},
		}},
	} {
		if got := ducktest.Query(t, c.sql); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s\ngot  %v\nwant %v", c.sql, got, c.want)
		}
	}
}
