package verify

import (
	"bytes"
	"crypto/sha256"
	"iter"
	"slices"
	"sort"
)

// digest stands for a text, in 16 bytes where names take 130. Whoever may write to
// the bucket chooses the names, so it is of a hash that nobody finds two texts for.
type digest [16]byte

// digestOf is the digest of texts, one after the other.
func digestOf(texts ...string) digest {
	var room [512]byte
	b := room[:0]
	for _, s := range texts {
		b = append(b, s...)
	}
	sum := sha256.Sum256(b)
	return digest(sum[:])
}

// index is a list that is filled by add, then sorted by key, then searched. It is in
// many parts, so that none is large when it grows; a map would take twice as much.
type index[T any] [256][]item[T]

type item[T any] struct {
	key   digest
	value T
}

func (x *index[T]) add(key digest, value T) {
	at := key[0]
	x[at] = append(x[at], item[T]{key, value})
}

func (x *index[T]) sort() {
	for _, part := range x {
		slices.SortFunc(part, func(a, b item[T]) int { return a.key.compare(b.key) })
	}
}

// find returns the items with the key. It reads keys alone: values may be changed at
// the same time.
func (x *index[T]) find(key digest) []item[T] {
	part := x[key[0]]
	from := sort.Search(len(part), func(i int) bool { return part[i].key.compare(key) >= 0 })
	to := from
	for to < len(part) && part[to].key == key {
		to++
	}
	return part[from:to]
}

// all are the items, in order.
func (x *index[T]) all() iter.Seq[*item[T]] {
	return func(yield func(*item[T]) bool) {
		for _, part := range x {
			for i := range part {
				if !yield(&part[i]) {
					return
				}
			}
		}
	}
}

func (d digest) compare(other digest) int { return bytes.Compare(d[:], other[:]) }
