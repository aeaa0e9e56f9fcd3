package compliance

import (
	"context"
	"fmt"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
)

// signOff makes the section that people sign.
type signOff struct {
	books *books
	found *found
}

func (*signOff) touch(*detect.Event) {}

func (p *signOff) write(_ context.Context, f *Frame, made sections) error {
	s := &report.Section{Title: "Sign-off"}
	open := p.open()
	if f.Review == nil {
		s.Level = report.Unknown
		s.Lead = fmt.Sprintf("Nobody has signed a review of this period yet; %s waiting for a decision.", waiting(open))
		s.Notes = append(s.Notes, report.Note{Text: "Sign by hand below, or write a review file and make the report again with it: it names the SHA-256 of the report's JSON that was read, who read it, and what was decided about each finding."})
	} else {
		p.signed(f, s, open)
	}
	s.Tiles = []report.Fact{
		{ID: "signed", Name: "Signed", Value: report.FlagOf(f.Review != nil), Level: badIf(f.Review == nil, report.Unknown)},
		{ID: "findings_waiting", Name: "Findings without a decision", Value: report.CountOf(open), Level: badIf(open > 0, report.Attention)},
	}
	s.Tables = append(s.Tables, p.form(f), p.decisions(f))
	made[SignOff] = s
	return nil
}

func waiting(open int64) string {
	if open == 1 {
		return "1 finding is"
	}
	return report.CountOf(open).String() + " findings are"
}

func (p *signOff) open() (n int64) {
	for i := range p.found.all {
		if p.found.all[i].isOpen() {
			n++
		}
	}
	return n
}

func (p *signOff) signed(f *Frame, s *report.Section, open int64) {
	by := &f.Review.Signed
	s.Level = report.OK
	s.Lead = fmt.Sprintf("Reviewed by %s on %s: %s; %s waiting for a decision.", by.Reviewer, by.At, by.Decision, waiting(open))
	say := func(l report.Level, format string, a ...any) {
		s.Level = s.Level.Worse(l)
		s.Notes = append(s.Notes, report.Note{Level: l, Text: fmt.Sprintf(format, a...)})
	}
	if open > 0 || by.Decision == "rejected" {
		s.Level = report.Attention
	}
	if by.ReportSHA256 == "" {
		say(report.Attention, "The review does not say which report was read: it has no report_sha256.")
	}
	if from, to, ok := by.days(); ok && (from > f.Question.From || to < f.Question.To) {
		say(report.Alarm, "The review is of %s, which is not all of this report's period.", by.Period)
	}
	own, known := int64(0), map[string]bool{}
	for i := range p.found.all {
		n := &p.found.all[i]
		known[n.ID] = true
		if n.signedByActor {
			own++
		}
	}
	if own > 0 {
		say(report.Alarm, "The reviewer decided about %s on the reviewer's own doing: somebody else has to.", many(own, "finding"))
	}
	strange := int64(0)
	for i := range f.Review.Dispositions {
		if !known[f.Review.Dispositions[i].Finding] {
			strange++
		}
	}
	if strange > 0 {
		say(report.Attention, "%s of the review are about findings that the lake does not have in this period.", many(strange, "decision"))
	}
}

// form is who signed, or room to sign.
func (p *signOff) form(f *Frame) report.Table {
	t := report.Table{ID: "sign_off", Title: "Signatures", Lead: "What is empty is for signing by hand.",
		Columns: []report.Column{
			col("role", "Role", report.Text), col("name", "Name", report.Text), col("decision", "Decision", report.Text), col("at", "Date", report.Text), col("comments", "Comments", report.Text), col("report_sha256", "SHA-256 of the report", report.Code), col("signature", "Signature", report.Text),
		}}
	none := report.Value{}
	if f.Review != nil {
		by := &f.Review.Signed
		t.Add(report.TextOf(by.Role), report.TextOf(by.Reviewer), report.TextOf(by.Decision), report.TextOf(by.At), report.TextOf(by.Comments), report.CodeOf(by.ReportSHA256), none)
	} else {
		t.Add(report.TextOf("Reviewer"), none, none, none, none, none, none)
	}
	t.Add(report.TextOf("Owner of the tables"), none, none, none, none, none, none)
	t.Add(report.TextOf("Approver"), none, none, none, none, none, none)
	return t
}

// decisions are what was decided about findings.
func (p *signOff) decisions(f *Frame) report.Table {
	t := report.Table{ID: "dispositions", Title: "Decisions about findings", Empty: "No decisions are recorded.",
		Columns: []report.Column{
			col("finding", "Id", report.Code), col("day", "Day", report.Day), col("detection", "Detection", report.Code), col("title", "Finding", report.Text), col("decision", "Decision", report.Word), col("action", "Action", report.Text),
			col("comment", "Comment", report.Text), col("add_allow", "Rule", report.Code), col("expires", "Ends", report.Day), col("by_actor", "Reviewer is the actor", report.Flag),
		}}
	if f.Review == nil {
		return t
	}
	at := map[string]*foundOne{}
	for i := range p.found.all {
		at[p.found.all[i].ID] = &p.found.all[i]
	}
	for i := range f.Review.Dispositions {
		d := &f.Review.Dispositions[i]
		n := at[d.Finding]
		if n == nil {
			t.Add(report.CodeOf(d.Finding), report.Value{}, report.Value{}, report.TextOf("not in this period of the lake"), report.WordOf(d.State, report.Attention), report.TextOf(d.Action), report.TextOf(d.Comment), report.CodeOf(d.AddAllow), report.DayOf(d.Expires), report.Value{})
			continue
		}
		t.Add(report.CodeOf(d.Finding), report.DayOf(n.Day), report.CodeOf(n.Detection), report.TextOf(n.Title), p.found.decision(n), report.TextOf(d.Action), report.TextOf(d.Comment), report.CodeOf(d.AddAllow), report.DayOf(d.Expires), report.FlagOf(n.signedByActor))
	}
	return t
}
