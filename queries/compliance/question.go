package compliance

import (
	"fmt"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/retention"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/findings"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Question says what a report is about.
type Question struct {
	From, To string   // event days (UTC), YYYY-MM-DD, both included
	Tables   []string // globs of table names or ARNs; none: all
	// Frameworks are those whose controls are mapped, as [Frameworks] names them; none: all.
	Frameworks []string

	Policy       *policy.Policy // nil: nobody is expected, no table has a class
	Settings     map[string]detect.Setting
	Suppressions *findings.Suppressions // nil: none
	// Since is the journal's head at the last report: what was restated after it is told.
	// Its zero value is no report before.
	Since lake.Head
	// Trails are saved settings of the trails, see [detect.Coverage.Learn]; nil: none.
	Trails []byte
	// Limits say how long what is kept, and what is on legal hold; nil: not known.
	Limits *retention.File
	// Review is who signed what, see [ParseReview]; nil: nobody yet.
	Review *Review
	// ShowKeys has item keys in the tables. They are personal data as a rule.
	ShowKeys bool

	// Tool is the program's version, and Command how the report is asked for again.
	Tool, Command string
	// Files are the SHA-256 of the files that went into it, by what they are: policy, review.
	Files map[string]string

	// Progress is called, if it is set, as files are done, of so many in all.
	Progress func(done, all int)
}

// span is the period in microseconds since 1970, its end not included.
func (q *Question) span() (from, to int64, err error) {
	first, err := schema.ParseDay(q.From)
	if err != nil {
		return 0, 0, fmt.Errorf("%q is no day (YYYY-MM-DD)", q.From)
	}
	last, err := schema.ParseDay(q.To)
	if err != nil {
		return 0, 0, fmt.Errorf("%q is no day (YYYY-MM-DD)", q.To)
	}
	if last < first {
		return 0, 0, fmt.Errorf("the period ends on %s, before it begins on %s", q.To, q.From)
	}
	const day = int64(24 * time.Hour / time.Microsecond)
	return int64(first) * day, (int64(last) + 1) * day, nil
}

// days are the days of the period.
func (q *Question) days() (days []string) {
	first, _ := schema.ParseDay(q.From) // span has checked them
	last, _ := schema.ParseDay(q.To)
	for d := first; d <= last; d++ {
		days = append(days, schema.DayString(d))
	}
	return days
}
