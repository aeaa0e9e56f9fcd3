package retention

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/yamlfile"
	"github.com/keytrail/keytrail/schema"
)

// Example is a file with all there is to say, and what it means.
//
//go:embed example.yaml
var Example string

// File says how long what is kept. What it does not name is kept for good.
type File struct {
	Default    Keep            `yaml:"default"`
	Classes    map[string]Keep `yaml:"classes"` // by the class that the policy gives a table
	Tables     []TableRule     `yaml:"tables"`  // the first that matches, before its class
	Rollup     Keep            `yaml:"rollup"`
	Quarantine Keep            `yaml:"quarantine"`
	Findings   Keep            `yaml:"findings"`
	Profiles   Keep            `yaml:"profiles"`
	Runs       Keep            `yaml:"runs"` // records of nights, and what was judged

	Frameworks map[string]Framework `yaml:"frameworks"`
	LegalHolds []Hold               `yaml:"legal_holds"`
}

// Keep is how long something is kept. The zero value is for good.
type Keep struct {
	Days   int    `yaml:"days"`
	Reason string `yaml:"reason"`
}

// TableRule is for tables whose name or ARN matches.
type TableRule struct {
	Match  string `yaml:"match"`
	Days   int    `yaml:"days"`
	Reason string `yaml:"reason"`
}

// Framework is what a regulation asks for, either of which may be left out. It decides
// nothing: people do, who are shown where limits are outside of it.
type Framework struct {
	AtLeast int    `yaml:"at_least"` // days
	AtMost  int    `yaml:"at_most"`
	Reason  string `yaml:"reason"`
}

// Hold keeps the days of tables whatever else the file says.
type Hold struct {
	Match   string `yaml:"match" json:"match"`
	From    string `yaml:"from" json:"from,omitempty"` // event days, both included; empty: no bound
	To      string `yaml:"to" json:"to,omitempty"`
	Owner   string `yaml:"owner" json:"owner"`
	Reason  string `yaml:"reason" json:"reason"`
	Expires string `yaml:"expires" json:"expires"` // the last day on which it holds
}

// Parse reads a file. name is what it is called in errors.
func Parse(name string, data []byte) (*File, error) {
	var f File
	at, err := yamlfile.Read(name, data, &f)
	if err != nil {
		return nil, err
	}
	var wrong []error
	say := func(path, format string, a ...any) { wrong = append(wrong, at.Errorf(path, format, a...)) }
	for _, k := range f.keeps() {
		k.check(say)
	}
	for i, t := range f.Tables {
		path := fmt.Sprintf("tables[%d]", i)
		if t.Match == "" {
			say(path, "match: name tables, such as clicks-* or arn:aws:dynamodb:*:*:table/clicks")
		}
		named{path, Keep{t.Days, t.Reason}, true}.check(say)
	}
	for i := range f.LegalHolds {
		f.LegalHolds[i].check(fmt.Sprintf("legal_holds[%d]", i), say)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Frameworks)) {
		w := f.Frameworks[name]
		if w.AtLeast < 0 || w.AtMost < 0 || w.AtLeast == 0 && w.AtMost == 0 || w.Reason == "" {
			say("frameworks."+name, "frameworks.%s: say at_least or at_most, in days, and the reason", name)
		}
	}
	return &f, errors.Join(wrong...)
}

// named is a limit with where it stands in the file.
type named struct {
	path string
	Keep
	must bool
}

func (f *File) keeps() []named {
	all := []named{
		{"default", f.Default, false}, {"rollup", f.Rollup, false}, {"quarantine", f.Quarantine, false},
		{"findings", f.Findings, false}, {"profiles", f.Profiles, false}, {"runs", f.Runs, false},
	}
	for _, class := range slices.Sorted(maps.Keys(f.Classes)) {
		all = append(all, named{"classes." + class, f.Classes[class], true})
	}
	return all
}

func (n named) check(say func(path, format string, a ...any)) {
	switch {
	case n.Keep == Keep{} && !n.must:
	case n.Days < 1:
		say(n.path, "%s: days has to be 1 or more; leave it out to keep for good", n.path)
	case n.Reason == "":
		say(n.path, "%s: give the reason; whoever reads the journal in years wants it", n.path)
	}
}

func (h *Hold) check(path string, say func(path, format string, a ...any)) {
	if h.Match == "" || h.Owner == "" || h.Reason == "" || h.Expires == "" {
		say(path, "a legal hold says match, owner, reason and expires: whoever finds it in years has to know whom to ask")
	}
	for _, day := range []string{h.From, h.To, h.Expires} {
		if n, err := schema.ParseDay(day); day != "" && (err != nil || schema.DayString(n) != day) {
			say(path, "%q is no day: write it as 2026-03-31, in quotes or not", day)
		}
	}
	if h.From != "" && h.To != "" && h.From > h.To {
		say(path, "it ends (%s) before it begins (%s)", h.To, h.From)
	}
}

// beside are the limits of what is not touches.
func (f *File) beside() []struct {
	of lake.Aged
	Keep
} {
	return []struct {
		of lake.Aged
		Keep
	}{
		{lake.AgedRollup, f.Rollup}, {lake.AgedQuarantine, f.Quarantine}, {lake.AgedFindings, f.Findings},
		{lake.AgedProfiles, f.Profiles}, {lake.AgedJudged, f.Runs}, {lake.AgedRuns, f.Runs},
	}
}

// before is the first day that is kept, as of a day.
func (k Keep) before(now time.Time) string {
	return now.AddDate(0, 0, -k.Days).Format(time.DateOnly)
}

// Shortest is the shortest limit of rows; 0 when all are kept for good.
func (f *File) Shortest() int {
	limits := []int{f.Default.Days}
	for _, k := range f.Classes {
		limits = append(limits, k.Days)
	}
	for _, t := range f.Tables {
		limits = append(limits, t.Days)
	}
	limits = slices.DeleteFunc(limits, func(days int) bool { return days == 0 })
	if len(limits) == 0 {
		return 0
	}
	return slices.Min(limits)
}
