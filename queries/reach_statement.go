package queries

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// statementEvents are the calls that PartiQL statements come by.
var statementEvents = []string{"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"}

func (c *call) ofStatement() bool { return slices.Contains(statementEvents, c.text(colEvent)) }

func (c *call) verb() string { return verbOf(c.text(colStatement)) }

// verbOf is what a statement does: SELECT, INSERT, UPDATE, DELETE.
func verbOf(statement string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(statement), " ")
	return strings.ToUpper(cutAt(word, 20))
}

// statement is a PartiQL statement that names no item: a SELECT of a range, or one
// whose key values are parameters or redacted.
func (f *filter) statement(r reach, c *call) (reach, bool) {
	r.text = "PartiQL " + c.verb()
	switch c.text(colOp) {
	case schema.OpReadRange, schema.OpReadBulk, schema.OpReadPoint:
	case schema.OpWriteItem, schema.OpDeleteItem:
		r.text += ": which item is not in the log"
		r.wrote = true
		return r, true
	default:
		r.text = "PartiQL statement that could not be read: which items is not known"
		return r, true
	}
	r.notes = c.narrowed()
	switch c.text(colScope) {
	case schema.ScopePartition:
		named := f.namedBy(c)
		if named == 0 {
			return r, false
		}
		r.text += " of the item's partition"
		if n := len(f.asked()); n > 1 && named == n {
			r.text = "PartiQL " + c.verb() + " that names all values asked for"
		}
		r.certainty = Likely
	case schema.ScopeTable:
		r.text += " of the whole table"
		r.certainty = Likely
	case schema.ScopeIndex:
		r.text += " of index " + c.text(colIndex) + ": which items an index holds is not in the log"
	default:
		r.text += ": which items is not in the log"
		return r, true
	}
	if conditions(c.text(colStatement)) > c.v.listLen(colKeyValues, c.i) {
		r.notes = append(r.notes, "with conditions whose values are not in the log")
	}
	return r.page(c), true
}

// conditions counts those that a statement joins; one more for each BETWEEN.
func conditions(statement string) int {
	words := strings.Fields(strings.ToUpper(statement))
	at := slices.Index(words, "WHERE")
	if at < 0 {
		return 0
	}
	n := 1
	for _, w := range words[at:] {
		if w == "AND" || w == "OR" {
			n++
		}
	}
	return n
}

// namedBy counts the values asked for that are literals of a statement, 0 when these
// cannot be the item's. They have no names here: they can be when they are no other
// values than those asked for, or all of them.
func (f *filter) namedBy(c *call) int {
	asked, named := f.asked(), 0
	for _, value := range asked {
		if c.v.listHas(colKeyValues, c.i, value) {
			named++
		}
	}
	if named < len(asked) && named < c.v.listLen(colKeyValues, c.i) {
		return 0
	}
	return named
}

// partOfKey is a statement with one value of the key in clear and others as
// parameters: the key in its row is a part of the item's.
func (f *filter) partOfKey(r reach, c *call) (reach, bool) {
	key := c.text(colItemKey)
	if !c.ofStatement() || f.names(c.v, c.i) || members(key) >= len(f.asked()) || f.near(key, c) != same {
		return r, false
	}
	r.text = "PartiQL " + c.verb() + " that names a part of the item's key"
	r.key = key
	r.wrote = c.text(colOp) != schema.OpReadPoint
	return r, true
}
