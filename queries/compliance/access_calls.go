package compliance

import (
	"hash/maphash"

	"github.com/keytrail/keytrail/schema"
)

// maxCalls bounds the calls of several touches that are remembered: some 200 MB.
const maxCalls = 4 << 20

// callSet tells the touches of one call from those of several. A call of one touch, as
// most are, takes no memory.
type callSet struct {
	seed  maphash.Seed
	known map[uint64]struct{}
	full  bool // some were forgotten
}

func newCallSet() callSet { return callSet{seed: maphash.MakeSeed(), known: map[uint64]struct{}{}} }

// first reports whether a touch is the first of its call in a scope.
func (c *callSet) first(t *schema.Touch, scope uint64) bool {
	if t.TouchCount <= 1 || t.EventID == "" {
		return true
	}
	const odd = 0x9e3779b97f4a7c15 // spreads scopes over all bits
	id := c.hash(t.EventID) ^ (scope+1)*odd
	if _, known := c.known[id]; known {
		return false
	}
	if len(c.known) >= maxCalls {
		// What a call touched stands together by table and day, so that hardly any of those
		// forgotten is met again.
		c.full = true
		clear(c.known)
	}
	c.known[id] = struct{}{}
	return true
}

// hash is a number for a text, which is another one in the next run.
func (c *callSet) hash(text string) uint64 { return maphash.String(c.seed, text) }
