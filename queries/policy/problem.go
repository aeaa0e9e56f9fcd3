package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Level is how bad a [Problem] is.
type Level uint8

const (
	// Warning: the file means something, and perhaps not what was meant.
	Warning Level = iota
	// Lack: it can be judged by, but a rule lacks what makes it one that somebody answers
	// for: a reason, an owner, a lifetime that is short enough.
	Lack
	// Fault: what the file means is not certain, so nothing is judged by it.
	Fault
)

// Problem is something wrong in a policy file.
type Problem struct {
	Line, Column int // from 1
	Level        Level
	What         string // what is wrong, and what was meant where that can be guessed
	Source       string // the line of the file, as it stands there
}

// Problems are all that is wrong in a file, in its order.
type Problems struct {
	Name string // of the file
	List []Problem
}

// String is "policy.yaml:12:7: unknown key ...", with the line of the file below.
func (p *Problems) String() string {
	var b strings.Builder
	for i := range p.List {
		b.WriteString(p.List[i].text(p.Name))
	}
	return b.String()
}

func (p *Problem) text(name string) string {
	s := fmt.Sprintf("%s:%d:%d: ", name, p.Line, p.Column)
	if p.Level == Warning {
		s += "warning: "
	}
	s += p.What + "\n"
	if source := strings.TrimSpace(p.Source); source != "" {
		s += "    " + shortened(source) + "\n"
	}
	return s
}

// Error makes Problems an error: see [Problems.AtLeast].
func (p *Problems) Error() string { return strings.TrimSuffix(p.String(), "\n") }

// AtLeast are those of a level or a worse one.
func (p *Problems) AtLeast(least Level) *Problems {
	kept := &Problems{Name: p.Name}
	for _, problem := range p.List {
		if problem.Level >= least {
			kept.List = append(kept.List, problem)
		}
	}
	return kept
}

// Count says how many errors and warnings there are.
func (p *Problems) Count() (errors, warnings int) {
	errors = len(p.AtLeast(Lack).List)
	return errors, len(p.List) - errors
}

func (p *Problems) sort() {
	slices.SortStableFunc(p.List, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// shortened cuts lines that nobody wrote by hand.
func shortened(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
