package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
)

// aboutItem is a question with --could-have.
type aboutItem struct {
	drawn          // of which calls: their table, time and kind
	item  []string // the key, as arguments
	// another is the condition that a Query's key has a member of another value: the
	// only reason for a Query of the table not to be listed.
	another string
}

// showsAll are calls that reach whatever is in a table, or their copies.
const showsAll = `event_name IN ('Scan', 'ExportTableToPointInTime', 'CreateBackup', 'StartBackupJob', 'StartCopyJob', 'StartRestoreJob',
'RestoreTableFromBackup', 'RestoreTableToPointInTime', 'CreateGlobalTable', 'DeleteTable', 'ImportTable', 'GetRecords', 'GetShardIterator')`

// With --could-have the touches are the same as without; every Scan, export, copy and
// read of the stream of the table in the time asked is listed, and every Query, unless
// its own key says that it was of another item. Nothing else is but calls that
// succeeded and named no item, or PartiQL.
func TestCouldHaveListsWhatSQLFinds(t *testing.T) {
	ducktest.Need(t)
	c, err := sampleCorpus()
	if err != nil {
		t.Fatal(err)
	}
	seed, n := number(t, "KEYTRAIL_SEED", 1), number(t, "KEYTRAIL_QUESTIONS", 40)/2
	t.Logf("KEYTRAIL_SEED=%d", seed)
	questions := someItems(t, rand.New(rand.NewPCG(seed, 1)), c, int(n))
	must, may := callsBySQL(t, c, questions)
	listed, left := 0, 0
	for i, q := range questions {
		args := slices.Concat([]string{c.lake}, q.args, q.item)
		plain := rowsByWho(t, args)
		touches, calls := answerByWho(t, append(args, "--could-have"))
		if !slices.Equal(touches, plain) {
			t.Errorf("keytrail who %q\nfinds %d touches with --could-have and %d without\n%s", args, len(touches), len(plain), firstDifference(touches, plain))
		}
		for _, call := range must[i] {
			if _, ok := slices.BinarySearch(calls, call); !ok {
				t.Errorf("keytrail who %q --could-have\ndoes not list %s", args, call)
			}
		}
		for _, call := range calls {
			if _, ok := slices.BinarySearch(may[i], call); !ok {
				t.Errorf("keytrail who %q --could-have\nlists %s", args, call)
			}
		}
		listed, left = listed+len(must[i]), left+len(may[i])-len(calls)
	}
	if listed < len(questions) || left < len(questions) {
		t.Errorf("%d questions had to list %d calls and left out %d: they ask for nothing", len(questions), listed, left)
	}
}

// someItems are questions about items that were touched, by all of their key or a part.
func someItems(t *testing.T, rng *rand.Rand, c *corpus, n int) []aboutItem {
	rows := ducktest.Query(t, c.sql()+fmt.Sprintf(`SELECT table_name, table_arn, item_key, epoch_us(event_time) AS at FROM touches
WHERE key_scope = 'item' AND table_name IS NOT NULL AND json_valid(item_key) ORDER BY hash(event_id || touch_index || '%d') LIMIT %d`, rng.Uint64(), n))
	var all []aboutItem
	for _, row := range rows {
		q := aboutItem{another: "false"}
		if table, arn := row["table_name"].(string), row["table_arn"]; arn != nil && rng.IntN(3) == 0 {
			q.add("table_arn = "+ducktest.Quote(arn.(string)), arn.(string))
		} else {
			q.add("table_name = "+ducktest.Quote(table), table)
		}
		if rng.IntN(2) == 0 {
			askTime(rng, &q.drawn, row["at"].(int64))
		}
		if rng.IntN(4) == 0 {
			q.add("op IN ('READ_RANGE', 'READ_BULK', 'COPY')", "--op", "READ_RANGE,READ_BULK,COPY")
		}
		var members map[string]string
		if err := json.Unmarshal([]byte(row["item_key"].(string)), &members); err != nil {
			t.Fatal(err)
		}
		names := slices.Sorted(maps.Keys(members))
		rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names[:1+rng.IntN(len(names))] {
			q.item = append(q.item, name+"="+members[name])
			q.another += fmt.Sprintf(" OR coalesce(%s <> %s, false)", queryMember(name), ducktest.Quote(members[name]))
		}
		all = append(all, q)
	}
	return all
}

// queryMember is a member of the key that a Query's record names, with its type or
// without.
func queryMember(name string) string {
	at := func(path string) string {
		return "json_extract_string(request_parameters, " + ducktest.Quote(`$.key."`+name+`"`+path) + ")"
	}
	return "coalesce(" + strings.Join([]string{at(".S"), at(".N"), at(".B"), at("")}, ", ") + ")"
}

// callsBySQL are, for each question, the calls that must be listed and those that may.
func callsBySQL(t *testing.T, c *corpus, questions []aboutItem) (must, may [][]string) {
	var parts []string
	for i, q := range questions {
		parts = append(parts, fmt.Sprintf(`SELECT %d AS question, %s OR event_name = 'Query' AND NOT (%s) AS must,
event_id, touch_index, recipient_account_id, table_name, item_key, epoch_us(event_time) AS at FROM touches
WHERE outcome = 'ok' AND (key_scope <> 'item' OR event_name IN ('ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction')) AND %s`,
			i, showsAll, q.another, strings.Join(q.sql, " AND ")))
	}
	must, may = make([][]string, len(questions)), make([][]string, len(questions))
	for _, row := range ducktest.Query(t, c.sql()+strings.Join(parts, "\nUNION ALL\n")) {
		i := row["question"].(int64)
		id := identity(row["event_id"], row["touch_index"], row["recipient_account_id"], row["table_name"], row["item_key"], row["at"])
		may[i] = append(may[i], id)
		if row["must"] == true {
			must[i] = append(must[i], id)
		}
	}
	for i := range questions {
		slices.Sort(must[i])
		slices.Sort(may[i])
	}
	return must, may
}
