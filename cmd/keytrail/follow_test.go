package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
)

// Whoever was given an access key, or the name of a session, is found by it: DuckDB
// takes the keys out of the trail's JSON and looks them up in the lake.
func TestDuckDBKeysGiven(t *testing.T) {
	eachCorpus(t, func(t *testing.T, c *corpus) {
		prelude := c.sql() + readSQL(t, "expected.sql") + `
CREATE TABLE given AS
SELECT r->>'eventID' AS event_id, r->>'recipientAccountId' AS account, unnest([word(member(re, 'credentials'), 'accessKeyId'),
  coalesce(word(member(re, 'assumedRoleUser'), 'arn'), word(member(re, 'federatedUser'), 'arn'))]) AS name
FROM (SELECT *, r->'responseElements' AS re FROM named) WHERE service = 'sts';
DELETE FROM given WHERE name IS NULL;
CREATE TABLE found AS SELECT event_id, recipient_account_id AS account, unnest(key_values) AS name FROM touches WHERE plane = 'sts' AND event_source ILIKE 'sts.%';`
		for _, row := range ducktest.Query(t, prelude+`
SELECT 'only in the trail' AS side, * FROM (FROM given EXCEPT FROM found) UNION ALL
SELECT 'only in the lake', * FROM (FROM found EXCEPT FROM given) ORDER BY ALL LIMIT 20`) {
			t.Errorf("%v", row)
		}
		n := ducktest.Query(t, prelude+`
SELECT count(*) AS given, count(*) FILTER (name LIKE 'ASIA%' AND name IN (SELECT access_key_id FROM touches)) AS used FROM given`)[0]
		if n["given"].(int64) < 10 || c.name == "sample" && n["used"].(int64) < 50 {
			t.Errorf("too little to compare: %v", n)
		}
		secret := ducktest.Query(t, c.sql()+`
SELECT event_id FROM touches WHERE plane = 'sts' AND regexp_matches(concat_ws(' ', request_parameters, response_elements, additional_event_data), '(?i)"(sessionToken|secretAccessKey|tokenCode)"')`)
		for _, row := range secret {
			t.Errorf("%v: a credential is in the lake", row["event_id"])
		}
	})
}

// A chain is made of what others wrote: user names, addresses, session names. Shown,
// it moves no cursor and begins no formula, whoever they say they are.
func TestHostileLineage(t *testing.T) {
	source, lake := filepath.Join(t.TempDir(), "source"), filepath.Join(t.TempDir(), "lake")
	var all []any
	given := 0
	for _, v := range hostileValues {
		for _, field := range []string{"userName", "arn", "type", "sourceIPAddress", "eventID", "SwitchFrom", "sourceIdentity"} {
			key := fmt.Sprint("ASIA", given)
			given++
			gave, touch := record(2*given), record(2*given+1)
			who := map[string]any{"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/alice", "userName": "alice"}
			session := map[string]any{"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/r/s", "accessKeyId": key}
			gave["eventSource"], gave["eventName"], gave["userIdentity"] = "sts.amazonaws.com", "AssumeRole", who
			gave["responseElements"] = map[string]any{"credentials": map[string]any{"accessKeyId": key}}
			switch field {
			case "sourceIPAddress", "eventID":
				gave[field] = v
			case "SwitchFrom":
				gave["eventName"], gave["additionalEventData"] = "SwitchRole", map[string]any{field: v}
			case "sourceIdentity":
				session["sessionContext"] = map[string]any{field: v}
			default:
				who[field] = v
			}
			touch["userIdentity"] = session
			all = append(all, gave, touch)
		}
	}
	makeFile(t, filepath.Join(source, "hostile.json.gz"), gzipped(bytes.ReplaceAll(wrap(all...), []byte(rawBytes), []byte("\xff\x9b\x80"))))
	if ingested := runHere("ingest", source, "--lake", lake); ingested.status != 0 {
		t.Fatalf("exit status %d\n%.2000s", ingested.status, ingested.stderr)
	}
	for _, format := range []string{"table", "json", "jsonl", "csv"} {
		out := runHere("who", "orders", "--follow-role", "--limit", "0", "--format", format, "--lake", lake)
		out.harmless(t)
		if out.status != 0 || !strings.Contains(out.stdout, "role/r [AssumeRole ") {
			t.Errorf("%s: exit status %d, and no chain in\n%.2000s", format, out.status, out.stdout)
		}
		if format != "jsonl" {
			continue
		}
		people := map[string]bool{}
		for line := range strings.Lines(out.stdout) {
			var row struct{ Person string }
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatalf("%v in %.300q", err, line)
			}
			people[row.Person] = true
		}
		for _, v := range hostileValues {
			if !strings.Contains(v, rawBytes) && !people[v] {
				t.Errorf("nobody is %.100q, exactly as it was logged", v)
			}
		}
	}
}
