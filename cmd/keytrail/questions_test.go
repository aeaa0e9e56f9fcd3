package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/ducktest"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/s3"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// drawn is one question, as arguments of who and as what follows WHERE.
type drawn struct {
	args []string
	sql  []string
}

func (q *drawn) add(sql string, args ...string) {
	q.args, q.sql = append(q.args, args...), append(q.sql, sql)
}

// Whatever is asked, keytrail finds the rows that SQL finds; and it finds the same in
// a lake that got its objects late, in several runs, some of them twice, with little
// memory, also in a bucket, and whether what was read of that is kept or not.
// KEYTRAIL_QUESTIONS asks more of them, KEYTRAIL_SEED others.
func TestQuestionsAnswerAsSQLDoes(t *testing.T) {
	ducktest.Need(t)
	c, err := sampleCorpus()
	if err != nil {
		t.Fatal(err)
	}
	seed, n := number(t, "KEYTRAIL_SEED", 1), number(t, "KEYTRAIL_QUESTIONS", 40)
	t.Logf("KEYTRAIL_SEED=%d KEYTRAIL_QUESTIONS=%d", seed, n)
	rng := rand.New(rand.NewPCG(seed, 0))
	questions := someQuestions(t, rng, c, int(n))
	want := rowsBySQL(t, c, questions)
	late := lateLake(t, rng, c)
	bucket := bucketLake(t, late)
	inBucket := [][]string{{bucket}, {bucket, "--cache", filepath.Join(t.TempDir(), "cache")}}
	found := 0
	for i, q := range questions {
		for name, lake := range map[string][]string{"lake": {c.lake}, "late lake": {late}, "lake in a bucket": inBucket[i%2]} {
			if got := rowsByWho(t, slices.Concat(lake, q.args)); !slices.Equal(got, want[i]) {
				t.Errorf("%s: keytrail who %q\nfinds %d rows, SQL %d (WHERE %s)\n%s", name, q.args, len(got), len(want[i]), strings.Join(q.sql, " AND "), firstDifference(got, want[i]))
			}
		}
		found += len(want[i])
	}
	if found < len(questions) {
		t.Errorf("%d questions found %d rows: they ask for nothing", len(questions), found)
	}
}

func number(t *testing.T, name string, otherwise uint64) uint64 {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// someQuestions are about rows that are there, with any of their properties; every
// eighth is about one that is not.
func someQuestions(t *testing.T, rng *rand.Rand, c *corpus, n int) []drawn {
	rows := ducktest.Query(t, c.sql()+fmt.Sprintf(`SELECT table_name, table_arn, item_key, key_values, actor, actor_name, op, outcome, epoch_us(event_time) AS at
FROM touches ORDER BY hash(event_id || touch_index || '%d') LIMIT %d`, rng.Uint64(), n))
	var all []drawn
	for i, row := range rows {
		var q drawn
		text := func(name string) string { s, _ := row[name].(string); return s }
		one := func(chance int) bool { return rng.IntN(chance) == 0 }
		if table := text("table_name"); table != "" && !one(4) {
			if arn := text("table_arn"); arn != "" && strings.HasSuffix(arn, "/"+table) && one(4) {
				q.add("table_arn = "+ducktest.Quote(arn), arn)
			} else {
				q.add("table_name = "+ducktest.Quote(table), table)
			}
		}
		if key := text("item_key"); key != "" && !one(3) {
			askItem(t, rng, &q, key, i%8 == 7)
		}
		if one(3) || len(q.args) == 0 {
			askActor(rng, &q, text("actor"), text("actor_name"))
		}
		if one(3) {
			q.add("op = "+ducktest.Quote(text("op")), "--op", text("op"))
		}
		if one(3) {
			q.add("outcome = "+ducktest.Quote(text("outcome")), "--outcome", text("outcome"))
		}
		if one(3) {
			askTime(rng, &q, row["at"].(int64))
		}
		all = append(all, q)
	}
	return all
}

// askItem asks for some of a key's members by name, or for a value by itself.
func askItem(t *testing.T, rng *rand.Rand, q *drawn, key string, absent bool) {
	var members map[string]string
	if err := json.Unmarshal([]byte(key), &members); err != nil {
		t.Fatalf("item %s: %v", key, err)
	}
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range members {
			if !yield(name) {
				return
			}
		}
	})
	rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	q.sql = append(q.sql, "key_scope = 'item'")
	for _, name := range names[:1+rng.IntN(len(names))] {
		value := members[name]
		if absent {
			value += "!"
		}
		if rng.IntN(4) == 0 {
			q.add("list_contains(key_values, "+ducktest.Quote(value)+")", "--value="+value)
		} else {
			q.add("json_extract_string(item_key, "+ducktest.Quote(`$."`+name+`"`)+") = "+ducktest.Quote(value), name+"="+value)
		}
	}
}

// askActor asks by a pattern made of what the row has.
func askActor(rng *rand.Rand, q *drawn, actor, name string) {
	pattern := actor
	if name != "" && rng.IntN(2) == 0 {
		pattern = name
	}
	if len(pattern) > 4 && rng.IntN(2) == 0 {
		from := rng.IntN(len(pattern) - 3)
		pattern = "*" + pattern[from:from+3] + "*"
	}
	pattern = strings.ToUpper(pattern)
	expr := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	match := func(column string) string {
		return "regexp_full_match(coalesce(" + column + ", ''), " + ducktest.Quote(expr) + ", 'is')"
	}
	q.add("("+match("actor")+" OR "+match("actor_name")+")", "--actor", pattern)
}

// askTime asks for some time around a row's, of which the last second counts.
func askTime(rng *rand.Rand, q *drawn, at int64) {
	second := func(t int64) string { return time.UnixMicro(t).UTC().Format("2006-01-02T15:04:05Z") }
	const whole = 1_000_000
	from, to := (at-rng.Int64N(3600*whole))/whole*whole, (at+rng.Int64N(3600*whole))/whole*whole
	if rng.IntN(3) > 0 {
		q.add(fmt.Sprintf("epoch_us(event_time) >= %d", from), "--from", second(from))
	}
	if rng.IntN(3) > 0 {
		q.add(fmt.Sprintf("epoch_us(event_time) < %d", to+whole), "--to", second(to))
	}
}

// rowsBySQL answers all questions at once.
func rowsBySQL(t *testing.T, c *corpus, questions []drawn) [][]string {
	var parts []string
	for i, q := range questions {
		parts = append(parts, fmt.Sprintf("SELECT %d AS question, event_id, touch_index, recipient_account_id, table_name, item_key, epoch_us(event_time) AS at FROM touches WHERE %s",
			i, strings.Join(q.sql, " AND ")))
	}
	all := make([][]string, len(questions))
	for _, row := range ducktest.Query(t, c.sql()+strings.Join(parts, "\nUNION ALL\n")) {
		i := row["question"].(int64)
		all[i] = append(all[i], identity(row["event_id"], row["touch_index"], row["recipient_account_id"], row["table_name"], row["item_key"], row["at"]))
	}
	for _, rows := range all {
		slices.Sort(rows)
	}
	return all
}

// rowsByWho asks the binary for touches, of a lake that args begin with, and holds its
// order against the times.
func rowsByWho(t *testing.T, args []string) []string {
	t.Helper()
	touches, calls := answerByWho(t, args)
	if len(calls) > 0 {
		t.Errorf("who %q: %d calls that nobody asked for", args, len(calls))
	}
	return touches
}

// answerByWho also returns the calls that could have shown the item.
func answerByWho(t *testing.T, args []string) (touches, calls []string) {
	t.Helper()
	out, err := keytrail(append([]string{"who", "--format", "jsonl", "--lake"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	before := map[bool]int64{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var row struct {
			EventID    any       `json:"event_id"`
			TouchIndex any       `json:"touch_index"`
			Recipient  any       `json:"recipient_account_id"`
			Table      any       `json:"table_name"`
			Key        any       `json:"item_key"`
			At         time.Time `json:"event_time"`
			CouldHave  bool      `json:"could_have"`
			Reason     string    `json:"could_have_reason"`
			Certainty  string    `json:"could_have_certainty"`
		}
		err := dec.Decode(&row)
		if err == io.EOF {
			slices.Sort(touches)
			slices.Sort(calls)
			return touches, calls
		}
		if err != nil {
			t.Fatal(err)
		}
		at := row.At.UnixMicro()
		if at < before[row.CouldHave] {
			t.Errorf("who %q: %v comes after a later one", args, row.At)
		}
		before[row.CouldHave] = at
		if row.CouldHave != (row.Reason != "") || row.CouldHave != (row.Certainty != "") {
			t.Errorf("who %q: could have: %v, reason %q, certainty %q", args, row.CouldHave, row.Reason, row.Certainty)
		}
		id := identity(row.EventID, row.TouchIndex, row.Recipient, row.Table, row.Key, at)
		if row.CouldHave {
			calls = append(calls, id)
		} else {
			touches = append(touches, id)
		}
	}
}

func identity(parts ...any) string { return fmt.Sprint(parts...) }

func firstDifference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got) || i < len(want) && want[i] < got[i]:
			return "SQL alone has " + want[i]
		case i >= len(want) || got[i] < want[i]:
			return "keytrail alone has " + got[i]
		}
	}
	return ""
}

// lateLake is a lake of the same records that got them in three runs, the days of
// delivery mixed, with copies of objects it had before, and with little memory.
func lateLake(t *testing.T, rng *rand.Rand, c *corpus) string {
	t.Helper()
	dir := t.TempDir()
	trail, lake := filepath.Join(dir, "trail"), filepath.Join(dir, "lake")
	parts := make([][]string, 3)
	err := filepath.WalkDir(c.trail, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			i := rng.IntN(len(parts))
			parts[i] = append(parts[i], path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range parts {
		for j, path := range part {
			rel, err := filepath.Rel(c.trail, path)
			if err != nil {
				t.Fatal(err)
			}
			names := []string{rel}
			if strings.HasSuffix(rel, ".json.gz") && j%10 == 0 {
				names = append(names, strings.Replace(rel, ".json.gz", "-again.json.gz", 1))
			}
			for _, name := range names {
				to := filepath.Join(trail, name)
				if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.Link(path, to); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := keytrail("ingest", trail, "--lake", lake, "--memory", []string{"128MiB", "200MiB", "1GiB"}[i], "--json"); err != nil {
			t.Fatal(err)
		}
	}
	return lake
}

// bucketLake is a copy of a lake, in a bucket.
func bucketLake(t *testing.T, lake string) string {
	t.Helper()
	url := "s3://" + s3test.Start(t).NewBucket(t) + "/lake"
	store, err := s3.Open(t.Context(), url, s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	files := os.DirFS(lake)
	err = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		_, err = store.Put(t.Context(), path, bytes.NewReader(text), int64(len(text)), object.Condition{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return url
}
