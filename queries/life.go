package queries

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// lives is what the log says of when the items asked for existed, by the ARN of
// their table: one key in two accounts or Regions is two items.
type lives map[string]map[string]*life

// life is the changes that named one item. A partition's rows of an item come in the
// order of time, and so do its partitions.
type life struct {
	changes []change
	sorted  bool
}

// change is a successful write of an item.
type change struct {
	at   int64
	kind changeKind
}

type changeKind uint8

// Of changes in one second the deletion is taken to be the first: the item may have
// been there afterwards.
const (
	deleted changeKind = iota
	put                // made it, or wrote it anew: it need not have been there
	updated            // it need not have been made by this
	unsure             // deleted by a batch, which succeeds even when some of it was not done
)

// note adds what row i says of its item. Reads and what failed say nothing: a read
// of what is not there succeeds, too.
func (l lives) note(v *view, i int) {
	arn, key := v.text(colTableARN, i), v.text(colItemKey, i)
	of := l[arn]
	if of == nil {
		of = map[string]*life{}
		l[strings.Clone(arn)] = of
	}
	it := of[key]
	if it == nil {
		it = &life{}
		of[strings.Clone(key)] = it
	}
	if v.text(colOutcome, i) == schema.OutcomeOK {
		if kind, ok := changeOf(v, i, key); ok {
			it.add(change{v.time(i), kind})
		}
	}
}

// changeOf is what row i did to the item of a key.
func changeOf(v *view, i int, key string) (changeKind, bool) {
	event := v.text(colEvent, i)
	switch v.text(colOp, i) {
	case schema.OpDeleteItem:
		if event == "BatchWriteItem" {
			return unsure, true
		}
		return deleted, true
	case schema.OpWriteItem:
	default:
		return 0, false
	}
	switch event {
	case "PutItem", "BatchWriteItem":
		return put, true
	case "TransactWriteItems": // a Put lists the key's attributes, an Update cannot
		all := true
		eachMember(key, func(name, _ string) { all = all && v.listHas(colAttribute, i, unquote(name)) })
		if all {
			return put, true
		}
	}
	if verbOf(v.text(colStatement, i)) == "INSERT" {
		return put, true
	}
	return updated, true
}

const (
	// thinAt is how many changes a life has before those go that no answer needs.
	thinAt = 1 << 10
	// thinGap is shorter than any time that [life.changed] is asked about, but for
	// moments: the shortest incremental export, in microseconds.
	thinGap = 15 * 60 * 1_000_000
)

func (l *life) add(c change) {
	l.changes = append(l.changes, c)
	l.sorted = false
	if n := len(l.changes); n >= thinAt && n&(n-1) == 0 {
		l.sort()
		l.thin()
	}
}

func (l *life) sort() {
	if !l.sorted {
		slices.SortFunc(l.changes, func(a, b change) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.kind, b.kind)) })
		l.sorted = true
	}
}

// thin drops changes between two close ones that left the item as they did: it was
// there, or it was not.
func (l *life) thin() {
	kept := l.changes[:1]
	for i := 1; i < len(l.changes)-1; i++ {
		before, c, after := kept[len(kept)-1], l.changes[i], l.changes[i+1]
		alike := (before.kind == deleted) == (c.kind == deleted) && (c.kind == deleted) == (after.kind == deleted)
		if !alike || after.at-before.at >= thinGap {
			kept = append(kept, c)
		}
	}
	l.changes = append(kept, l.changes[len(l.changes)-1])
}

// changed reports a change in [from, to].
func (l *life) changed(from, to int64) bool {
	l.sort()
	i, _ := slices.BinarySearchFunc(l.changes, from, func(c change, at int64) int { return cmp.Compare(c.at, at) })
	return i < len(l.changes) && l.changes[i].at <= to
}

// absence is why an item did not exist in all of a time.
type absence struct {
	deleted int64 // when it was; 0: it had not been made yet
	ok      bool
}

// absent reports whether, by the log, the item did not exist at any moment of
// [from, to]. An update or a deletion as the first change says that it did before.
func (l *life) absent(from, to int64) absence {
	if l.changed(from, to) {
		return absence{}
	}
	i, _ := slices.BinarySearchFunc(l.changes, from, func(c change, at int64) int { return cmp.Compare(c.at, at) })
	switch {
	case len(l.changes) == 0:
	case i == 0 && l.changes[0].kind == put:
		return absence{ok: true}
	case i > 0 && l.changes[i-1].kind == deleted:
		return absence{deleted: l.changes[i-1].at, ok: true}
	}
	return absence{}
}
