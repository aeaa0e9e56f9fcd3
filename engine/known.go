package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
)

// known is what the ledger says of the objects of one delivery day, of which an
// organisation's trail may have a million: some forty bytes for each. Safe for
// concurrent use.
//
// Names and versions are held as digests. Whoever may write to the bucket chooses
// the names, so it is a hash that nobody finds two names for: an object that looks
// like another one that was read would never be read.
type known struct {
	settled shards[digest]  // versions read, or known not to be a trail object
	touches shards[touched] // of versions that are done, by object name; none are left out
}

// digest is 128 bits of a SHA-256.
type digest [16]byte

type touched struct {
	name digest
	n    int64
}

// digestOf tells lists of texts apart.
func digestOf(texts ...string) digest {
	var room [512]byte
	b := room[:0]
	for _, s := range texts {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	sum := sha256.Sum256(b)
	return digest(sum[:])
}

func (r *run) known(day string) (*known, error) {
	k := new(known)
	err := r.Lake.EachLedgerEntry(r.ctx, day, func(e lake.Entry) error {
		if e.Status == lake.Done && e.Touches > 0 {
			k.touches.add(touched{digestOf(e.SourceObject), e.Touches})
		}
		if e.Status == lake.Done || e.Status == lake.Skipped && e.Error == "" && !r.unreadConfig(&e) {
			k.settled.add(digestOf(e.Source, e.SourceObject, e.ETag))
		}
		return nil
	})
	k.settled.sort()
	k.touches.sort()
	return k, err
}

// has reports whether a version need not be looked at again.
func (k *known) has(source, name, etag string) bool {
	if k.settled.empty() {
		return false
	}
	_, found := k.settled.find(digestOf(source, name, etag))
	return found
}

// prior is how many touches the versions of an object gave that are done.
func (k *known) prior(name string) (n int64) {
	if k.touches.empty() {
		return 0
	}
	key := digestOf(name)
	from, found := k.touches.find(key)
	for i := 0; found && i < len(from) && from[i].name == key; i++ {
		n += from[i].n
	}
	return n
}

// shards is a sorted list in many parts, so that none is large when it grows: filled
// by add, then sorted, then searched.
type shards[T keyed] struct {
	parts [256][]T
	n     int
}

type keyed interface{ key() digest }

func (d digest) key() digest  { return d }
func (t touched) key() digest { return t.name }

func (s *shards[T]) add(v T) {
	part := &s.parts[v.key()[0]]
	*part = append(*part, v)
	s.n++
}

// empty spares a first run the digests.
func (s *shards[T]) empty() bool { return s.n == 0 }

func (s *shards[T]) sort() {
	for _, part := range s.parts {
		slices.SortFunc(part, func(a, b T) int { return compareDigests(a.key(), b.key()) })
	}
}

// find returns what is left of the list from the first element with the key.
func (s *shards[T]) find(key digest) (from []T, found bool) {
	part := s.parts[key[0]]
	i, found := slices.BinarySearchFunc(part, key, func(v T, key digest) int { return compareDigests(v.key(), key) })
	return part[i:], found
}

func compareDigests(a, b digest) int { return bytes.Compare(a[:], b[:]) }
