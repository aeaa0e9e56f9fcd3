package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/queries"
)

func TestWhoReadsItsCommandLine(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	f := whoFlags{format: "table", limit: -1, from: "7d", to: "2026-03-09", ops: []string{"delete_item", "READ-POINT"}, values: []string{"42"}}
	w, format, err := f.parse([]string{"pk=a=b", "orders", "sk="}, now)
	if err != nil {
		t.Fatal(err)
	}
	if w.Table != "orders" || len(w.Key) != 2 || w.Key[0] != (queries.Member{Name: "pk", Value: "a=b"}) || w.Key[1] != (queries.Member{Name: "sk"}) {
		t.Errorf("table %q, key %+v", w.Table, w.Key)
	}
	if strings.Join(w.Ops, " ") != "DELETE_ITEM READ_POINT" || format != queries.Table || w.Limit != tableLimit || w.Values[0] != "42" {
		t.Errorf("%+v, %s", w, format)
	}
	if w.From != now.AddDate(0, 0, -7).UnixMicro() || w.To != now.Truncate(24*time.Hour).UnixMicro() {
		t.Errorf("from %d to %d", w.From, w.To)
	}
	if w, _, err := (&whoFlags{format: "jsonl", limit: -1}).parse([]string{"orders"}, now); err != nil || w.Limit != 0 {
		t.Errorf("limit %d of jsonl, %v", w.Limit, err)
	}
}

func TestWhoRefusesWhatMakesNoSense(t *testing.T) {
	for want, c := range map[string]struct {
		flags whoFlags
		args  []string
	}{
		"who touched what?":        {whoFlags{}, nil},
		"only one table":           {whoFlags{}, []string{"orders", "customers"}},
		"names no key member":      {whoFlags{}, []string{"orders", "=42"}},
		"table's name is empty":    {whoFlags{}, []string{""}},
		`"xml" is no format`:       {whoFlags{format: "xml"}, []string{"orders"}},
		`"WRITE" is no operation`:  {whoFlags{ops: []string{"WRITE"}}, []string{"orders"}},
		`--from: "soon" is no`:     {whoFlags{from: "soon"}, []string{"orders"}},
		`--to: "2026-02-31" is no`: {whoFlags{to: "2026-02-31"}, []string{"orders"}},
		"is after --to":            {whoFlags{from: "2026-03-02", to: "2026-03-01"}, []string{"orders"}},
	} {
		if c.flags.format == "" {
			c.flags.format = "table"
		}
		_, _, err := c.flags.parse(c.args, time.Now())
		var usage *usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

func TestSampleIngestWho(t *testing.T) {
	trail, lake := t.TempDir()+"/trail", t.TempDir()+"/lake"
	steps := []struct {
		args   string
		exit   int
		stdout []string
		stderr string
	}{
		{"sample --out " + trail + " --events 2000", 0, []string{"2,000 events in ", "keytrail who customers 'pk=customer#1042'"}, ""},
		{"sample --out " + trail + " --events 2000", 1, nil, "is not empty"},
		{"sample --out " + trail + "2 --events 0", 2, nil, "how many events"},
		{"sample --out " + trail + "2 --events 5 --start today", 2, nil, "is not a day"},
		{"sample --events 5", 2, nil, "--out"},
		{"ingest " + trail + " --lake " + lake, 0, nil, ""},
		{"who customers pk=customer#1042 --lake " + lake, 0, []string{"14 touches by 4 actors, 1 of them denied or failed",
			"last successful write by maren.holt@example.com (human) as ProductionSupport at 2026-03-03 03:12:07Z"}, ""},
		{"who customers pk=customer#1042 --from 2026-03-03T03:12:07Z --to 2026-03-03T03:12:07Z --format jsonl --lake " + lake, 0, []string{`"event_name":"DeleteItem"`, `"source_ip":"203.0.113.77"`}, ""},
		{"who customers pk=customer#1042 --could-have --actor maren* --lake " + lake, 0, []string{"COULD HAVE SHOWN IT", "index VIP"}, ""},
		{"who --op AUDIT --actor maren* --lake " + lake, 0, []string{"StopLogging", "denied AccessDenied", "PutEventSelectors"}, ""},
		{"who custmers --lake " + lake, 0, nil, "Did you mean customers?"},
		{"who customers pk=nobody --format json --lake " + lake, 0, []string{"[]"}, "no touch matches"},
	}
	for _, s := range steps {
		var stdout, stderr bytes.Buffer
		if exit := run(strings.Fields(s.args), &stdout, &stderr); exit != s.exit {
			t.Fatalf("%s: exit %d\n%s", s.args, exit, stderr.String())
		}
		for _, want := range s.stdout {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("%s: %q is not in\n%s", s.args, want, stdout.String())
			}
		}
		if !strings.Contains(stderr.String(), s.stderr) {
			t.Errorf("%s: %q is not in %q", s.args, s.stderr, stderr.String())
		}
	}
}
