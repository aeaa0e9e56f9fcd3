package verify

import (
	"context"
	"errors"
	"iter"

	"github.com/keytrail/keytrail/engine/lake"
)

// held is the quarantine of a day, read beside the ledger.
type held struct {
	*check
	key    string
	next   func() (lake.Quarantined, bool)
	stop   func()
	object string // of the next record; empty after the last
	replay lake.Replay
	err    error // of reading; a corrupt file is a finding and no error
	broken bool  // it could not be read to its end
	alone  bool  // there is nothing to compare it with
	pruned bool  // it is of a day whose records were removed because they were old
}

func (c *check) openHeld(ctx context.Context, day string) *held {
	h := &held{check: c, key: tableKey(quarantineDir, day), pruned: day != "" && day < c.quarantineFrom}
	h.next, h.stop = iter.Pull(func(yield func(lake.Quarantined) bool) {
		h.replay, h.err = c.lake.ReplayQuarantine(ctx, day, func(q lake.Quarantined) error {
			if !yield(q) {
				return errStopped
			}
			return nil
		})
	})
	h.take()
	return h
}

// errStopped ends a reading that nobody waits for.
var errStopped = errors.New("stopped")

// take goes on to the next record.
func (h *held) take() {
	q, ok := h.next()
	if h.object = q.SourceObject; ok {
		h.Quarantined++
		return
	}
	h.broken = h.err != nil
	if errors.Is(h.err, lake.ErrCorrupt) {
		h.add(KindQuarantine, h.key, "%v", h.err)
		h.err = nil
	}
}

// count passes over the records of the next object and counts them.
func (h *held) count() (name string, n int64) {
	for name = h.object; h.object == name; n++ {
		h.take()
	}
	return name, n
}

// compare holds the records of an object against what the ledger says. The objects
// come in order; records of those between are of none that the ledger has.
func (h *held) compare(o *claim) {
	var n int64
	for h.object != "" && h.object <= o.name {
		name, of := h.count()
		if name != o.name {
			h.disown(name, of)
		} else {
			n = of
		}
	}
	switch {
	case h.broken:
	case n > 0 && o.touches == noneDone:
		h.disown(o.name, n)
	case n > o.most:
		h.add(KindQuarantine, h.key, "%d records of %q, and the ledger says %d", n, o.name, o.most)
	case n < o.least && !h.pruned:
		h.add(KindQuarantine, h.key, "%d records of %q, and the ledger says %d", n, o.name, o.least)
	}
}

func (h *held) disown(name string, n int64) {
	if !h.broken && !h.alone {
		h.add(KindQuarantine, h.key, "%d records of %q, which the ledger of that day does not have as done", n, name)
	}
}

// finish reads what is left.
func (h *held) finish() error {
	for h.object != "" {
		h.disown(h.count())
	}
	if h.err == nil && !h.broken && !h.replay.Same {
		h.addBytes(KindQuarantine, h.key, h.replay.At, h.replay.Size)
	}
	return h.err
}
