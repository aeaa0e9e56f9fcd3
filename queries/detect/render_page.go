package detect

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// page is text of a width.
type page struct {
	strings.Builder
	look queries.Look
}

// line writes text, broken between words, each line so far from the left.
func (p *page) line(indent int, text string) {
	width := 0
	if p.look.Width > 0 {
		width = max(p.look.Width-indent, 20)
	}
	for part := range strings.SplitSeq(queries.Wrap(text, width), "\n") {
		p.WriteString(strings.Repeat(" ", indent) + part + "\n")
	}
}

// painted is line in a colour.
func (p *page) painted(paint func(string) string, text string) {
	for part := range strings.SplitSeq(queries.Wrap(text, p.look.Width), "\n") {
		p.WriteString(paint(part) + "\n")
	}
}

// finding tells one in a few lines: what, when and who, why, and where to look.
func (p *page) finding(f *schema.Finding) {
	head := strings.ToUpper(f.Severity.String())
	paint := p.look.Heading
	switch f.Severity {
	case schema.SeverityCritical:
		paint = p.look.Alarm
	case schema.SeverityHigh:
		paint = p.look.Warning
	}
	switch {
	case f.DryRun:
		head += " (dry run)"
	case f.Suppressed != "":
		head += " (suppressed by " + queries.Short(f.Suppressed) + ")"
	case f.State == schema.FindingResolved:
		head += " (resolved)"
	}
	p.painted(paint, fmt.Sprintf("%s  %s  %s", head, f.Detection, f.Title))
	p.line(2, toldOf(f))
	p.line(2, queries.Short(f.Explain))
	where := f.ID
	if len(f.Evidence) > 0 && f.Evidence[0].EventID != "" {
		where += ", such as event " + queries.Short(f.Evidence[0].EventID)
	}
	p.line(2, where)
	p.WriteString("\n")
}

// toldOf is when it was, how often, which table, who and from where.
func toldOf(f *schema.Finding) string {
	when := queries.Clock(f.First.UnixMicro())
	if f.Last.Sub(f.First) >= time.Second {
		when += " to " + queries.Clock(f.Last.UnixMicro())
	}
	parts := []string{when}
	if f.Count > 1 {
		parts = append(parts, fmt.Sprintf("%d times", f.Count))
	}
	if f.TableName != "" {
		parts = append(parts, queries.Short(f.TableName))
	}
	if who := cmp.Or(f.ActorName, queries.ActorLabel(f.Actor)); f.Principal != "" {
		if f.ActorKind != "" {
			who += " (" + f.ActorKind + ")"
		}
		parts = append(parts, queries.Short(who))
	}
	if f.SourceIP != "" {
		parts = append(parts, "from "+queries.Short(f.SourceIP))
	}
	return strings.Join(parts, ", ")
}

// hang writes text behind another, and under itself where it takes more lines.
func (p *page) hang(left, text string) {
	width := 0
	if p.look.Width > 0 {
		width = max(p.look.Width-len(left), 20)
	}
	for i, part := range strings.Split(queries.Wrap(text, width), "\n") {
		if i > 0 {
			left = strings.Repeat(" ", len(left))
		}
		p.WriteString(left + part + "\n")
	}
}
