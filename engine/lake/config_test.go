package lake

import (
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
	"github.com/keytrail/keytrail/schema"
)

// captured is a time of day, 08:00.
const captured = int64(1710057600000000)

// configItem is an item of day, with all columns set.
func configItem(name, object string) schema.ConfigItem {
	return schema.ConfigItem{
		Kind: schema.ConfigSettings, TableARN: "arn:aws:dynamodb:eu-west-1:111122223333:table/" + name, TableName: name,
		Account: "111122223333", Region: "eu-west-1", CapturedAt: captured, ItemStatus: "OK", StateID: "17",
		TableStatus: "ACTIVE", CreatedAt: captured - 1e12, SSEStatus: "ENABLED", SSEType: "KMS", KMSKey: "arn:aws:kms:x",
		PITR: schema.True, PITRDays: 35, DeletionProtection: schema.False, Stream: schema.True, StreamView: "KEYS_ONLY",
		Replicas: []string{"eu-central-1", "us-east-1"}, BillingMode: "PROVISIONED", TableClass: "STANDARD", Tags: `{"a":"b"}`,
		Rule: "r", Compliance: "COMPLIANT", SourceObject: object, SourceIndex: 3,
	}
}

// Items come back as they were put, sorted and each once, whoever put them in what order;
// of those alike the one of the least object stays.
func TestMergeConfig(t *testing.T) {
	bare := schema.ConfigItem{Kind: schema.ConfigCompliance, TableARN: "b", CapturedAt: captured, SourceObject: "o"}
	hostile := configItem("x", "o")
	hostile.Tags, hostile.TableName = "\xff\x00\u202e", strings.Repeat("<script>", 500)
	items := []schema.ConfigItem{
		configItem("orders", "b"), configItem("orders", "a"), configItem("orders", "c"), bare, hostile, configItem("customers", "a"),
	}
	want := []schema.ConfigItem{configItem("customers", "a"), configItem("orders", "a"), normalConfig(&hostile), bare}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		l := create(t, openDir(t, t.TempDir()))
		random.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		for part := range slices.Chunk(items, 1+random.IntN(len(items))) {
			if err := l.MergeConfig(t.Context(), day, part); err != nil {
				t.Fatal(err)
			}
		}
		got, err := l.ConfigItems(t.Context(), day)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%v\ngot  %+v\nwant %+v", err, got, want)
		}
		if days, err := l.ConfigDays(t.Context()); err != nil || !slices.Equal(days, []string{day}) {
			t.Errorf("%v, days %q", err, days)
		}
		if replay, err := l.ReplayConfig(t.Context(), day, func(schema.ConfigItem) error { return nil }); err != nil || !replay.Same {
			t.Errorf("%v, %+v", err, replay)
		}
	}
}

// What could not be read back is not written.
func TestMergeConfigRefuses(t *testing.T) {
	l := create(t, openDir(t, t.TempDir()))
	for name, change := range map[string]func(*schema.ConfigItem){
		"no table": func(c *schema.ConfigItem) { c.TableARN = "" }, "no object": func(c *schema.ConfigItem) { c.SourceObject = "" },
		"another kind": func(c *schema.ConfigItem) { c.Kind = "x" }, "another day": func(c *schema.ConfigItem) { c.CapturedAt += 24 * 3600 * 1e6 },
	} {
		item := configItem("orders", "a")
		change(&item)
		if err := l.MergeConfig(t.Context(), day, []schema.ConfigItem{item}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := l.MergeConfig(t.Context(), "../x", nil); err == nil {
		t.Error("a day that is none")
	}
	if days, err := l.ConfigDays(t.Context()); err != nil || len(days) > 0 {
		t.Errorf("%v, days %q", err, days)
	}
}

// Other people's SQL reads config/ by the names and types that the DDL promises.
func TestConfigInDuckDB(t *testing.T) {
	ducktest.Need(t)
	root := t.TempDir()
	l := create(t, openDir(t, root))
	bare := schema.ConfigItem{Kind: schema.ConfigCompliance, TableARN: "b", CapturedAt: captured, SourceObject: "o"}
	if err := l.MergeConfig(t.Context(), day, []schema.ConfigItem{configItem("orders", "a"), bare}); err != nil {
		t.Fatal(err)
	}
	script, err := schema.DDL{Location: root, Database: "keytrail", Empty: []string{"ledger", "rollup", "quarantine", "findings"}}.SQL("duckdb")
	if err != nil {
		t.Fatal(err)
	}
	// The lake has no touches to make views over.
	const view = `CREATE OR REPLACE VIEW "keytrail".`
	before, rest, _ := strings.Cut(script, view+`"touches"`)
	_, rest, _ = strings.Cut(rest, view+`"config"`)
	rest, _, _ = strings.Cut(rest, view)
	sql := before + view + `"config"` + rest
	rows := ducktest.Query(t, sql+`
SELECT table_name, captured_at::VARCHAR AS at, pitr, pitr_days, deletion_protection, replicas, tags ->> '$.a' AS tag, day::VARCHAR AS day FROM keytrail.config ORDER BY table_arn`)
	want := []map[string]any{
		{"table_name": "orders", "at": "2024-03-10 08:00:00+00", "pitr": true, "pitr_days": int64(35), "deletion_protection": false, "replicas": []any{"eu-central-1", "us-east-1"}, "tag": "b", "day": day},
		{"table_name": nil, "at": "2024-03-10 08:00:00+00", "pitr": nil, "pitr_days": nil, "deletion_protection": nil, "replicas": []any{}, "tag": nil, "day": day},
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("got  %v\nwant %v", rows, want)
	}
	columns := ducktest.Query(t, sql+`
SELECT count(*) AS n FROM (DESCRIBE SELECT * FROM keytrail.config) a FULL JOIN (DESCRIBE SELECT * FROM read_parquet(`+
		ducktest.Quote(filepath.Join(root, "config", "*", "part.parquet"))+`, hive_partitioning = true)) b USING (column_name, column_type)
WHERE a.column_name IS NULL OR b.column_name IS NULL`)
	if columns[0]["n"] != int64(0) {
		t.Errorf("%v columns are other than the SQL says", columns[0]["n"])
	}
}
