package decode

import "github.com/keytrail/keytrail/schema"

// itemKey reads a primary key: its canonical text, the same that schema.ItemKey
// gives, and its values' texts in the order of their names. The text is empty when
// the value is not an object or has no members.
func (d *Decoder) itemKey(node int) (string, span) {
	t := d.rec.t
	if !t.hasMembers(node) {
		return "", span{}
	}
	from := len(d.members)
	d.members = t.sorted(d.members, node)
	own := d.members[from:]
	first := len(d.texts)
	plain := 1 // length of the text when names and values are strings as they stand
	for _, m := range own {
		key, value := &t.toks[m.key], &t.toks[m.value()]
		d.texts = append(d.texts, d.keyText(m.value()))
		if value.kind == kindString && !key.escaped && !value.escaped {
			plain += int(key.end-key.start) + int(value.end-value.start) + len(`"":"",`)
		} else {
			plain = 1 << 40
		}
	}
	values := span{int32(first), int32(len(d.texts))}
	raw := t.raw(node)
	if plain == len(raw) && inOrder(own) {
		d.members = d.members[:from]
		return view(raw), values
	}
	b := append(d.arena.take(2*len(raw)+16), '{')
	for i, m := range own {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(t.appendText(b, int(m.key)), ':')
		b = schema.AppendCanonicalString(b, d.texts[first+i])
	}
	d.members = d.members[:from]
	return view(append(b, '}')), values
}

// inOrder reports whether the members stand in the record in the order they have here.
func inOrder(members []member) bool {
	for i := 1; i < len(members); i++ {
		if members[i].key < members[i-1].key {
			return false
		}
	}
	return true
}

// keyText is the text of one key value. CloudTrail logs a plain string; the API's
// typed form ({"S":"a"}) means the text in it.
func (d *Decoder) keyText(node int) string {
	t := d.rec.t
	if s, ok := d.typedText(node); ok {
		return s
	}
	if t.kind(node) == kindArray || t.kind(node) == kindObject {
		return d.canonical(node)
	}
	if t.kind(node) == kindNull {
		return "null"
	}
	return t.text(node)
}

// typedText is the text in {"S":"text"}, {"N":"1"} or {"B":"base64"}.
func (d *Decoder) typedText(node int) (string, bool) {
	t := d.rec.t
	if !t.hasMembers(node) {
		return "", false
	}
	from := len(d.members)
	d.members = t.sorted(d.members, node)
	own := d.members[from:]
	d.members = d.members[:from]
	m := own[0]
	if len(own) > 1 || !equalFold(m.name, "S") && !equalFold(m.name, "N") && !equalFold(m.name, "B") {
		return "", false
	}
	if k := t.kind(m.value()); k != kindString && k != kindNumber {
		return "", false
	}
	return t.text(m.value()), true
}
