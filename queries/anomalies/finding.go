package anomalies

import (
	"cmp"
	"slices"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

const pageP = 1e-6 // that people are woken for

// about is what is known of who is behind a hit.
type about struct {
	schema.Touch // one of the day, or of the latest day with any; zero when none was found
	first, last  time.Time
	evidence     []schema.Evidence
	verdict      policy.Verdict
	alsoNew      string // what else of it was never seen, in words
	people       int
}

// findings makes findings of the hits: the worst first.
func (j *judging) findings(who func(*hit) about) []schema.Finding {
	var all []schema.Finding
	for i := range j.out.hits {
		h := &j.out.hits[i]
		a := who(h)
		table := j.policy.TableOf(h.table)
		if h.id == Novel && h.score < surprising && !(careful(table) && a.ActorKind != schema.ActorService) {
			continue
		}
		if h.id == Silence && a.ActorKind == schema.ActorHuman {
			continue // people have days off
		}
		all = append(all, j.finding(h, &a, table))
	}
	sortFindings(all)
	return all
}

func (j *judging) finding(h *hit, a *about, table policy.Table) schema.Finding {
	d := detectionOf(h.id)
	day := schema.DayString(j.day(j.today()))
	tells := ""
	if h.sum() {
		tells = "all tables" // the actor may do something to no table, too
	}
	fp := schema.Fingerprint(h.id, h.table, h.actor, tells)
	f := schema.Finding{
		ID: schema.FindingID(fp, day), Fingerprint: fp, Day: day,
		Detection: d.ID, Version: d.Version, Kind: schema.FindingStatistical,
		Title: d.Title, Explain: h.explain, First: a.first, Last: a.last, Count: int64(h.count),
		TableName: h.name, TableARN: h.table, Principal: h.actor, Actor: cmp.Or(h.role, h.actor),
		Evidence: a.evidence, Attack: attackOf(d, h.op),
		Stat: &schema.Stat{Observed: h.stat.observed, Expected: h.stat.expected, Low: h.stat.low, High: h.stat.high, P: h.stat.p, Series: h.stat.series},
	}
	f.AttackNext = f.Attack
	if h.id == Silence {
		f.AttackNext = []string{"T1685.002"}
	}
	if f.First.IsZero() { // the day as a whole
		f.First, f.Last = dayTime(j.day(j.today())), dayTime(j.day(j.today())).AddDate(0, 0, 1).Add(-time.Microsecond)
	}
	if f.Stat.P == 0 {
		f.Stat.P = 1 // no test has one
	}
	if a.Actor != "" {
		f.ActorName, f.ActorKind = a.ActorName, a.ActorKind
		f.SourceIP, f.UserAgent, f.Region = a.SourceIP, a.UserAgent, a.AWSRegion
		f.Verdict, f.Rule = string(a.verdict.Effect), a.verdict.RuleID()
		if a.people == 1 {
			f.Principal = schema.PrincipalKey(&a.Touch)
		}
	}
	if a.people > 1 {
		f.Explain += "; " + humanize.Comma(int64(a.people)) + " people acted as it"
	}
	if a.alsoNew != "" {
		f.Explain += "; " + a.alsoNew
	}
	f.Severity = j.severity(h, a, table, d.Severity)
	return f
}

// severity is the detection's, more or less for who did what to which table.
func (j *judging) severity(h *hit, a *about, table policy.Table, s schema.Severity) schema.Severity {
	stranger := a.ActorKind == schema.ActorHuman || a.ActorKind == schema.ActorRoot || a.ActorKind == schema.ActorUnknown
	switch h.id {
	case Spike:
		if h.sure <= pageP && (stranger || pages(h.op)) && !j.out.self.TooMany() {
			s = schema.SeverityHigh
		}
	case Breadth:
		if stranger {
			s = schema.SeverityHigh
		}
	case Denied:
		if stranger {
			s = schema.SeverityMedium
		}
	case Shift:
		if pages(h.op) {
			s = schema.SeverityMedium
		}
	case Novel:
		s = noveltySeverity(h, a, stranger)
	}
	if s != schema.SeverityMedium && (table.Class == "restricted" || table.Protected) {
		s = s.Raise(1) // what may not wake anybody stays medium
	}
	if h.calm || h.id == Spike && harmless(h.op) {
		s = min(s, schema.SeverityLow)
	}
	return s
}

// harmless reports whether an operation reaches no item and changes nothing.
func harmless(op string) bool {
	switch op {
	case schema.OpMetaRead, schema.OpKey, schema.OpScale, schema.OpEvaluate, schema.OpSession:
		return true
	}
	return false
}

// pages reports whether more of an operation is worth waking somebody.
func pages(op string) bool {
	return op == schema.OpReadBulk || op == schema.OpDeleteItem || op == schema.OpReadStream
}

// mostSurprise bounds what a surprise alone adds: on a table that many actors use anything
// new is one in thousands, and no worse for that.
const mostSurprise = 2.5

func noveltySeverity(h *hit, a *about, stranger bool) schema.Severity {
	score := min(h.score, mostSurprise)
	for _, more := range []bool{stranger, h.grave, a.alsoNew != ""} {
		if more {
			score++
		}
	}
	switch {
	case score >= 4 && len(h.newOps) > 0 && a.alsoNew == "":
		return schema.SeverityMedium // somebody who works with the table does more with it
	case score >= 4:
		return schema.SeverityHigh
	case score >= 3:
		return schema.SeverityMedium
	}
	return schema.SeverityLow
}

// careful reports whether all that is new on a table is told.
func careful(t policy.Table) bool { return t.Class == "confidential" || t.Class == "restricted" }

// sortFindings puts the worst first, then the least likely, and those alike in order of
// what they are about.
func sortFindings(all []schema.Finding) {
	slices.SortFunc(all, func(a, b schema.Finding) int {
		pa, pb := 1.0, 1.0
		if a.Stat != nil && a.Stat.P > 0 {
			pa = a.Stat.P
		}
		if b.Stat != nil && b.Stat.P > 0 {
			pb = b.Stat.P
		}
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(pa, pb), cmp.Compare(a.Detection, b.Detection),
			cmp.Compare(a.TableARN, b.TableARN), cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Explain, b.Explain))
	})
}
