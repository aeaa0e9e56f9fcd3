package compliance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// incident is what was found of one principal, or of nobody in particular, on one day: as a
// rule it is one thing that happened, which several detections saw.
type incident struct {
	day, who    string
	principal   string
	tables      []string
	first, last time.Time
	worst       schema.Severity
	found       []*schema.Finding // by time
}

// maxIncidents and maxSaid are how many incidents the summary has, and how many findings of the
// worst its first sentence names.
const (
	maxIncidents = 20
	maxSaid      = 4
)

// incidents are the findings that people were to be told of, by whom they are about and day.
// The worst come first.
func (f *Frame) incidents() []*incident {
	type key struct{ day, principal string }
	of := map[key]*incident{}
	var all []*incident
	for i := range f.Findings {
		n := &f.Findings[i]
		if !told(n) {
			continue
		}
		k := key{n.Day, cmp.Or(n.Principal, n.Actor)}
		s := of[k]
		if s == nil {
			s = &incident{day: n.Day, principal: k.principal, who: cmp.Or(n.ActorName, k.principal), first: n.First, last: n.Last}
			of[k] = s
			all = append(all, s)
		}
		s.add(n)
	}
	for _, s := range all {
		slices.Sort(s.tables)
		s.tables = slices.Compact(s.tables)
		slices.SortFunc(s.found, func(a, b *schema.Finding) int {
			return cmp.Or(a.First.Compare(b.First), cmp.Compare(b.Severity, a.Severity), strings.Compare(a.ID, b.ID))
		})
	}
	slices.SortFunc(all, func(a, b *incident) int {
		return cmp.Or(cmp.Compare(b.worst, a.worst), cmp.Compare(len(b.found), len(a.found)), strings.Compare(a.day, b.day), strings.Compare(a.principal, b.principal))
	})
	return all
}

func (s *incident) add(n *schema.Finding) {
	if n.First.Before(s.first) {
		s.first = n.First
	}
	if n.Last.After(s.last) {
		s.last = n.Last
	}
	s.worst = max(s.worst, n.Severity)
	if name := cmp.Or(n.TableName, n.TableARN); name != "" {
		s.tables = append(s.tables, name)
	}
	s.found = append(s.found, n)
}

// titles are what was found, each once, by time.
func (s *incident) titles() (list []string) {
	for _, n := range s.found {
		if !slices.Contains(list, n.Title) {
			list = append(list, n.Title)
		}
	}
	return list
}

// worstIncident tells the worst in a sentence, where it is grave.
func worstIncident(incidents []*incident) string {
	if len(incidents) == 0 || incidents[0].worst < schema.SeverityHigh {
		return ""
	}
	s := incidents[0]
	text := fmt.Sprintf("On %s, from %s to %s UTC", s.day, s.first.UTC().Format("15:04"), s.last.UTC().Format("15:04"))
	if s.who != "" {
		text += ": " + s.who
	}
	if n := len(s.tables); n > 0 && n <= maxNamed {
		text += " on " + strings.Join(s.tables, ", ")
	}
	worst := slices.Clone(s.found)
	slices.SortStableFunc(worst, func(a, b *schema.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	titles := (&incident{found: worst}).titles()
	more := len(titles) - maxSaid
	text += ": " + lowered(titles[:min(len(titles), maxSaid)])
	if more > 0 {
		text += fmt.Sprintf(", and %s more", report.CountOf(int64(more)))
	}
	return text + fmt.Sprintf(" (%s, the worst %s).", many(int64(len(s.found)), "finding"), s.worst)
}

// lowered joins titles as parts of a sentence.
func lowered(titles []string) string {
	var list []string
	for _, t := range titles {
		if len(t) > 1 && t[1] >= 'a' && t[1] <= 'z' { // no name such as AWS
			t = strings.ToLower(t[:1]) + t[1:]
		}
		list = append(list, t)
	}
	return strings.Join(list, "; ")
}

// incidentTable has the worst incidents.
func incidentTable(incidents []*incident) report.Table {
	t := report.Table{ID: "incidents", Title: "What was found, by whom and day", Empty: "Nothing was found.",
		Lead:    fmt.Sprintf("One line for each principal and day with findings, the worst %d at most. Findings of nobody in particular are of a day alone.", maxIncidents),
		Columns: []report.Column{col("severity", "Worst", report.Word), col("day", "Day", report.Day), col("who", "Who", report.Text), col("titles", "What", report.List), col("tables", "Tables", report.List), col("first", "First", report.Time), col("last", "Last", report.Time), col("findings", "Findings", report.Count)}}
	for _, s := range incidents[:min(len(incidents), maxIncidents)] {
		t.Add(report.WordOf(s.worst.String(), severityLevel(s.worst)), report.DayOf(s.day), report.TextOf(s.who), report.ListOf(s.titles()), report.ListOf(s.tables),
			report.TimeOf(s.first.UnixMicro()), report.TimeOf(s.last.UnixMicro()), report.CountOf(int64(len(s.found))))
	}
	return t
}
