package lake

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
	"github.com/keytrail/keytrail/schema"
)

// findingsInDuckDB is a directory with findings, and the SQL that shows them.
func findingsInDuckDB(t *testing.T) (found []schema.Finding, root, sql string) {
	t.Helper()
	ducktest.Need(t)
	root = t.TempDir()
	l := create(t, openDir(t, root))
	found = findings(rand.New(rand.NewPCG(7, 8)), 40)
	if err := l.MergeFindings(t.Context(), day, func([]schema.Finding) []schema.Finding { return found }); err != nil {
		t.Fatal(err)
	}
	script, err := schema.DDL{Location: root, Database: "keytrail", Empty: []string{"ledger", "rollup", "quarantine"}}.SQL("duckdb")
	if err != nil {
		t.Fatal(err)
	}
	// The lake has no touches to make views over.
	const view = `CREATE OR REPLACE VIEW "keytrail".`
	before, rest, _ := strings.Cut(script, view+`"touches"`)
	_, rest, _ = strings.Cut(rest, view+`"findings"`)
	rest, _, _ = strings.Cut(rest, view)
	return found, root, before + view + `"findings"` + rest
}

// DuckDB finds through the view what was found, the JSON Lines in the same folder notwithstanding.
func TestFindingsInDuckDB(t *testing.T) {
	found, root, sql := findingsInDuckDB(t)
	rows := ducktest.Query(t, sql+`
SELECT id, severity, severity_rank, day = DATE '`+day+`' AS day, len(event_ids) AS events, coalesce(json_array_length(evidence), 0) AS evidence,
  observed, len(series) AS series, coalesce(event_ids[1] = (evidence->0->>'event_id'), true) AS same
FROM keytrail.findings ORDER BY severity_rank DESC, detection, id`)
	if len(rows) != len(found) {
		t.Fatalf("%d rows, not %d", len(rows), len(found))
	}
	of := map[string]*schema.Finding{}
	for i := range found {
		of[found[i].ID] = &found[i]
	}
	for i, row := range rows {
		f := of[row["id"].(string)]
		if i > 0 && fmt.Sprint(row["severity_rank"]) > fmt.Sprint(rows[i-1]["severity_rank"]) {
			t.Error("severities are out of order")
		}
		var series []float64
		if f.Stat != nil {
			series = f.Stat.Series
		}
		if row["severity"] != f.Severity.String() || row["day"] != true || row["same"] != true || (row["observed"] == nil) != (f.Stat == nil) ||
			fmt.Sprint(row["events"], row["evidence"], row["series"]) != fmt.Sprint(len(f.Evidence), len(f.Evidence), len(series)) {
			t.Errorf("%v\nof %+v", row, f)
		}
	}
	lines := ducktest.Query(t, "SELECT count(*) AS n FROM read_json("+ducktest.Quote(filepath.Join(root, "findings", "*", "_findings.jsonl"))+", format = 'newline_delimited')")
	if fmt.Sprint(lines[0]["n"]) != fmt.Sprint(len(found)) {
		t.Errorf("%v lines, not %d", lines[0]["n"], len(found))
	}
}

// The columns that SQL declares are those of the files: names, order, types, and which may
// be NULL. And they are those of the finding's JSON, but for those that stand for several.
func TestFindingColumns(t *testing.T) {
	_, root, _ := findingsInDuckDB(t)
	file := ducktest.Quote(filepath.Join(root, filepath.FromSlash(findingsKey)))
	nullable := map[any]bool{}
	for _, row := range ducktest.Query(t, "SELECT name, repetition_type FROM parquet_schema("+file+")") {
		nullable[row["name"]] = row["repetition_type"] == "OPTIONAL"
	}
	types := map[any]string{"VARCHAR": "String", "INTEGER": "Int32", "BIGINT": "Int64", "BOOLEAN": "Bool", "DOUBLE": "Float64",
		"TIMESTAMP WITH TIME ZONE": "DateTime64(6, 'UTC')", "VARCHAR[]": "Array(String)", "DOUBLE[]": "Array(Float64)"}
	var got, names []string
	for _, row := range ducktest.Query(t, "DESCRIBE FROM read_parquet("+file+", hive_partitioning = false)") {
		name := row["column_name"].(string)
		kind := types[row["column_type"]]
		if nullable[name] {
			kind = "Nullable(" + kind + ")"
		}
		got, names = append(got, name+" "+kind), append(names, name)
	}
	sql, err := schema.DDL{Location: root, Database: "keytrail"}.SQL("clickhouse")
	if err != nil {
		t.Fatal(err)
	}
	_, sql, _ = strings.Cut(sql, "`keytrail`.`findings` (")
	sql, _, _ = strings.Cut(sql, ") AS")
	var want []string
	for _, m := range regexp.MustCompile("(?m)^  `(.*?)` +(.*?) +COMMENT").FindAllStringSubmatch(sql, -1) {
		want = append(want, m[1]+" "+m[2])
	}
	if want = want[:len(want)-1]; !slices.Equal(got, want) { // the day is in the path
		t.Errorf("files %v\nSQL   %v", got, want)
	}
	for name := range jsonNames(t, schema.Finding{Stat: &schema.Stat{}}) {
		if name != "day" && name != "stat" && !slices.Contains(names, name) {
			t.Errorf("the file has no %s", name)
		}
	}
	for name := range jsonNames(t, schema.Stat{}) {
		if !slices.Contains(names, name) {
			t.Errorf("the file has no %s", name)
		}
	}
}

// jsonNames are the members of a struct in JSON.
func jsonNames(t *testing.T, of any) map[string]any {
	t.Helper()
	v := reflect.TypeOf(of)
	names := map[string]any{}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Field(i).Tag.Get("json"), ",")
		names[name] = nil
	}
	if _, err := json.Marshal(of); err != nil || len(names) < 6 {
		t.Fatal(names, err)
	}
	return names
}
