package queries

import (
	"fmt"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// lineageNames are the members that an answer has more when roles were followed.
var lineageNames = []string{"person", "person_certainty", "person_chain"}

// values are those of lineageNames; empty is null. They hold text from the log.
func (l *Lineage) values() [3]string {
	if l == nil {
		return [3]string{}
	}
	return [3]string{l.Person, l.Certainty.String(), l.String()}
}

// String tells the whole lineage in one line: who, how sure and why, then the
// sessions from the first to the one that touched, each with the event that gave it,
// and what speaks against it or is missing. It is clean.
func (l *Lineage) String() string {
	var b strings.Builder
	b.WriteString(l.who())
	for _, link := range l.Chain {
		b.WriteString(" -> " + link.Who + link.Given.text() + link.SignIn.text())
	}
	for _, note := range l.Notes {
		b.WriteString("; but " + note)
	}
	if l.Missing != "" {
		b.WriteString("; " + l.Missing)
	}
	return Clean(b.String())
}

// who is the beginning of the chain, how sure that is and why.
func (l *Lineage) who() string {
	who := "nobody known"
	switch {
	case l.Person != "":
		who = quoted(l.Person)
	case l.Program != "":
		who = "no person: " + l.Program
	}
	return fmt.Sprintf("%s (%s: %s)", who, l.Certainty, l.Why)
}

// text is the proof in brackets, or nothing.
func (p Proof) text() string {
	if p == (Proof{}) {
		return ""
	}
	return fmt.Sprintf(" [%s %s from %s, event %s]", quoted(p.How), time.UnixMicro(p.At).UTC().Format("2006-01-02 15:04:05Z"), quoted(p.From), quoted(p.EventID))
}

// person is the cell of a table.
func person(r *Row) string {
	switch l := r.Lineage; {
	case l == nil:
		return ""
	case l.Person != "":
		return Clean(quoted(l.Person)) + " (" + l.Certainty.String() + ")"
	case l.Program != "":
		return "no person (" + l.Certainty.String() + ")"
	}
	return "unknown"
}

// storiesShown is how many lineages of people, and of programs, follow a table.
const storiesShown = 40

// stories tells below a table who is behind its rows, in their order: each session of
// a person with its proofs, the many sessions of a program in one line.
func (a *Answer) stories(width int) string {
	if !a.Question.FollowRole {
		return ""
	}
	people, programs := newTally(), newTally()
	for _, l := range a.lineages() {
		if l.Program != "" {
			programs.add(l.summary())
		} else {
			people.add(short(l.String()))
		}
	}
	return "\nWHO IS BEHIND IT\n" + people.text(width) + programs.text(width)
}

// lineages are those of the rows, each once.
func (a *Answer) lineages() []*Lineage {
	var all []*Lineage
	seen := map[*Lineage]bool{nil: true}
	for _, rows := range a.groups() {
		for i := range rows {
			if l := rows[i].Lineage; !seen[l] {
				seen[l] = true
				all = append(all, l)
			}
		}
	}
	return all
}

// summary is the lineage without what differs from session to session.
func (l *Lineage) summary() string {
	s := l.who()
	if l.Certainty == Claim {
		s = fmt.Sprintf("no person: a program (%s: %s)", l.Certainty, l.Why)
	}
	for _, link := range l.Chain {
		s += " -> " + link.Who
	}
	return short(Clean(s))
}

// tally counts texts, in the order they first come.
type tally struct {
	order []string
	times map[string]int64
}

func newTally() *tally { return &tally{times: map[string]int64{}} }

func (t *tally) add(s string) {
	if t.times[s]++; t.times[s] == 1 {
		t.order = append(t.order, s)
	}
}

func (t *tally) text(width int) string {
	var b strings.Builder
	for i, s := range t.order {
		if i == storiesShown {
			fmt.Fprintf(&b, "%s%d more; --format json has them all.\n", gap, len(t.order)-i)
			break
		}
		if n := t.times[s]; n > 1 {
			s += ", " + count(n, "session")
		}
		b.WriteString(indent(wrap(s, width-2*len(gap))) + "\n")
	}
	return b.String()
}

func indent(s string) string { return gap + strings.ReplaceAll(s, "\n", "\n"+gap+gap) }

// appendLineage appends the members to an object that has others.
func appendLineage(b []byte, l *Lineage) []byte {
	for i, value := range l.values() {
		b = append(append(append(b, `,"`...), lineageNames[i]...), `":`...)
		b = appendText(b, value)
	}
	return b
}

// lineageFields are the columns that an Arrow stream has more.
func lineageFields(q *Who) []arrow.Field {
	var fields []arrow.Field
	if !q.FollowRole {
		return nil
	}
	for _, name := range lineageNames {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	return fields
}

// appendLineageCells fills them, from the first on.
func appendLineageCells(to []array.Builder, l *Lineage) {
	for i, value := range l.values() {
		appendString(to[i].(*array.StringBuilder), value)
	}
}
