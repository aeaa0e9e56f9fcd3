package detect

import (
	"strings"

	"github.com/axiomhq/hyperloglog"
)

const (
	// maxExact is how many different things a set counts exactly. Beyond, it keeps 16 KiB
	// of a sketch, whose count is off by 0.8 % in most cases.
	maxExact = 100_000
	// leastExact is how many it counts exactly even when memory for all sets is spent.
	leastExact = 1024
)

// distinct counts different things by their hashes, see [hashOf].
type distinct struct {
	exact  map[uint64]struct{}
	sketch *hyperloglog.Sketch // instead of exact
}

// add adds a thing to the set. room is how many hashes all sets together may still keep.
func (d *distinct) add(hash uint64, room *int) {
	if d.sketch != nil {
		d.sketch.InsertHash(hash)
		return
	}
	if _, ok := d.exact[hash]; ok {
		return
	}
	if len(d.exact) >= maxExact || *room <= 0 && len(d.exact) >= leastExact {
		d.estimate(room)
		d.sketch.InsertHash(hash)
		return
	}
	if d.exact == nil {
		d.exact = map[uint64]struct{}{}
	}
	d.exact[hash] = struct{}{}
	*room--
}

// estimate goes over to a sketch.
func (d *distinct) estimate(room *int) {
	d.sketch = hyperloglog.NewNoSparse()
	for hash := range d.exact {
		d.sketch.InsertHash(hash)
	}
	*room += len(d.exact)
	d.exact = nil
}

func (d *distinct) count() int64 {
	if d.sketch != nil {
		return int64(d.sketch.Estimate())
	}
	return int64(len(d.exact))
}

// about is "about " where the count is an estimate.
func (d *distinct) about() string {
	if d.sketch != nil {
		return "about "
	}
	return ""
}

// hashOf is a hash of some texts that is the same on every host, since what a sketch
// says depends on it: FNV-1a, its bits then mixed as sketches need them.
func hashOf(texts ...string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for _, text := range texts {
		for i := range len(text) {
			h = (h ^ uint64(text[i])) * 0x100000001b3
		}
		h = (h ^ 0xff) * 0x100000001b3 // no byte of UTF-8: texts do not run into each other
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// noItem is why a call on items cannot be counted: its request is left out, or not
// understood.
const noItem = "the record does not say which items"

// keyHash is the hash of what a touch reached: its item, or the values that a Query
// asked for. ok is false when the record names neither.
func keyHash(e *Event) (hash uint64, ok bool) {
	switch {
	case e.ItemKey != "":
		return hashOf(e.TableARN, e.ItemKey), true
	case len(e.KeyValues) > 0:
		return hashOf(e.TableARN, e.IndexName, strings.Join(e.KeyValues, "\xff")), true
	}
	return 0, false
}
