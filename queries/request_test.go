package queries

import (
	"encoding/json"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// A request may have anything anywhere: what is understood counts, the rest does not.
func TestRequestTakesWhatItCan(t *testing.T) {
	r := parseRequest(`{"Limit":"10","select":7,"TotalSegments":"4","segment":0,"filterExpression":"a = :b","key":{"pk":{"S":"x"}},
		"attributesToGet":"all","replicaUpdates":{"create":1},"exclusiveStartKey":null,"projectionExpression":"a"}`)
	if r.counts() || r.omitted() || r.Limit != "10" {
		t.Errorf("%+v", r)
	}
	if notes := r.narrowed(); len(notes) != 3 || notes[2] != "segment 0 of 4, counted from 0" {
		t.Errorf("%q", notes)
	}
	if key, ok := r.key(); !ok || key != `{"pk":"x"}` || len(r.projected()) != 1 {
		t.Errorf("%s, %v", key, r.projected())
	}
	for _, raw := range []string{"", "null", "[]", "7", `"x"`, "{", `{"key":[],"omitted":"yes"}`} {
		r := parseRequest(raw)
		if _, ok := r.key(); ok || r.narrowed() != nil || r.omitted() {
			t.Errorf("%s: %+v", raw, r)
		}
	}
}

func TestRequestTimes(t *testing.T) {
	for raw, want := range map[string]string{
		`"Mar 3, 2026, 9:30:00 AM"`:      "2026-03-03 09:30:00Z",
		`"Mar 3, 2026, 9:30:00\u202fPM"`: "2026-03-03 21:30:00Z",
		`"May 3, 2015 11:34:14 PM"`:      "2015-05-03 23:34:14Z",
		`"2026-03-03T09:30:00+02:00"`:    "2026-03-03 07:30:00Z",
		`1772530200`:                     "2026-03-03 09:30:00Z",
		`1.7725302005e9`:                 "2026-03-03 09:30:00Z",
	} {
		var v any
		if err := json.Unmarshal([]byte(raw), &v); err != nil {
			t.Fatal(err)
		}
		if at, said, ok := requestTime(v); !ok || said != want || utc(at) != want {
			t.Errorf("%s: %s %v", raw, said, ok)
		}
	}
	for _, v := range []any{nil, true, "yesterday", -1.0, 1e300} {
		if _, _, ok := requestTime(v); ok {
			t.Errorf("%v is a time", v)
		}
	}
	if at, ok := backupTime("arn:aws:dynamodb:eu-west-1:111122223333:table/t/backup/01489602797149-73d8d5bc"); !ok || utc(at) != "2017-03-15 18:33:17Z" {
		t.Errorf("%s, %v", utc(at), ok)
	}
	for _, arn := range []string{"", "arn:aws:dynamodb:eu-west-1:111122223333:table/t", "x/backup/-1", "x/backup/99999999999999999999-a"} {
		if _, ok := backupTime(arn); ok {
			t.Errorf("%s says when it was made", arn)
		}
	}
}

// Reasons quote the log: names of buckets, backups, keys.
func TestHostileReasons(t *testing.T) {
	w := itemAsked
	w.CouldHave = true
	export := schema.Touch{TableName: "customers", EventName: "ExportTableToPointInTime", Op: schema.OpReadBulk, Outcome: schema.OutcomeOK, KeyScope: schema.ScopeTable,
		RequestParameters: `{"s3Bucket":"x\u001b[2J\u202e","exportTime":"=1+1\nnew"}`}
	backup := export
	backup.EventName, backup.Op, backup.RequestParameters = "CreateBackup", schema.OpCopy, `{"backupName":"\u009b31m@SUM"}`
	a := ask(t, w, []schema.Touch{export, backup})
	if len(a.CouldHave) != 2 {
		t.Fatalf("%d calls", len(a.CouldHave))
	}
	for _, f := range []Format{Table, JSON, JSONL, CSV} {
		for _, r := range render(t, a, f, 100) {
			if r != '\n' && hostile(r) {
				t.Errorf("%s has %U", f, r)
			}
		}
	}
}

func TestParseLikelihood(t *testing.T) {
	for _, c := range Likelihoods {
		for _, name := range []string{c.String(), c.words()} {
			if got, err := ParseLikelihood(name); err != nil || got != c {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
	}
	if Likely < Possible || Possible < NotExcluded || Likelihood(0).String() != "" {
		t.Error("certainties are out of order")
	}
	if _, err := ParseLikelihood("sure"); err == nil {
		t.Error("sure was taken for a certainty")
	}
}
