package main

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/keytrail/keytrail/queries"
)

// parseWho reads a command line as the program does.
func parseWho(t *testing.T, now time.Time, args ...string) (*asked, error) {
	t.Helper()
	var f whoFlags
	flags := pflag.NewFlagSet("who", pflag.ContinueOnError)
	f.register(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return f.parse(flags.Args(), now)
}

func TestWhoReadsItsCommandLine(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	q, err := parseWho(t, now, "pk=a=b", "orders", "sk=", `{"n":{"N":"-7"},"a=b":"c"}`, "--from", "7d", "--to", "2026-03-09",
		"--op", "delete_item", "--op", "READ-POINT", "--value", "-42", "--outcome", "OK", "--event", "Batch*,PutItem", "--could-have", "--certainty", "likely")
	if err != nil {
		t.Fatal(err)
	}
	want := queries.Who{
		Table: "orders", Key: []queries.Member{{Name: "pk", Value: "a=b"}, {Name: "sk"}, {Name: "a=b", Value: "c"}, {Name: "n", Value: "-7"}},
		Values: []string{"-42"}, Ops: []string{"DELETE_ITEM", "READ_POINT"}, Outcomes: []string{"ok"}, Events: []string{"Batch*", "PutItem"},
		From: now.AddDate(0, 0, -7).UnixMicro(), To: now.Truncate(24 * time.Hour).UnixMicro(),
		CouldHave: true, AtLeast: queries.Likely, Limit: tableLimit,
	}
	if !reflect.DeepEqual(q.who, want) || q.format != queries.Table || q.zone != time.UTC || q.quiet {
		t.Errorf("%+v\nwant %+v", q, want)
	}
	if q, err := parseWho(t, now, "orders", "--format", "jsonl", "-q"); err != nil || q.who.Limit != 0 || !q.quiet {
		t.Errorf("limit %d of jsonl, %v", q.who.Limit, err)
	}
	// Behind --, a member's name and a table may begin with anything.
	if q, err := parseWho(t, now, "--", "-pk=-1", "--odd"); err != nil || q.who.Table != "--odd" || q.who.Key[0] != (queries.Member{Name: "-pk", Value: "-1"}) {
		t.Errorf("%+v, %v", q, err)
	}
}

// Times without an offset are of the zone that times are shown in.
func TestWhoReadsTimesInItsZone(t *testing.T) {
	now := time.Date(2026, 3, 30, 12, 0, 0, 0, time.UTC)
	q, err := parseWho(t, now, "orders", "--time", "Europe/Oslo", "--from", "2026-03-29", "--to", "2026-03-29")
	if err != nil {
		t.Fatal(err)
	}
	if hours := (q.who.To - q.who.From) / int64(time.Hour/time.Microsecond); hours != 23 {
		t.Errorf("the day that summer time begins has %d hours", hours)
	}
	if from := time.UnixMicro(q.who.From).UTC(); from != time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC) {
		t.Errorf("it begins at %s", from)
	}
}

func TestWhoRefusesWhatMakesNoSense(t *testing.T) {
	for want, args := range map[string][]string{
		"who touched what?":           {},
		"only one table":              {"orders", "customers"},
		"names no key member":         {"orders", "=42"},
		"table's name is empty":       {""},
		"is no key":                   {"orders", `{"pk":`},
		`"xml" is no format`:          {"orders", "--format", "xml"},
		`"WRITE" is no operation`:     {"--op", "WRITE"},
		`"good" is no outcome`:        {"--outcome", "good"},
		`"sure" is no certainty`:      {"orders", "pk=1", "--could-have", "--certainty", "sure"},
		`--from: "soon" is no`:        {"orders", "--from", "soon"},
		`--to: "2026-02-31" is no`:    {"orders", "--to", "2026-02-31"},
		"is after --to":               {"orders", "--from", "2026-03-02", "--to", "2026-03-01"},
		`"Oslo" is no time zone`:      {"orders", "--time", "Oslo"},
		"--could-have is about":       {"orders", "--could-have"},
		"add --outcome ok":            {"orders", "pk=1", "--could-have", "--outcome", "denied"},
		"--certainty likely is about": {"orders", "pk=1", "--certainty", "likely"},
	} {
		_, err := parseWho(t, time.Now(), args...)
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
		{"who customers pk=customer#1042 --could-have --actor maren* --lake " + lake, 0, []string{"COULD HAVE SHOWN IT", "index by-tier for tier=VIP"}, ""},
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
