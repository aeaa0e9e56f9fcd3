package schema

import (
	"encoding/json"
	"slices"
	"strings"
)

// KeyMember is one member of an item's key: an attribute's name and its value's text,
// as a person writes them.
type KeyMember struct{ Name, Value string }

// KeyMembers asks for item keys that have each of some members, whatever others they
// have. The zero value asks for nothing: every key has it.
type KeyMembers struct {
	wanted []wantedMember // by name, as the members of a key are
	none   bool           // they contradict each other
}

type wantedMember struct {
	KeyMember
	name, value string // as they stand in a key: in quotes, escaped
}

// NewKeyMembers asks for keys that have all of the members.
func NewKeyMembers(members ...KeyMember) KeyMembers {
	var k KeyMembers
	for _, m := range members {
		k.wanted = append(k.wanted, wantedMember{m, canonicalString(m.Name), canonicalString(m.Value)})
	}
	slices.SortFunc(k.wanted, func(a, b wantedMember) int { return strings.Compare(a.Name, b.Name) })
	k.wanted = slices.Compact(k.wanted)
	for i := range k.wanted {
		k.none = k.none || i > 0 && k.wanted[i].name == k.wanted[i-1].name
	}
	return k
}

func canonicalString(s string) string { return string(AppendCanonicalString(nil, s)) }

// Any reports whether a member is asked for.
func (k KeyMembers) Any() bool { return len(k.wanted) > 0 }

// Values are the values asked for, as they stand in key_values.
func (k KeyMembers) Values() []string {
	var values []string
	for _, w := range k.wanted {
		values = append(values, w.Value)
	}
	return values
}

// In reports whether a canonical key, as [ItemKey] makes it, has all the members.
func (k KeyMembers) In(key string) bool {
	if k.none {
		return false
	}
	next := k.wanted
	EachKeyMember(key, func(name, value string) bool {
		if len(next) > 0 && name == next[0].name && value == next[0].value {
			next = next[1:]
		}
		return len(next) > 0
	})
	return len(next) == 0 && key != ""
}

// MayLie reports whether a canonical key with all the members may lie between two
// texts, both included. False is certain. The texts need not be keys: bounds in
// statistics are cut, and raised where they are.
//
// All texts between two bounds begin with what the bounds have in common. The members
// that are complete in there are members of every key in between: one may have another
// value than asked for, or a name behind which one asked for cannot come any more.
// Where a name asked for comes next, its value has to follow, and the bounds say
// whether such a text lies between them; if so, the same goes for what comes after it.
//
// Where the bounds part before the next name ends, it may be the one asked for, or a
// lesser one if they leave room for such a text.
func (k KeyMembers) MayLie(least, greatest string) bool {
	if k.none || least > greatest {
		return false
	}
	wanted, done := k.wanted, 0 // done is the length of the members that are known
	for {
		common := commonPrefix(least, greatest)
		at := done
		for {
			name, value, end := cutMember(common[at:])
			if end == 0 {
				break
			}
			var ok bool
			if wanted, ok = passMember(wanted, name, value); !ok {
				return false
			}
			at += end
		}
		if len(wanted) == 0 {
			return true
		}
		rest := common[at:]
		if strings.HasPrefix(rest, "}") {
			return false
		}
		name := nextName(rest)
		head := common[:at] + nextMark(rest, at)
		switch {
		case name == "" && wanted[0].mayFollow(head, least, greatest):
			return true // the next member may be one that nobody asked for
		case name != "" && name != wanted[0].name:
			return unquotedName(name) < wanted[0].Name
		}
		begin := head + wanted[0].name + ":" + wanted[0].value
		var ok bool
		if least, greatest, ok = within(begin, least, greatest); !ok {
			return false
		}
		wanted, done = wanted[1:], len(begin)
	}
}

// nextMark is what stands before the member that begins with rest.
func nextMark(rest string, at int) string {
	switch {
	case rest != "":
		return rest[:1]
	case at == 0:
		return "{"
	}
	return ","
}

// mayFollow reports whether between two texts there may be a key that begins with head
// and has another member before the one wanted: of a lesser name. As text, such a name is
// less too, but for those that end or have an escape where the one wanted has a character
// that is less than a quotation mark or a backslash.
func (w wantedMember) mayFollow(head, least, greatest string) bool {
	if head[len(head)-1] != '{' && head[len(head)-1] != ',' || least < head+w.name {
		return true
	}
	name := w.name[:len(w.name)-1] // without the last quotation mark
	for i := 1; i < len(name); i++ {
		for _, mark := range []byte{'"', '\\'} {
			if name[i] > mark {
				continue
			}
			if _, _, ok := within(head+name[:i]+string(mark), least, greatest); ok {
				return true
			}
		}
	}
	return false
}

// nextName is the name, in quotes, of the member that begins with rest; empty when it
// is not all there.
func nextName(rest string) string {
	if rest == "" || rest[0] != '{' && rest[0] != ',' {
		return ""
	}
	name, _ := cutString(rest[1:])
	return name
}

// passMember takes a member that a key has off those wanted. ok is false when no such
// key has them all.
func passMember(wanted []wantedMember, name, value string) (left []wantedMember, ok bool) {
	switch {
	case len(wanted) == 0:
		return wanted, true
	case name == wanted[0].name:
		return wanted[1:], value == wanted[0].value
	}
	return wanted, unquotedName(name) < wanted[0].Name
}

// within are the bounds of the texts between two others that begin with some text.
func within(begin, least, greatest string) (lo, hi string, ok bool) {
	lo, hi = max(begin, least), begin+"\xff" // above all that is UTF-8
	if greatest < hi {
		hi = greatest
	}
	return lo, hi, lo <= hi
}

func commonPrefix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// unquotedName is a name without quotes and escapes.
func unquotedName(quoted string) string {
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var name string
	if json.Unmarshal([]byte(quoted), &name) != nil {
		return quoted // not of our making: it sorts somewhere
	}
	return name
}

// EachKeyMember calls fn with the members of a canonical key, names and values in
// quotes and escaped as they stand, until it returns false. Text that is no such key
// has no members.
func EachKeyMember(key string, fn func(name, value string) bool) {
	for {
		name, value, end := cutMember(key)
		if end == 0 || !fn(name, value) {
			return
		}
		key = key[end:]
	}
}

// cutMember cuts a member, with the brace or comma before it, off the front of a key;
// end is its length, 0 when there is none that is complete.
func cutMember(key string) (name, value string, end int) {
	if len(key) < 2 || key[0] != '{' && key[0] != ',' {
		return "", "", 0
	}
	name, after := cutString(key[1:])
	if !strings.HasPrefix(after, ":") {
		return "", "", 0
	}
	value, rest := cutString(after[1:])
	if value == "" {
		return "", "", 0
	}
	return name, value, len(key) - len(rest)
}

// cutString cuts a JSON string off the front of s.
func cutString(s string) (quoted, rest string) {
	if !strings.HasPrefix(s, `"`) {
		return "", s
	}
	end := 1 + strings.IndexByte(s[1:], '"')
	if end > 0 && strings.IndexByte(s[:end], '\\') < 0 {
		return s[:end+1], s[end+1:]
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[:i+1], s[i+1:]
		}
	}
	return "", s
}
