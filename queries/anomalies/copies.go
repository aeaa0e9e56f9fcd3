package anomalies

import (
	"cmp"

	"github.com/keytrail/keytrail/schema"
)

// maxHeld is how many touches wait for their copies at a time: some 300 MB. Beyond it
// copies count, too.
const maxHeld = 1 << 19

// copies holds back touches that another account may have logged too, so that each counts
// once and for whom the caller's account names, as it does in the history. Rows come by
// partition and in order of item, and copies name the same one: they wait until the
// next item, those of none until the next partition.
type copies struct {
	partition schema.Partition
	item      string // whose touches wait in ofItem
	ofItem    map[copyKey]*schema.Touch
	ofNone    map[copyKey]*schema.Touch
}

// copyKey is what the copies of a touch share, within a table and an item.
type copyKey struct {
	shared string
	index  int32
}

func newCopies() copies {
	return copies{ofItem: map[copyKey]*schema.Touch{}, ofNone: map[copyKey]*schema.Touch{}}
}

// add takes the next touch, and gives fn those of which no better copy can come.
func (c *copies) add(t *schema.Touch, p schema.Partition, fn func(*schema.Touch)) {
	if p != c.partition {
		c.end(fn)
		c.partition = p
	}
	if t.ItemKey != "" && t.ItemKey != c.item {
		release(c.ofItem, fn)
	}
	if t.SharedEventID == "" {
		fn(t)
		return
	}
	to := c.ofNone
	if t.ItemKey != "" {
		to = c.ofItem
	}
	k := copyKey{t.SharedEventID, t.TouchIndex}
	before := to[k]
	switch {
	case before != nil && !better(t, before):
	case before == nil && len(c.ofItem)+len(c.ofNone) >= maxHeld:
		fn(t)
	default:
		v := t.Clone()
		if to[copyKey{v.SharedEventID, v.TouchIndex}] = v; t.ItemKey != "" {
			c.item = v.ItemKey
		}
	}
}

// end gives fn all that wait.
func (c *copies) end(fn func(*schema.Touch)) {
	release(c.ofItem, fn)
	release(c.ofNone, fn)
}

func release(all map[copyKey]*schema.Touch, fn func(*schema.Touch)) {
	for _, t := range all {
		fn(t)
	}
	clear(all)
}

// better reports whether a copy says more of who it was than another: the one that the
// caller's account has, and that is not of the network.
func better(t, o *schema.Touch) bool {
	return cmp.Or(place(t)-place(o), cmp.Compare(t.RecipientAccountID, o.RecipientAccountID)) < 0
}

func place(t *schema.Touch) (n int) {
	if t.RecipientAccountID != t.PrincipalAccountID {
		n += 2
	}
	if t.EventCategory == "NetworkActivity" {
		n++
	}
	return n
}
