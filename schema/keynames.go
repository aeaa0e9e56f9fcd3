package schema

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// MetadataKeyNames is the key, in the metadata of a touches file, of what
// [KeyNames.Text] says of its item keys.
const MetadataKeyNames = "keytrail.key_names"

// A table's items have one list of names. What a request names instead may be anything:
// of many lists, or long ones, nothing is said.
const (
	maxKeyNames      = 8
	maxKeyNamesBytes = 4 << 10 // of one list
)

// KeyNames are the different lists of names that the members of some keys have: not
// which key has which, but that there is no other list. The zero value is of no keys.
type KeyNames struct {
	lists []string // names as they stand in a key, with commas in between; sorted
	many  bool     // too many, too long, or not all known
	last  []byte   // that was added
	names []byte   // scratch
}

// Add adds the names of a canonical key.
func (k *KeyNames) Add(key string) {
	if k.many {
		return
	}
	k.names = k.names[:0]
	for {
		name, _, end := cutMember(key)
		if end == 0 {
			break
		}
		if len(k.names) > 0 {
			k.names = append(k.names, ',')
		}
		k.names = append(k.names, name...)
		key = key[end:]
	}
	switch {
	case key != "}" || len(k.names) == 0 || len(k.names) > maxKeyNamesBytes:
		k.many = true
	case string(k.names) != string(k.last):
		k.last = append(k.last[:0], k.names...)
		k.add(string(k.names))
	}
}

// AddAll adds what others are.
func (k *KeyNames) AddAll(others *KeyNames) {
	k.many = k.many || others.many
	for _, list := range others.lists {
		k.add(list)
	}
}

func (k *KeyNames) add(list string) {
	at, found := slices.BinarySearch(k.lists, list)
	if found {
		return
	}
	k.lists = slices.Insert(k.lists, at, list)
	k.many = k.many || len(k.lists) > maxKeyNames || !utf8.ValidString(list)
}

// Reset forgets all keys.
func (k *KeyNames) Reset() { k.lists, k.many, k.last = k.lists[:0], false, k.last[:0] }

// Text is the lists as JSON, an array of arrays: [["id"],["pk","sk"]]. It depends on the
// set of keys alone. Empty is: of no keys, or nothing is known of them.
func (k *KeyNames) Text() string {
	if k.many || len(k.lists) == 0 {
		return ""
	}
	return "[[" + strings.Join(k.lists, "],[") + "]]"
}

// ParseKeyNames reads what [KeyNames.Text] writes. ok is false when it is anything else,
// such as an empty text: then nothing is known.
func ParseKeyNames(text string) (k KeyNames, ok bool) {
	for mark := "[["; text != "]]"; mark = "],[" {
		list, found := strings.CutPrefix(text, mark)
		if !found {
			return KeyNames{}, false
		}
		names := cutNames(list)
		if names == "" {
			return KeyNames{}, false
		}
		k.lists, text = append(k.lists, names), list[len(names):]
	}
	return k, len(k.lists) > 0
}

// cutNames is the names, with commas in between, that s begins with.
func cutNames(s string) string {
	for rest := s; ; rest = rest[1:] {
		var name string
		name, rest = cutString(rest)
		if name == "" {
			return ""
		}
		if !strings.HasPrefix(rest, ",") {
			return s[:len(s)-len(rest)]
		}
	}
}

// Reach is which keys of some names can have all members that are asked for.
type Reach uint8

const (
	ReachSome Reach = iota // keys that have others besides
	ReachOne               // none but [KeyMembers.Key]
	ReachNone              // none at all
)

// Within says which keys of some names can have all the members. Names and values are
// compared as text: of one key there is one canonical text, whatever the types were.
func (k KeyMembers) Within(names *KeyNames) Reach {
	reach := ReachNone
	if k.none {
		return reach
	}
	for _, list := range names.lists {
		left, more := k.wanted, false
		for len(list) > 0 {
			name, rest := cutString(strings.TrimPrefix(list, ","))
			if len(left) > 0 && name == left[0].name {
				left = left[1:]
			} else {
				more = true
			}
			list = rest
		}
		switch {
		case len(left) > 0:
		case more:
			return ReachSome
		default:
			reach = ReachOne
		}
	}
	return reach
}

// Key is the canonical key that has the members and no others.
func (k KeyMembers) Key() string {
	key := []byte{'{'}
	for i, w := range k.wanted {
		if i > 0 {
			key = append(key, ',')
		}
		key = append(append(append(key, w.name...), ':'), w.value...)
	}
	return string(append(key, '}'))
}
