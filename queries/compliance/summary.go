package compliance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// summary is the first section: the numbers that matter, when what happened, and what to
// read. It is made of the other sections, so it comes last of the parts.
type summary struct{}

func (summary) touch(*detect.Event) {}

// headline are the tiles of the summary, by the section that has them.
var headline = []struct{ section, tile string }{
	{ByTable, "touches"}, {ByTable, "tables"}, {ByPerson, "principals_human"}, {ByPerson, "principals_workload"},
	{Privileged, "manual_changes"}, {Unexpected, "unexpected_changes"}, {WaysOut, "ways_out"}, {DeniedAccess, "denied_calls"},
	{Coverage, "hours_logged"}, {Coverage, "digest_hours"}, {Integrity, "objects_proven"}, {Integrity, "accounts_agree"},
}

func (summary) write(_ context.Context, f *Frame, made sections) error {
	s := &report.Section{Title: "Executive summary"}
	for _, h := range headline {
		tile := made.tile(h.section, h.tile)
		if tile == nil {
			return fmt.Errorf("section %q has no tile %q", h.section, h.tile)
		}
		s.Tiles = append(s.Tiles, *tile)
	}
	s.Tiles = append(s.Tiles, f.openFindings())
	s.Plots = []report.Plot{f.moments()}
	incidents := f.incidents()
	s.Tables = []report.Table{incidentTable(incidents), toRead(made)}
	for _, id := range outline {
		if made[id] != nil {
			s.Level = s.Level.Worse(made[id].Level)
		}
	}
	s.Lead = strings.TrimSpace(worstIncident(incidents) + " " + lead(made))
	made[Summary] = s
	return nil
}

// lead is what came of the whole: what the sections that matter most say themselves.
func lead(made sections) string {
	var said []string
	for _, id := range []string{Coverage, Unexpected, FindingsOf} {
		if s := made[id]; s != nil && s.Lead != "" {
			said = append(said, s.Lead)
		}
	}
	return strings.Join(said, " ")
}

// tile is a tile of a section, nil when there is none.
func (made sections) tile(section, id string) *report.Fact {
	if s := made[section]; s != nil {
		for i := range s.Tiles {
			if s.Tiles[i].ID == id {
				return &s.Tiles[i]
			}
		}
	}
	return nil
}

// openFindings counts the findings that people were to be told of.
func (f *Frame) openFindings() report.Fact {
	fact := report.Fact{ID: "open_findings", Name: "Findings", Value: report.CountOf(0), Level: report.OK}
	by := map[schema.Severity]int{}
	n := 0
	for i := range f.Findings {
		one := &f.Findings[i]
		if !told(one) {
			continue
		}
		n++
		by[one.Severity]++
		fact.Level = fact.Level.Worse(levelOf(one.Severity))
	}
	fact.Value = report.CountOf(int64(n))
	var words []string
	for s := schema.SeverityCritical; s >= schema.SeverityInfo; s-- {
		if by[s] > 0 {
			words = append(words, fmt.Sprintf("%d %s", by[s], s))
		}
	}
	fact.Text = strings.Join(words, ", ")
	return fact
}

// told reports whether a finding is one that people hear of.
func told(one *schema.Finding) bool {
	return !one.DryRun && one.Suppressed == "" && one.State != schema.FindingResolved
}

// families are the lanes of the timeline: the middle part of a detection's id.
var families = []struct{ id, name string }{
	{"EXF", "Data carried off"}, {"DST", "Data destroyed"}, {"SEC", "Tables exposed"}, {"IAM", "Identities"},
	{"AUD", "The audit itself"}, {"CHG", "Changes by hand"}, {"COV", "What the log lacks"}, {"STA", "Out of the ordinary"},
	{"", "Other"},
}

// moments are the findings of the period in time: the worst, where there are too many.
func (f *Frame) moments() report.Plot {
	p := report.Plot{
		ID: "moments", Title: "When what was found happened", Kind: report.Timeline, From: f.From, To: f.To,
		Lead: "No finding in the period.",
	}
	worst := make([]*schema.Finding, 0, len(f.Findings))
	for i := range f.Findings {
		if told(&f.Findings[i]) {
			worst = append(worst, &f.Findings[i])
		}
	}
	slices.SortFunc(worst, func(a, b *schema.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), a.First.Compare(b.First), strings.Compare(a.ID, b.ID))
	})
	if len(worst) > 0 {
		p.Lead = fmt.Sprintf("The worst is of %s: %s.", worst[0].First.UTC().Format("2006-01-02 15:04"), worst[0].Title)
	}
	if more := len(worst) - report.MaxMoments; more > 0 {
		p.Lead += fmt.Sprintf(" %d of lesser severity are not drawn.", more)
		worst = worst[:report.MaxMoments]
	}
	lanes := map[string]int{}
	for _, family := range families {
		if slices.ContainsFunc(worst, func(one *schema.Finding) bool { return familyOf(one.Detection) == family.id }) {
			lanes[family.id] = len(p.Rows)
			p.Rows = append(p.Rows, report.PlotRow{Name: family.name})
		}
	}
	slices.SortStableFunc(worst, func(a, b *schema.Finding) int { return a.First.Compare(b.First) })
	for _, one := range worst {
		text := one.Title
		if one.ActorName != "" {
			text += " (" + one.ActorName + ")"
		}
		p.Moments = append(p.Moments, report.Moment{
			Time: min(max(one.First.UnixMicro(), f.From), f.To), Lane: lanes[familyOf(one.Detection)], Text: text, Level: levelOf(one.Severity),
		})
	}
	return p
}

// familyOf is the family of a detection, "" of one that is in none: EXF of DDB-EXF-001.
func familyOf(detection string) string {
	parts := strings.Split(detection, "-")
	for _, family := range families {
		if len(parts) == 3 && parts[1] == family.id {
			return family.id
		}
	}
	return ""
}

// toRead lists the sections with what came of each.
func toRead(made sections) report.Table {
	t := report.Table{ID: "to_read", Title: "What came of each section", Columns: []report.Column{
		col("section", "Section", report.Text), col("state", "State", report.Word), col("result", "Result", report.Text),
	}}
	for _, id := range outline {
		if s := made[id]; s != nil {
			t.Add(report.TextOf(s.Title), report.WordOf(stateWord(s.Level), s.Level), report.TextOf(s.Lead))
		}
	}
	return t
}

func stateWord(l report.Level) string {
	switch l {
	case report.Alarm:
		return "act"
	case report.Attention:
		return "look"
	case report.Unknown:
		return "not known"
	case report.OK:
		return "fine"
	}
	return "to know"
}
