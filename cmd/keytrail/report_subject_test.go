package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
)

// reportJSON is what tests look at of a report's JSON.
type reportJSON struct {
	Status   struct{ Level, Text string }
	Sections []struct {
		ID    string
		Tiles []struct {
			ID    string
			Value any
		}
		Tables []struct {
			ID   string
			Rows []map[string]any
		}
	}
}

// reportOf runs a report and reads its JSON.
func reportOf(t *testing.T, args ...string) *reportJSON {
	t.Helper()
	r := runHere(append(append([]string{"report"}, args...), "--json-out", "-")...)
	if r.status != exitDone {
		t.Fatalf("%+v", r)
	}
	r.harmless(t)
	d := new(reportJSON)
	if err := json.Unmarshal([]byte(r.stdout), d); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *reportJSON) rows(t *testing.T, table string) []map[string]any {
	t.Helper()
	for _, s := range d.Sections {
		for _, of := range s.Tables {
			if of.ID == table {
				return of.Rows
			}
		}
	}
	t.Fatalf("no table %s", table)
	return nil
}

func (d *reportJSON) tile(t *testing.T, id string) any {
	t.Helper()
	for _, s := range d.Sections {
		for _, f := range s.Tiles {
			if f.ID == id {
				return f.Value
			}
		}
	}
	t.Fatalf("no tile %s", id)
	return nil
}

const subjectPolicy = `version: 1
rules:
  - {id: AL-SHOP, effect: allow, who: {kind: [service]}, ops: [READ_POINT, WRITE_ITEM], purpose: to run the shop, reason: the shop, owner: shop, expires: 2026-12-31}
`

func subjectPolicyFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(file, []byte(subjectPolicy), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// identities are the columns that say, or lead to, who acted.
var identities = []string{"actor", "actor_name", "principal_id", "principal_arn", "principal_account_id", "issuer_arn", "session_name", "user_name", "access_key_id",
	"source_identity", "on_behalf_of", "in_scope_of", "invoked_by", "source_ip", "user_agent", "vpc_endpoint_id", "event_id", "request_id", "shared_event_id", "source_object"}

// Nobody who acted is named in the report for the person concerned, in any of its forms;
// in the investigator's they are, so that the test would see them.
func TestPersonsReportNamesNobody(t *testing.T) {
	ducktest.Need(t)
	c, err := sampleCorpus()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]int{}
	for _, audience := range []string{"person", "investigator"} {
		out := t.TempDir()
		r := runHere("report", "subject", "customer#1042", "--for", audience, "--policy", subjectPolicyFile(t), "--lake", c.lake,
			"--out", filepath.Join(out, "r.html"), "--json-out", filepath.Join(out, "r.json"), "--csv-out", filepath.Join(out, "csv"), "--access-log", filepath.Join(t.TempDir(), "log"))
		text := runHere("report", "subject", "customer#1042", "--for", audience, "--lake", c.lake)
		if r.status != exitDone || text.status != exitDone {
			t.Fatalf("%+v %+v", r, text)
		}
		files := map[string]string{"terminal": text.stdout}
		err := filepath.WalkDir(out, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				data, err := os.ReadFile(path)
				files[filepath.Base(path)] = string(data)
				return err
			}
			return err
		})
		if err != nil || len(files) < 5 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		for _, column := range identities {
			for _, row := range ducktest.Query(t, c.sql()+fmt.Sprintf("SELECT DISTINCT %s AS v FROM touches WHERE length(%[1]s) > 2 AND %[1]s <> 'unknown'", column)) {
				v := row["v"].(string)
				for name, text := range files {
					if !strings.Contains(text, v) || !regexp.MustCompile(`(^|[^\w])`+regexp.QuoteMeta(v)+`($|[^\w])`).MatchString(text) {
						continue
					}
					named[audience]++
					if audience == "person" {
						t.Errorf("%s has %q of column %s", name, v, column)
					}
				}
			}
		}
	}
	if named["investigator"] < 20 {
		t.Errorf("the investigator's report has %d identities", named["investigator"])
	}
}

// The accesses are those that SQL over the lake's files finds.
func TestSubjectIsWhatDuckDBFinds(t *testing.T) {
	ducktest.Need(t)
	c, err := sampleCorpus()
	if err != nil {
		t.Fatal(err)
	}
	for _, ask := range []struct {
		args  []string
		where string
	}{
		{[]string{"customer#1042"}, "list_contains(key_values, 'customer#1042')"},
		{[]string{"1042", "--pattern", "customer#{value}"}, "(list_contains(key_values, 'customer#1042') OR list_contains(key_values, '1042'))"},
		{[]string{"customers", "pk=customer#1042", "sk=profile"}, `table_name = 'customers' AND (item_key = '{"pk":"customer#1042","sk":"profile"}' OR key_scope <> 'item' AND list_contains(key_values, 'customer#1042') AND len(key_values) = 1)`},
		{[]string{"customer#1042", "--from", "2026-03-03", "--to", "2026-03-03"}, "list_contains(key_values, 'customer#1042') AND day = '2026-03-03'"},
		{[]string{"orders", "--value", "order#1"}, "table_name = 'orders' AND list_contains(key_values, 'order#1')"},
	} {
		d := reportOf(t, append(append([]string{"subject"}, ask.args...), "--lake", c.lake)...)
		want := ducktest.Query(t, c.sql()+"SELECT epoch_us(event_time) AS at, event_id, actor, event_name, table_arn, coalesce(item_key, '') AS k FROM touches WHERE key_scope IN ('item', 'partition', 'index') AND "+
			ask.where+" ORDER BY event_time, event_id, touch_index")
		got := d.rows(t, "accesses")
		if len(got) != len(want) || fmt.Sprint(d.tile(t, "touches")) != fmt.Sprint(len(want)) {
			t.Errorf("%v: %d rows, %v touches, want %d", ask.args, len(got), d.tile(t, "touches"), len(want))
			continue
		}
		for i, row := range want {
			for _, column := range []string{"event_id", "actor", "event_name", "table_arn"} {
				if fmt.Sprint(got[i][column]) != fmt.Sprint(row[column]) {
					t.Fatalf("%v: row %d has %s %v, want %v", ask.args, i, column, got[i][column], row[column])
				}
			}
		}
	}
}

// Calls that may have shown it are those of who --could-have, counted by principal and day.
func TestSubjectsPossibleCallsAreThoseOfWho(t *testing.T) {
	c, err := sampleCorpus()
	if err != nil {
		t.Fatal(err)
	}
	who := runHere("who", "--value", "customer#1042", "--could-have", "--format", "jsonl", "--lake", c.lake)
	if who.status != exitDone {
		t.Fatalf("%+v", who)
	}
	want := map[string]float64{}
	for line := range strings.Lines(who.stdout) {
		var row struct {
			CouldHave bool     `json:"could_have"`
			Certainty string   `json:"could_have_certainty"`
			EventName string   `json:"event_name"`
			ActorName string   `json:"actor_name"`
			EventTime string   `json:"event_time"`
			KeyScope  string   `json:"key_scope"`
			KeyValues []string `json:"key_values"`
			TableARN  string   `json:"table_arn"`
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		named := (row.KeyScope == "partition" || row.KeyScope == "index") && strings.Contains(strings.Join(row.KeyValues, "\n")+"\n", "customer#1042\n")
		if row.Certainty != "" && !named {
			want[strings.Join([]string{row.Certainty, row.EventTime[:10], row.ActorName, row.EventName, row.TableARN}, "|")]++
		}
	}
	got := map[string]float64{}
	for _, row := range reportOf(t, "subject", "customer#1042", "--lake", c.lake).rows(t, "possible") {
		got[fmt.Sprintf("%v|%v|%v|%v|%v", row["certainty"], row["day"], row["actor_name"], row["event_name"], row["table_arn"])] += row["calls"].(float64)
	}
	if len(want) == 0 || len(got) != len(want) {
		t.Fatalf("%d groups, want %d", len(got), len(want))
	}
	for k, n := range want {
		if got[k] != n {
			t.Errorf("%s: %v, want %v", k, got[k], n)
		}
	}
}
