package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/ducktest"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/queries"
)

// sampleLake is the lake of sampleCorpus, opened.
func sampleLake(t *testing.T) (*corpus, *lake.Lake) {
	t.Helper()
	c, err := sampleCorpus()
	if err != nil {
		t.Fatal(err)
	}
	store, err := dir.Open(c.lake)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Open(context.Background(), store)
	if err != nil {
		t.Fatal(err)
	}
	return c, l
}

// topCase is a question and the SQL conditions that mean the same.
type topCase struct {
	top   queries.Top
	where []string
}

// The sample's tables, and the partition key of each.
var sampleKeys = map[string]string{
	"clickstream": "user_id", "customers": "pk", "feature-flags": "flag", "inventory": "sku", "job-state": "job", "ml-features": "entity",
	"orders": "pk", "orders-dev": "pk", "orders-stream-consumer": "leaseKey", "payments": "payment_id", "sessions": "session_id", "test.scratch": "id",
}

func randomTop(r *rand.Rand) topCase {
	c := topCase{where: []string{"true"}}
	t := &c.top
	t.Subject = queries.Subjects[r.IntN(len(queries.Subjects))]
	t.Limit = 1 + r.IntN(30)
	t.ByEvents, t.Detail = r.IntN(4) == 0, r.IntN(2) == 0
	add := func(format string, a ...any) { c.where = append(c.where, fmt.Sprintf(format, a...)) }
	if r.IntN(2) == 0 {
		names := []string{"clickstream", "customers", "job-state", "orders", "nothing-here", "__HIVE_DEFAULT_PARTITION__"}
		t.Where.Table = names[r.IntN(len(names))]
		if t.Where.Table == "__HIVE_DEFAULT_PARTITION__" {
			add("table_name IS NULL")
		} else {
			add("table_name = %s", ducktest.Quote(t.Where.Table))
		}
	} else if r.IntN(4) == 0 {
		t.Where.Table = "arn:aws:dynamodb:eu-west-1:111122223333:table/customers"
		add("table_arn = %s", ducktest.Quote(t.Where.Table))
	}
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	moment := func() time.Time {
		step := []time.Duration{time.Hour, time.Minute, time.Second}[r.IntN(3)]
		return start.Add(time.Duration(r.Int64N(int64(72*time.Hour))) / step * step)
	}
	if r.IntN(2) == 0 {
		t.Where.From = moment().UnixMicro()
		add("epoch_us(event_time) >= %d", t.Where.From)
	}
	if r.IntN(2) == 0 {
		t.Where.To = moment().UnixMicro()
		add("epoch_us(event_time) < %d", t.Where.To)
	}
	if r.IntN(4) == 0 {
		t.Where.Ops = []string{"READ_POINT", "WRITE_ITEM"}[:1+r.IntN(2)]
		add("op IN ('%s')", strings.Join(t.Where.Ops, "','"))
	}
	if r.IntN(4) == 0 {
		t.Outcomes = []string{"denied", "failed"}[:1+r.IntN(2)]
		add("outcome IN ('%s')", strings.Join(t.Outcomes, "','"))
	}
	if r.IntN(5) == 0 {
		t.Where.Actor = "*role*"
		add("(actor ILIKE '%%role%%' OR actor_name ILIKE '%%role%%')")
	}
	if r.IntN(6) == 0 {
		t.Where.Values = []string{"customer#1042"}
		add("list_contains(key_values, 'customer#1042') AND key_scope = 'item'")
	}
	return c
}

// group is the SQL of what a subject's rows are of; NULL belongs to none.
func (c *topCase) group() string {
	agent := `CASE WHEN user_agent IS NULL THEN ''
		WHEN NOT starts_with(user_agent, 'Mozilla/') THEN split_part(CASE WHEN starts_with(user_agent, '[') THEN substr(user_agent, 2) ELSE user_agent END, ' ', 1)
		WHEN contains(user_agent, 'Edg/') THEN 'Edge' WHEN contains(user_agent, 'Firefox/') THEN 'Firefox'
		WHEN contains(user_agent, 'Chrome/') THEN 'Chrome' WHEN contains(user_agent, 'Safari/') THEN 'Safari' ELSE 'browser' END`
	partition := "CASE "
	for _, table := range sortedNames(sampleKeys) {
		path := ducktest.Quote(`$."` + sampleKeys[table] + `"`)
		partition += fmt.Sprintf(`WHEN table_name = %s AND item_key IS NOT NULL THEN json_extract_string(item_key, %s)
			WHEN table_name = %[1]s AND event_name = 'Query' AND key_scope = 'partition' THEN json_extract_string(json_extract(request_parameters, '$.key'), %[2]s) `,
			ducktest.Quote(table), path)
	}
	partition += "END"
	value := map[queries.Subject]string{
		queries.TopKeys: "item_key", queries.TopPartitionKeys: partition, queries.TopActors: "coalesce(actor, '')", queries.TopTables: "''",
		queries.TopOperations: "coalesce(op, '')", queries.TopErrors: "CASE WHEN outcome <> 'ok' THEN coalesce(error_code, '') END", queries.TopAgents: agent,
	}[c.top.Subject]
	table, arn := "''", "''"
	switch c.top.Subject {
	case queries.TopKeys, queries.TopPartitionKeys, queries.TopTables:
		table, arn = "coalesce(table_name, '')", "coalesce(table_arn, '')"
	}
	return fmt.Sprintf("%s AS g_table, %s AS g_arn, %s AS g_value", table, arn, value)
}

func sortedNames(m map[string]string) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// sql asks for the same ranking.
func (c *topCase) sql() string {
	order := "touches"
	if c.top.ByEvents {
		order = "events"
	}
	return fmt.Sprintf(`WITH base AS (SELECT *, %s FROM touches WHERE %s),
named AS (SELECT * FROM base WHERE g_value IS NOT NULL),
every AS (SELECT count(*) AS all_touches, count(DISTINCT event_id) + count(*) FILTER (event_id IS NULL) AS all_events,
	count(DISTINCT (g_table, g_arn, g_value)) AS groups FROM named),
hours AS (SELECT g_table, g_arn, g_value, epoch_us(date_trunc('hour', event_time)) AS since, count(*) AS n FROM named GROUP BY ALL),
busiest AS (SELECT * FROM hours QUALIFY row_number() OVER (PARTITION BY g_table, g_arn, g_value ORDER BY n DESC, since) = 1),
seconds AS (SELECT g_table, g_arn, g_value, epoch_us(date_trunc('second', event_time)) AS since, count(*) AS n,
	count(*) FILTER (starts_with(op, 'READ_')) AS r, count(*) FILTER (op IN ('WRITE_ITEM', 'DELETE_ITEM')) AS w FROM named GROUP BY ALL),
peaks AS (SELECT g_table, g_arn, g_value, max(n) AS most, min_by(since, (-n, since)) AS most_at, max(r) AS most_r, max(w) AS most_w FROM seconds GROUP BY ALL),
rows AS (SELECT g_table, g_arn, g_value, count(*) AS touches, count(DISTINCT event_id) + count(*) FILTER (event_id IS NULL) AS events,
	count(*) FILTER (starts_with(op, 'READ_')) AS reads, count(*) FILTER (op IN ('WRITE_ITEM', 'DELETE_ITEM')) AS writes,
	count(*) FILTER (op = 'READ_BULK') AS bulk, count(*) FILTER (outcome = 'denied') AS denied, count(*) FILTER (outcome = 'failed') AS failed,
	count(*) FILTER (error_code IN ('ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded')) AS throttled,
	count(*) FILTER (error_code = 'ConditionalCheckFailedException') AS unmet,
	epoch_us(min(event_time)) AS first, epoch_us(max(event_time)) AS last, count(DISTINCT coalesce(actor, '')) AS actors,
	count(DISTINCT (table_name, table_arn, item_key)) FILTER (item_key IS NOT NULL) AS keys FROM named GROUP BY ALL)
SELECT rows.*, every.*, busiest.since AS hour, busiest.n AS hour_n, most, most_at, most_r, most_w, (SELECT count(*) FROM base) AS matching
FROM every LEFT JOIN rows ON true LEFT JOIN busiest USING (g_table, g_arn, g_value) LEFT JOIN peaks USING (g_table, g_arn, g_value)
ORDER BY %s DESC NULLS LAST, g_table, g_arn, g_value LIMIT %d`, c.group(), strings.Join(c.where, " AND "), order, c.top.Limit)
}

// Whatever is asked, from touches or from hourly counts, every number is what plain
// SQL over the same files says.
func TestTopAgreesWithDuckDB(t *testing.T) {
	ducktest.Need(t)
	c, l := sampleLake(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	compared, rollups := 0, 0
	for range 40 {
		q := randomTop(r)
		got, err := queries.AskTop(context.Background(), l, q.top)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Undecided) > 0 {
			continue // which tables those are depends on the Queries of the time
		}
		compared++
		if got.FromRollup {
			rollups++
		}
		sameRanking(t, q, got, ducktest.Query(t, c.sql()+q.sql()))
		if t.Failed() {
			t.Fatalf("seed %d: %+v\n%s", seed, q.top, q.sql())
		}
	}
	if compared < 20 || rollups == 0 {
		t.Errorf("%d questions compared, %d of them by hourly counts: too few to mean anything", compared, rollups)
	}
}

func sameRanking(t *testing.T, q topCase, got *queries.Ranking, want []map[string]any) {
	t.Helper()
	first := want[0]
	total := first["all_touches"]
	if q.top.ByEvents {
		total = first["all_events"]
	}
	same := func(what string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, DuckDB %v", what, got, want)
		}
	}
	same("total", got.Total, total)
	same("distinct", got.Distinct, first["groups"])
	if q.top.Subject != queries.TopErrors {
		same("outside", got.Outside, first["matching"].(int64)-first["all_touches"].(int64))
	}
	if first["touches"] == nil {
		same("rows", len(got.Rows), 0)
		return
	}
	same("rows", len(got.Rows), len(want))
	sum := int64(0)
	for i, w := range want[:min(len(want), len(got.Rows))] {
		g := &got.Rows[i]
		same("table", g.TableName, w["g_table"])
		same("arn", g.TableARN, w["g_arn"])
		same("value", g.Value, w["g_value"])
		same("touches", g.Touches, w["touches"])
		same("reads", g.Reads, w["reads"])
		same("writes", g.Writes, w["writes"])
		same("bulk", g.BulkReads, w["bulk"])
		same("denied", g.Denied, w["denied"])
		same("failed", g.Failed, w["failed"])
		same("busiest hour", g.Hour.At, w["hour"])
		same("touches in it", g.Hour.Touches, w["hour_n"])
		sum += g.Count
		if math.Abs(g.Share-float64(g.Count)/float64(got.Total)) > 1e-12 {
			t.Errorf("share %v of %d in %d", g.Share, g.Count, got.Total)
		}
		if !q.top.ByEvents && math.Abs(g.CumulativeShare-float64(sum)/float64(got.Total)) > 1e-12 {
			t.Errorf("cumulative share %v of %d in %d", g.CumulativeShare, sum, got.Total)
		}
		if got.FromRollup {
			same("first hour", g.First, w["first"].(int64)/hourMicros*hourMicros)
			same("last hour", g.Last, w["last"].(int64)/hourMicros*hourMicros)
			continue
		}
		same("first", g.First, w["first"])
		same("last", g.Last, w["last"])
		same("throttled", g.Throttled, w["throttled"])
		same("unmet", g.Unmet, w["unmet"])
		if q.top.ByEvents {
			same("events", g.Events, w["events"])
		}
		if q.top.Subject != queries.TopActors {
			same("actors", g.Actors, w["actors"])
		}
		if q.top.Subject != queries.TopKeys {
			same("keys", g.Keys, w["keys"])
		}
		if q.top.Subject == queries.TopKeys || q.top.Subject == queries.TopPartitionKeys {
			same("busiest second", g.Second.At, w["most_at"])
			same("touches in it", g.Second.Touches, w["most"])
			same("most reads", g.Second.Reads, w["most_r"])
			same("most writes", g.Second.Writes, w["most_w"])
		}
	}
}

const hourMicros = 3_600_000_000

// With too little memory the numbers shown are still exact, and places that are
// called certain are.
func TestTopWithLittleMemory(t *testing.T) {
	_, l := sampleLake(t)
	for _, subject := range []queries.Subject{queries.TopKeys, queries.TopPartitionKeys} {
		exact, err := queries.AskTop(context.Background(), l, queries.Top{Subject: subject, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		tight, err := queries.AskTop(context.Background(), l, queries.Top{Subject: subject, Limit: 10, Memory: 256 << 10})
		if err != nil {
			t.Fatal(err)
		}
		if tight.DistinctExact || tight.UnlistedAtMost == 0 || !math.IsNaN(tight.Entropy) {
			t.Fatalf("%s: all fitted: %+v", subject, tight)
		}
		if tight.Total != exact.Total || tight.Outside != exact.Outside {
			t.Errorf("%s: total %d and %d, want %d and %d", subject, tight.Total, tight.Outside, exact.Total, exact.Outside)
		}
		certain := 0
		for i, row := range tight.Rows {
			at := slices.IndexFunc(exact.Rows, func(e queries.Ranked) bool { return e.Value == row.Value && e.TableARN == row.TableARN })
			if at < 0 || exact.Rows[at].Tally != row.Tally {
				t.Errorf("%s: %+v is not what it is with enough memory", subject, row)
			}
			if row.Certain {
				certain++
				if exact.Rows[i].Count != row.Count {
					t.Errorf("%s: place %d has %d touches, is called certain, and should have %d", subject, i+1, row.Count, exact.Rows[i].Count)
				}
			}
		}
		t.Logf("%s: %d of %d places certain, others have at most %d", subject, certain, len(tight.Rows), tight.UnlistedAtMost)
	}
}

// What the sample's Queries show of partition keys is what its tables have.
func TestTopFindsPartitionKeys(t *testing.T) {
	_, l := sampleLake(t)
	got, err := queries.AskTop(context.Background(), l, queries.Top{Subject: queries.TopPartitionKeys, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, row := range got.Rows {
		seen[row.TableName] = true
		if row.Member != "" && row.Member != sampleKeys[row.TableName] {
			t.Errorf("%s: %s is taken for the partition key", row.TableName, row.Member)
		}
	}
	if len(seen) < 5 {
		t.Errorf("rows of %d tables only", len(seen))
	}
}
