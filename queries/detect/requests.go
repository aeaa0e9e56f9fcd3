package detect

import (
	"maps"
	"slices"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// What reports read of a call, as detections do.

// ReplicaRegions are the Regions of the replicas that the call makes, in the order of its
// request.
func (e *Event) ReplicaRegions() []string { return replicaRegions(e.Request()) }

// AccountIn is the account of an ARN, or of a text that is an account's number; empty for
// others.
func AccountIn(text string) string { return accountIn(text) }

// Admission is whom a resource policy lets in.
type Admission struct {
	Named    []string // principals of the statements that allow something, sorted
	Stranger string   // who is none of ours nor a partner; empty when none is known
	Unsure   string   // what would have to be known to be certain of that
}

// Admits reads the resource policy that a call puts on a table, or makes one with. ok is
// false where the call has none. What a detection's settings say of other organizations and
// endpoints is not known here: who comes through them may be called a stranger.
func (e *Event) Admits(p *policy.Policy) (a Admission, ok bool) {
	if !e.Is("dynamodb", "PutResourcePolicy", "CreateTable") {
		return a, false
	}
	text := e.Request().At("policy").document()
	if e.EventName == "CreateTable" {
		text = e.Request().At("resourcePolicy").document()
	}
	if text == "" {
		return Admission{Unsure: "the record does not hold the policy"}, e.EventName == "PutResourcePolicy"
	}
	d, err := parsePolicy(text)
	if err != nil {
		return Admission{Unsure: "the policy cannot be read"}, true
	}
	r := Run{Policy: p, Day: schema.DayOf(e.EventTime)}
	t := trust{own: e.TableAccountID, stranger: r.stranger}
	a.Stranger, a.Unsure = t.opens(d)
	a.Named = d.admitted()
	return a, true
}

// admitted are the principals of allowing statements.
func (d *policyDocument) admitted() (named []string) {
	for i := range d.Statement {
		s := &d.Statement[i]
		if !s.allows() {
			continue
		}
		if s.NotPrincipal != nil {
			named = append(named, "everybody but a few")
		}
		for _, kind := range slices.Sorted(maps.Keys(s.Principal)) {
			named = append(named, s.Principal[kind]...)
		}
	}
	slices.Sort(named)
	return slices.Compact(named)
}

// Sizes are what the log tells of the sizes of tables. The zero value knows none.
type Sizes struct{ known sizes }

// Learn takes the size that DynamoDB tells in its answer to a call on a table.
func (s *Sizes) Learn(e *Event) {
	if s.known == nil {
		s.known = sizes{}
	}
	s.known.learn(e)
}

// ScanCalls is how many calls a Scan of a whole table takes at least; ok is false where
// nothing is known of its size. One call reads 1 MiB at most.
func (s *Sizes) ScanCalls(tableARN string) (calls int64, ok bool) {
	size, ok := s.known[tableARN]
	return scanCalls(size.bytes), ok
}
