package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// keyedLakes are a plain lake of a sample and one of the same with two secrets, of which
// the second is for the days from 2026-03-04 on.
func keyedLakes(t *testing.T, modes ...string) (plain, keyed *lake.Lake, secrets secretFlags) {
	t.Helper()
	dir := t.TempDir()
	trail := filepath.Join(dir, "trail")
	if _, err := keytrail("sample", "--out", trail, "--events", "4000", "--seed", "9"); err != nil {
		t.Fatal(err)
	}
	args := []string{"ingest", trail, "--lake", filepath.Join(dir, "keyed")}
	for _, mode := range modes {
		args = append(args, "--key-mode", mode)
	}
	for i, from := range []string{"", "2026-03-04="} {
		file := filepath.Join(dir, fmt.Sprint("secret", i))
		if err := os.WriteFile(file, []byte(strings.Repeat(fmt.Sprint(i), 40)), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--key-secret", from+"file:"+file)
		secrets.secrets = append(secrets.secrets, "file:"+file)
	}
	for _, args := range [][]string{args, {"ingest", trail, "--lake", filepath.Join(dir, "plain")}} {
		if _, err := keytrail(args...); err != nil {
			t.Fatal(err)
		}
	}
	open := func(name string) *lake.Lake {
		l, err := openLake(t.Context(), filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	return open("plain"), open("keyed"), secrets
}

// Whoever is asked for by the key of an item, a lake of tokens has the rows that a plain
// lake has, of every table and on both sides of a change of secrets; what may have shown
// the item is as certain. Tables that stay plain are found beside the others.
func TestKeysAnswerAsPlain(t *testing.T) {
	plain, keyed, secrets := keyedLakes(t, "hmac", "inventory=plain")
	ring, err := secrets.keyring(t.Context(), keyed)
	if err != nil {
		t.Fatal(err)
	}
	all := answerOf(t, plain, queries.Who{Events: []string{"*"}})
	asked, days := map[string]bool{}, map[string]bool{}
	for i, r := range all.Touches {
		if r.ItemKey == "" || asked[r.TableName+r.ItemKey] || len(asked) > 40 && i%29 > 0 {
			continue
		}
		asked[r.TableName+r.ItemKey], days[r.Day] = true, true
		members, err := queries.ParseKey(r.ItemKey)
		if err != nil {
			t.Fatal(err)
		}
		// A statement's key may be a part of an item's: what is left of it is another token in
		// each epoch, and nobody knows that it is one item.
		whole := r.Statement == ""
		for name, w := range map[string]queries.Who{
			"an item":       {Table: r.TableName, Key: members, CouldHave: whole && len(asked)%5 == 0},
			"its values":    {Values: r.KeyValues},
			"by ARN":        {Table: r.TableARN, Key: members[:1]},
			"part of a key": {Key: members[:1], Values: r.KeyValues[len(members)-1:], From: r.EventTime},
			"in a moment":   {Key: members, From: r.EventTime, To: r.EventTime + 1},
		} {
			want := answerOf(t, plain, w)
			w.Keyring = ring
			got := answerOf(t, keyed, w)
			if want.Count == 0 || got.Count != want.Count || got.CouldHaveCount != want.CouldHaveCount || got.DeleteCount != want.DeleteCount {
				t.Fatalf("%s, %+v: %d touches and %d calls, and %d and %d in a plain lake", name, w, got.Count, got.CouldHaveCount, want.Count, want.CouldHaveCount)
			}
			for i := range want.Touches {
				sameRow(t, &got.Touches[i], &want.Touches[i])
			}
			for i := range want.CouldHave {
				sameRow(t, &got.CouldHave[i], &want.CouldHave[i])
			}
		}
	}
	if tables := len(schemaTables(all)); tables < 5 || len(asked) < 40 || !days["2026-03-03"] || !days["2026-03-04"] {
		t.Errorf("only %d items on %v of %d tables were asked for", len(asked), slices.Sorted(maps.Keys(days)), tables)
	}
}

func schemaTables(a *queries.Answer) map[string]bool {
	tables := map[string]bool{}
	for _, r := range a.Touches {
		tables[r.TableName] = true
	}
	return tables
}

func answerOf(t *testing.T, l *lake.Lake, w queries.Who) *queries.Answer {
	t.Helper()
	columns := make([]int, len(schema.Columns))
	for i := range columns {
		columns[i] = i
	}
	a, err := queries.Ask(context.Background(), l, w, columns)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// sameRow compares all of two rows but what tokens stand in.
func sameRow(t *testing.T, got, want *queries.Row) {
	t.Helper()
	if len(got.KeyValues) != len(want.KeyValues) || (got.ItemKey == "") != (want.ItemKey == "") {
		t.Errorf("%s: key %s %q, want %s %q", want.EventID, got.ItemKey, got.KeyValues, want.ItemKey, want.KeyValues)
	}
	hidden := func(r queries.Row) queries.Row {
		r.ItemKey, r.KeyValues, r.Statement, r.RequestParameters, r.ErrorMessage, r.Reason = "", nil, "", "", "", ""
		return r
	}
	x, err := json.Marshal(hidden(*got))
	if err != nil {
		t.Fatal(err)
	}
	y, err := json.Marshal(hidden(*want))
	if err != nil {
		t.Fatal(err)
	}
	if string(x) != string(y) {
		t.Errorf("the row\n%s\nis in a plain lake\n%s", x, y)
	}
}

// A question by key reads as little of a lake of tokens as of another: what is asked for is
// looked up in the same filters and pages.
func TestKeysArePruned(t *testing.T) {
	plain, keyed, secrets := keyedLakes(t, "hmac")
	ring, err := secrets.keyring(t.Context(), keyed)
	if err != nil {
		t.Fatal(err)
	}
	w := queries.Who{Table: "customers", Key: []queries.Member{{Name: "pk", Value: "customer#1042"}, {Name: "sk", Value: "profile"}}}
	want := answerOf(t, plain, w)
	w.Keyring = ring
	got := answerOf(t, keyed, w)
	if got.Count == 0 || got.Count != want.Count || got.Read.Rows != want.Read.Rows || got.Read.Files > want.Read.Files {
		t.Errorf("%d touches, read %+v; in a plain lake %d, read %+v", got.Count, got.Read, want.Count, want.Read)
	}
	none := w
	none.Key = []queries.Member{{Name: "pk", Value: "nobody"}, {Name: "sk", Value: "profile"}}
	if a := answerOf(t, keyed, none); a.Count != 0 || a.Read.FilesPruned < a.Read.Files/2 {
		t.Errorf("nobody: %d touches, read %+v", a.Count, a.Read)
	}
}

// What is counted of a key is counted in a lake of tokens, too: once, day by day, over
// changes of secrets and plain tables. Where a part of a key is asked for, what is left of
// it is another token in each epoch, and one item counts as several.
func TestKeysCountAsPlain(t *testing.T) {
	plain, keyed, secrets := keyedLakes(t, "hmac", "inventory=plain")
	counted := func(l *lake.Lake, args ...string) map[string]any {
		t.Helper()
		args = append(args, "--lake", strings.TrimPrefix(l.URL(), "file://"), "--format", "json")
		if l == keyed {
			for _, secret := range secrets.secrets {
				args = append(args, "--key-secret", secret)
			}
		}
		out, err := keytrail(args...)
		if err != nil {
			t.Fatal(err)
		}
		var answer map[string]any
		if err := json.Unmarshal(out, &answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	for _, args := range [][]string{
		{"top", "keys", "customers", "pk=customer#1042", "sk=profile"}, {"top", "keys", "customers", "pk=customer#1042", "sk=profile", "--by", "events"},
		{"top", "partition-keys", "customers", "pk=customer#1042", "sk=profile"}, {"top", "tables", "sk=profile", "--value", "customer#1042"},
		{"top", "actors", "--value", "customer#1042", "--value", "profile", "--by", "events"},
	} {
		want, got := counted(plain, args...), counted(keyed, args...)
		rows, _ := want["rows"].([]any)
		if len(rows) == 0 || want["total"] == float64(0) {
			t.Errorf("%q: nothing is counted", args)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q:\n%v\nin a plain lake\n%v", args, got, want)
		}
	}
}
