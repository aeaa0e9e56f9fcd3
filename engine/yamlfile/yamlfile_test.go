package yamlfile

import (
	"reflect"
	"strings"
	"testing"
)

type config struct {
	Lake     string    `yaml:"lake"`
	Days     int       `yaml:"first_days"`
	Quiet    bool      `yaml:"quiet"`
	Channels []channel `yaml:"channels"`
	Ping     *secret   `yaml:"ping"`
}

type channel struct {
	ID    string  `yaml:"id"`
	Slack *secret `yaml:"slack"`
}

type secret struct {
	Env string `yaml:"env"`
}

func TestRead(t *testing.T) {
	got := config{Days: 7}
	_, err := Read("c.yaml", []byte("lake: l\nchannels:\n- id: a\n  slack: {env: X}\n- {id: b}\nping:\n  env: Y\n"), &got)
	want := config{Lake: "l", Days: 7, Channels: []channel{{ID: "a", Slack: &secret{"X"}}, {ID: "b"}}, Ping: &secret{"Y"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, empty := range []string{"", "# nothing\n", "channels:\n"} {
		if _, err := Read("c.yaml", []byte(empty), &got); err != nil {
			t.Errorf("%q: %v", empty, err)
		}
	}
}

// What is wrong is told by line and column, with what was meant, and no value is quoted.
func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"lakke: hidden\n":                                    `c.yaml:1:1: unknown key "lakke" (did you mean lake?)`,
		"lake: l\nfirst-days: 3\n":                           `c.yaml:2:1: unknown key "first-days" (did you mean first_days?)`,
		"channels:\n- {id: a, slak: {env: hidden}}\n":        `c.yaml:2:11: unknown key "slak" (did you mean slack?)`,
		"channels:\n- id: a\n  slack:\n    secret: hidden\n": `c.yaml:4:5: unknown key "secret" (there are env)`,
		"lak: x\nping: {envv: hidden}\n":                     "c.yaml:1:1: unknown key \"lak\" (did you mean lake?)\nc.yaml:2:8: unknown key \"envv\" (did you mean env?)",
		"first_days: hidden\n":                               "c.yaml:1:13: here a whole number is wanted",
		"quiet: hidden\n":                                    "c.yaml:1:8: here true or false is wanted",
		"channels: hidden\n":                                 "c.yaml:1:11: string was used where sequence is expected",
		"ping: hidden\n":                                     "c.yaml:1:7: string was used where mapping is expected",
		"ping: [{env: hidden}]\n":                            "c.yaml:1:7: sequence was used where mapping is expected",
		"lake: l\nchannels: [\n":                             "c.yaml:2:11: this is no YAML: sequence end token ']' not found",
		"lake: l\nlake: hidden\n":                            `c.yaml:2:1: this is no YAML: mapping key "lake" already defined at [1:1]`,
		"\t- x":                                              "c.yaml:1:1: this is no YAML: ",
	} {
		_, err := Read("c.yaml", []byte(text), &config{})
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q:\n%v\nwant\n%s", text, err, want)
		}
	}
}

func TestErrorf(t *testing.T) {
	f, err := Read("c.yaml", []byte("# head\nlake: l\nchannels:\n- id: a\n- slack: {env: X}\n  id: b\n"), &config{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"lake": "c.yaml:2:7: x", "channels[1].id": "c.yaml:6:7: x", "channels[1].slack.env": "c.yaml:5:16: x",
		"channels[0].slack": "c.yaml:4:3: x", "channels[9].id": "c.yaml:4:1: x", "channels[1].": "c.yaml:5:3: x",
		"ping.env": "c.yaml: x", "": "c.yaml: x", "first days": "c.yaml: x", "[": "c.yaml: x",
	} {
		if got := f.Errorf(path, "%s", "x").Error(); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"lake", "look_back", "first_days"}
	for name, want := range map[string]string{"Lake": "lake", "lkae": "", "laek": "", "lak": "lake", "look-back": "look_back", "lookback": "look_back", "first_day": "first_days", "colour": ""} {
		if got := Nearest(name, names); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if Nearest(strings.Repeat("lake", 100), names) != "" {
		t.Error("no name is as long")
	}
}
