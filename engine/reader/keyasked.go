package reader

import (
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// keyAsked is what a file is asked about the key: whether it has all members asked for,
// or, where only one key can have them, whether it is that. The latter a Bloom filter
// and bounds tell far better: many keys begin alike.
type keyAsked struct {
	mayLie  func(least, greatest string) bool // nil: no key is asked for
	in      func(key string) bool
	filters []filterAsked // one after the other
	whole   string        // the only key that can be; empty: others can
	none    bool          // no key of the file can
}

// filterAsked are values that all have to be in a column's Bloom filter.
type filterAsked struct {
	column int
	values []string
}

func (k *keyAsked) any() bool { return k.mayLie != nil }

// mayHold reports whether bucket, of n, may have the key.
func (k *keyAsked) mayHold(bucket, n int) bool {
	return k.whole == "" || schema.Bucket(k.whole, "", n) == bucket
}

// askKey decides what the file is asked about the key, by what it says its keys are made of.
func (s *fileScan) askKey(f *parquetio.File) keyAsked {
	key := s.q.key
	if !key.Any() {
		return keyAsked{}
	}
	members := filterAsked{keyValuesColumn, key.Values()}
	asked := keyAsked{mayLie: key.MayLie, in: key.In, filters: []filterAsked{members}}
	names, ok := f.KeyNames()
	if !ok {
		return asked
	}
	switch key.Within(&names) {
	case schema.ReachNone:
		asked.none = true
	case schema.ReachOne:
		return s.askWhole(f, key.Key(), members)
	}
	return asked
}

// askWhole asks for one key. Its filter lies before that of the values of keys: where
// only the latter came with the end of the file, that is asked first, since to read the
// other is another request.
func (s *fileScan) askWhole(f *parquetio.File, key string, members filterAsked) keyAsked {
	whole := filterAsked{itemKeyColumn, []string{key}}
	asked := keyAsked{
		mayLie:  func(least, greatest string) bool { return least <= key && key <= greatest },
		in:      func(other string) bool { return other == key },
		filters: []filterAsked{whole},
		whole:   key,
	}
	if !s.came(f, whole) && s.came(f, members) {
		asked.filters = []filterAsked{members, whole}
	}
	return asked
}

// came reports whether all that is read to ask filters came with the end of the file.
func (s *fileScan) came(f *parquetio.File, asked filterAsked) bool {
	for rg := range f.NumRowGroups() {
		for _, span := range f.FilterSpans(rg, asked.column, asked.values) {
			if span.Off < s.tail {
				return false
			}
		}
	}
	return true
}
