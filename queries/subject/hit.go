package subject

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// level is how near a touch's record comes to naming the item.
type level string

const (
	direct    level = "direct"    // the key is the request's
	contained level = "contained" // it is among the keys of a batch or transaction
	partition level = "partition" // its partition key is, the sort key is not said
)

// namer says which rows name the subject.
type namer struct {
	values map[string]bool   // that are asked for, in all forms
	key    map[string]string // members asked for by name, in canonical text
}

func newNamer(q *Question) *namer {
	n := &namer{values: map[string]bool{}, key: map[string]string{}}
	for _, form := range q.values() {
		for _, v := range form {
			n.values[v] = true
		}
	}
	for _, m := range q.Key {
		n.key[canonical(m.Name)] = canonical(m.Value)
	}
	return n
}

func canonical(s string) string { return string(schema.AppendCanonicalString(nil, s)) }

// level says how a row names the subject; ok is false when it does not.
func (n *namer) level(t *schema.Touch) (l level, ok bool) {
	switch t.KeyScope {
	case schema.ScopeItem:
		if !n.names(t) {
			return "", false
		}
		if t.TouchCount > 1 || ofMany(t.EventName) {
			return contained, true
		}
		return direct, true
	case schema.ScopePartition, schema.ScopeIndex:
		return partition, n.within(t.KeyValues)
	}
	return "", false
}

// names reports whether an item's key has what is asked for.
func (n *namer) names(t *schema.Touch) bool {
	if len(n.key) == 0 {
		return slices.ContainsFunc(t.KeyValues, n.isAsked)
	}
	found := 0
	schema.EachKeyMember(t.ItemKey, func(name, value string) bool {
		if want, asked := n.key[name]; asked && want == value {
			found++
		}
		return true
	})
	return found == len(n.key)
}

// within reports whether the values that a Query names are the subject's. Asked for by
// names, all of them have to be: a value alone does not say whose it is.
func (n *namer) within(values []string) bool {
	if len(n.key) == 0 {
		return slices.ContainsFunc(values, n.isAsked)
	}
	return len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return !n.isAsked(v) })
}

func (n *namer) isAsked(v string) bool { return n.values[v] }

// memberNames are the names under which a key has the value.
func (n *namer) memberNames(itemKey string) (names []string) {
	schema.EachKeyMember(itemKey, func(name, value string) bool {
		var text string
		if json.Unmarshal([]byte(value), &text) == nil && n.isAsked(text) {
			names = append(names, strings.Trim(name, `"`))
		}
		return true
	})
	return names
}

// ofMany reports whether calls of a name are on many items, even where one was given.
func ofMany(event string) bool {
	return strings.HasPrefix(event, "Batch") || strings.HasPrefix(event, "Transact") || event == "ExecuteTransaction"
}
