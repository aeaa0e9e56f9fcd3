package queries

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// askCouldHave reads the calls that named no item, after the touches: what is known
// of the item by then tells how certain each of them is.
func (c *Collector) askCouldHave(q reader.Query, scan func(reader.Query) error) error {
	tables := c.tables()
	if q.Table != "" {
		tables = []string{q.Table}
	}
	wheres := [][]reader.Condition{c.filter.couldHaveWhere()}
	if len(c.filter.asked()) > 1 {
		wheres = append(wheres, c.filter.partOfKeyWhere())
	}
	q.From, q.To = c.filter.From, c.filter.To
	c.filter.settled = true // statements that name the item are read once more
	for _, q.Table = range tables {
		for _, q.Where = range wheres {
			if err := scan(q); err != nil {
				return err
			}
		}
	}
	return nil
}

// nearness is how the key that a call named lies to the item asked for.
type nearness uint8

const (
	elsewhere nearness = iota // the item is not among those with this key
	anywhere                  // it may be
	same                      // it has this key's members
)

// near compares the key that a call named with what is asked for, and with the items
// that are known to be what is asked for.
func (f *filter) near(key string, c *call) nearness {
	if f.contradicted(key) {
		return elsewhere
	}
	if f.shares(key) {
		return same
	}
	for _, value := range f.Values {
		if c.v.listHas(colKeyValues, c.i, value) {
			return same
		}
	}
	known := f.lives[c.text(colTableARN)]
	apart := len(known) > 0
	for item := range known {
		all, contradicted := compareKeys(key, item)
		if all {
			return same
		}
		apart = apart && contradicted
	}
	if len(f.Key) > 0 || c.text(colIndex) != "" && !apart {
		return anywhere
	}
	return elsewhere
}

// shares reports whether a key has a member asked for.
func (f *filter) shares(key string) bool {
	return slices.ContainsFunc(f.members, func(m keyMember) bool { return hasMember(key, m) })
}

// compareKeys reports whether an item has all the members of a key, and whether it
// has one of them with another value.
func compareKeys(key, item string) (all, contradicted bool) {
	all = true
	eachMember(key, func(name, value string) {
		found := false
		eachMember(item, func(itemName, itemValue string) {
			if itemName == name {
				found = itemValue == value
				contradicted = contradicted || !found
			}
		})
		all = all && found
	})
	return all, contradicted
}

// agree reports whether an item has all the members of a key.
func agree(key, item string) bool {
	all, _ := compareKeys(key, item)
	return all
}

func members(key string) (n int) {
	eachMember(key, func(string, string) { n++ })
	return n
}

// asked are the values asked for, named or not.
func (f *filter) asked() []string {
	values := slices.Clone(f.Values)
	for _, m := range f.Key {
		values = append(values, m.Value)
	}
	return values
}

// weigh lowers the certainty of a call by what the log knows of the item: it was not
// there, it had not changed. Nothing is left out for that.
func (f *filter) weigh(r *reach, arn string) {
	known := f.lives[arn]
	switch {
	case r.certainty == NotExcluded || arn == "":
	case len(f.lives) > 0 && len(known) == 0:
		r.lower("no touch of the item in this account and Region is in the log")
	case r.wrote:
	case r.changes:
		if !anyLife(known, r.key, func(l *life) bool { return l.changed(r.from, r.to) }) {
			r.lower("no change of the item in that time is in the log")
		}
	default:
		weighAbsence(r, known)
	}
}

// weighAbsence lowers the certainty of a call that reached what was there, if the
// items known were not.
func weighAbsence(r *reach, known map[string]*life) {
	n := 0
	var last absence
	there := anyLife(known, r.key, func(l *life) bool {
		n++
		last = l.absent(r.from, r.to)
		return !last.ok
	})
	switch {
	case there || n == 0:
	case n > 1:
		r.lower(fmt.Sprintf("by the log none of the %d items existed then", n))
	case last.deleted != 0:
		r.lower("after the item's deletion at " + utc(last.deleted))
	default:
		r.lower("before the first write of the item in the log")
	}
}

func (r *reach) lower(why string) {
	r.certainty = NotExcluded
	r.notes = append(r.notes, why)
}

// anyLife reports whether is holds for one of the items that have a key's members.
func anyLife(known map[string]*life, key string, is func(*life) bool) bool {
	for item, l := range known {
		if (key == "" || agree(key, item)) && is(l) {
			return true
		}
	}
	return false
}

// couldHaveWhere are the conditions for calls that named no item.
func (f *filter) couldHaveWhere() []reader.Condition {
	return append(f.conditions(),
		reader.Condition{Column: colOutcome, AnyOf: []string{schema.OutcomeOK}},
		reader.Condition{Column: colScope, AnyOf: []string{schema.ScopePartition, schema.ScopeIndex, schema.ScopeTable, schema.ScopeStream, schema.ScopeUnknown, schema.ScopeNone}},
		reader.Condition{Column: colOp, AnyOf: []string{schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk, schema.OpReadStream, schema.OpWriteItem,
			schema.OpDeleteItem, schema.OpCopy, schema.OpShare, schema.OpSchema, schema.OpDestroy, schema.OpOther}})
}

// partOfKeyWhere are the conditions for statements that name a part of a key.
func (f *filter) partOfKeyWhere() []reader.Condition {
	return append(f.conditions(),
		reader.Condition{Column: colOutcome, AnyOf: []string{schema.OutcomeOK}},
		reader.Condition{Column: colScope, AnyOf: []string{schema.ScopeItem}},
		reader.Condition{Column: colEvent, AnyOf: statementEvents},
		reader.Condition{Column: colKeyValues, AnyOf: f.anyWay()})
}

// callKinds counts calls by how certain they are and what they were.
type callKinds map[callKind]int64

type callKind struct {
	certainty Likelihood
	event     string
}

// count is how many calls are of one certainty.
func (k callKinds) count(certainty Likelihood) (n int64) {
	for kind, of := range k {
		if kind.certainty == certainty {
			n += of
		}
	}
	return n
}

// told lists the calls of one certainty: 12 Query, 3 Scan.
func (k callKinds) told(certainty Likelihood) string {
	var events []string
	for kind := range k {
		if kind.certainty == certainty {
			events = append(events, kind.event)
		}
	}
	slices.SortFunc(events, func(a, b string) int {
		if d := k[callKind{certainty, b}] - k[callKind{certainty, a}]; d != 0 {
			return int(max(-1, min(1, d)))
		}
		return strings.Compare(a, b)
	})
	for i, event := range events {
		events[i] = fmt.Sprintf("%d %s", k[callKind{certainty, event}], Clean(event))
	}
	return strings.Join(events, ", ")
}
