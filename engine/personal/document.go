package personal

import (
	"encoding/json"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// maxDepth is how deep documents are followed: as deep as records are decoded.
const maxDepth = 512

// keptOut stands where that something is there is kept, and not what.
const keptOut = "(not kept)"

// documents rewrites canonical JSON, which stays canonical: members keep their order, and
// white space there is none. What is not canonical becomes nothing.
type documents struct {
	tokens *hasher // nil: no tokens are made, and what would be one is left out
	ok     bool    // the call succeeded, so what it says was understood by DynamoDB
	text   []byte
	rules  *rules
	name   [64]byte // scratch
}

func (d *documents) begin(tokens *hasher, ok bool) { d.tokens, d.ok = tokens, ok }

// rewrite is a document by rules; empty when nothing of it is kept.
func (d *documents) rewrite(doc string, by *rules) string {
	d.text, d.rules = d.text[:0], by
	if valueEnd(doc, 0) != len(doc) {
		return ""
	}
	if _, kept := d.value(doc, 0, within); !kept {
		return ""
	}
	return string(d.text)
}

// value appends what is kept of the value at i, and returns where it ends. Where nothing
// is kept of it, nothing was appended. That it is JSON, and how deep, was seen before.
func (d *documents) value(s string, i int, act action) (end int, kept bool) {
	list, object := s[i] == '[', s[i] == '{'
	switch {
	case act == within && object, act == policy && object, act == token && object:
		return d.object(s, i, d.member)
	case act == within && list, act == policy && list, act == byTable && list:
		return d.array(s, i, within)
	case act == byTable && object:
		return d.object(s, i, d.tableMember)
	case act == names && list:
		return d.array(s, i, nameOnly)
	case act == token && list:
		return d.array(s, i, token)
	case act == keyed && list && d.tokens != nil:
		return d.array(s, i, keyed)
	case act == keyed && object && d.tokens != nil:
		return d.object(s, i, d.keyMember)
	case act == encryption && object:
		return d.object(s, i, d.contextMember)
	}
	end = valueEnd(s, i)
	raw := s[i:end]
	if act == within && raw[0] == '"' && d.rules.least && leads(raw) {
		act = policy // by whatever name it goes
	}
	if act == keep || !list && !object && d.rules.least && (act == within || act == policy && raw[0] != '"') {
		d.text = append(d.text, raw...)
		return end, true
	}
	return end, d.scalar(raw, act)
}

// object appends the members of the object at i that fn keeps. fn appends the value that
// begins at i and belongs to a name, in quotes, which has been appended.
func (d *documents) object(s string, i int, fn func(name, s string, i int) (int, bool)) (end int, kept bool) {
	d.text = append(d.text, '{')
	empty := true
	for i++; ; i++ {
		if s[i] == '}' {
			break // of an empty object: what is between braces was scanned
		}
		nameEnd := stringEnd(s, i)
		mark := len(d.text)
		if !empty {
			d.text = append(d.text, ',')
		}
		d.text = append(append(d.text, s[i:nameEnd]...), ':')
		end, kept := fn(s[i:nameEnd], s, nameEnd+1)
		if kept {
			empty = false
		} else {
			d.text = d.text[:mark]
		}
		if i = end; s[i] == '}' {
			break
		}
	}
	d.text = append(d.text, '}')
	return i + 1, true
}

// array appends what is kept of each element of the array at i.
func (d *documents) array(s string, i int, act action) (end int, kept bool) {
	d.text = append(d.text, '[')
	empty := true
	for i++; s[i] != ']'; {
		mark := len(d.text)
		if !empty {
			d.text = append(d.text, ',')
		}
		end, kept := d.value(s, i, act)
		if kept {
			empty = false
		} else {
			d.text = d.text[:mark]
		}
		if i = end; s[i] == ',' {
			i++
		}
	}
	d.text = append(d.text, ']')
	return i + 1, true
}

// member keeps a member by its name.
func (d *documents) member(name, s string, i int) (int, bool) {
	act, ok := d.rules.by[string(d.lower(name))]
	if !ok {
		act = d.rules.other
	}
	return d.value(s, i, act)
}

// lower is a name without quotes, in lower case. Long ones are no name of a rule.
func (d *documents) lower(quoted string) []byte {
	low := d.name[:0]
	for i := 1; i < len(quoted)-1 && len(low) < cap(low); i++ {
		c := quoted[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		low = append(low, c)
	}
	return low
}

// tableMember keeps what a call has for a table, if the name is one.
func (d *documents) tableMember(name, s string, i int) (int, bool) {
	if !isTable(name[1 : len(name)-1]) {
		return valueEnd(s, i), false
	}
	return d.value(s, i, within)
}

// keyMember puts a token in the place of a value of a key.
func (d *documents) keyMember(_, s string, i int) (int, bool) {
	end := valueEnd(s, i)
	d.token(keyText(s[i:end]))
	return end, true
}

// keyText is the text of a key's value, as [schema.ItemKey] takes it.
func keyText(raw string) string {
	if raw[0] == '"' {
		return unquote(raw)
	}
	if raw[0] == '{' {
		if _, values, ok := schema.ItemKey([]byte(`{"v":` + raw + `}`)); ok {
			return values[0]
		}
	}
	return raw
}

// contextMember keeps what a service put into an encryption context. AWS logs it for
// anybody to read; what somebody else put into it may be a value of an item.
func (d *documents) contextMember(name, s string, i int) (int, bool) {
	if strings.HasPrefix(name, `"aws:`) {
		return d.value(s, i, keep)
	}
	end := valueEnd(s, i)
	return end, s[i] == '"' && d.scalar(s[i:end], token)
}

// token appends what stands in the place of a value.
func (d *documents) token(value string) {
	d.text = append(append(append(d.text, '"'), d.tokens.token(value)...), '"')
}

// unquote is the text of a canonical JSON string.
func unquote(quoted string) string {
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var text string
	if json.Unmarshal([]byte(quoted), &text) != nil {
		return quoted // not of our making: a value like any other
	}
	return text
}
