package unexpected

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Question asks what nobody expected.
type Question struct {
	Policy   *policy.Policy // nil for [Learn] alone
	Table    string         // name or ARN; empty: all tables
	From, To int64          // microseconds since 1970, From included, To not; both 0: the lake's last day

	// MaxGroups bounds what is kept; 0 is [DefaultMaxGroups].
	MaxGroups int
	// Progress is called, if it is set, as files are done, of so many in all.
	Progress func(done, all int)
}

// DefaultMaxGroups is how many lines an answer has at most. Nobody reads as many: where
// there are more, the policy does not speak of this lake yet.
const DefaultMaxGroups = 50_000

// Answer is what nobody expected.
type Answer struct {
	Question Question
	Span     queries.Span  // that was judged
	Reach    Reach         // how far the lake goes
	Groups   []Group       // the worst first; those of failed attempts only are among them
	Rules    []RuleUse     // of the policy, by id
	Ruleless []Principal   // that no rule speaks of, by how much they did
	Services []ServiceWork // expected without a rule

	Judged    int64 // touches looked at
	Concerned int64 // of them changes, and reads of tables that need care, that succeeded
	Expected  int64 // of those the ones that a rule allows
	Copies    int64 // records of one call in the log of two accounts, counted once
	Inexact   bool  // so many calls of many items that some may be counted twice
	Gaps      queries.Gaps
	areas     areas
}

type areas map[queries.Area]struct{}

// Areas are the accounts and Regions whose records were judged, sorted.
func (a *Answer) Areas() []queries.Area {
	return slices.SortedFunc(maps.Keys(a.areas), func(x, y queries.Area) int {
		return cmp.Or(strings.Compare(x.Account, y.Account), strings.Compare(x.Region, y.Region))
	})
}

// Ask judges the touches of a span. A lake without any has an empty answer.
func Ask(ctx context.Context, l reader.Lake, q Question) (*Answer, error) {
	a := &Answer{Question: q, areas: areas{}}
	held, err := holdingsOf(ctx, l, q.Table)
	if err != nil {
		return nil, err
	}
	a.Span, a.Reach = held.span(q.From, q.To), held.Reach
	g := newGatherer(a)
	err = held.scan(ctx, l, reader.Query{From: a.Span.From, To: a.Span.To, Columns: columnsOf(q.Policy, gatherColumns)}, q.Progress, g.touch)
	if err != nil {
		return nil, err
	}
	if err := g.end(); err != nil {
		return nil, err
	}
	return a, nil
}

// Worst is the greatest severity of what succeeded; 0 when nothing did.
func (a *Answer) Worst() (worst schema.Severity) {
	for i := range a.Groups {
		if !a.Groups[i].AttemptsOnly() {
			worst = max(worst, a.Groups[i].Severity)
		}
	}
	return worst
}
