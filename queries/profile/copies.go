package profile

import (
	"cmp"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// copies holds back the touches that another account may have logged too, until no copy
// of them can come any more, and then lets go of the best one. Copies name the same item:
// those of an item are held as long as rows of that item come, and those of no item as
// long as rows of the partition do.
type copies struct {
	item  string // whose copies are in ofItem
	held  map[copyKey]held
	loose map[copyKey]held
}

// copyKey is what the copies of a touch share, within a table and an item.
type copyKey struct {
	shared string
	index  int32
}

// held is the best copy so far.
type held struct {
	row
	elsewhere bool // not logged in the account of the caller
	network   bool // logged where it crossed the network
	recipient string
}

const heldBytes = 200

// better says whether a copy says more of who it was than another does, and breaks ties.
func (h *held) better(o *held) bool {
	return cmp.Or(compareBools(h.elsewhere, o.elsewhere), compareBools(h.network, o.network), strings.Compare(h.recipient, o.recipient)) < 0
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// hold takes a touch with a shared event id and returns how many bytes more are held.
func (c *copies) hold(t *schema.Touch, r row) int64 {
	to := c.loose
	if t.ItemKey != "" {
		if to = c.held; len(to) == 0 {
			c.item = strings.Clone(t.ItemKey)
		}
	}
	h := held{r, t.RecipientAccountID != t.PrincipalAccountID, t.EventCategory == "NetworkActivity", t.RecipientAccountID}
	k := copyKey{t.SharedEventID, t.TouchIndex}
	before, known := to[k]
	if known && !h.better(&before) {
		return 0
	}
	h.recipient = strings.Clone(h.recipient)
	if known {
		to[k] = h // the key stays the copy that was made of it
		return 0
	}
	k.shared = strings.Clone(k.shared)
	to[k] = h
	return heldBytes + int64(len(k.shared))
}

// next says that rows of an item come now, and lets go of those of the one before.
func (c *copies) next(item string, fn func(row)) (bytes int64) {
	if len(c.held) == 0 || item == c.item || item == "" {
		return 0
	}
	return release(c.held, fn)
}

// end says that the partition's rows are over.
func (c *copies) end(fn func(row)) (bytes int64) {
	return release(c.held, fn) + release(c.loose, fn)
}

func release(all map[copyKey]held, fn func(row)) (bytes int64) {
	for k, h := range all {
		bytes += heldBytes + int64(len(k.shared))
		fn(h.row)
	}
	clear(all)
	return bytes
}
