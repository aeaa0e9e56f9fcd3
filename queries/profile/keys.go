package profile

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/axiomhq/hyperloglog"
)

// maxExact is how many keys are counted exactly. Beyond it the number is estimated, with
// a standard error of 0.8 %.
const maxExact = 1024

// Bytes that a set takes, for the budget.
const (
	keyBytes    = 8
	sketchBytes = 16 << 10
)

// keySet counts different keys by their hashes.
type keySet struct {
	last   uint64 // added last, if any was: rows come sorted by key
	begun  bool
	hashes []uint64
	sketch *hyperloglog.Sketch // instead, once there are too many
}

// hashKey is the same for the same item of the same table and no other. Keys are chosen by
// whoever calls, so the hash is one that nobody can make two keys share on purpose.
func hashKey(table, itemKey string, room []byte) (uint64, []byte) {
	room = binary.AppendUvarint(room[:0], uint64(len(table)))
	room = append(append(room, table...), itemKey...)
	sum := sha256.Sum256(room)
	return binary.BigEndian.Uint64(sum[:]), room
}

// add adds a key and returns how many bytes more the set takes.
func (s *keySet) add(hash uint64) int64 {
	if s.begun && hash == s.last {
		return 0
	}
	s.last, s.begun = hash, true
	if s.sketch != nil {
		s.sketch.InsertHash(hash)
		return 0
	}
	at, known := slices.BinarySearch(s.hashes, hash)
	switch {
	case known:
		return 0
	case len(s.hashes) < maxExact:
		s.hashes = slices.Insert(s.hashes, at, hash)
		return keyBytes
	}
	s.toSketch()
	s.sketch.InsertHash(hash)
	return sketchBytes - maxExact*keyBytes
}

func (s *keySet) toSketch() {
	s.sketch = hyperloglog.New14()
	for _, h := range s.hashes {
		s.sketch.InsertHash(h)
	}
	s.hashes = nil
}

// merge adds the keys of another set and returns how many bytes more the set takes.
func (s *keySet) merge(o *keySet) (more int64) {
	if o.sketch == nil {
		for _, h := range o.hashes {
			more += s.add(h)
		}
		return more
	}
	if s.sketch == nil {
		more = sketchBytes - int64(len(s.hashes))*keyBytes
		s.toSketch()
	}
	_ = s.sketch.Merge(o.sketch) // which fails for sketches of other precisions only
	return more
}

// count is how many keys there are.
func (s *keySet) count() int64 {
	if s.sketch != nil {
		return int64(s.sketch.Estimate())
	}
	return int64(len(s.hashes))
}

// bytes is what the keys take.
func (s *keySet) bytes() int64 {
	if s.sketch != nil {
		return sketchBytes
	}
	return int64(len(s.hashes)) * keyBytes
}
