package compliance

import (
	"fmt"

	"github.com/keytrail/keytrail/queries/report"
)

// assemble puts the sections in their order below the cover.
func (f *Frame) assemble(made sections) (*report.Document, error) {
	d := &report.Document{Kind: "compliance", Title: "Access to DynamoDB tables"}
	d.Status, d.Facts = status(made), cover(f)
	d.Subtitle = fmt.Sprintf("%s to %s (UTC)", f.Question.From, f.Question.To)
	for _, id := range outline {
		s, ok := made[id]
		if !ok {
			return nil, fmt.Errorf("the report lacks the section %q", id)
		}
		s.ID = id
		d.Sections = append(d.Sections, *s)
		delete(made, id)
	}
	for id := range made {
		return nil, fmt.Errorf("the outline has no section %q", id)
	}
	return d, d.Check()
}
