package decode_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// node is one JSON value of the reference decoder: a tree that keeps members in
// document order. A nil node stands for a missing value; every method accepts it.
type node struct {
	kind    kind
	text    string // of a string, decoded; of a number, true or false, as it stood
	raw     []byte
	members []member // every one, duplicates included
	elems   []*node
}

type member struct {
	name  string
	value *node
}

type kind int

const (
	kindNull kind = iota
	kindText
	kindNumber
	kindBool
	kindObject
	kindArray
)

// parseNode builds the tree of one valid JSON value.
func parseNode(raw []byte) *node {
	n := &node{raw: raw}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	token, err := dec.Token()
	if err != nil {
		panic(fmt.Sprintf("reference: %v in %q, which was valid a moment ago", err, raw))
	}
	switch token := token.(type) {
	case string:
		n.kind, n.text = kindText, token
	case json.Number:
		n.kind, n.text = kindNumber, token.String()
	case bool:
		n.kind, n.text = kindBool, fmt.Sprint(token)
	case json.Delim:
		n.kind = kindObject
		if token == '[' {
			n.kind = kindArray
		}
		for dec.More() {
			var name string
			if n.kind == kindObject {
				token, err := dec.Token()
				if err != nil {
					panic(fmt.Sprintf("reference: %v in %q", err, raw))
				}
				name = token.(string)
			}
			var value json.RawMessage
			if err := dec.Decode(&value); err != nil {
				panic(fmt.Sprintf("reference: %v in %q", err, raw))
			}
			child := parseNode(value)
			if n.kind == kindObject {
				n.members = append(n.members, member{name, child})
			} else {
				n.elems = append(n.elems, child)
			}
		}
	}
	return n
}

// get finds a member: the last with exactly this name, else the last whose name
// differs only in the case of ASCII letters.
func (n *node) get(path ...string) *node {
	for _, name := range path {
		n = n.member(name)
	}
	return n
}

func (n *node) member(name string) *node {
	if exact := n.exactly(name); exact != nil {
		return exact
	}
	if n != nil {
		for _, m := range slices.Backward(n.members) {
			if lower(m.name) == lower(name) {
				return m.value
			}
		}
	}
	return nil
}

func (n *node) exactly(name string) *node {
	if n != nil {
		for _, m := range slices.Backward(n.members) {
			if m.name == name {
				return m.value
			}
		}
	}
	return nil
}

// names are the names of an object's members, sorted, each once.
func (n *node) names() []string {
	if n == nil {
		return nil
	}
	var names []string
	for _, m := range n.members {
		names = append(names, m.name)
	}
	return sortedUnique(names)
}

// str is the value where text is expected: null, objects and arrays are no text.
func (n *node) str() string {
	if n == nil {
		return ""
	}
	return n.text
}

func (n *node) is(k kind) bool { return n != nil && n.kind == k }

// present is false for null too.
func (n *node) present() bool { return n != nil && n.kind != kindNull }

func (n *node) list() []*node {
	if n == nil {
		return nil
	}
	return n.elems
}

func (n *node) tri() schema.Tri {
	if n.is(kindBool) || n.is(kindText) {
		switch lower(n.text) {
		case "true":
			return schema.True
		case "false":
			return schema.False
		}
	}
	return schema.Null
}

// canonical is the value's canonical text, empty for null.
func (n *node) canonical() string {
	if !n.present() {
		return ""
	}
	text, err := schema.CanonicalJSON(n.raw)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// withoutSecrets is the canonical text less all members that are credentials.
func (n *node) withoutSecrets() string {
	switch {
	case n.is(kindObject):
		var members []string
		for _, name := range n.names() {
			if !refSecret.MatchString(lower(name)) {
				members = append(members, string(schema.AppendCanonicalString(nil, name))+":"+n.exactly(name).inside())
			}
		}
		return "{" + strings.Join(members, ",") + "}"
	case n.is(kindArray):
		var elems []string
		for _, e := range n.elems {
			elems = append(elems, e.inside())
		}
		return "[" + strings.Join(elems, ",") + "]"
	}
	return n.canonical()
}

// inside is withoutSecrets of a value in another one, where null is written.
func (n *node) inside() string {
	if !n.present() {
		return "null"
	}
	return n.withoutSecrets()
}

// In any case of ASCII letters.
var refSecret = regexp.MustCompile(`^(sessiontoken|secretaccesskey|webidentitytoken|samlassertion|tokencode|signintoken|accesstoken)$`)

// strings calls fn for every string value in the tree that would survive in a map:
// of several members with one name, the last.
func (n *node) strings(fn func(string)) {
	switch {
	case n.is(kindText):
		fn(n.text)
	case n.is(kindArray):
		for _, e := range n.elems {
			e.strings(fn)
		}
	case n.is(kindObject):
		for _, name := range n.names() {
			n.exactly(name).strings(fn)
		}
	}
}

// lower folds ASCII letters only: the Kelvin sign is no k.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, s)
}

func sortedUnique(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}
