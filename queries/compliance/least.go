package compliance

import (
	"maps"
	"slices"
)

// least keeps sums of many keys in bounded memory: of those there are too many of the ones
// that are least, so that what is kept does not depend on the order in which keys come.
type least[K comparable, V any] struct {
	max     int
	compare func(a, b K) int
	clone   func(K) K
	of      map[K]*V
	rest    V // the others together
	merge   func(into, v *V)

	limit *K // keys after it are in rest
}

// at is the sum of a key.
func (l *least[K, V]) at(key K) *V {
	if v := l.of[key]; v != nil {
		return v
	}
	if l.limit != nil && l.compare(key, *l.limit) > 0 {
		return &l.rest
	}
	if len(l.of) >= 2*l.max {
		l.trim()
		return l.at(key)
	}
	if l.of == nil {
		l.of = map[K]*V{}
	}
	v := new(V)
	l.of[l.clone(key)] = v
	return v
}

// trim leaves max keys. A key that is left is complete: it was never beyond the limit.
func (l *least[K, V]) trim() {
	if len(l.of) <= l.max {
		return
	}
	keys := slices.SortedFunc(maps.Keys(l.of), l.compare)
	for _, key := range keys[l.max:] {
		l.merge(&l.rest, l.of[key])
		delete(l.of, key)
	}
	l.limit = &keys[l.max-1]
}

// full reports whether there were more keys than are kept, after the last trim.
func (l *least[K, V]) full() bool { return l.limit != nil }
