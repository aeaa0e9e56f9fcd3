package anomalies

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// Digest is how many findings people are shown who do not ask for all.
const Digest = 20

// Style is how a report is told to people.
type Style struct {
	queries.Look
	All  bool   // more than [Digest] findings
	Lake string // for commands to paste
}

// Render writes a report. JSON is one object; JSON lines and CSV are the findings, those of
// CloudTrail Insights last.
func Render(w io.Writer, r *Report, f queries.Format, s Style) error {
	switch f {
	case queries.JSON:
		return renderJSON(w, r)
	case queries.JSONL:
		return renderJSONL(w, r)
	case queries.CSV:
		return renderCSV(w, r)
	}
	_, err := io.WriteString(w, r.text(s))
	return err
}

// text is the report for people: findings first, then what was tested, then what was not.
func (r *Report) text(s Style) string {
	t := telling{style: s}
	t.line(0, s.Heading, fmt.Sprintf("%s: %s", r.Day, found(len(r.Findings))))
	told := r.Findings
	if !s.All {
		told = told[:min(len(told), Digest)]
	}
	for i := range told {
		t.finding(&told[i])
	}
	if more := len(r.Findings) - len(told); more > 0 {
		t.line(0, s.Dim, fmt.Sprintf("%d more, no worse than these; --all shows them.", more))
	}
	if len(r.Insights) > 0 {
		t.b.WriteString("\n")
		t.line(0, s.Heading, "CloudTrail Insights, beside that:")
		for i := range r.Insights {
			t.line(2, nil, queries.Clean(r.Insights[i].First.Format("15:04")+"  "+r.Insights[i].Explain))
		}
	}
	t.b.WriteString("\n")
	t.closing(r)
	return t.b.String()
}

func found(n int) string {
	if n == 0 {
		return "nothing odd in what was tested"
	}
	return plural(n, "finding")
}

type telling struct {
	b     strings.Builder
	style Style
}

// line writes text, broken to the width, each line with so much before it.
func (t *telling) line(indent int, colour func(string) string, s string) {
	width := t.style.Width
	if width > 0 {
		width = max(width-indent, 20)
	}
	for part := range strings.SplitSeq(queries.Wrap(s, width), "\n") {
		if colour != nil {
			part = colour(part)
		}
		t.b.WriteString(strings.Repeat(" ", indent) + part + "\n")
	}
}

func (t *telling) finding(f *schema.Finding) {
	t.b.WriteString("\n")
	colour := t.style.Warning
	switch {
	case f.Severity >= schema.SeverityHigh:
		colour = t.style.Alarm
	case f.Severity <= schema.SeverityLow:
		colour = t.style.Heading
	}
	t.line(0, colour, fmt.Sprintf("%-8s %s  %s", strings.ToUpper(f.Severity.String()), f.Title, f.Detection))
	t.line(2, nil, aboutWhom(f))
	t.line(2, nil, queries.Clean(f.Explain))
	if f.Stat != nil && len(f.Stat.Series) > 0 {
		most := 90
		if t.style.Width > 0 {
			most = min(max(t.style.Width-24, 28), most)
		}
		line := sparkline(f.Stat.Series, most)
		t.line(2, nil, fmt.Sprintf("%s  %s, most %s", line, plural(utf8.RuneCountInString(line), "day"), number(slices.Max(f.Stat.Series))))
	}
	t.b.WriteString("  " + t.style.Dim(command(f, t.style.Lake)) + "\n") // whole, to be pasted
}

// aboutWhom is who, and on which table.
func aboutWhom(f *schema.Finding) string {
	who := "everybody"
	if f.Actor != "" {
		label := queries.ActorLabel(f.Actor)
		who = cmp.Or(f.ActorName, label)
		if f.ActorKind != "" {
			who += " (" + f.ActorKind + ")"
		}
		if f.ActorName != "" && queries.Clean(f.ActorName) != label {
			who += " as " + label
		}
	}
	on := "all tables"
	switch arn, ok := schema.ParseTableARN(f.TableARN); {
	case ok:
		on = fmt.Sprintf("%s (%s, %s)", cmp.Or(f.TableName, arn.Table), arn.Account, arn.Region)
	case f.TableARN != "" || f.TableName != "":
		on = cmp.Or(f.TableARN, f.TableName)
	}
	return queries.Clean(who + ", " + on)
}

// command shows the touches that a finding is of.
func command(f *schema.Finding, lake string) string {
	args := []string{"keytrail", "who"}
	if f.TableARN != "" {
		args = append(args, queries.ShellWord(f.TableARN))
	}
	switch {
	case f.ActorName != "" && f.Principal != f.Actor: // one person of those behind a role
		args = append(args, "--actor", queries.ShellWord(f.ActorName))
	case f.Actor != "":
		args = append(args, "--actor", queries.ShellWord(f.Actor))
	}
	return strings.Join(append(args, "--from", firstDay(f), "--to", f.Day, "--lake", queries.ShellWord(cmp.Or(lake, "LAKE"))), " ")
}

// firstDay is the finding's day, or where there is nothing on it the latest with anything.
func firstDay(f *schema.Finding) string {
	day, err := schema.ParseDay(f.Day)
	if f.Detection != Silence || f.Stat == nil || err != nil {
		return f.Day
	}
	for _, y := range slices.Backward(f.Stat.Series) {
		if y > 0 {
			return schema.DayString(day)
		}
		day--
	}
	return f.Day
}

// closing says what was tested, and what was not: nobody is to take silence for health.
func (t *telling) closing(r *Report) {
	t.line(0, nil, r.Summary())
	if r.TooMany() {
		t.line(0, t.style.Warning, fmt.Sprintf("Miscalibrated: of %s tests %.1f %% have a chance below 1 %%. The day as a whole is unlike those before; no count of it is told as high.",
			number(float64(r.Tests)), 100*r.Share()))
	}
	if r.TooFew() {
		t.line(0, t.style.Dim, "Fewer tests than chance has it are unlikely: something small may have been missed.")
	}
	if r.Folded > 0 {
		t.line(0, t.style.Warning, number(float64(r.Folded))+" touches are of more actors and tables than can be told apart, and were not judged.")
	}
	for _, s := range r.NotEvaluated {
		t.line(0, t.style.Dim, "Not evaluated: "+s+".")
	}
	if r.Gaps.Incomplete() {
		t.line(0, t.style.Warning, "The lake may lack some of that day:")
		for _, g := range r.Gaps {
			t.line(0, t.style.Warning, "- "+g.What)
		}
	} else if len(r.Gaps) > 0 {
		t.line(0, t.style.Dim, r.Gaps.String())
	}
}

// Summary is one sentence on how much was judged, and how much not.
func (r *Report) Summary() string {
	s := fmt.Sprintf("%s tested, %s selected as too unlikely for so many, %s gated (too small to matter, or as often before)",
		number(float64(r.Tested)), number(float64(r.Chosen)), number(float64(r.Gated)))
	return s + fmt.Sprintf("; of actors on tables %d judged, %d learning, %d sparse, %d not covered; %s before are whole.",
		r.States[Tested], r.States[Learning], r.States[Sparse], r.States[NotCovered], plural(r.Days, "day"))
}
