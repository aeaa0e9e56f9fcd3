package subject

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/personal"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Audience is who a report is for.
type Audience string

// The audiences.
const (
	Investigator Audience = "investigator" // all that the log says
	Person       Audience = "person"       // whom the data is about: no employee's identity
)

// ParseAudience finds an audience by name.
func ParseAudience(s string) (Audience, error) {
	switch a := Audience(strings.ToLower(s)); a {
	case Investigator, Person:
		return a, nil
	}
	return "", fmt.Errorf("%q is nobody a report is for: take investigator or person", s)
}

// Question asks what touched a value, or an item. One of Value and Key is set.
type Question struct {
	Table string           // name or ARN; empty: all tables
	Value string           // a value of the key, under any name
	Key   []queries.Member // the item's key has each of these members
	// Patterns are other forms that the value has in keys: USER#{value}. The value as it
	// stands is always asked for.
	Patterns []string
	From, To int64 // microseconds since 1970, From included, To not; 0 is open

	For Audience
	// WithIdentities names those who acted to the person, too.
	WithIdentities bool
	Policy         *policy.Policy // rules have the purposes; nil: none is recorded
	Trails         []byte         // saved settings of the trails, see [coverage.Trails]; nil: none

	// Keyring makes tokens of what is asked for where the lake has those; nil where keys are
	// as logged.
	Keyring *personal.Keyring
	// Progress is called, if it is set, as files are done, of so many in all: in several
	// rounds.
	Progress func(done, all int)

	// Tool is the program's version, Command how the report is asked for again.
	Tool, Command string
}

// named is what stands for the value in a pattern.
const named = "{value}"

// Check says what is wrong with a question.
func (q *Question) Check() error {
	switch {
	case (q.Value == "") == (len(q.Key) == 0):
		return errors.New("whom is the report about? Name a value of the key, or members of it as name=value")
	case len(q.Patterns) > 0 && q.Value == "":
		return errors.New("patterns are forms of a value: ask for the value, not for name=value")
	case q.WithIdentities && q.For != Person:
		return errors.New("the investigator's report has the identities anyhow")
	}
	for _, p := range q.Patterns {
		if strings.Count(p, named) != 1 {
			return fmt.Errorf("pattern %q wants %s once, where the value stands: 'USER#%s'", p, named, named)
		}
	}
	return nil
}

// identities reports whether the report says who acted.
func (q *Question) identities() bool { return q.For != Person || q.WithIdentities }

// values is what is asked for, in each of its forms.
func (q *Question) values() (all [][]string) {
	if q.Value == "" {
		var values []string
		for _, m := range q.Key {
			values = append(values, m.Value)
		}
		return [][]string{values}
	}
	for _, form := range q.forms() {
		all = append(all, []string{form})
	}
	return all
}

// candidate is the question to the lake that values asked for come to.
func (q *Question) candidate(values []string) queries.Who {
	w := queries.Who{Table: q.Table, From: q.From, To: q.To, CouldHave: true, AtLeast: queries.NotExcluded, Keyring: q.Keyring}
	if q.Value != "" {
		w.Values = values
	} else {
		w.Key = q.Key
	}
	return w
}

// forms are the forms of the value: itself, then those of the patterns.
func (q *Question) forms() []string {
	forms := []string{q.Value}
	for _, p := range q.Patterns {
		if form := strings.Replace(p, named, q.Value, 1); !slices.Contains(forms, form) {
			forms = append(forms, form)
		}
	}
	return forms
}

// asked is the question in a few words.
func (q *Question) asked() string {
	s := q.Value
	if s == "" {
		var parts []string
		for _, m := range q.Key {
			parts = append(parts, m.Name+"="+m.Value)
		}
		s = strings.Join(parts, " ")
	}
	if arn, ok := schema.ParseTableARN(q.Table); ok && !q.identities() {
		return arn.Table + " " + s // the ARN has an account
	}
	if q.Table != "" {
		s = q.Table + " " + s
	}
	return s
}
