package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/personal"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/subject"
)

// A subject's report from a lake of tokens is that from a plain lake, touch for touch and
// call for call, on both sides of a change of secrets; the person concerned is told no token.
// How certain calls are is the same for a whole key. What is left of a part of one has
// another token in each epoch, so that nobody knows that it is one item.
func TestSubjectOfKeyedLake(t *testing.T) {
	plain, keyed, secrets := keyedLakes(t, "hmac", "inventory=plain")
	ring, err := secrets.keyring(t.Context(), keyed)
	if err != nil {
		t.Fatal(err)
	}
	days := map[bool]bool{}
	for name, q := range map[string]subject.Question{
		"value":       {Value: "customer#1042"},
		"patterns":    {Value: "1042", Patterns: []string{"customer#{value}", "order#{value}"}},
		"a whole key": {Table: "customers", Key: []queries.Member{{Name: "pk", Value: "customer#1042"}, {Name: "sk", Value: "profile"}}},
		"in a day":    {Value: "customer#1042", From: 1772496000_000_000, To: 1772582400_000_000},
		"nobody":      {Value: "nobody"},
	} {
		for _, q.For = range []subject.Audience{subject.Investigator, subject.Person} {
			whole := len(q.Key) > 0
			want, got := subjectTables(t, plain, q, nil, whole), subjectTables(t, keyed, q, ring, whole)
			for _, table := range []string{"accesses", "possible", "by_category", "tables_searched"} {
				for i := range max(len(want[table]), len(got[table])) {
					if i >= len(want[table]) || i >= len(got[table]) || want[table][i] != got[table][i] {
						t.Fatalf("%s, %s, %s: %d rows, want %d; row %d differs:\n%q\n%q", name, q.For, table, len(got[table]), len(want[table]), i, got[table][i:min(i+1, len(got[table]))], want[table][i:min(i+1, len(want[table]))])
					}
				}
				for _, row := range got[table] {
					days[row >= "2026-03-04"] = true
				}
			}
			if (len(want["accesses"]) == 0) != (name == "nobody") {
				t.Errorf("%s: %d accesses", name, len(want["accesses"]))
			}
		}
	}
	if len(days) != 2 {
		t.Error("not both secrets were needed")
	}
}

var tokens = regexp.MustCompile(`k[0-9]+_[a-z2-7]{20,}`)

// subjectTables are the rows of a report's tables, but for what has values that were not asked
// for: those stay tokens.
func subjectTables(t *testing.T, l *lake.Lake, q subject.Question, ring *personal.Keyring, certainty bool) map[string][]string {
	t.Helper()
	q.Keyring = ring
	d, err := subject.Collect(t.Context(), l, q)
	if err != nil {
		t.Fatal(err)
	}
	var written bytes.Buffer
	if err := report.WriteJSON(&written, d); err != nil {
		t.Fatal(err)
	}
	if q.For == subject.Person && tokens.Match(written.Bytes()) {
		t.Errorf("the person is told %s", tokens.Find(written.Bytes()))
	}
	var read reportJSON
	if err := json.Unmarshal(written.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	all, calls := map[string][]string{}, map[string]float64{}
	for _, s := range read.Sections {
		for _, of := range s.Tables {
			for _, row := range of.Rows {
				delete(row, "item_key")
				delete(row, "how") // has values of other members
				if of.ID == "possible" && !certainty {
					what := fmt.Sprint(row["day"], " ", row["principal"], row["category"], row["table_arn"], row["table"], row["event_name"], row["done"], row["purpose"])
					calls[what] += row["calls"].(float64)
					continue
				}
				all[of.ID] = append(all[of.ID], fmt.Sprint(row["time"], row["day"], " ", row))
			}
		}
	}
	for _, what := range slices.Sorted(maps.Keys(calls)) {
		all["possible"] = append(all["possible"], fmt.Sprint(what, calls[what]))
	}
	return all
}

// A missing secret is said, and how to give it; what was asked goes nowhere.
func TestSubjectWithoutSecret(t *testing.T) {
	_, keyed, secrets := keyedLakes(t, "hmac", "inventory=drop")
	place := keyed.URL()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"customer#1042"}, "give that of epoch 1"},
		{[]string{"customer#1042", "--key-secret", secrets.secrets[0]}, "give that of epoch 2"},
		{[]string{"inventory", "--value", "customer#1042", "--key-secret", secrets.secrets[0], "--key-secret", secrets.secrets[1]}, "the keys of this table are not kept"},
	} {
		r := runHere(append(append([]string{"report", "subject"}, c.args...), "--lake", place)...)
		if r.status != exitFailed || !strings.Contains(r.stderr, c.want) || strings.Contains(r.stderr, "1042") || strings.Contains(r.stderr, "subject_report") {
			t.Errorf("%v: %+v", c.args, r)
		}
	}
	r := runHere("report", "subject", "customer#1042", "--key-secret", secrets.secrets[0], "--key-secret", secrets.secrets[1], "--lake", place)
	if r.status != exitDone || !strings.Contains(r.stdout, "the keys of these tables are not kept") || !regexp.MustCompile(`"tokens":\["k1_[a-z2-7]+","k2_[a-z2-7]+"\]`).MatchString(r.stderr) {
		t.Errorf("%d %s\n%s", r.status, r.stderr, r.stdout)
	}
}
