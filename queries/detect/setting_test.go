package detect

import (
	"errors"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// tunable is a catalogue with something to tune.
func tunable() []Detection {
	type params struct {
		Buckets []string `yaml:"export_buckets"`
		Most    int      `yaml:"most_calls"`
	}
	return []Detection{
		define(Detection{ID: "DDB-TST-001"}, params{Most: 5}, func(*Run, *params) Watcher { return watch(func(*Event) {}) }),
		define(Detection{ID: "DDB-TST-002"}, plain{}, func(*Run, *plain) Watcher { return watch(func(*Event) {}) }),
	}
}

func TestParseSettings(t *testing.T) {
	got, err := parseSettings(tunable(), "s.yaml", []byte(`# ours
defaults: {mode: dry_run}
DDB-TST-001:
  mode: live
  severity: high
  params:
    most_calls: 7
`))
	if err != nil {
		t.Fatal(err)
	}
	if s := got["DDB-TST-001"]; s.Mode != Live || s.Severity != schema.SeverityHigh {
		t.Errorf("%+v", s)
	}
	if s := got["DDB-TST-002"]; s.Mode != DryRun || s.Params != nil {
		t.Errorf("a default does not hold: %+v", s)
	}
	d := tunable()[0]
	d.Params = got["DDB-TST-001"].Params
	if params := ParamsOf(&d); params[1].Default != "7" || params[0].Default != "[]" {
		t.Errorf("params %+v", params)
	}
	if params := ParamsOf(&tunable()[0]); params[1].Default != "5" {
		t.Errorf("the defaults changed: %+v", params)
	}
	for _, empty := range []string{"", "# nothing\n", "---\n"} {
		if got, err := parseSettings(tunable(), "s.yaml", []byte(empty)); err != nil || len(got) != 0 {
			t.Errorf("%q: %v, %v", empty, got, err)
		}
	}
}

// A mistake is told with its place and with what was meant.
func TestParseSettingsErrors(t *testing.T) {
	for text, want := range map[string]string{
		"DDB-TST-003: {mode: live}\n":                     `s.yaml:1:1: there is no detection "DDB-TST-003" (did you mean DDB-TST-001?)`,
		"# a\ntst-002: {mode: live}\n":                    `s.yaml:2:1: there is no detection "tst-002" (did you mean DDB-TST-002?)`,
		"nonsense: {mode: live}\n":                        `s.yaml:1:1: there is no detection "nonsense"`,
		"DDB-TST-001:\n  mode: lively\n":                  `s.yaml:2:9: "lively" is no mode: live, dry_run, off (did you mean live?)`,
		"DDB-TST-001:\n  severity: huge\n":                `s.yaml:2:13: "huge" is no severity: info, low, medium, high, critical`,
		"DDB-TST-001:\n  sverity: high\n":                 `s.yaml:2:3: a detection has no "sverity": take mode, severity or params (did you mean severity?)`,
		"DDB-TST-001:\n  params:\n    export_bucket: a\n": `s.yaml:3:5: DDB-TST-001 has no param "export_bucket"; it has export_buckets: [], most_calls: 5 (did you mean export_buckets?)`,
		"DDB-TST-002:\n  params:\n    a: 1\n":             `s.yaml:3:5: DDB-TST-002 has no param "a"; it has none`,
		"DDB-TST-001:\n  params:\n    most_calls: many\n": `s.yaml:3:17: cannot unmarshal string into Go struct field`,
		"DDB-TST-001:\n  mode: live\nDDB-TST-001: {}\n":   `s.yaml:3:1: `,
		"DDB-TST-001: [live]\n":                           `s.yaml:1:14: here must stand mode, severity and params`,
		"- DDB-TST-001\n":                                 `s.yaml:1:1: here must stand the ids of detections, and what is to be changed of each`,
		"defaults:\n  severity: low\n":                    `s.yaml:2:3: defaults have no "severity": mode is all that they have`,
		"DDB-TST-001: {mode: live\n":                      `s.yaml:1:`,
		"DDB-TST-001:\n\tmode: live\n":                    `s.yaml:2:1: `,
	} {
		_, err := parseSettings(tunable(), "s.yaml", []byte(text))
		var known *SettingError
		if !errors.As(err, &known) || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q:\n%v\nwant\n%s", text, err, want)
		}
	}
}

func FuzzParseSettings(f *testing.F) {
	f.Add("defaults: {mode: dry_run}\nDDB-TST-001: {params: {most_calls: 7}}\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := parseSettings(tunable(), "s.yaml", []byte(text))
		var known *SettingError
		if err != nil && !errors.As(err, &known) {
			t.Errorf("%q: %v is no SettingError", text, err)
		}
	})
}
