package nightly

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/keytrail/keytrail/engine/lake"
)

// The example says what the defaults are.
func TestExample(t *testing.T) {
	got, err := ParseConfig("example.yaml", []byte(Example))
	if err != nil {
		t.Fatal(err)
	}
	want := Defaults()
	want.Sources, want.Lake = []string{"s3://my-trail-bucket"}, "s3://my-audit-lake"
	want.Alerts.Channels = []Channel{{ID: "log", MinSeverity: "low", QuietNights: true, Stdout: true}}
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got  %+v\nwant %+v", *got, want)
	}
	// What is only an example is right, too.
	var lines []string
	for line := range strings.Lines(Example) {
		trimmed := strings.TrimLeft(line, " ")
		if rest, ok := strings.CutPrefix(trimmed, "# "); ok && (strings.Contains(rest, ": ") || strings.HasSuffix(rest, ":\n") || strings.HasPrefix(strings.TrimSpace(rest), "- ")) {
			line = line[:len(line)-len(trimmed)] + rest
		}
		lines = append(lines, line)
	}
	c, err := ParseConfig("example.yaml", []byte(prose(lines)))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Alerts.Channels) != 4 || c.Ping.Success.Env != "PING_URL" || len(c.Reports) != 2 || c.Policy == "" || c.Alerts.Spool == "" || c.Metrics.EMF != "-" {
		t.Errorf("%+v", c)
	}
}

// prose makes comments of lines that are no YAML.
func prose(lines []string) string {
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		name, _, ok := strings.Cut(strings.TrimPrefix(trimmed, "- "), ":")
		if trimmed != "" && !strings.HasPrefix(trimmed, "#") && (!ok || strings.Contains(name, " ")) {
			lines[i] = "# " + trimmed + "\n"
		}
	}
	return strings.Join(lines, "")
}

func TestConfigErrors(t *testing.T) {
	for _, test := range []struct{ yaml, want string }{
		{"sources: [a]\nlake: l\nmemroy: 1GiB\n", `c.yaml:3:1: unknown key "memroy" (did you mean memory?)`},
		{"lake: l\n", "sources: name where"},
		{"sources: ['']\nlake: l\n", "sources: name where"},
		{"sources: [a]\nlake: l\nping: {success: https://hc.example/topsecret}\n", "c.yaml:3:17: string was used where mapping is expected: write what belongs there"},
		{"sources: [a]\nlake: l\nalerts: {channels: [{slack: {url: https://hooks.example/topsecret}}]}\nlake: m\n", "c.yaml:4:1: "},
		{"sources: [a]\nlake: l\nsettle: soon\n", `c.yaml:3:9: settle: "soon" is no time`},
		{"sources: [a]\nlake: l\nmemory: 1MB\n", "at least 128 MiB"},
		{"sources: [a]\nlake: l\nalerts: {channels: [{stdout: true, slack: {url: {env: X}}}]}\n", "c.yaml:3:20: alerts.channels: channel-1: say exactly one of"},
		{"sources: [a]\nlake: l\nalerts: {channels: [{slack: {url: {env: X}}}]}\n", "alerts.spool"},
		{"sources: [a]\nlake: l\nfail_on: bad\n", `"bad" is no severity`},
		{"sources: [a]\nlake: l\nreports: [{name: x}]\n", "has no command"},
		{"sources: [a]\nlake: l\nreports: [{name: x, command: [y], timeout: 0s}]\n", "is no time"},
		{"sources: [a]\nlake: l\nalerts: {spool: s, channels: [{id: team one, stdout: true}]}\n", "an id is of letters"},
		{"sources: [a]\nlake: l\nalerts: {spool: s, channels: [{sns: {topic_arn: audit}}]}\n", "names no topic"},
		{"sources: [a]\nlake: l\nmetrics: {emf: \"-\", namespace: \"\"}\n", "metrics.namespace"},
		{"sources: [a]\nlake: l\nmetrics: {emf: \"-\", namespace: AWS/x}\n", "metrics.namespace"},
	} {
		_, err := ParseConfig("c.yaml", []byte(test.yaml))
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "c.yaml:") || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%q: %v, want %q", test.yaml, err, test.want)
		}
	}
}

// What the configuration says where it is and is not there is known before the night.
func TestSecrets(t *testing.T) {
	t.Setenv("THERE", "https://example.com/topsecret")
	const head = "sources: [a]\nlake: l\nalerts:\n  spool: /s\n  channels:\n    - {id: team, slack: {url: {env: THERE}}}\n"
	for text, want := range map[string]string{
		"": "",
		"    - {id: siem, webhook: {url: {env: THERE}, secret: {file: /not/there}}}\n": "siem: webhook.secret: secret: open /not/there",
		"ping: {failure: {env: NOT_THERE_AT_ALL}}\n":                                   "ping.failure: the secret in $NOT_THERE_AT_ALL is empty",
		"    - {id: b, slack: {url: {env: THERE, file: /x}}}\n":                        "b: slack.url: a secret is either",
	} {
		c, err := ParseConfig("c.yaml", []byte(head+text))
		if err != nil {
			t.Fatal(err)
		}
		err = c.Secrets()
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "topsecret")) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// days is a lake of days with their versions, and what was judged.
type days struct{ now, judged map[string]string }

func (d days) JudgedDays(context.Context) ([]string, error) { return sorted(d.judged), nil }

func (d days) Judged(_ context.Context, day string) (*lake.Judged, error) {
	return &lake.Judged{Day: day, Version: d.judged[day]}, nil
}
func (d days) DayVersion(_ context.Context, day string) (string, error) { return d.now[day], nil }
func (d days) ManifestDays(context.Context) ([]string, error)           { return sorted(d.now), nil }

func sorted(m map[string]string) (all []string) {
	for day := range m {
		all = append(all, day)
	}
	slices.Sort(all)
	return all
}

func TestPlan(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, test := range []struct {
		name string
		now  string
		lake days
		edit func(*Config)
		want string
	}{
		{"the first night", "2026-03-11 01:00", days{now: map[string]string{"2026-02-01": "a", "2026-03-10": "b"}}, nil, "[] [2026-03-10] 0"},
		{"three days at first", "2026-03-11 01:00", days{now: map[string]string{"2026-03-09": "b"}}, func(c *Config) { c.FirstDays = 3 }, "[] [2026-03-09 2026-03-10] 0"},
		{"many days at first", "2026-03-11 01:00", days{now: map[string]string{"2026-01-01": "a"}}, func(c *Config) { c.FirstDays, c.CatchUp = 3, 1 }, "[] [2026-03-08 2026-03-09 2026-03-10] 0"},
		{"too early", "2026-03-11 00:10", days{judged: map[string]string{"2026-03-09": ""}}, nil, "[] [] 0"},
		{"the next night", "2026-03-11 00:31", days{judged: map[string]string{"2026-03-09": ""}}, nil, "[] [2026-03-10] 0"},
		{"missed", "2026-03-14 01:00", days{judged: map[string]string{"2026-03-09": ""}}, nil, "[] [2026-03-10 2026-03-11 2026-03-12 2026-03-13] 0"},
		{"missed too many", "2026-03-14 01:00", days{judged: map[string]string{"2026-03-09": ""}}, func(c *Config) { c.CatchUp = 2 }, "[] [2026-03-12 2026-03-13] 2"},
		{"late records", "2026-03-11 01:00", days{now: map[string]string{"2026-03-07": "new", "2026-03-08": "b", "2026-01-02": "new"},
			judged: map[string]string{"2026-03-07": "old", "2026-03-08": "b", "2026-01-02": "old", "2026-03-09": ""}}, nil, "[2026-03-07] [2026-03-10] 0"},
		{"again the same night", "2026-03-11 05:00", days{judged: map[string]string{"2026-03-10": ""}}, nil, "[] [] 0"},
	} {
		c := Defaults()
		if test.edit != nil {
			test.edit(&c)
		}
		p, err := c.PlanDays(t.Context(), test.lake, at(test.now))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(p.Again, " ", p.New, " ", p.Skipped); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestRun(t *testing.T) {
	did := func(text string, err error) func(context.Context) (string, error) {
		return func(context.Context) (string, error) { return text, err }
	}
	snapshots := 0
	all := Run(t.Context(), []Step{
		{Name: "ingest", Do: did("", errors.New("no bucket"))},
		{Name: "judge", On: []string{"ingest"}, Do: did("never", nil)},
		{Name: "tell", On: []string{"judge"}, Do: did("never", nil)},
		{Name: "verify", Do: did("some", fmt.Errorf("three objects: %w", ErrIncomplete))},
		{Name: "report", Do: did("", ErrNothing)},
		{Name: "alert", Do: did("1 message", nil)},
	}, func([]StepRecord) { snapshots++ })
	var got []string
	for _, r := range all {
		got = append(got, r.Name+" "+r.Outcome)
	}
	want := []string{"ingest failed", "judge skipped", "tell skipped", "verify incomplete", "report skipped", "alert done"}
	if !slices.Equal(got, want) || snapshots != len(want) {
		t.Errorf("%v, %d snapshots", got, snapshots)
	}
	// What was left out is said, on the page too.
	if r := (&Record{Steps: all}); all[3].Error != "three objects: some input was left out" || !strings.Contains(r.Summary(), "some: three objects") {
		t.Errorf("%+v\n%s", all[3], r.Summary())
	}
	if f := Failures(all); len(f) != 1 || f[0] != "ingest: no bucket" {
		t.Errorf("%v", f)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if all := Run(ctx, []Step{{Name: "x", Do: did("", nil)}}, nil); all[0].Outcome != Failed {
		t.Errorf("%+v", all)
	}
}

func TestMetrics(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keytrail.prom")
	end := time.Unix(1_774_000_000, 0)
	r := Record{RunID: "r", Started: end.Add(-time.Minute), Ended: end, Steps: []StepRecord{{Name: "ingest", Outcome: Done}},
		Days: []DayRecord{{Day: "2026-03-10", Findings: map[string]int{"high": 2}, Told: 1}}}
	if err := r.WriteTextfile(path); err != nil {
		t.Fatal(err)
	}
	r.Steps[0].Outcome, r.Ended = Failed, end.Add(time.Hour)
	if err := r.WriteTextfile(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"keytrail_nightly_last_success_timestamp_seconds 1.774e+09\n", "keytrail_nightly_step_failed{step=\"ingest\"} 1\n",
		"keytrail_nightly_findings{severity=\"high\"} 2\n", "# TYPE keytrail_nightly_status gauge\n",
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("no %q in\n%s", want, data)
		}
	}
	if n := strings.Count(string(data), "# TYPE keytrail_nightly_findings gauge"); n != 1 {
		t.Errorf("%d TYPE lines", n)
	}

	var line strings.Builder
	if err := r.WriteEMF(&line, "audit"); err != nil {
		t.Fatal(err)
	}
	var emf struct {
		AWS struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace string
				Metrics   []struct{ Name, Unit string }
			}
		} `json:"_aws"`
		High float64 `json:"findings_high"`
	}
	if err := json.Unmarshal([]byte(line.String()), &emf); err != nil {
		t.Fatal(err)
	}
	if m := emf.AWS.CloudWatchMetrics; emf.High != 2 || len(m) != 1 || m[0].Namespace != "audit" || len(m[0].Metrics) > 100 || len(m[0].Metrics) < 10 {
		t.Errorf("%s", line.String())
	}
}

func TestHook(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	h := Hook{Name: "note", Command: []string{"sh", "-c", `echo "$KEYTRAIL_DAYS" > ` + out}}
	if err := h.Run(t.Context(), "KEYTRAIL_DAYS=2026-03-10"); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(out); err != nil || string(data) != "2026-03-10\n" {
		t.Errorf("%q %v", data, err)
	}
	h = Hook{Name: "bad", Command: []string{"sh", "-c", "echo no such table; exit 3"}}
	if err := h.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "no such table") {
		t.Error(err)
	}
	h = Hook{Command: []string{"sleep", "60"}, Timeout: "50ms"}
	if err := h.Run(t.Context()); err == nil || err.Error() != "sleep: not done within 50ms" {
		t.Errorf("it was let run: %v", err)
	}
	// However much it prints, no more than the end is kept.
	var end tail
	for range 1000 {
		fmt.Fprintf(&end, "%s", strings.Repeat("é", 1000))
	}
	fmt.Fprint(&end, "the end")
	if got := end.String(); cap(end.end) > 4*tailBytes || !strings.HasSuffix(got, "é"+"the end") || !utf8.ValidString(got) {
		t.Errorf("%d bytes: %q", cap(end.end), got)
	}
}
