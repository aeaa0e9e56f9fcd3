package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// Message is what a run has to tell.
type Message struct {
	RunID string    `json:"run_id"`
	Tool  string    `json:"tool"` // name and version
	Lake  string    `json:"lake"`
	At    time.Time `json:"at"`
	Days  []string  `json:"days"` // event days that were judged, in order

	// Failed says which steps of the run did not do what they should, a line each.
	Failed []string `json:"failed,omitempty"`
	// Facts are what a person wants to know in any case, coverage first: quiet is not
	// the same as blind.
	Facts []Fact `json:"facts"`
	// Findings are those to tell, in any order. More of them are in the lake.
	Findings []schema.Finding `json:"findings"`
	// Resolved were told before and are over.
	Resolved []schema.Finding `json:"resolved,omitempty"`
	// Notes are small print: suppressions that were used, detections in dry run.
	Notes []string `json:"notes,omitempty"`
	// Report is where more can be read: a path or an address.
	Report string `json:"report,omitempty"`
}

// Fact is one number with its name.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// AtLeast is the same message with the findings of that severity and above.
func (m *Message) AtLeast(s schema.Severity) *Message {
	part := *m
	few := func(all []schema.Finding) []schema.Finding {
		return slices.DeleteFunc(slices.Clone(all), func(f schema.Finding) bool { return f.Severity < s })
	}
	part.Findings, part.Resolved = few(m.Findings), few(m.Resolved)
	return &part
}

// Worst is the severity of the worst finding, 0 without any.
func (m *Message) Worst() (worst schema.Severity) {
	for i := range m.Findings {
		worst = max(worst, m.Findings[i].Severity)
	}
	return worst
}

// sorted are the findings, the worst first.
func (m *Message) sorted() []schema.Finding {
	all := slices.Clone(m.Findings)
	slices.SortStableFunc(all, func(a, b schema.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), a.First.Compare(b.First), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// headline says it in one line: "2 critical, 5 high".
func (m *Message) headline() string {
	counts := map[schema.Severity]int{}
	for i := range m.Findings {
		counts[m.Findings[i].Severity]++
	}
	var parts []string
	for _, s := range slices.Backward(schema.Severities) {
		if n := counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	text := "nothing found"
	if len(parts) > 0 {
		text = strings.Join(parts, ", ")
	}
	if by := m.actors(); len(by) > 0 {
		text += " by " + by[0]
		if len(by) > 1 {
			text += fmt.Sprintf(" and %d more", len(by)-1)
		}
	}
	if len(m.Failed) > 0 {
		text = "RUN FAILED; " + text
	}
	return text
}

// actors are who the findings are about, whoever is behind the worst of them first.
func (m *Message) actors() (names []string) {
	for _, f := range m.sorted() {
		if name := cmp.Or(f.ActorName, f.Actor); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// days are the judged days in a few words.
func (m *Message) days() string {
	switch len(m.Days) {
	case 0:
		return "no day judged"
	case 1:
		return m.Days[0]
	}
	return fmt.Sprintf("%s to %s (%d days)", m.Days[0], m.Days[len(m.Days)-1], len(m.Days))
}

// subject is the message in one line.
func (m *Message) subject() string {
	return fmt.Sprintf("DynamoDB audit %s: %s", m.days(), m.headline())
}

// who is the principal in a few words.
func who(f *schema.Finding) string {
	name := cmp.Or(f.ActorName, f.Principal, f.Actor)
	if f.ActorKind != "" && name != "" {
		return name + " (" + f.ActorKind + ")"
	}
	return name
}

// table is the name of a finding's table.
func table(f *schema.Finding) string {
	if f.TableName == "" {
		if arn, ok := schema.ParseTableARN(f.TableARN); ok {
			return arn.Table
		}
	}
	return f.TableName
}

// calls says how often and when.
func calls(f *schema.Finding) string {
	first, last := f.First.UTC().Format("2006-01-02 15:04"), f.Last.UTC().Format("15:04")
	if f.First.Equal(f.Last) || last == first[len(first)-5:] {
		return fmt.Sprintf("%d × at %s UTC", f.Count, first)
	}
	return fmt.Sprintf("%d × from %s to %s UTC", f.Count, first, last)
}
