package decode

// memberOrder says after each member of a record which one came last. Records of
// one trail hardly differ in it, so most names are known before they are read.
type memberOrder [envCount + 1]uint8

// first stands in an order for the beginning of a record.
const first = envCount

// layout lays out the record at i, an object within depth arrays and objects, as
// scan and fill together would, and returns where it ends. Only the values of its
// members are put on the tape, not their names.
func (d *Decoder) layout(i, depth int) (int, error) {
	t := &d.tape
	data := t.data
	if depth++; depth > t.depthLimit {
		return i, tooDeep(t.depthLimit, i)
	}
	t.toks = append(t.toks, token{start: uint32(i), kind: kindObject})
	d.rec.t, d.rec.root, d.rec.known = t, 1, known{}
	clear(d.rec.env[:])
	if i = skipSpace(data, i+1); i < len(data) && data[i] == '}' {
		t.close(1, i+1)
		return i + 1, nil
	}
	var err error
	for before := first; ; {
		if i, before, err = d.member(i, depth, before); err != nil {
			return i, err
		}
		if i < len(data) && isSpace(data[i]) {
			i = skipSpace(data, i)
		}
		switch {
		case i < len(data) && data[i] == ',':
			if i++; i < len(data) && isSpace(data[i]) {
				i = skipSpace(data, i)
			}
		case i < len(data) && data[i] == '}':
			if len(t.toks)+t.spared > maxTokens {
				return i, tooLarge(i) // though what is known took no room
			}
			t.close(1, i+1)
			return i + 1, nil
		default:
			return i, unexpected(data, i)
		}
	}
}

// member takes the member at i, which follows another one, and returns where it
// ends and which one the next follows.
func (d *Decoder) member(i, depth, before int) (end, slot int, err error) {
	t := &d.tape
	slot = int(d.order[before])
	if name := envNames.quoted[slot]; hasPrefix(t.data, i, name) {
		end, err = d.valueOf(slot, i+len(name), depth)
		return end, slot, err
	}
	value := len(t.toks)
	if i, err = t.scanName(i, depth); err != nil {
		return i, before, err
	}
	slot, exact := envNames.find(t.str(value))
	t.toks = t.toks[:value]
	if exact {
		d.order[before] = uint8(slot)
		end, err = d.valueOf(slot, i, depth)
		return end, slot, err
	}
	if slot >= 0 && d.rec.env[slot]&1 == 0 {
		d.rec.env[slot] = place(value) << 1
	}
	end, err = t.value(i, depth)
	return end, before, err
}

// valueOf takes the value at i of a member whose name is spelled exactly.
func (d *Decoder) valueOf(slot, i, depth int) (end int, err error) {
	t, r := &d.tape, &d.rec
	value := len(t.toks)
	r.env[slot] = place(value)<<1 | 1
	switch slot {
	case envUserIdentity, envResources, envTLSDetails:
		if end = d.recall(slot, i, depth); end > i {
			r.env[slot] = 1 // exact, and nowhere on the tape
			return end, nil
		}
		if end, err = t.value(i, depth); err == nil {
			d.remember(slot, value, depth)
		}
		return end, err
	}
	return t.value(i, depth)
}

// value is scan with a short way for most strings, and room made before.
func (t *tape) value(i, depth int) (int, error) {
	if len(t.toks) >= t.limit {
		if t.toks, t.limit = t.widen(t.toks); len(t.toks) >= t.limit {
			return i, tooLarge(i)
		}
	}
	if i < len(t.data) && t.data[i] == '"' {
		if end := plainEnd(t.data, i+1); end < len(t.data) && t.data[end] == '"' {
			t.toks = append(t.toks, token{start: uint32(i + 1), end: uint32(end), next: uint32(len(t.toks) + 1), kind: kindString})
			return end + 1, nil
		}
	}
	return t.scan(i, depth)
}
