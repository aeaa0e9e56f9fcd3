package queries

import (
	"math"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// reach is what a call that named no item reached, as far as its record says.
type reach struct {
	text      string   // what the call did
	notes     []string // what narrowed it, what it left behind
	certainty Likelihood
	from, to  int64  // the time whose items it reached, or the changes of which; microseconds
	changes   bool   // it reached changes, and not what was there
	wrote     bool   // it wrote: the item need not have been there before
	key       string // canonical members that every item it reached has; empty: any
}

// second is how far apart a call's reading and its event time, which has no
// fraction, are taken to be.
const second = 1_000_000

// call is a row about to be judged.
type call struct {
	v  *view
	i  int
	at int64
	*request
}

func (c *call) text(col int) string { return c.v.text(col, c.i) }

// reach says how a successful call that named no item, or a part of its key, may
// have reached the item asked for; ok is false when it cannot have.
func (f *filter) reach(v *view, i int) (r reach, ok bool) {
	c := &call{v: v, i: i, at: v.time(i)}
	op := v.text(colOp, i)
	r = reach{certainty: Possible, from: c.at - second, to: c.at}
	if op == schema.OpReadStream { // most calls: their parameters say nothing more
		return streamRead(r, c), true
	}
	c.request = parseRequest(v.text(colRequest, i))
	switch {
	case v.text(colScope, i) == schema.ScopeItem:
		return f.partOfKey(r, c)
	case c.omitted():
		r.text = "request parameters omitted, too large to log: the items are not known"
		r.wrote = op == schema.OpWriteItem || op == schema.OpDeleteItem
		return r, itemsOf(op)
	case c.ofStatement():
		return f.statement(r, c)
	}
	switch op {
	case schema.OpCopy, schema.OpShare, schema.OpSchema, schema.OpDestroy:
		return tableCopy(r, c)
	case schema.OpWriteItem, schema.OpDeleteItem:
		return unnamedWrite(r, c)
	case schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk, schema.OpOther:
		return f.read(r, c)
	}
	return r, false
}

// itemsOf reports whether calls of a class reach items.
func itemsOf(op string) bool {
	switch op {
	case schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk, schema.OpWriteItem, schema.OpDeleteItem, schema.OpOther:
		return true
	}
	return false
}

// read is a Query, a Scan, an export, or a read that does not say of what.
func (f *filter) read(r reach, c *call) (reach, bool) {
	switch event := c.text(colEvent); event {
	case "Query":
		return f.queryCall(r, c)
	case "Scan":
		return scan(r, c), true
	case "SearchVectors":
		r.text = "vector search: which items are near is not in the log"
		r.notes = append(c.narrowed(), c.projected()...)
		return r, true
	case "ExportTableToPointInTime":
		return export(r, c), true
	default:
		if c.text(colScope) == schema.ScopeNone {
			return r, false
		}
		r.text = event + ": its record does not say which items"
		return r, true
	}
}

// queryCall takes a Query of a partition, of an index, or without a key.
func (f *filter) queryCall(r reach, c *call) (reach, bool) {
	r.notes = c.narrowed()
	index := c.text(colIndex)
	key, hasKey := c.key()
	near := elsewhere
	if hasKey {
		near = f.near(key, c)
		// An index has a key of its own. What it shares with the item's is the item's.
		if index == "" || near == same {
			r.key = key
		}
		switch ranged := c.ranged(); {
		case ranged && near == elsewhere && f.shares(key): // the other member need not be a value of its own
			near, r.key = same, ""
			r.notes = append(r.notes, "a sort key condition")
		case near == elsewhere:
			return r, false
		case ranged || members(key) == 1 && strings.Contains(strings.ToUpper(c.KeyConditionExpression), " AND "):
			r.notes = append(r.notes, "a sort key condition")
		}
	}
	switch {
	case !hasKey:
		r.text = "Query: its key is not in the log"
	case index != "" && near == same:
		r.text = "Query of the item's partition in index " + index
	case index != "":
		r.text = "Query of index " + index + " for " + readableKey(key) + ": which items an index partition holds is not in the log"
	case near == same:
		r.text = "Query of the item's partition, " + readableKey(key)
		r.certainty = Likely
	default:
		r.text = "Query of a partition in which no touch of such an item is known"
		r.certainty = NotExcluded
	}
	return r.page(c), true
}

func scan(r reach, c *call) reach {
	r.notes = c.narrowed()
	if index := c.text(colIndex); index != "" {
		r.text = "Scan of index " + index + ": which items an index holds is not in the log"
	} else {
		r.text = "Scan of the whole table"
		r.certainty = Likely
	}
	return r.page(c)
}

// page lowers the certainty where something kept items out of the answer.
func (r reach) page(c *call) reach {
	if len(r.notes) > 0 {
		r.certainty = min(r.certainty, Possible)
	}
	if c.request != nil {
		if c.counts() {
			r.certainty = NotExcluded
			r.notes = append(r.notes, "a count only, no attributes")
		}
		r.notes = append(r.notes, c.projected()...)
	}
	return r
}

// streamRead is a read of the changes that the stream had kept: those of a day.
func streamRead(r reach, c *call) reach {
	if c.text(colEvent) == "GetShardIterator" {
		r.text, r.certainty = "shard iterator: shows no item itself, the reads with it are calls of their own", NotExcluded
		return r
	}
	const kept = 24 * 60 * 60 * second
	r.text = "read of the stream: a shard iterator names no item"
	r.from, r.changes = c.at-kept, true
	return r
}

// unnamedWrite is a write whose record lacks the key.
func unnamedWrite(r reach, c *call) (reach, bool) {
	event := c.text(colEvent)
	r.text, r.wrote = event+": its record does not say which items were written", true
	if event == "ImportTable" {
		r.text = "import into the table: the item may have come with it"
	}
	return r, true
}

// reason is the whole of what is known of the call, for people.
func (r *reach) reason() string { return strings.Join(append([]string{r.text}, r.notes...), "; ") }

// untilNow is the end of what lives on.
const untilNow = math.MaxInt64
