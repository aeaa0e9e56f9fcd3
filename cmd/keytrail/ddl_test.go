package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
)

// ddl is the SQL of `keytrail ddl` for the corpus.
func (c *corpus) ddl(t *testing.T, engine string) string {
	t.Helper()
	out, err := keytrail("ddl", engine, "--lake", c.lake)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// filesSQL are the files of the lake as a stranger reads them, and what the views
// should find in them, said in another way than the views do: a touch is left out if
// there is a better copy of it.
const filesSQL = `
CREATE TABLE raw AS SELECT event_id, touch_index, source_object, source_index, shared_event_id, recipient_account_id, table_name, table_arn, day, plane,
  op, mutates, outcome, actor, recipient_account_id IS NOT DISTINCT FROM principal_account_id AS own
  FROM read_parquet(%s, hive_partitioning=true, hive_types={'day':DATE,'table_name':VARCHAR});
CREATE TABLE once AS FROM raw r WHERE r.plane = 'insight' OR NOT EXISTS (
  FROM raw o WHERE o.shared_event_id = r.shared_event_id AND o.touch_index = r.touch_index AND o.day = r.day
    AND o.table_name IS NOT DISTINCT FROM r.table_name AND o.plane <> 'insight'
    AND (o.own > r.own OR o.own = r.own AND (o.recipient_account_id, o.event_id, o.source_object, o.source_index)
      < (r.recipient_account_id, r.event_id, r.source_object, r.source_index)));
`

// What DuckDB finds through the views is what it finds in the files.
func TestDDLViewsFindWhatIsThere(t *testing.T) {
	views := []struct{ view, direct string }{
		{"touches", "FROM raw"},
		{"touches_once", "FROM once"},
		{"writes", "FROM once WHERE mutates AND outcome = 'ok'"},
		{"reads", "FROM once WHERE op LIKE 'READ_%' AND outcome = 'ok'"},
		{"denied", "FROM once WHERE outcome = 'denied'"},
	}
	var queries []string
	for _, v := range views {
		queries = append(queries, fmt.Sprintf(`
SELECT '%[1]s' AS view, (SELECT count(*) FROM keytrail.%[1]s) AS rows, (SELECT count(*) %[2]s) AS want,
  (SELECT count(*) FROM (SELECT %[3]s FROM keytrail.%[1]s EXCEPT SELECT %[3]s %[2]s)) AS more`, v.view, v.direct, "event_id, touch_index, source_object, source_index"))
	}
	eachLake(t, func(t *testing.T, c *corpus, prelude string) {
		for _, row := range ducktest.Query(t, prelude+strings.Join(queries, " UNION ALL ")) {
			if row["rows"] != row["want"] || row["more"] != int64(0) || row["rows"] == int64(0) {
				t.Errorf("%v", row)
			}
		}
	})
}

// The counts by actor add up to the touches, and no touch is both read and write.
func TestDDLViewsAddUp(t *testing.T) {
	eachLake(t, func(t *testing.T, c *corpus, prelude string) {
		row := ducktest.Query(t, prelude+`
SELECT (SELECT sum(touches)::BIGINT FROM keytrail.by_actor) AS by_actor, (SELECT count(*) FROM once) AS once,
  (SELECT sum(denied)::BIGINT FROM keytrail.by_actor) AS by_actor_denied, (SELECT count(*) FROM keytrail.denied) AS denied,
  (SELECT sum(failed)::BIGINT FROM keytrail.by_actor) AS by_actor_failed, (SELECT count(*) FROM once WHERE outcome = 'failed') AS failed,
  (SELECT sum(calls)::BIGINT FROM keytrail.by_actor) AS calls,
  (SELECT count(*) FROM (SELECT DISTINCT day, table_name, table_arn, actor, op, event_id FROM once WHERE event_id IS NOT NULL)) AS want_calls,
  (SELECT sum(touches)::BIGINT FROM keytrail.rollup) AS rollup, (SELECT count(*) FROM keytrail.touches) AS touches,
  (SELECT count(*) FROM (SELECT event_id, touch_index FROM keytrail.reads INTERSECT SELECT event_id, touch_index FROM keytrail.writes)) AS read_and_written`)[0]
		for got, want := range map[string]string{"by_actor": "once", "by_actor_denied": "denied", "by_actor_failed": "failed", "calls": "want_calls", "rollup": "touches"} {
			if row[got] != row[want] {
				t.Errorf("%s is %v, %s %v", got, row[got], want, row[want])
			}
		}
		if row["read_and_written"] != int64(0) {
			t.Errorf("%v touches are in reads and in writes", row["read_and_written"])
		}
	})
}

// eachLake hands out the corpora and that of a call which two accounts logged, with
// the views made, and made again, which changes nothing.
func eachLake(t *testing.T, test func(t *testing.T, c *corpus, prelude string)) {
	ask := func(t *testing.T, c *corpus) {
		sql := c.ddl(t, "duckdb")
		test(t, c, sql+sql+fmt.Sprintf(filesSQL, ducktest.Quote(c.lake+"/touches/**/*.parquet")))
	}
	eachCorpus(t, ask)
	t.Run("shared", func(t *testing.T) { ask(t, sharedCorpus(t)) })
}

// sharedCorpus is the lake of two trails, of a table's owner and of somebody with a
// role in another account: a read and a write, each logged in both, and one denied
// call that only the owner's trail has.
func sharedCorpus(t *testing.T) *corpus {
	t.Helper()
	dir := t.TempDir()
	c := &corpus{name: "shared", trail: filepath.Join(dir, "trail"), lake: filepath.Join(dir, "it's a lake")}
	const record = `{"eventVersion":"1.11","userIdentity":%s,"eventTime":"2026-01-05T08:03:10Z","eventSource":"dynamodb.amazonaws.com","eventName":"%s",
"awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.7","userAgent":"x","errorCode":%s,"requestParameters":{"tableName":"orders","key":{"pk":"c#1"}},
"requestID":"R%d","eventID":"%s-%d","readOnly":false,"eventType":"AwsApiCall","recipientAccountId":"%[5]s","eventCategory":"Data","sharedEventID":"shared-%[4]d",
"resources":[{"accountId":"111122223333","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders"}]}`
	const atOwner = `{"type":"AWSAccount","principalId":"AROAEXAMPLE1:main","accountId":"444455556666"}`
	const atCaller = `{"type":"AssumedRole","principalId":"AROAEXAMPLE1:main","arn":"arn:aws:sts::444455556666:assumed-role/reader/main","accountId":"444455556666"}`
	write := func(account string, records ...string) {
		path := filepath.Join(c.trail, account+".json")
		if err := os.MkdirAll(c.trail, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("111122223333", fmt.Sprintf(record, atOwner, "GetItem", "null", 1, "111122223333", 1), fmt.Sprintf(record, atOwner, "DeleteItem", "null", 2, "111122223333", 2),
		fmt.Sprintf(record, atOwner, "PutItem", `"AccessDenied"`, 3, "111122223333", 3))
	write("444455556666", fmt.Sprintf(record, atCaller, "GetItem", "null", 1, "444455556666", 1), fmt.Sprintf(record, atCaller, "DeleteItem", "null", 2, "444455556666", 2))
	if err := c.ingest(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDDLCountsASharedCallOnce(t *testing.T) {
	ducktest.Need(t)
	c := sharedCorpus(t)
	rows := ducktest.Query(t, c.ddl(t, "duckdb")+`
SELECT event_name, recipient_account_id, principal_type, (SELECT count(*) FROM keytrail.touches) AS touches FROM keytrail.touches_once ORDER BY event_id DESC`)
	var got []string
	for _, row := range rows {
		got = append(got, fmt.Sprint(row["event_name"], " ", row["recipient_account_id"], " ", row["principal_type"], " ", row["touches"]))
	}
	want := []string{"DeleteItem 444455556666 AssumedRole 5", "GetItem 444455556666 AssumedRole 5", "PutItem 111122223333 AWSAccount 5"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// Every view over files has a comment, and so has each of its columns.
func TestDDLCommentsReachDuckDB(t *testing.T) {
	ducktest.Need(t)
	c, err := fixtureCorpus() // it has a quarantine
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range ducktest.Query(t, c.ddl(t, "duckdb")+`
SELECT v.view_name AS view, v.comment, (v.view_name IN ('touches', 'ledger', 'rollup', 'quarantine', 'findings')) AS files, count(*) AS columns, count(c.comment) AS comments
FROM duckdb_views() v JOIN duckdb_columns() c ON c.table_name = v.view_name AND c.schema_name = v.schema_name WHERE v.schema_name = 'keytrail' GROUP BY ALL ORDER BY ALL`) {
		if row["comment"] == nil || row["files"] == true && row["columns"] != row["comments"] {
			t.Errorf("%v", row)
		}
	}
}

// The columns that the SQL declares are those that the files have: the same names in
// the same order, of the same types, nullable where the files say so.
func TestDDLColumnsAreThoseOfTheFiles(t *testing.T) {
	ducktest.Need(t)
	c, err := fixtureCorpus()
	if err != nil {
		t.Fatal(err)
	}
	tables := declared(c.ddl(t, "clickhouse"))
	for _, table := range []string{"touches", "ledger", "rollup", "quarantine"} {
		files := ducktest.Quote(c.lake + "/" + table + "/**/*.parquet")
		rows := ducktest.Query(t, `
SELECT DISTINCT column_id, name, type, coalesce(logical_type, '') AS logical, repetition_type AS repetition
FROM parquet_schema(`+files+`)
WHERE repetition_type <> 'REPEATED' AND name <> 'element' ORDER BY column_id -- the inside of a list is not a column`)
		var got []string
		for _, row := range rows {
			got = append(got, row["name"].(string)+" "+clickhouseType(row))
		}
		want := tables[table]
		if len(want) < 5 {
			t.Fatalf("%s: the SQL declares %v", table, want)
		}
		inPath := 1
		if table == "touches" {
			inPath = 2
		}
		if want = want[:len(want)-inPath]; !slices.Equal(got, want) {
			t.Errorf("%s:\nfiles %v\nSQL   %v", table, got, want)
		}
	}
}

// declared are the columns of each view that ClickHouse's SQL declares, with types.
func declared(sql string) map[string][]string {
	tables, table := map[string][]string{}, ""
	for line := range strings.Lines(sql) {
		if m := declaration.FindStringSubmatch(line); m != nil {
			table = m[1]
		} else if m := declaredColumn.FindStringSubmatch(line); m != nil {
			tables[table] = append(tables[table], m[1]+" "+strings.TrimSpace(m[2]))
		}
	}
	return tables
}

var (
	declaration    = regexp.MustCompile("^CREATE OR REPLACE VIEW `keytrail`.`(.*)` \\(")
	declaredColumn = regexp.MustCompile("^  `(.*)` +(.*) COMMENT '")
)

// clickhouseType is the ClickHouse type of a column that parquet_schema describes.
func clickhouseType(row map[string]any) string {
	name := map[string]string{"BYTE_ARRAY": "String", "INT32": "Int32", "INT64": "Int64", "BOOLEAN": "Bool"}[fmt.Sprint(row["type"])]
	switch logical := row["logical"].(string); {
	case row["type"] == nil:
		return "Array(String)"
	case strings.HasPrefix(logical, "Timestamp"):
		name = "DateTime64(6, 'UTC')"
	}
	if row["repetition"] == "OPTIONAL" {
		return "Nullable(" + name + ")"
	}
	return name
}

// ClickHouse finds what DuckDB finds. It is large and comes with `make bench`: the test
// runs where that has been, or where $KEYTRAIL_CHDB names its node_modules.
func TestDDLInClickHouse(t *testing.T) {
	ducktest.Need(t)
	modules := os.Getenv("KEYTRAIL_CHDB")
	if modules == "" {
		modules, _ = filepath.Abs("../../bin/bench/chdb/node_modules")
	}
	if _, err := os.Stat(filepath.Join(modules, "chdb")); err != nil {
		t.Skip("SKIPPED: ClickHouse is not installed: make benchdeps")
	}
	var counts []string
	for _, where := range []string{"true", "table_name IS NULL", "table_name = 'orders' AND day >= '2026-01-05'"} {
		for _, view := range []string{"touches", "touches_once", "writes", "reads", "denied", "by_actor"} {
			counts = append(counts, fmt.Sprintf("SELECT %d AS i, count(*) AS n FROM keytrail.%s WHERE %s", len(counts), view, where))
		}
	}
	query := "SELECT i, n FROM (" + strings.Join(counts, " UNION ALL ") + ") AS counts ORDER BY i"
	eachLake(t, func(t *testing.T, c *corpus, prelude string) {
		cmd := exec.CommandContext(t.Context(), "node", filepath.Join("..", "..", "testdata", "bench", "chdb", "run.js"))
		cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
		cmd.Stdin = strings.NewReader(c.ddl(t, "clickhouse") + query)
		got, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, got)
		}
		var want strings.Builder
		for _, row := range ducktest.Query(t, prelude+query) {
			fmt.Fprintf(&want, "%v\t%v\n", row["i"], row["n"])
		}
		if string(got) != want.String() {
			t.Errorf("ClickHouse:\n%sDuckDB:\n%s", got, want.String())
		}
	})
}
