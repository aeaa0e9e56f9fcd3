package compliance

import (
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
)

// evidence is what proofs look at: the sections that were made, and the books.
type evidence struct {
	f     *Frame
	books *books
	made  sections
}

// number is a tile of a section; Null where there is none.
func (e *evidence) number(section, id string) report.Value {
	if s := e.made[section]; s != nil {
		for i := range s.Tiles {
			if s.Tiles[i].ID == id {
				return s.Tiles[i].Value
			}
		}
	}
	return report.Value{}
}

// share judges a share of a whole: all of it is evidence, some of it is part of it.
func (e *evidence) share(section, id, what string) (amount, string) {
	v := e.number(section, id)
	switch {
	case v.IsNull() || v.Float() == 0:
		return noEvidence, what + ": none"
	case v.Float() < 1:
		return partial, what + ": " + v.String()
	}
	return present, ""
}

// shows is that a section was made and knows what it speaks of.
func shows(section string) proof {
	return func(e *evidence) (amount, string) {
		s := e.made[section]
		switch {
		case s == nil || len(s.Tables) == 0:
			return noEvidence, "section " + section + " has nothing to show"
		case s.Level == report.Unknown:
			return partial, "section " + section + ": not all of it is known"
		}
		return present, ""
	}
}

// Proofs that more than one control asks for.

func eventsLogged(e *evidence) (amount, string) {
	return e.share(Coverage, "hours_logged", "hours in which calls on items are known to be logged")
}

func objectsRead(e *evidence) (amount, string) {
	if n := e.number(Coverage, "objects_unread"); n.Int() > 0 {
		return partial, many(n.Int(), "object") + " not read"
	}
	if sum := e.books.ledger.total(); sum.done == 0 {
		return noEvidence, "no object of the period is in the ledger"
	}
	return present, ""
}

func signedByDigests(e *evidence) (amount, string) {
	if n := e.number(Integrity, "objects_altered"); n.Int() > 0 {
		return noEvidence, many(n.Int(), "object") + " altered or missing"
	}
	return e.share(Integrity, "objects_proven", "objects proven by digests")
}

func accountsAgree(e *evidence) (amount, string) {
	return e.share(Integrity, "accounts_agree", "accounts of the lake that agree")
}

func daysJudged(e *evidence) (amount, string) {
	return e.share(FindingsOf, "days_judged", "days that were judged")
}

func judgedInTime(e *evidence) (amount, string) {
	late := 0
	for day, j := range e.books.judged {
		if i := slices.Index(e.f.Days, day); i >= 0 && micros(j.At) > e.f.From+int64(i+1)*dayLong+2*dayLong {
			late++
		}
	}
	switch {
	case len(e.books.judged) == 0:
		return noEvidence, "no day was judged"
	case late > 0:
		return partial, many(int64(late), "day") + " judged, or judged again, more than two days later"
	}
	return present, ""
}

func reviewSigned(e *evidence) (amount, string) {
	switch {
	case e.f.Review == nil:
		return noEvidence, "no review was signed"
	case e.f.Review.Signed.Decision == "rejected":
		return partial, "the reviewer rejected the report"
	}
	return present, ""
}

func findingsDecided(e *evidence) (amount, string) {
	if e.made[FindingsOf] == nil || len(e.books.judged) == 0 {
		return noEvidence, "no day was judged, so that there is nothing to decide about"
	}
	if n := e.number(FindingsOf, "findings_open"); n.Int() > 0 {
		return partial, many(n.Int(), "finding") + " without a decision"
	}
	return present, ""
}

func rulesKnown(e *evidence) (amount, string) {
	if e.f.Policy == nil || len(e.f.Policy.Rules) == 0 {
		return noEvidence, "no policy says who is expected to do what"
	}
	return present, ""
}

func purposesKnown(e *evidence) (amount, string) {
	if e.f.Policy == nil || len(e.f.Policy.Rules) == 0 {
		return noEvidence, "no policy says for what purpose tables are reached"
	}
	n := int64(0)
	for i := range e.f.Policy.Rules {
		if e.f.Policy.Rules[i].Effect == "allow" && e.f.Policy.Rules[i].Purpose == "" {
			n++
		}
	}
	if n > 0 {
		return partial, many(n, "rule") + " without a purpose"
	}
	return present, ""
}

func ownersKnown(e *evidence) (amount, string) {
	if e.f.Policy == nil || len(e.f.Policy.Tables) == 0 {
		return noEvidence, "no catalogue says whose tables they are"
	}
	if slices.ContainsFunc(e.f.Policy.Tables, func(t policy.Table) bool { return t.Owner == "" || t.Class == "" }) {
		return partial, "some tables of the catalogue have no owner or class"
	}
	return present, ""
}

func entriesComplete(e *evidence) (amount, string) {
	for _, element := range elements {
		if v := e.number(Fields, "complete_"+element.name); v.IsNull() {
			return noEvidence, "there are no entries"
		} else if v.Float() < 1 {
			return partial, fmt.Sprintf("%s in %s of entries", element.title, v)
		}
	}
	return present, ""
}

func yearHeld(e *evidence) (amount, string) {
	switch back := e.number(Retention, "days_back").Int(); {
	case back == 0:
		return noEvidence, "the lake is empty"
	case back < yearKept:
		return partial, fmt.Sprintf("the lake goes back %s, not 12 months", many(back, "day"))
	}
	return present, ""
}

func changesTicketed(e *evidence) (amount, string) {
	s := e.made[Privileged]
	if s == nil {
		return noEvidence, "there is no register of manual changes"
	}
	if n := e.number(Privileged, "manual_changes"); n.Int() > 0 {
		return partial, "whether each manual change has a ticket is for a person to see"
	}
	return present, ""
}

func reportsCompared(e *evidence) (amount, string) {
	if e.f.Since.Number == 0 {
		return partial, "no earlier report was compared with"
	}
	return present, ""
}

// elsewhere is evidence that CloudTrail's records of tables do not give.
func elsewhere(what string) proof {
	return func(*evidence) (amount, string) { return noEvidence, what + ": not in scope of this tool" }
}
