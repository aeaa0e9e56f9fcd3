package decode

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// member is a member of an object: its name and the token of it.
type member struct {
	name string
	key  int32
}

func (m member) value() int { return int(m.key) + 1 }

// sorted appends the object's members in the byte order of their names; of
// several with one name only the last.
func (t *tape) sorted(members []member, object int) []member {
	from := len(members)
	ordered := true
	for i, end := object+1, t.next(object); i < end; i = t.next(i + 1) {
		name := t.str(i)
		if n := len(members); n > from && name <= members[n-1].name {
			ordered = false
		}
		members = append(members, member{name, int32(i)})
	}
	if ordered {
		return members
	}
	own := members[from:]
	if len(own) <= 16 {
		for i := 1; i < len(own); i++ {
			m, j := own[i], i
			for j > 0 && own[j-1].name > m.name {
				own[j] = own[j-1]
				j--
			}
			own[j] = m
		}
	} else {
		slices.SortStableFunc(own, func(a, b member) int { return strings.Compare(a.name, b.name) })
	}
	kept := from
	for i := range own {
		if i+1 < len(own) && own[i+1].name == own[i].name {
			continue
		}
		members[kept] = own[i]
		kept++
	}
	return members[:kept]
}

// frame is an array or object being written. An object's members from at to end
// of the decoder's members are still to come; an array's elements likewise, of
// the tape.
type frame struct {
	from, at, end int32
	object        bool
}

// canonical is the value's canonical text, the same that schema.CanonicalJSON
// gives; empty for null.
func (d *Decoder) canonical(node int) string { return d.canonicalOf(d.rec.t, node) }

// canonicalOf is canonical for a value on any tape.
func (d *Decoder) canonicalOf(t *tape, node int) string {
	if t.kind(node) == kindNull {
		return ""
	}
	// Nothing gets longer: names and values are copied or lose escapes.
	b := d.arena.take(len(t.raw(node)))
	return view(d.appendCanonical(t, b, node))
}

// appendCanonical appends a value's canonical text, without recursion.
func (d *Decoder) appendCanonical(t *tape, b []byte, node int) []byte {
	base := len(d.frames)
	b = d.openValue(t, b, node)
	for len(d.frames) > base {
		f := &d.frames[len(d.frames)-1]
		if f.at == f.end {
			c := byte(']')
			if f.object {
				c = '}'
				d.members = d.members[:f.from]
			}
			b = append(b, c)
			d.frames = d.frames[:len(d.frames)-1]
			continue
		}
		if f.at > f.from {
			b = append(b, ',')
		}
		value := int(f.at)
		if f.object {
			m := d.members[f.at]
			f.at++
			value = m.value()
			key, scalar := &t.toks[m.key], &t.toks[value]
			if scalar.start == key.end+3 && scalar.kind == kindString && !key.escaped && !scalar.escaped {
				b = append(b, t.src[key.start-1:scalar.end+1]...) // "name":"value" as it stands
				continue
			}
			b = t.appendText(b, int(m.key))
			b = append(b, ':')
		} else {
			f.at = int32(t.next(value))
		}
		b = d.openValue(t, b, value)
	}
	return b
}

// openValue appends a scalar, or opens an array or object.
func (d *Decoder) openValue(t *tape, b []byte, node int) []byte {
	switch tok := &t.toks[node]; tok.kind {
	case kindString:
		return t.appendText(b, node)
	case kindArray:
		d.frames = append(d.frames, frame{from: int32(node + 1), at: int32(node + 1), end: int32(tok.next)})
		return append(b, '[')
	case kindObject:
		from := int32(len(d.members))
		d.members = t.sorted(d.members, node)
		if d.dropSecrets {
			d.members = withoutSecrets(d.members, from)
		}
		d.frames = append(d.frames, frame{from: from, at: from, end: int32(len(d.members)), object: true})
		return append(b, '{')
	default:
		return append(b, t.src[tok.start:tok.end]...)
	}
}

// appendText appends a string token as a JSON string.
func (t *tape) appendText(b []byte, node int) []byte {
	tok := &t.toks[node]
	if !tok.escaped {
		return append(b, t.src[tok.start-1:tok.end+1]...)
	}
	return schema.AppendCanonicalString(b, t.str(node))
}
