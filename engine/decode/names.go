package decode

// dictionary numbers the member names that are read from one kind of object, so
// that one walk over its members finds them all.
type dictionary struct {
	byLen [][]entry
}

type entry struct {
	name string
	slot uint8
}

// newDictionary numbers names by their places in the list.
func newDictionary(names []string) *dictionary {
	d := &dictionary{}
	for slot, name := range names {
		for len(d.byLen) <= len(name) {
			d.byLen = append(d.byLen, nil)
		}
		d.byLen[len(name)] = append(d.byLen[len(name)], entry{name, uint8(slot)})
	}
	return d
}

// find returns the slot of a name, and whether it is spelled exactly so rather
// than in another case; -1 when it is not in the dictionary.
func (d *dictionary) find(name string) (slot int, exact bool) {
	if len(name) >= len(d.byLen) {
		return -1, false
	}
	entries := d.byLen[len(name)]
	for i := range entries {
		if entries[i].name == name {
			return int(entries[i].slot), true
		}
	}
	for i := range entries {
		if equalFold(entries[i].name, name) {
			return int(entries[i].slot), false
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
