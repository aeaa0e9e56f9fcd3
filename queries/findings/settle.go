// Package findings keeps what was found over the days: which findings are new, which
// come back, which are over, which somebody has decided not to hear of, and of which
// people are to be told.
package findings

import (
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// Memory is how many days back a finding is known: the same on a later day is new.
const Memory = 30

// Reminder is how many days a finding that comes back is not told again.
const Reminder = 7

// CleanNights is how many judged days without a finding make it resolved.
const CleanNights = 3

// Past is what was found on the days before.
type Past struct {
	days []int32                    // judged ones, ascending
	seen map[string][]sighted       // by fingerprint, ascending
	told map[string]schema.Severity // by id
}

type sighted struct {
	day     int32
	finding schema.Finding
}

// NewPast gathers what was found, of days that were judged: of those without a finding,
// too. The days may be in any order. told are the findings that people heard of, or will
// in this run, by id, with how bad they were then: only they make another no news, since
// nobody heard of one that was suppressed or in dry run.
func NewPast(found map[int32][]schema.Finding, told map[string]schema.Severity) *Past {
	p := &Past{seen: map[string][]sighted{}, told: told}
	for day := range found {
		p.days = append(p.days, day)
	}
	slices.Sort(p.days)
	for _, day := range p.days {
		for _, f := range found[day] {
			p.seen[f.Fingerprint] = append(p.seen[f.Fingerprint], sighted{day, f})
		}
	}
	return p
}

// Settled is what became of a day's findings.
type Settled struct {
	// Findings are the day's, each with its state, and those that are over, with theirs.
	Findings []schema.Finding
	// Tell are those of them that people should hear of: new ones, ones that are worse
	// than before, and once a week those that come back.
	Tell     []schema.Finding
	Resolved []schema.Finding
	// Used counts what each suppression kept quiet, by its id.
	Used map[string]int
}

// Settle gives the findings of a day their states.
func Settle(day int32, found []schema.Finding, past *Past, quiet *Suppressions) Settled {
	s := Settled{Used: map[string]int{}}
	now := map[string]bool{}
	for _, f := range found {
		now[f.Fingerprint] = true
		before := past.before(f.Fingerprint, day)
		f.State = schema.FindingNew
		if len(before) > 0 {
			f.State = schema.FindingRepeated
		}
		f.Suppressed = ""
		if q := quiet.For(&f); q != nil {
			f.Suppressed = q.ID
			s.Used[q.ID]++
		}
		s.Findings = append(s.Findings, f)
		if f.Suppressed == "" && !f.DryRun && past.news(&f, day, before) {
			s.Tell = append(s.Tell, f)
		}
	}
	for _, f := range past.over(day, now) {
		heard := f.Suppressed == "" && !f.DryRun
		f.Suppressed = ""
		if heard && quiet.For(&f) == nil {
			s.Resolved = append(s.Resolved, f)
		}
		s.Findings = append(s.Findings, f)
	}
	return s
}

// before are the sightings of the days before, as far back as they count: those since it
// was over, if it was.
func (p *Past) before(fingerprint string, day int32) (all []sighted) {
	for _, s := range p.seen[fingerprint] {
		switch {
		case s.day >= day || s.day < day-Memory:
		case s.finding.State == schema.FindingResolved:
			all = nil
		default:
			all = append(all, s)
		}
	}
	return all
}

// news reports whether people should hear of a finding: they did not in the last week,
// or it is worse than what they heard.
func (p *Past) news(f *schema.Finding, day int32, before []sighted) bool {
	last := int32(-1 << 30)
	worst := schema.Severity(0)
	for _, s := range before {
		if severity, ok := p.told[s.finding.ID]; ok {
			last, worst = s.day, max(worst, severity)
		}
	}
	return f.Severity > worst || day >= last+Reminder
}

// over are findings that have just been away for long enough. What happened once is never
// over: it has happened.
func (p *Past) over(day int32, now map[string]bool) (all []schema.Finding) {
	days := slices.DeleteFunc(slices.Clone(p.days), func(d int32) bool { return d >= day || d < day-Memory })
	if len(days) < CleanNights {
		return nil
	}
	last := days[len(days)-CleanNights] // the day before as many clean ones, the present one among them
	for fingerprint := range p.seen {
		seen := p.before(fingerprint, day)
		if len(seen) == 0 || now[fingerprint] {
			continue
		}
		s := seen[len(seen)-1]
		f := s.finding
		if s.day != last || !lasting(&f) {
			continue
		}
		f.State, f.Day, f.Count, f.Evidence, f.Stat = schema.FindingResolved, schema.DayString(day), 0, nil, nil
		f.ID = schema.FindingID(fingerprint+" resolved", f.Day)
		f.Explain = "not seen for three nights; it was last seen on " + schema.DayString(s.day)
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b schema.Finding) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return all
}

// lasting reports whether a finding is of something that goes on until it is over: what
// the log lacks, and numbers that were found on more than one day.
func lasting(f *schema.Finding) bool {
	switch f.Kind {
	case schema.FindingCoverage:
		return true
	case schema.FindingAggregate, schema.FindingStatistical:
		return f.State == schema.FindingRepeated
	}
	return false
}
