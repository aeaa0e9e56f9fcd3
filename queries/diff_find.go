package queries

import (
	"cmp"
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// area is all deeds of an actor, or of a table.
type area struct {
	done   [2]done
	deeds  []part
	tables map[int32]bool
	actors map[string]bool
	ops    map[string]bool
}

// part is a deed as part of an area.
type part struct {
	table int32
	done  *[2]done
}

// where are the tables in which an area's first or last hour may be that of a time.
func (a *area) where(i int, at int64, seen func(*done) sighting) (tables []int32) {
	for _, p := range a.deeds {
		if n := &p.done[i]; (len(a.deeds) == 1 || n.touches > 0 && seen(n).at == at) && !slices.Contains(tables, p.table) {
			tables = append(tables, p.table)
		}
	}
	return tables
}

func (a *area) add(k deed, n *[2]done) {
	if a.tables == nil {
		a.tables, a.actors, a.ops = map[int32]bool{}, map[string]bool{}, map[string]bool{}
	}
	a.done[0].merge(&n[0])
	a.done[1].merge(&n[1])
	a.deeds = append(a.deeds, part{k.table, n})
	a.tables[k.table], a.actors[k.actor], a.ops[k.op] = true, true, true
}

// is says whether something is new, or gone, and enough of it to be told.
func (d *differ) is(n *[2]done) (fresh, gone bool) {
	fresh = n[0].touches == 0 && n[1].touches > 0
	gone = n[1].touches == 0 && n[0].touches > 0 && d.rate(0, n[0].touches)*d.extents[1].Days >= MinExpected
	return fresh, gone
}

// rate is touches a day in span number i.
func (d *differ) rate(i int, touches int64) float64 { return float64(touches) / d.extents[i].Days }

// changes are what the rules call one, in order. What is told of an actor or a table
// as a whole is not told again of each thing it did.
func (d *differ) changes() []Change {
	actors, tables := map[string]*area{}, map[int32]*area{}
	for k, n := range d.deeds {
		of(actors, k.actor).add(k, n)
		of(tables, k.table).add(k, n)
	}
	var all []Change
	for actor, a := range actors {
		switch fresh, gone := d.is(&a.done); {
		case fresh:
			all = append(all, d.change(NewActor, a, actor, -1))
		case gone:
			all = append(all, d.change(GoneActor, a, actor, -1))
		}
	}
	for table, a := range tables {
		switch fresh, gone := d.is(&a.done); {
		case fresh && d.Table == "":
			all = append(all, d.change(NewTable, a, "", table))
		case gone && d.Table == "":
			all = append(all, d.change(GoneTable, a, "", table))
		}
	}
	for k, n := range d.deeds {
		kind := d.kindOf(n)
		one := actors[k.actor].done
		two := tables[k.table].done
		if kind == "" || !both(&one) || d.Table == "" && !both(&two) {
			continue
		}
		a := new(area)
		a.add(k, n)
		all = append(all, d.change(kind, a, k.actor, k.table))
	}
	all = append(all, d.newSigns(actors)...)
	slices.SortFunc(all, compareChanges)
	return all
}

func of[K comparable](areas map[K]*area, k K) *area {
	if areas[k] == nil {
		areas[k] = new(area)
	}
	return areas[k]
}

// both reports whether something was there before and after.
func both(n *[2]done) bool { return n[0].touches > 0 && n[1].touches > 0 }

// kindOf is the kind of change of a deed, if it is one.
func (d *differ) kindOf(n *[2]done) Kind {
	switch fresh, gone := d.is(n); {
	case fresh:
		return NewOperation
	case gone:
		return GoneOperation
	case !both(n):
		return ""
	}
	before, after := d.rate(0, n[0].touches), d.rate(1, n[1].touches)
	switch {
	case n[0].denied == 0 && n[1].denied > 0:
		return NewlyDenied
	case after >= d.Factor*before && d.busy(after, n[1].touches):
		return More
	case before >= d.Factor*after && d.busy(before, n[0].touches):
		return Less
	}
	return ""
}

// busy reports whether there is enough of something for its rate to mean anything, also
// in a span that is short.
func (d *differ) busy(rate float64, touches int64) bool {
	return rate >= d.MinRate && float64(touches) >= d.MinRate
}

// change is a finding about an actor, a table, or what an actor did to a table.
func (d *differ) change(kind Kind, a *area, actor string, table int32) Change {
	before, after := a.done[0], a.done[1]
	c := Change{Kind: kind, Actor: actor, Tables: len(a.tables), Before: before.touches, After: after.touches,
		Actors: len(a.actors), ofActor: kind != NewTable && kind != GoneTable, ofTable: table >= 0}
	i, seen := 1, after
	if kind.gone() {
		i, seen = 0, before
	}
	c.first, c.last = seen.first, seen.last
	if kind == NewlyDenied {
		c.Before, c.After = before.denied, after.denied
		c.first, c.last = seen.firstDenied, seen.lastDenied
	}
	c.firstIn = a.where(i, c.first.at, func(n *done) sighting { return n.first })
	c.lastIn = a.where(i, c.last.at, func(n *done) sighting { return n.last })
	c.BeforeRate, c.AfterRate = d.rate(0, c.Before), d.rate(1, c.After)
	for op := range a.ops {
		c.Ops = append(c.Ops, op)
	}
	slices.Sort(c.Ops)
	if table < 0 {
		table = c.first.table
	}
	c.TableName, c.TableARN = d.tables.list[table].name, d.tables.list[table].arn
	return c
}

// minor is 1 for what was only done to settings, or to a key behind a table.
func (c *Change) minor() int {
	for _, op := range c.Ops {
		switch op {
		case schema.OpMetaRead, schema.OpKey, schema.OpTag, schema.OpEvaluate:
		default:
			return 0
		}
	}
	return min(len(c.Ops), 1)
}

// compareChanges orders by kind, then what touched data or changed something first,
// and then by how much it is about.
func compareChanges(a, b Change) int {
	return cmp.Or(
		cmp.Compare(a.Kind.order(), b.Kind.order()),
		cmp.Compare(a.minor(), b.minor()),
		cmp.Compare(max(b.Before, b.After), max(a.Before, a.After)),
		cmp.Compare(a.Actor, b.Actor),
		cmp.Compare(a.TableName, b.TableName),
		cmp.Compare(a.TableARN, b.TableARN),
		slices.Compare(a.Ops, b.Ops),
		cmp.Compare(a.Detail, b.Detail),
	)
}
