package compliance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// found makes the sections on findings and on unusual numbers, of what the lake keeps of
// each day's judging.
type found struct {
	books *books
	all   []foundOne
	days  map[string]bool // that have a file of findings
}

// foundOne is what a report says of a finding.
type foundOne struct {
	schema.Finding
	state, comment, action, expires string // by the review
	signedByActor                   bool
	events                          []string
}

// maxFindingEvents is how many calls of a finding are named.
const maxFindingEvents = 3

func (*found) touch(*detect.Event) {}

func (p *found) write(_ context.Context, f *Frame, made sections) error {
	p.take(f)
	made[FindingsOf] = p.section(f)
	made[Anomalies] = p.anomalies(f)
	return nil
}

// take takes the period's findings, the worst first.
func (p *found) take(f *Frame) {
	p.days = f.found
	for i := range f.Findings {
		p.all = append(p.all, p.one(f, &f.Findings[i]))
	}
	slices.SortFunc(p.all, func(a, b foundOne) int {
		return cmp.Or(-cmp.Compare(a.Severity, b.Severity), -strings.Compare(a.Day, b.Day), strings.Compare(a.Detection, b.Detection), strings.Compare(a.ID, b.ID))
	})
}

func (p *found) one(f *Frame, n *schema.Finding) foundOne {
	one := foundOne{Finding: *n, state: "open"}
	for _, e := range n.Evidence {
		one.events = append(one.events, e.EventID)
	}
	if d := f.Review.disposition(n.ID); d != nil {
		one.state, one.comment, one.action, one.expires = d.State, d.Comment, d.Action, d.Expires
		one.signedByActor = isActor(f.Review.Signed.Reviewer, n)
	}
	return one
}

// lead says how many findings there are, and what is known of them.
func (p *found) lead(open int64) string {
	days := map[string]bool{}
	for i := range p.all {
		days[p.all[i].Day] = true
	}
	all := int64(len(p.all))
	switch {
	case all == 0:
		return "Nothing was found."
	case open == all:
		return fmt.Sprintf("%s on %s, and nobody decided about any of them yet.", many(all, "finding"), many(int64(len(days)), "day"))
	}
	return fmt.Sprintf("%s on %s; %s open.", many(all, "finding"), many(int64(len(days)), "day"), noneOr(open, "of them is", "of them are"))
}

// judgedSaid says how much of the period was judged.
func judgedSaid(f *Frame, not []string) string {
	switch n := len(f.Days); len(not) {
	case 0:
		return " Every day of the period was judged."
	case n:
		return " No day of the period was judged by a nightly run."
	default:
		return fmt.Sprintf(" Of the %s of the period %s not judged by a nightly run.", many(int64(n), "day"), counted(int64(len(not)), "was", "were"))
	}
}

// isActor reports whether a reviewer is whom a finding is about: then somebody else has to
// look at it.
func isActor(reviewer string, n *schema.Finding) bool {
	person := n.Principal[strings.LastIndexAny(n.Principal, "#/")+1:]
	for _, name := range []string{n.ActorName, n.Actor, n.Principal, person} {
		if name != "" && strings.EqualFold(strings.TrimSpace(reviewer), name) {
			return true
		}
	}
	return false
}

// isOpen reports whether somebody still has to decide.
func (n *foundOne) isOpen() bool {
	return n.state == "open" && n.Suppressed == "" && n.State != schema.FindingResolved && !n.DryRun
}

// age is in days, to when the lake was last changed.
func (n *foundOne) age(now int64) int64 {
	day, err := time.Parse(time.DateOnly, n.Day)
	if err != nil {
		return 0
	}
	return max(0, now/dayLong-day.UnixMicro()/dayLong)
}

func (p *found) section(f *Frame) *report.Section {
	s := &report.Section{Title: "Findings", Level: report.OK}
	count := map[schema.Severity]int64{}
	var open, own int64
	for i := range p.all {
		n := &p.all[i]
		count[n.Severity]++
		if n.isOpen() {
			open++
			switch {
			case n.Severity >= schema.SeverityHigh:
				s.Level = s.Level.Worse(report.Alarm)
			case n.Severity >= schema.SeverityLow:
				s.Level = s.Level.Worse(report.Attention)
			}
		}
		if n.signedByActor {
			own++
		}
	}
	not := p.books.notJudged(f)
	if len(not) > 0 {
		s.Level = s.Level.Worse(report.Unknown)
	}
	s.Lead = p.lead(open) + judgedSaid(f, not)
	for _, severity := range slices.Backward(schema.Severities) {
		level := report.Plain
		if count[severity] > 0 && severity >= schema.SeverityHigh {
			level = report.Attention
		}
		s.Tiles = append(s.Tiles, report.Fact{ID: "findings_" + severity.String(), Name: strings.ToUpper(severity.String()[:1]) + severity.String()[1:], Value: report.CountOf(count[severity]), Level: level})
	}
	s.Tiles = append(s.Tiles,
		report.Fact{ID: "findings_open", Name: "Open", Value: report.CountOf(open), Text: "nobody decided about them", Level: badIf(open > 0, report.Attention)},
		report.Fact{ID: "days_judged", Name: "Days judged", Value: report.ShareOf(int64(len(f.Days)-len(not)), int64(len(f.Days))), Level: shareLevel(int64(len(f.Days)-len(not)), int64(len(f.Days)), 0)})
	if len(not) > 0 {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: fmt.Sprintf("No nightly run judged %s of the period: that nothing was found on them says nothing. \"keytrail nightly\" judges days, \"keytrail detections run --day\" one.", many(int64(len(not)), "day"))})
	}
	if own > 0 {
		s.Level = report.Alarm
		s.Notes = append(s.Notes, report.Note{Level: report.Alarm, Text: fmt.Sprintf("The reviewer decided about %s on the reviewer's own doing. Somebody else has to.", many(own, "finding"))})
	}
	s.Plots = append(s.Plots, p.byDay(f))
	s.Tables = append(s.Tables, p.list("findings", "Findings", "Nothing was found.", func(*foundOne) bool { return true }), p.byDetection(f), p.judging(f))
	return s
}
