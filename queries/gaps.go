package queries

import (
	"slices"
	"strings"
)

// Kinds of [Gap].
const (
	// GapSpan says how far the lake goes: no gap by itself.
	GapSpan = "span"
	// GapElsewhere: the same as GapNoObject where no touch of the answer is: no reason by
	// itself to think that one is lacking.
	GapElsewhere = "elsewhere"
	// GapBeyond: the time asked about goes on where the lake has nothing.
	GapBeyond = "beyond"
	// GapUnread: objects that could not be read, are archived or are gone.
	GapUnread = "unread"
	// GapQuarantine: records that could not be understood.
	GapQuarantine = "quarantine"
	// GapLate: the same of later deliveries, which may have late events of the time.
	GapLate = "late"
	// GapNoObject: days without an object between days with some.
	GapNoObject = "no_object"
	// GapLedger: what the lake lacks is not known, for its ledger cannot be read.
	GapLedger = "ledger"
)

// Gap is one reason why an answer may lack something.
type Gap struct {
	Kind     string // one of the Gap constants
	From, To string // delivery days, both included; empty when they are open or many
	What     string // a sentence without its end, clean text
}

// Gaps are what a lake may lack of an answer, the worst first.
type Gaps []Gap

// Incomplete reports whether there is any reason to think that the answer lacks
// something.
func (g Gaps) Incomplete() bool {
	return slices.ContainsFunc(g, func(gap Gap) bool { return gap.Kind != GapSpan && gap.Kind != GapElsewhere })
}

func (g Gaps) has(kind string) bool {
	return slices.ContainsFunc(g, func(gap Gap) bool { return gap.Kind == kind })
}

// String is all of them in one line; empty when there are none.
func (g Gaps) String() string {
	if len(g) == 0 {
		return ""
	}
	var s []string
	for _, gap := range g {
		s = append(s, gap.What)
	}
	if g.Incomplete() {
		return "this answer may be incomplete: " + strings.Join(s, "; ")
	}
	known := "no gap is known: "
	if g.has(GapElsewhere) {
		known = "no gap is known in the accounts and Regions of these touches: "
	}
	return known + strings.Join(s, "; ")
}

// lines are the gaps under a table, one a line.
func (g Gaps) lines() []told {
	if !g.Incomplete() {
		if len(g) == 0 {
			return nil
		}
		return []told{{text: g.String(), colour: dim}}
	}
	lines := []told{{text: "This answer may be incomplete:", colour: warning}}
	for _, gap := range g {
		lines = append(lines, told{text: "- " + gap.What, colour: warning})
	}
	return lines
}
