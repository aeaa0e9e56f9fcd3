package compliance

import (
	"context"
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
)

// Frameworks are those whose controls a report can be mapped to.
var Frameworks = []string{"soc2", "pci", "hipaa", "gdpr", "iso27001", "sox"}

// frameworkNames are what people call them.
var frameworkNames = map[string]string{
	"soc2": "SOC 2", "pci": "PCI DSS 4.0.1", "hipaa": "HIPAA", "gdpr": "GDPR", "iso27001": "ISO/IEC 27001:2022", "sox": "SOX 404",
}

// How much evidence a report has for something.
type amount uint8

const (
	noEvidence amount = iota
	partial
	present
)

// amountWords are what a report says of them. It never says that a control is met.
var amountWords = [...]report.Value{
	noEvidence: report.WordOf("none", report.Unknown),
	partial:    report.WordOf("partial", report.Attention),
	present:    report.WordOf("evidence present", report.OK),
}

// proof is something that a control is proven by: how much of it the report has, and what
// it lacks, empty where it lacks nothing.
type proof func(*evidence) (amount, string)

// control is a control and what the report has to show for it.
type control struct {
	framework, id, wants string
	sections             []string
	proofs               []proof
}

// mapped makes the section that says which evidence is there for which control. It looks at
// all others, and so is made last.
type mapped struct{ books *books }

func (mapped) touch(*detect.Event) {}

func (p mapped) write(_ context.Context, f *Frame, made sections) error {
	s := &report.Section{Title: "Control mapping", Level: report.OK}
	t := report.Table{ID: "controls", Title: "Controls", Lead: "Evidence is what is in this report for the period; what it lacks stands beside it.",
		Columns: []report.Column{
			col("framework", "Framework", report.Text), col("control", "Control", report.Text), col("wants", "What an assessor wants", report.Text), col("sections", "Sections", report.List),
			col("result", "Evidence", report.Word), col("why", "What it lacks", report.List),
		}}
	e := &evidence{f: f, books: p.books, made: made}
	var count [len(amountWords)]int64
	for i := range controls {
		c := &controls[i]
		if len(f.Frameworks) > 0 && !slices.Contains(f.Frameworks, c.framework) {
			continue
		}
		result, why := c.judge(e)
		count[result]++
		s.Level = s.Level.Worse(amountWords[result].Level())
		t.Add(report.TextOf(frameworkNames[c.framework]), report.TextOf(c.id), report.TextOf(c.wants), report.ListOf(c.sections), amountWords[result], report.ListOf(why))
	}
	s.Lead = fmt.Sprintf("Of %s, the report has evidence for %s, part of it for %s, none for %s.", many(int64(len(t.Rows)), "control"),
		report.CountOf(count[present]), report.CountOf(count[partial]), report.CountOf(count[noEvidence]))
	s.Tiles = []report.Fact{
		{ID: "controls_present", Name: "Evidence present", Value: report.CountOf(count[present])},
		{ID: "controls_partial", Name: "Partial", Value: report.CountOf(count[partial])},
		{ID: "controls_none", Name: "None", Value: report.CountOf(count[noEvidence])},
	}
	s.Notes = append(s.Notes, report.Note{Level: report.Attention, Text: "This is no legal advice, and no statement that a control is met or that anybody complies: it says which evidence of this report bears on which control. The wording of a control statement is yours."})
	s.Tables = append(s.Tables, t)
	made[Controls] = s
	return nil
}

// judge puts a control's proofs together: evidence is present where all of it is, and
// partial where some is. What several proofs lack is said once.
func (c *control) judge(e *evidence) (result amount, why []string) {
	least, most := present, noEvidence
	for _, prove := range c.proofs {
		has, lacks := prove(e)
		least, most = min(least, has), max(most, has)
		if lacks != "" && !slices.Contains(why, lacks) {
			why = append(why, lacks)
		}
	}
	switch {
	case least == present:
		return present, why
	case most == noEvidence:
		return noEvidence, why
	}
	return partial, why
}
