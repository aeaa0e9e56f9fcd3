package queries

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/keytrail/keytrail/schema"
)

// verdict is what a row is to a question.
type verdict uint8

const (
	unrelated verdict = iota
	touched
	couldHave
)

// filter is a question made ready to judge rows.
type filter struct {
	Who
	arn     string // the table's ARN, when one was asked for
	suffix  string // end of the ARN of a table whose name has no partition of its own
	members []keyMember
	ops     map[string]bool
}

// keyMember is a condition in canonical text, as it stands in item_key.
type keyMember struct{ name, value string }

func newFilter(w Who) filter {
	f := filter{Who: w}
	if arn, ok := schema.ParseTableARN(w.Table); ok {
		f.arn, f.Table = arn.ARN, arn.Table
	}
	if f.Table != "" && f.Table != schema.NoTable && schema.PartitionTable(f.Table) == schema.NoTable {
		f.suffix = ":table/" + f.Table
	}
	for _, m := range w.Key {
		f.members = append(f.members, keyMember{canonical(m.Name), canonical(m.Value)})
	}
	if len(w.Ops) > 0 {
		f.ops = make(map[string]bool, len(w.Ops))
		for _, op := range w.Ops {
			f.ops[op] = true
		}
	}
	return f
}

func canonical(s string) string { return string(schema.AppendCanonicalString(nil, s)) }

// judge says what row i is to the question. The table is the partition's: only
// its ARN is looked at here.
func (f *filter) judge(v *view, i int) verdict {
	at := v.time(i)
	switch {
	case f.From != 0 && at < f.From, f.To != 0 && at >= f.To:
		return unrelated
	case f.ops != nil && !f.ops[v.text(colOp, i)]:
		return unrelated
	case f.arn != "" && v.text(colTableARN, i) != f.arn, !strings.HasSuffix(v.text(colTableARN, i), f.suffix):
		return unrelated
	case f.Actor != "" && !globMatch(f.Actor, v.text(colActor, i)) && !globMatch(f.Actor, v.text(colActorName, i)):
		return unrelated
	case !f.ofItem():
		return touched
	}
	if v.text(colScope, i) == schema.ScopeItem {
		if f.names(v, i) {
			return touched
		}
		return unrelated
	}
	if f.CouldHave && f.mayShow(v, i) {
		return couldHave
	}
	return unrelated
}

// names reports whether the item of row i is the one asked for.
func (f *filter) names(v *view, i int) bool {
	key := v.text(colItemKey, i)
	if key == "" {
		return false
	}
	for _, want := range f.members {
		if !hasMember(key, want) {
			return false
		}
	}
	for _, want := range f.Values {
		if !v.listHas(colKeyValues, i, want) {
			return false
		}
	}
	return true
}

// mayShow reports whether a call that named no item may have shown the one asked
// for: a successful read of its partition, of an index, or of the whole table or
// stream. A read whose record does not say which items it was for may have, too.
func (f *filter) mayShow(v *view, i int) bool {
	if v.text(colOutcome, i) != schema.OutcomeOK || !shows(v.text(colOp, i)) {
		return false
	}
	switch v.text(colScope, i) {
	case schema.ScopeIndex, schema.ScopeTable, schema.ScopeStream, schema.ScopeUnknown:
		return true
	case schema.ScopePartition:
		return f.inPartition(v, i)
	}
	return false
}

// shows reports whether calls of a class hand out or copy items.
func shows(op string) bool {
	switch op {
	case schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk, schema.OpReadStream, schema.OpCopy:
		return true
	}
	return false
}

// inPartition reports whether the partition that a call read can be the item's: a
// value asked for is in the call's key, and none of its members says otherwise.
func (f *filter) inPartition(v *view, i int) bool {
	asked := slices.Clone(f.Values)
	for _, m := range f.Key {
		asked = append(asked, m.Value)
	}
	named := 0
	for _, value := range asked {
		if v.listHas(colKeyValues, i, value) {
			named++
		}
	}
	if named == 0 {
		return false
	}
	if key, ok := requestKey(v.text(colRequest, i)); ok {
		return !f.contradicted(key)
	}
	// A statement: its values have no names here. It can be the item's when it
	// names no other value than those asked for, or all of them.
	return named == len(asked) || named >= v.listLen(colKeyValues, i)
}

// requestKey is the canonical key that request parameters name.
func requestKey(request string) (string, bool) {
	var members map[string]json.RawMessage
	if request == "" || json.Unmarshal([]byte(request), &members) != nil {
		return "", false
	}
	for _, name := range []string{"key", "Key"} {
		if key, _, ok := schema.ItemKey(members[name]); ok {
			return key, true
		}
	}
	return "", false
}

// contradicted reports whether a key has a member asked for, with another value.
func (f *filter) contradicted(key string) bool {
	other := false
	eachMember(key, func(name, value string) {
		for _, want := range f.members {
			other = other || want.name == name && want.value != value
		}
	})
	return other
}

// hasMember reports whether a canonical key has a member.
func hasMember(key string, want keyMember) bool {
	found := false
	eachMember(key, func(name, value string) {
		found = found || name == want.name && value == want.value
	})
	return found
}

// eachMember calls fn with the members of a canonical key, names and values in
// quotes and escaped as they stand. Text that is no such key has no members.
func eachMember(key string, fn func(name, value string)) {
	for rest := key; len(rest) > 1 && (rest[0] == '{' || rest[0] == ','); {
		name, after := cutString(rest[1:])
		if !strings.HasPrefix(after, ":") {
			return
		}
		value, end := cutString(after[1:])
		if value == "" {
			return
		}
		fn(name, value)
		rest = end
	}
}

// cutString cuts a JSON string off the front of s.
func cutString(s string) (quoted, rest string) {
	if !strings.HasPrefix(s, `"`) {
		return "", s
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

// globMatch matches a pattern of * and ? against text, ASCII letters in any case.
// It takes time in the product of their lengths at worst.
func globMatch(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && pattern[p] == '?':
			_, size := utf8.DecodeRuneInString(text[t:])
			p, t = p+1, t+size
		case p < len(pattern) && lower(pattern[p]) == lower(text[t]):
			p, t = p+1, t+1
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
