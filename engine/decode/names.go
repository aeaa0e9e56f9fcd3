package decode

// dictionary numbers the member names that are read from one kind of object, so
// that one walk over its members finds them all.
type dictionary struct {
	names  []string
	quoted []string          // the names as members begin: "name":
	slots  [nameHashes]uint8 // by hash: the first name's slot + 1
	others []uint8           // by slot: the next name's of equal hash + 1
}

const nameHashes = 256

// nameHash is equal for names that differ in case alone.
func nameHash(name string) int {
	if name == "" {
		return 0
	}
	first, last := name[0]|0x20, name[len(name)-1]|0x20
	return (len(name)*19 + int(first)*7 + int(last)) % nameHashes
}

// newDictionary numbers names by their places in the list.
func newDictionary(names []string) *dictionary {
	d := &dictionary{names: names, others: make([]uint8, len(names))}
	for slot, name := range names {
		d.quoted = append(d.quoted, `"`+name+`":`)
		first := &d.slots[nameHash(name)]
		d.others[slot] = *first
		*first = uint8(slot + 1)
	}
	return d
}

// find returns the slot of a name, and whether it is spelled exactly so rather
// than in another case; -1 when it is not in the dictionary.
func (d *dictionary) find(name string) (slot int, exact bool) {
	for at := d.slots[nameHash(name)]; at != 0; at = d.others[at-1] {
		known := d.names[at-1]
		if known == name {
			return int(at - 1), true
		}
		if equalFold(known, name) {
			return int(at - 1), false
		}
	}
	return -1, false
}

// place is where a member's value is on the tape, doubled, plus one if the
// member's name was spelled exactly. 0 is absent.
type place uint32

func (p place) at() int { return int(p >> 1) }

// fill looks up all names of the dictionary in an object. The exact name goes
// before one that differs in case; among equals the last one counts. places
// must be as long as the dictionary.
func (t *tape) fill(object int, names *dictionary, places []place) {
	clear(places)
	if !t.isObject(object) {
		return
	}
	for i, end := object+1, t.next(object); i < end; i = t.next(i + 1) {
		slot, exact := names.find(t.str(i))
		switch {
		case slot < 0:
		case exact:
			places[slot] = place(i+1)<<1 | 1
		case places[slot]&1 == 0:
			places[slot] = place(i+1) << 1
		}
	}
}

// equalFold reports whether s and t are equal but for the case of ASCII letters.
func equalFold(s, t string) bool {
	if len(s) != len(t) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if lower(s[i]) != lower(t[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}
