package detect

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// Listed is a detection as a list has it.
type Listed struct {
	ID       string   `json:"id"`
	Version  int      `json:"version"`
	Title    string   `json:"title"`
	Severity string   `json:"severity"`
	Mode     Mode     `json:"mode"`
	Kind     string   `json:"kind"`
	Attack   []string `json:"attack,omitempty"`
	Next     []string `json:"attack_next,omitempty"`
	State    string   `json:"state,omitempty"` // of a day of a lake
	Reasons  []string `json:"reasons,omitempty"`
}

// List is the catalogue with the settings in force; states, of a judgment, may be nil.
func List(settings map[string]Setting, states []State) []Listed {
	all := make([]Listed, len(Catalogue))
	for i := range Catalogue {
		d := &Catalogue[i]
		s := settings[d.ID]
		all[i] = Listed{
			ID: d.ID, Version: d.Version, Title: d.Title, Severity: cmp.Or(s.Severity, d.Severity).String(),
			Mode: cmp.Or(s.Mode, Live), Kind: d.Kind, Attack: d.Attack, Next: d.next(),
		}
		if at := slices.IndexFunc(states, func(s State) bool { return s.Detection == d.ID }); at >= 0 {
			all[i].State, all[i].Reasons = states[at].State, states[at].Reasons
		}
	}
	return all
}

// next are the techniques of the later version of ATT&CK.
func (d *Detection) next() []string {
	if len(d.AttackNext) > 0 {
		return d.AttackNext
	}
	return d.Attack
}

// RenderList writes a list to w.
func RenderList(w io.Writer, list []Listed, f queries.Format, look queries.Look) error {
	switch f {
	case queries.JSON:
		return writeJSON(w, list)
	case queries.JSONL:
		for i := range list {
			if err := writeJSON(w, &list[i]); err != nil {
				return err
			}
		}
		return nil
	case queries.CSV:
		rows := make([][]queries.Datum, len(list))
		for i := range list {
			rows[i] = listedData(&list[i])
		}
		return queries.WriteData(w, queries.CSV, nil, listedData(&Listed{}), rows)
	}
	_, err := io.WriteString(w, listText(list, look))
	return err
}

func listedData(l *Listed) []queries.Datum {
	return []queries.Datum{
		queries.TextDatum("id", l.ID), queries.CountDatum("version", int64(l.Version)), queries.TextDatum("title", l.Title),
		queries.TextDatum("severity", l.Severity), queries.TextDatum("mode", string(l.Mode)), queries.TextDatum("kind", l.Kind),
		queries.ListDatum("attack", l.Attack), queries.ListDatum("attack_next", l.Next),
		queries.TextDatum("state", l.State), queries.ListDatum("reasons", l.Reasons),
	}
}

// listText is a table of which the last column takes what is left of the width.
func listText(list []Listed, look queries.Look) string {
	head := fmt.Sprintf("%-11s  %-8s  %-7s  ", "ID", "SEVERITY", "MODE")
	p := page{look: look}
	p.WriteString(look.Heading(head+"TITLE") + "\n")
	for i := range list {
		l := &list[i]
		left := fmt.Sprintf("%-11s  %-8s  %-7s  ", l.ID, l.Severity, l.Mode)
		p.hang(left, queries.Clean(l.Title))
		if l.State == NotEvaluated || l.State == Partly {
			text := strings.ReplaceAll(l.State, "_", " ") + ": " + strings.Join(l.Reasons, "; ")
			p.hang(strings.Repeat(" ", len(left)), queries.Clean(text))
		}
	}
	return p.String()
}

// Explain writes all there is to say of a detection, and its params as YAML to paste.
func Explain(w io.Writer, d *Detection, s Setting, look queries.Look) error {
	p := page{look: look}
	p.painted(look.Heading, d.ID+"  "+d.Title)
	p.WriteString("\n")
	const name = "%-14s"
	say := func(title, text string) {
		if text != "" {
			p.hang(fmt.Sprintf(name, title), text)
		}
	}
	say("Severity", d.Severity.String()+d.steps())
	say("Kind", fmt.Sprintf("%s, version %d, now %s", d.Kind, d.Version, cmp.Or(s.Mode, Live)))
	say("Looks for", d.Looks)
	say("Looks alike", d.FalseAlarms)
	say("What to do", d.Advice)
	say("Needs", d.needs())
	say("Rules", d.silencing())
	say("ATT&CK v18", strings.Join(d.Attack, ", "))
	say("ATT&CK v19", strings.Join(d.next(), ", "))
	var fires, quiet []string
	for _, c := range CasesOf(d.ID) {
		if c.Fires {
			fires = append(fires, c.Name)
		} else {
			quiet = append(quiet, c.Name)
		}
	}
	say("Tested: fires", strings.Join(fires, "; "))
	say("        quiet", strings.Join(quiet, "; "))
	p.WriteString("\n" + look.Heading("Settings, to change in a file for --settings:") + "\n\n")
	p.WriteString(settingYAML(d, s, ""))
	_, err := io.WriteString(w, p.String())
	return err
}

// steps are what makes a finding worse or less bad than its detection.
func (d *Detection) steps() string {
	switch {
	case d.Kind == schema.FindingCoverage:
		return ""
	case d.KeepsLevel || d.Kind != schema.FindingEvent:
		return "; a step more for restricted or protected tables"
	}
	return "; a step more for restricted or protected tables, one less where the call failed"
}

func (d *Detection) needs() string {
	var list []string
	for _, n := range d.Needs {
		list = append(list, string(n))
	}
	return strings.Join(list, ", ")
}

func (d *Detection) silencing() string {
	if d.Always || d.Kind != schema.FindingEvent {
		return "no rule of the policy silences it"
	}
	return "silenced by a rule of the policy that allows the call, and counted"
}

// settingYAML is a detection's settings in force, each line behind a prefix.
func settingYAML(d *Detection, s Setting, prefix string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s:\n%s  mode: %s\n%s  severity: %s\n", prefix, d.ID, prefix, cmp.Or(s.Mode, Live), prefix, cmp.Or(s.Severity, d.Severity))
	of := *d
	if s.Params != nil {
		of.Params = s.Params
	}
	if params := ParamsOf(&of); len(params) > 0 {
		fmt.Fprintf(&b, "%s  params:\n", prefix)
		for _, p := range params {
			about := ""
			if p.About != "" {
				about = "  # " + p.About
			}
			fmt.Fprintf(&b, "%s    %s: %s%s\n", prefix, p.Name, p.Default, about)
		}
	}
	return b.String()
}

// Template is a file of settings that changes nothing: all detections with all their
// params, behind "#".
func Template() string {
	var b strings.Builder
	b.WriteString(`## Settings of keytrail's detections. Everything is as it is without this file: take the
## "#" away from the lines that you change. "keytrail detections explain ID" says more.
##
## mode: live, dry_run (found and kept, told to nobody) or off
## severity: info, low, medium, high or critical, in place of the detection's own

## What holds for the detections that say nothing else.
#defaults:
#  mode: live
`)
	for i := range Catalogue {
		d := &Catalogue[i]
		fmt.Fprintf(&b, "\n## %s\n%s", d.Title, settingYAML(d, Setting{}, "#"))
	}
	return b.String()
}
