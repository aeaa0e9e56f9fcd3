package queries

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Diff asks what changed between two spans of time in who touches what.
type Diff struct {
	Table         string // name or ARN; empty: all tables
	Before, After Span
	Detail        bool    // read the touches, too: names, networks and user agents of known actors
	Factor        float64 // a rate changed if it is so many times as high or low; 0 is [DefaultFactor]
	MinRate       float64 // and the higher one is so many touches a day, and in all; 0 is [DefaultMinRate]
	Memory        int64   // bytes that counting may take; 0 is [DefaultTopMemory]
	Limit         int     // changes of each kind to tell; 0 is all
	Lake          string  // what to call the lake in commands to paste

	// Progress is called, if it is set, as partitions are done, of so many in all.
	Progress func(done, all int)
}

// Span is a time from and to, microseconds since 1970; To is not included.
type Span struct{ From, To int64 }

// Rules of what is a change.
const (
	DefaultFactor  = 3
	DefaultMinRate = 20
	// What vanished would have shown this many touches, had it gone on as before.
	MinExpected = 3
	// An actor that came from more networks before, or with more programs, moves about:
	// another one is not news.
	MaxKnownSigns = 10
)

// ParseSpan reads a span as people write one: a day, FROM..TO with two times of which
// the second is included, or an age, which is from then to now.
func ParseSpan(s string, now time.Time) (Span, error) {
	first, last, two := strings.Cut(s, "..")
	from, to, err := ParseTime(first, now)
	if err != nil {
		return Span{}, fmt.Errorf("%w; or a span such as 2026-03-02..2026-03-08 or 14d..7d", err)
	}
	age := to == from+1 // a moment, not a day or a minute
	switch {
	case two:
		end, after, err := ParseTime(last, now)
		if err != nil {
			return Span{}, err
		}
		if to = after; after == end+1 {
			to = end // so that 14d..7d and 7d do not overlap
		}
	case age:
		to = now.UnixMicro()
	}
	if from >= to {
		return Span{}, fmt.Errorf("%q ends before it begins", s)
	}
	return Span{from, to}, nil
}

// Kind is a kind of change.
type Kind string

// The kinds of change, in the order they are told.
const (
	NewActor      Kind = "new actor"
	NewTable      Kind = "new table"
	NewOperation  Kind = "new operation"  // of a known actor on a known table
	NewlyDenied   Kind = "newly denied"   // what an actor did before without
	NewName       Kind = "new name"       // of a person, behind a known actor
	NewNetwork    Kind = "new network"    // of a known actor
	NewAgent      Kind = "new user agent" // of a known actor
	More          Kind = "more"
	Less          Kind = "less"
	GoneActor     Kind = "vanished actor"
	GoneTable     Kind = "vanished table"
	GoneOperation Kind = "vanished operation"
)

var kinds = []Kind{NewActor, NewTable, NewOperation, NewlyDenied, NewName, NewNetwork, NewAgent, More, Less, GoneActor, GoneTable, GoneOperation}

// Change is one finding.
type Change struct {
	Kind             Kind
	Actor            string
	ActorName        string // at the time of the example
	TableName        string // the only one or, of several, that of the example
	TableARN         string
	Tables           int      // how many
	Actors           int      // how many
	Ops              []string // classes of operation, sorted
	Detail           string   // the name, network or user agent that is new
	Before, After    int64    // touches; the denied ones, of [NewlyDenied]
	BeforeRate       float64  // a day
	AfterRate        float64
	First, Last      int64  // of what is new, in After; of what vanished, in Before
	Event            string // an event id to look up: the first of what is new, else the last
	Command          string // a question that shows the touches
	first, last      sighting
	firstIn, lastIn  []int32 // tables in which it may have been, by number
	ofActor, ofTable bool    // Actor, TableName are part of what changed
}

// Changes is the answer to [Diff].
type Changes struct {
	Question      Diff
	Before, After Extent
	Changes       []Change
	Count         int          // of all, also where Limit cut them
	Kinds         map[Kind]int // how many there are of each
}

// AskDiff compares two spans.
//
// Hourly counts say who did what how often; touches are read for what a span has of
// the hours it begins and ends in, for examples, and for the whole of both with
// Detail. Rates are per day that the lake has of a span ([Extent]).
func AskDiff(ctx context.Context, l TopLake, q Diff) (*Changes, error) {
	q = q.complete()
	d := newDiffer(q)
	for i, s := range []Span{q.Before, q.After} {
		if err := d.count(ctx, l, i, s); err != nil {
			return nil, err
		}
	}
	if q.Detail {
		for i, s := range []Span{q.Before, q.After} {
			if err := d.look(ctx, l, i, s); err != nil {
				return nil, err
			}
		}
	}
	a := &Changes{Question: q, Before: d.extents[0].Extent, After: d.extents[1].Extent}
	if a.Before.Days > 0 && a.After.Days > 0 { // else everything would be new, or gone
		a.Changes = d.changes()
	}
	a.Count, a.Kinds = len(a.Changes), map[Kind]int{}
	for i := range a.Changes {
		a.Kinds[a.Changes[i].Kind]++
	}
	a.Changes = firstOfEach(a.Changes, q.Limit)
	if err := d.examples(ctx, l, a.Changes); err != nil {
		return nil, err
	}
	for i := range a.Changes {
		a.Changes[i].Command = q.command(&a.Changes[i])
	}
	return a, nil
}

func (q Diff) complete() Diff {
	if q.Factor == 0 {
		q.Factor = DefaultFactor
	}
	if q.MinRate == 0 {
		q.MinRate = DefaultMinRate
	}
	if q.Memory == 0 {
		q.Memory = DefaultTopMemory
	}
	return q
}

// firstOfEach keeps the first n of each kind; 0 keeps all.
func firstOfEach(changes []Change, n int) []Change {
	told := map[Kind]int{}
	return slices.DeleteFunc(changes, func(c Change) bool {
		told[c.Kind]++
		return n > 0 && told[c.Kind] > n
	})
}

// Empty reports whether the lake has nothing of either span.
func (a *Changes) Empty() bool { return a.Before.Touches+a.After.Touches == 0 }

func (k Kind) order() int { return slices.Index(kinds, k) }

// gone reports whether the touches to look at are those of Before.
func (k Kind) gone() bool { return k == GoneActor || k == GoneTable || k == GoneOperation }
