package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/ducktest"
	"github.com/keytrail/keytrail/schema"
)

// corpus is a source and the lake that the built binary made of it.
type corpus struct {
	name   string
	trail  string // directory
	lake   string
	report engine.Report
}

// objects is the glob of everything in the source that can hold records.
func (c *corpus) objects() string { return filepath.Join(c.trail, "**", "*.json*") }

// sql is a prelude for DuckDB: the lake as a stranger would read it.
func (c *corpus) sql() string {
	const file = "read_parquet(%s, hive_partitioning=true, hive_types={'day':DATE,'table_name':VARCHAR})"
	return fmt.Sprintf("SET VARIABLE raw = %s;\nCREATE VIEW touches AS FROM "+file+";\nCREATE VIEW ledger AS FROM read_parquet(%s);\n",
		ducktest.Quote(c.objects()), ducktest.Quote(c.lake+"/touches/**/*.parquet"), ducktest.Quote(c.lake+"/ledger/**/*.parquet"))
}

// sampleCorpus is the lake of `keytrail sample`, made once for all tests.
var sampleCorpus = sync.OnceValues(func() (*corpus, error) {
	c := &corpus{name: "sample", trail: filepath.Join(scratch, "sample", "trail"), lake: filepath.Join(scratch, "sample", "lake")}
	if _, err := keytrail("sample", "--out", c.trail, "--events", "12000", "--seed", "3"); err != nil {
		return nil, err
	}
	return c, c.ingest()
})

// fixtureCorpus is the lake of the records composed from the documented shapes.
var fixtureCorpus = sync.OnceValues(func() (*corpus, error) {
	c := &corpus{name: "fixtures", trail: filepath.Join(scratch, "fixtures", "trail"), lake: filepath.Join(scratch, "fixtures", "lake")}
	if err := os.MkdirAll(c.trail, 0o777); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "objects", "records", "*.json"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if notForDuckDB.MatchString(filepath.Base(file)) {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(c.trail, filepath.Base(file)), text, 0o666); err != nil {
			return nil, err
		}
	}
	return c, c.ingest()
})

// notForDuckDB are the fixtures that DuckDB's JSON reader refuses, or whose point
// is to be read otherwise than plain SQL does: the golden files of engine/decode
// are for those.
var notForDuckDB = regexp.MustCompile(`^(broken|carrier|deep|byte-order-mark|invalid-utf8|escapes|foreign-scalars|duplicate-members)`)

// ingest runs `keytrail ingest`; some input may be skipped or quarantined.
func (c *corpus) ingest() error {
	out, err := keytrail("ingest", c.trail, "--lake", c.lake, "--json")
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 3) {
		return err
	}
	return json.Unmarshal(out, &c.report)
}

func keytrail(args ...string) ([]byte, error) {
	cmd := exec.Command(builtBinary, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("keytrail %s: %w\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return out, nil
}

func eachCorpus(t *testing.T, test func(t *testing.T, c *corpus)) {
	ducktest.Need(t)
	for _, load := range []func() (*corpus, error){sampleCorpus, fixtureCorpus} {
		c, err := load()
		if err != nil {
			t.Fatal(err)
		}
		t.Run(c.name, func(t *testing.T) { test(t, c) })
	}
}

func readSQL(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "sql", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The lake's rows per table, day, service, event and operation equal a count that
// DuckDB makes over the JSON of the trail.
func TestDuckDBCounts(t *testing.T) {
	eachCorpus(t, func(t *testing.T, c *corpus) {
		prelude := c.sql() + readSQL(t, "expected.sql")
		for _, row := range ducktest.Query(t, prelude+readSQL(t, "differences.sql")) {
			t.Errorf("%v %v %v %v %v: %v in the trail, %v in the lake",
				row["table_name"], row["day"], row["event_source"], row["event_name"], row["op"], row["in_trail"], row["in_lake"])
		}
		// Agreement on nothing would be no news.
		got := ducktest.Query(t, prelude+`SELECT count(*) AS touches, count(DISTINCT event_name) AS events, count(DISTINCT table_name) AS tables FROM expected`)[0]
		if got["events"].(int64) < 60 || got["tables"].(int64) < 3 {
			t.Errorf("the corpus is too small to compare: %v", got)
		}
	})
}

// Every record of DynamoDB's own services is in scope, and is in the lake as the
// same event of the same account, however many touches it had and however often it
// was delivered.
func TestDuckDBEvents(t *testing.T) {
	eachCorpus(t, func(t *testing.T, c *corpus) {
		rows := ducktest.Query(t, c.sql()+readSQL(t, "expected.sql")+`
CREATE TABLE want AS SELECT DISTINCT event_source, event_name, r->>'eventID' AS event_id, r->>'recipientAccountId' AS account FROM named WHERE service IN ('dynamodb', 'dax');
CREATE TABLE got AS SELECT DISTINCT event_source, event_name, event_id, recipient_account_id AS account FROM touches WHERE event_source SIMILAR TO '(streams\.)?(dynamodb|dax)\..*';
SELECT * FROM (SELECT 'only in the trail' AS side, * FROM (FROM want EXCEPT FROM got) UNION ALL SELECT 'only in the lake', * FROM (FROM got EXCEPT FROM want)) ORDER BY ALL LIMIT 20`)
		for _, row := range rows {
			t.Errorf("%v", row)
		}
	})
}

// Keys and people of single-item calls, straight from the JSON.
func TestDuckDBKeys(t *testing.T) {
	eachCorpus(t, func(t *testing.T, c *corpus) {
		rows := ducktest.Query(t, c.sql()+readSQL(t, "expected.sql")+`
CREATE TABLE want AS
SELECT r->>'eventID' AS event_id, r->>'recipientAccountId' AS account, list_sort(list_transform(json_keys(rp->'key'), k -> json_extract_string(rp->'key', '$."' || k || '"'))) AS key_values,
  nullif(r->>'$.userIdentity.arn', '') AS arn, r->>'sourceIPAddress' AS ip
FROM named
WHERE service = 'dynamodb' AND event_name IN ('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem')
  AND json_type(rp->'key') = 'OBJECT' AND len(json_keys(rp->'key')) > 0
  AND (r->>'eventID') IS NOT NULL AND one_table IS NOT NULL
  -- text, as CloudTrail logs it: DuckDB writes numbers in its own way
  AND list_bool_and(list_transform(json_keys(rp->'key'), k -> json_type(rp->'key', '$."' || k || '"') = 'VARCHAR'));
SELECT want.event_id, want.key_values AS want, t.key_values AS got, want.arn, t.principal_arn, want.ip, t.source_ip
FROM want LEFT JOIN touches t ON t.event_id = want.event_id AND t.recipient_account_id IS NOT DISTINCT FROM want.account
WHERE list_sort(t.key_values) IS DISTINCT FROM want.key_values OR t.item_key IS NULL OR t.key_scope <> 'item'
  OR t.principal_arn IS DISTINCT FROM want.arn OR t.source_ip IS DISTINCT FROM want.ip
LIMIT 20`)
		for _, row := range rows {
			t.Errorf("%v", row)
		}
	})
}

// The accounts balance, summed by another engine than the one that keeps them.
func TestDuckDBLedger(t *testing.T) {
	eachCorpus(t, func(t *testing.T, c *corpus) {
		sum := ducktest.Query(t, c.sql()+`
SELECT count(*) FILTER (records <> in_scope + out_of_scope + quarantined) AS unbalanced, count(*) FILTER (touches < in_scope) AS short,
  sum(records)::BIGINT AS records, sum(quarantined)::BIGINT AS quarantined, sum(touches)::BIGINT AS touches, count(*) AS objects
FROM ledger WHERE status = 'done'`)[0]
		if sum["unbalanced"] != int64(0) || sum["short"] != int64(0) {
			t.Errorf("objects whose row does not balance: %v", sum)
		}
		// The other side of each balance: the trail, and the lake.
		raw := ducktest.Query(t, c.sql()+`
SELECT coalesce(sum(json_array_length(coalesce(json->'Records', json->'records'))), 0)::BIGINT AS records FROM read_json_objects(getvariable('raw'), format='unstructured', maximum_object_size=268435456, filename=true)
WHERE filename NOT LIKE '%NetworkActivity%' AND filename NOT LIKE '%Aggregated%'`)[0]
		if sum["records"] != raw["records"] {
			t.Errorf("the ledger has %v records read, the trail %v", sum["records"], raw["records"])
		}
		lake := ducktest.Query(t, c.sql()+`SELECT count(*) AS touches FROM touches`)[0]
		if got, want := sum["touches"].(int64)-lake["touches"].(int64), c.report.Duplicates; got != want || got < 0 {
			t.Errorf("Σ touches − rows = %d, the run dropped %d duplicates", got, want)
		}
		over := ducktest.Query(t, c.sql()+`
SELECT source_object, count(*) AS live, any_value(l.touches) AS emitted, any_value(l.status) AS status
FROM touches LEFT JOIN ledger l USING (source_object) GROUP BY source_object
HAVING status IS DISTINCT FROM 'done' OR live > emitted`)
		for _, row := range over {
			t.Errorf("%v: %v rows live, %v emitted, %v", row["source_object"], row["live"], row["emitted"], row["status"])
		}
		if sum["records"] != c.report.Records || sum["objects"] != c.report.ObjectsDone || sum["quarantined"] != c.report.Quarantined {
			t.Errorf("the ledger says %v, --json says %+v", sum, c.report)
		}
	})
}

// Columns have the names and types of the contract, for a reader that knows
// nothing of it.
func TestDuckDBTypes(t *testing.T) {
	types := map[schema.Type]string{schema.Text: "VARCHAR", schema.Int: "INTEGER", schema.Time: "TIMESTAMP WITH TIME ZONE", schema.Bool: "BOOLEAN", schema.List: "VARCHAR[]"}
	eachCorpus(t, func(t *testing.T, c *corpus) {
		rows := ducktest.Query(t, c.sql()+`SELECT column_name, column_type FROM (DESCRIBE touches)`)
		want := map[string]string{"table_name": "VARCHAR", "day": "DATE"}
		for _, col := range schema.Columns {
			want[col.Name] = types[col.Type]
		}
		for i, row := range rows {
			name := row["column_name"].(string)
			if want[name] != row["column_type"] {
				t.Errorf("%s: %v, want %s", name, row["column_type"], want[name])
			}
			if i < len(schema.Columns) && name != schema.Columns[i].Name {
				t.Errorf("column %d is %s, want %s", i, name, schema.Columns[i].Name)
			}
			delete(want, name)
		}
		if len(want) > 0 {
			t.Errorf("missing: %v", want)
		}
	})
}

// Rows are in the order that the contract promises, and in the right partition.
func TestDuckDBOrder(t *testing.T) {
	eachCorpus(t, func(t *testing.T, c *corpus) {
		rows := ducktest.Query(t, `
CREATE VIEW rows AS SELECT filename, file_row_number, item_key, event_time, event_id, touch_index
  FROM read_parquet(`+ducktest.Quote(c.lake+"/touches/**/*.parquet")+`, filename=true, file_row_number=true);
SELECT filename, a.file_row_number AS row FROM rows a JOIN rows b USING (filename)
WHERE b.file_row_number = a.file_row_number + 1
  AND (a.item_key IS NOT NULL, coalesce(a.item_key, ''), a.event_time, a.event_id IS NOT NULL, coalesce(a.event_id, ''), a.touch_index)
    > (b.item_key IS NOT NULL, coalesce(b.item_key, ''), b.event_time, b.event_id IS NOT NULL, coalesce(b.event_id, ''), b.touch_index)
LIMIT 10`)
		for _, row := range rows {
			t.Errorf("%v: row %v comes before a smaller one", row["filename"], row["row"])
		}
		rows = ducktest.Query(t, c.sql()+`SELECT table_name, day, count(*) AS n FROM touches WHERE (event_time AT TIME ZONE 'UTC')::DATE <> day GROUP BY ALL`)
		for _, row := range rows {
			t.Errorf("rows of another day: %v", row)
		}
	})
}

// Another engine can skip what it need not read: there are statistics and Bloom
// filters, they never exclude what is there, and they do exclude what is not.
func TestDuckDBPruning(t *testing.T) {
	ducktest.Need(t)
	c, err := sampleCorpus()
	if err != nil {
		t.Fatal(err)
	}
	files := ducktest.Quote(c.lake + "/touches/**/*.parquet")
	meta := ducktest.Query(t, `
SELECT path_in_schema AS column, count(*) AS chunks, count(bloom_filter_offset) AS filters, count(stats_min_value) AS bounds, count(*) FILTER (stats_null_count = num_values) AS empty
FROM parquet_metadata(`+files+`) WHERE path_in_schema IN ('item_key', 'event_time', 'event_id') OR path_in_schema LIKE 'key_values%' GROUP BY ALL`)
	if len(meta) != 4 {
		t.Fatalf("columns in parquet_metadata: %v", meta)
	}
	for _, row := range meta {
		filtered := row["column"] == "item_key" || strings.HasPrefix(row["column"].(string), "key_values")
		if filtered != (row["filters"].(int64) > 0) {
			t.Errorf("%v: %v Bloom filters in %v chunks", row["column"], row["filters"], row["chunks"])
		}
		if row["bounds"].(int64)+row["empty"].(int64) < row["chunks"].(int64) {
			t.Errorf("%v: min and max in %v of %v chunks", row["column"], row["bounds"], row["chunks"])
		}
	}
	// Every tenth key of the busiest partition, and as many that nobody has.
	busiest := ducktest.Query(t, `
SELECT filename FROM read_parquet(`+files+`, filename=true) WHERE item_key IS NOT NULL GROUP BY filename ORDER BY count(DISTINCT item_key) DESC, filename LIMIT 1`)[0]["filename"].(string)
	keys := ducktest.Query(t, `SELECT DISTINCT item_key, key_values[1] AS value FROM read_parquet(`+ducktest.Quote(busiest)+`) WHERE item_key IS NOT NULL ORDER BY ALL`)
	var present, absent []string
	for i, row := range keys {
		if i%10 == 0 {
			present = append(present, row["item_key"].(string))
			absent = append(absent, row["item_key"].(string)+"?")
		}
	}
	if excluded := excludes(t, busiest, "item_key", present); excluded != 0 {
		t.Errorf("the Bloom filters of %s deny %d of %d keys that are there", busiest, excluded, len(present))
	}
	if excluded := excludes(t, busiest, "item_key", absent); len(absent) < 20 || excluded < len(absent)*9/10 {
		t.Errorf("the Bloom filters of %s exclude %d of %d keys that are not there", busiest, excluded, len(absent))
	}
	// What a filter reads is what a scan reads.
	got := ducktest.Query(t, `SELECT count(*) AS n FROM read_parquet(`+files+`) WHERE item_key = `+ducktest.Quote(keys[0]["item_key"].(string)))[0]["n"]
	want := ducktest.Query(t, `SELECT count(*) FILTER (item_key || '' = `+ducktest.Quote(keys[0]["item_key"].(string))+`) AS n FROM read_parquet(`+files+`)`)[0]["n"]
	if got != want || got == int64(0) {
		t.Errorf("pruned read finds %v rows, a full scan %v", got, want)
	}
}

// excludes counts the values that the Bloom filters of all row groups exclude.
func excludes(t *testing.T, file, column string, values []string) int {
	t.Helper()
	probes := make([]string, len(values))
	for i, v := range values {
		probes[i] = fmt.Sprintf("SELECT %d AS i, bloom_filter_excludes AS excluded FROM parquet_bloom_probe(%s, %s, %s)",
			i, ducktest.Quote(file), ducktest.Quote(column), ducktest.Quote(v))
	}
	rows := ducktest.Query(t, "SELECT i FROM ("+strings.Join(probes, " UNION ALL ")+") GROUP BY i HAVING bool_and(excluded)")
	return len(rows)
}
