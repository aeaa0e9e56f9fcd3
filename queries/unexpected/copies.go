package unexpected

import (
	"hash/maphash"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// maxHeld bounds the copies that wait for others within one partition, maxKnown the ids
// that are remembered there.
const (
	maxHeld  = 20_000
	maxKnown = 1 << 20
)

var seed = maphash.MakeSeed()

// copies are the records of calls across accounts. Such a call is logged twice: for the
// account of the caller, where its role is named in full, and for that of the table's
// owner, where often only the account is. The caller's record decides; the owner's counts
// only where the lake does not have the other, or where it is forbidden and the other is
// not.
type copies struct {
	callers map[uint64]policy.Effect // touches that the caller's log has
	waiting map[uint64]policy.Effect // touches in held
	held    []heldCopy
	allowed map[uint64]struct{} // touches of the owner's that a rule allows
	dropped int64
	full    bool
}

type heldCopy struct {
	id      uint64
	touch   *schema.Touch
	verdict policy.Verdict
}

// ofOwner reports whether a touch is the copy for the account that owns the table.
func (*copies) ofOwner(t *schema.Touch) bool {
	return t.SharedEventID != "" && t.RecipientAccountID != t.PrincipalAccountID
}

func copyID(t *schema.Touch) uint64 {
	return maphash.String(seed, t.SharedEventID) + uint64(t.TouchIndex)
}

// note remembers the caller's record of a call that has another.
func (c *copies) note(t *schema.Touch, v policy.Verdict) {
	if t.SharedEventID == "" || c.ofOwner(t) {
		return
	}
	if len(c.callers) >= maxKnown {
		c.full = true
		return
	}
	if c.callers == nil {
		c.callers = map[uint64]policy.Effect{}
	}
	c.callers[copyID(t)] = v.Effect
}

// allow remembers an owner's copy that a rule allows. It is false when that is another of
// a touch that is known to be.
func (c *copies) allow(t *schema.Touch) bool {
	id := copyID(t)
	if _, twice := c.allowed[id]; twice {
		return false
	}
	if len(c.allowed) >= maxKnown {
		c.full = true
		return true
	}
	if c.allowed == nil {
		c.allowed = map[uint64]struct{}{}
	}
	c.allowed[id] = struct{}{}
	return true
}

// hold keeps an owner's copy until it is known whether the caller's is there. It is false
// when there is no room.
func (c *copies) hold(t *schema.Touch, v policy.Verdict) bool {
	id := copyID(t)
	if effect, twice := c.waiting[id]; twice && (v.Effect != policy.Denied || effect == policy.Denied) {
		c.dropped++
		return true
	}
	if len(c.held) >= maxHeld {
		c.full = true
		return false
	}
	if c.waiting == nil {
		c.waiting = map[uint64]policy.Effect{}
	}
	c.waiting[id] = v.Effect
	c.held = append(c.held, heldCopy{id, t.Clone(), v})
	return true
}

// settle drops the copies of calls that the caller's log has, and says how many of them a
// rule allows.
func (c *copies) settle() (allowed int64) {
	kept := c.held[:0]
	for _, h := range c.held {
		if effect, known := c.callers[h.id]; known && (h.verdict.Effect != policy.Denied || effect == policy.Denied) {
			c.dropped++
		} else {
			kept = append(kept, h)
		}
	}
	c.held = kept
	for id := range c.allowed {
		if _, known := c.callers[id]; known {
			allowed++
		}
	}
	c.dropped += allowed
	return allowed
}

// calls tells the touches of one call from those of several, within a partition.
type calls struct {
	known map[callOf]struct{}
	full  bool
}

type callOf struct {
	group *Group
	event uint64
}

// first reports whether a touch is the first of its call in a group.
func (c *calls) first(group *Group, t *schema.Touch) bool {
	if t.TouchCount <= 1 || t.EventID == "" {
		return true
	}
	k := callOf{group, maphash.String(seed, t.EventID)}
	if _, known := c.known[k]; known {
		return false
	}
	if len(c.known) >= maxKnown {
		c.full = true
		return true
	}
	if c.known == nil {
		c.known = map[callOf]struct{}{}
	}
	c.known[k] = struct{}{}
	return true
}
