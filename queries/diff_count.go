package queries

import (
	"context"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// differ gathers who did what in two spans: [0] before, [1] after.
type differ struct {
	Diff
	extents [2]extent
	tables  tableNumbers
	texts   map[string]string // of deeds, each once
	deeds   map[deed]*[2]done
	signs   map[sign]*[2]done
	used    int64
}

// deed is something an actor does.
type deed struct {
	actor string
	table int32
	op    string
}

// sign is something else about an actor: a name, a network, a user agent.
type sign struct {
	kind         Kind
	actor, value string
}

// done is how often something was done in a span, and when first and last.
type done struct {
	touches, denied         int64
	first, last             sighting
	firstDenied, lastDenied sighting
}

// sighting is where and when something was seen.
type sighting struct {
	at    int64 // the hour, or the microsecond where event is known
	table int32
	event string
	name  string // the actor's
}

func newDiffer(q Diff) *differ {
	d := &differ{Diff: q, texts: map[string]string{}, deeds: map[deed]*[2]done{}, signs: map[sign]*[2]done{}}
	d.extents[0] = extent{Extent: Extent{Span: q.Before}, hours: map[int32]timeSpan{}}
	d.extents[1] = extent{Extent: Extent{Span: q.After}, hours: map[int32]timeSpan{}}
	return d
}

// deedBytes and signBytes are about what each takes in memory, beside its texts.
const deedBytes, signBytes = 400, 450

// counter asks for the touches of a span.
func (d *differ) counter(s Span) *counter {
	return newCounter(Top{Where: Who{Table: d.Table, From: s.From, To: s.To}, Memory: d.Memory, Progress: d.Progress})
}

// count adds up what was done in span number i.
func (d *differ) count(ctx context.Context, l TopLake, i int, s Span) error {
	days, err := l.RollupDays(ctx)
	if err != nil {
		return err
	}
	e := &d.extents[i]
	e.lake(days)
	err = d.counter(s).acts(ctx, l, e.observe, func(a *act) error {
		n, err := d.of(a)
		if err != nil {
			return err
		}
		e.Touches += a.touches
		n[i].add(sighting{at: a.hour, table: d.tables.of(a.partition, a.arn)}, a.touches, a.outcome)
		return nil
	})
	e.done()
	return err
}

// of is what is known of a deed.
func (d *differ) of(a *act) (*[2]done, error) {
	k := deed{a.actor, d.tables.of(a.partition, a.arn), a.op}
	if n := d.deeds[k]; n != nil {
		return n, nil
	}
	k.actor, k.op = d.text(a.actor), d.text(a.op)
	n := new([2]done)
	d.deeds[k] = n
	return n, d.take(deedBytes)
}

// text is a copy of s, the same one every time.
func (d *differ) text(s string) string {
	if kept, ok := d.texts[s]; ok {
		return kept
	}
	s = strings.Clone(s)
	d.texts[s] = s
	d.used += 2 * int64(len(s))
	return s
}

func (d *differ) take(n int64) error {
	if d.used += n; d.used > d.Memory/2 {
		return errTooMany
	}
	return nil
}

func (n *done) add(at sighting, touches int64, outcome string) {
	o := done{touches: touches, first: at, last: at}
	if outcome == schema.OutcomeDenied {
		o.denied, o.firstDenied, o.lastDenied = touches, at, at
	}
	n.merge(&o)
}

func (n *done) merge(o *done) {
	stretch(n.touches, &n.first, &n.last, o.touches, o.first, o.last)
	stretch(n.denied, &n.firstDenied, &n.lastDenied, o.denied, o.firstDenied, o.lastDenied)
	n.touches += o.touches
	n.denied += o.denied
}

// stretch makes a first and last sighting, of so many, those of others, too.
func stretch(n int64, first, last *sighting, more int64, otherFirst, otherLast sighting) {
	if more == 0 {
		return
	}
	if n == 0 || otherFirst.before(*first) {
		*first = otherFirst
	}
	if n == 0 || last.before(otherLast) {
		*last = otherLast
	}
}

// before orders sightings, those of one time by what makes the order the same in
// every run.
func (s sighting) before(o sighting) bool {
	if s.at != o.at {
		return s.at < o.at
	}
	if s.event != o.event {
		return s.event < o.event
	}
	return s.table < o.table
}
