package queries

import (
	"fmt"
	"slices"
	"strings"
)

// Likelihood is how near the log comes to saying that a call which named no item
// showed, copied, changed or removed the item asked for. The log has no answers:
// it never says that such a call did.
type Likelihood uint8

// The certainties, from least to most. A touch has none.
const (
	// NotExcluded: by the log, the call did not show the item. The item did not
	// exist when it was made, had not changed within what a stream keeps, is known
	// in another account or Region only, or the call returned no attributes. That is
	// as sure as the log is complete: it never has expiry by TTL and replication, and
	// writes that named no item are calls of this list themselves.
	NotExcluded Likelihood = iota + 1
	// Possible: the item may be in what the call reached, but the record names
	// something that may have kept it out (a filter, a limit, a segment, a sort key
	// condition, a further page), or does not say what was reached: an index, a
	// stream, parameters.
	Possible
	// Likely: the call reached a range that the item is in, its partition or its
	// whole table, and its record names nothing that would have kept the item out.
	// Of a Query or Scan that holds for the first page, at most 1 MB.
	Likely
)

// Likelihoods lists all of them, most certain first.
var Likelihoods = []Likelihood{Likely, Possible, NotExcluded}

var likelihoodNames = map[Likelihood]string{Likely: "likely", Possible: "possible", NotExcluded: "not_excluded"}

// String is the certainty as it is written in all formats but tables; empty for
// that of a touch.
func (c Likelihood) String() string { return likelihoodNames[c] }

// words is the certainty in a sentence.
func (c Likelihood) words() string { return strings.ReplaceAll(c.String(), "_", " ") }

// ParseLikelihood finds a certainty by name.
func ParseLikelihood(s string) (Likelihood, error) {
	name := strings.ToLower(strings.NewReplacer("-", "_", " ", "_").Replace(s))
	at := slices.IndexFunc(Likelihoods, func(c Likelihood) bool { return c.String() == name })
	if at < 0 {
		return 0, fmt.Errorf("%q is no certainty: take one of %v", s, Likelihoods)
	}
	return Likelihoods[at], nil
}
