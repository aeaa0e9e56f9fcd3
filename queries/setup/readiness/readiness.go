package readiness

import (
	"cmp"
	"slices"

	"github.com/keytrail/keytrail/engine/setup"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Status says whether a requirement is met.
type Status string

const (
	Met     Status = "met"
	Missing Status = "missing"
	Unknown Status = "unknown" // refused, or not among the answers
)

// Result is a requirement, and how it stands with one trail or with the account.
type Result struct {
	ID       string          `json:"id"`
	Title    string          `json:"title"`
	Severity schema.Severity `json:"-"`
	Level    string          `json:"severity"`
	Status   Status          `json:"status"`
	About    string          `json:"about"` // trail, bucket or account
	Found    string          `json:"found"` // in a sentence
	Hides    string          `json:"hides"` // what goes blind without it
	Mend     string          `json:"mend"`
}

// Question says what is judged.
type Question struct {
	Trail  string         // name or ARN; empty: all trails
	Tables []string       // ARNs; with those among the answers
	Policy *policy.Policy // says which tables are protected; may be nil
	Seen   []Seen         // tables that a lake has; may be nil
}

// requirement is one thing that the audit needs of a trail.
type requirement struct {
	id, title   string
	severity    schema.Severity
	hides, mend string
	about       func(*trail) string
	ask         func(*facts, *trail) (Status, string)
}

// Judge holds the answers against every requirement. Results come by severity, the worst
// first, then by requirement. It fails when the answers contradict the question.
func Judge(answers []setup.Answer, q Question) ([]Result, error) {
	f, err := learn(answers, q.Trail)
	if err != nil {
		return nil, err
	}
	results := []Result{f.exists()}
	if f.complete && len(f.trails) > 0 {
		for _, t := range f.audited() {
			for _, r := range slices.Concat(trailRequirements, selectorRequirements, bucketRequirements) {
				results = append(results, r.judge(f, t))
			}
		}
		results = append(results, f.tables(q)...)
	}
	slices.SortStableFunc(results, func(a, b Result) int {
		return cmp.Or(cmp.Compare(rank(a.Status), rank(b.Status)), -cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.ID, b.ID), cmp.Compare(a.About, b.About))
	})
	results = slices.Compact(results) // several trails deliver into one bucket
	for i := range results {
		results[i].Level = results[i].Severity.String()
	}
	return results, nil
}

// rank puts first what somebody has to do something about.
func rank(s Status) int { return slices.Index([]Status{Missing, Unknown, Met}, s) }

func (r *requirement) judge(f *facts, t *trail) Result {
	status, found := r.ask(f, t)
	about := t.Name
	if r.about != nil {
		about = r.about(t)
	}
	return Result{ID: r.id, Title: r.title, Severity: r.severity, Status: status, About: about, Found: found, Hides: r.hides, Mend: r.mend}
}

const existsID = "TRL-01"

// exists is the requirement that there is a trail.
func (f *facts) exists() Result {
	r := Result{ID: existsID, Title: "A trail", Severity: schema.SeverityCritical, About: "account",
		Hides: "everything: CloudTrail keeps management events for 90 days by itself, and calls on items never",
		Mend:  "keytrail setup terraform writes one"}
	names := make([]string, len(f.trails))
	for i := range f.trails {
		names[i] = f.trails[i].Name
	}
	judged := ""
	if audited := f.audited(); len(audited) < len(names) {
		judged = "; judged is what logs calls on items"
	}
	if f.elsewhere != "" {
		judged += "; nobody told of trails that log other Regions alone: " + f.elsewhere
	}
	switch {
	case len(names) > 0:
		r.Status, r.Found = Met, listed(names, "there is ", "")+judged
	case f.complete && f.elsewhere != "":
		r.Status, r.Found = Unknown, f.elsewhere
	case f.complete:
		r.Status, r.Found = Missing, "no trail logs this account"
	default:
		r.Status, r.Found = Unknown, cmp.Or(f.refused, "nobody told: there is no answer of cloudtrail:DescribeTrails")
	}
	return r
}

// Worst is the severity of the worst requirement that is missing; ok is false when none is.
func Worst(results []Result) (worst schema.Severity, ok bool) {
	for i := range results {
		if results[i].Status == Missing {
			worst, ok = max(worst, results[i].Severity), true
		}
	}
	return worst, ok
}

// Untold is why nothing could be judged, since nobody told which trails there are; empty
// when it was.
func Untold(results []Result) string {
	for i := range results {
		if results[i].ID == existsID && results[i].Status == Unknown {
			return results[i].Found
		}
	}
	return ""
}

// yes is the outcome of something that is or is not set.
func yes(is bool, met, missing string) (Status, string) {
	if is {
		return Met, met
	}
	return Missing, missing
}
