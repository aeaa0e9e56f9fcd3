package queries

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
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
	spelt   *spelt // how the values asked for stand in the lake; nil: as they are
	lives   lives  // of the items found so far; nil when nobody wants to know
	settled bool   // all touches were judged: from here on only other calls count
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
	if f.wantsLives() {
		f.lives = lives{}
	}
	return f
}

// wantsLives reports whether calls that named no item are wanted, too.
func (f *filter) wantsLives() bool { return f.CouldHave && f.ofItem() }

// ParseKey reads the members of a key written as JSON, the way item_key has it or an
// SDK: {"pk":"a","sk":1} and {"pk":{"S":"a"}}.
func ParseKey(text string) ([]Member, error) {
	key, _, ok := schema.ItemKey([]byte(text))
	if !ok {
		return nil, fmt.Errorf("%q is no key: write a JSON object such as {\"pk\":\"customer#1042\"}", text)
	}
	var members []Member
	eachMember(key, func(name, value string) { members = append(members, Member{unquote(name), unquote(value)}) })
	return members, nil
}

func canonical(s string) string { return string(schema.AppendCanonicalString(nil, s)) }

// judge says what row i is to the question. The table is the partition's: only
// its ARN is looked at here. Of a call that named no item it says no more than that
// it is none of a kind that was not asked for.
func (f *filter) judge(v *view, i int) verdict {
	if f.arn != "" && v.text(colTableARN, i) != f.arn || !strings.HasSuffix(v.text(colTableARN, i), f.suffix) {
		return unrelated
	}
	named := v.text(colScope, i) == schema.ScopeItem && f.names(v, i)
	if named && f.lives != nil && !f.settled {
		f.lives.note(v, i)
	}
	switch {
	case named && f.settled, !f.asksFor(v, i):
		return unrelated
	case named || !f.ofItem():
		return touched
	case f.lives != nil && v.text(colOutcome, i) == schema.OutcomeOK:
		return couldHave
	}
	return unrelated
}

// asksFor reports whether row i is of a time, a kind and an actor asked for.
func (f *filter) asksFor(v *view, i int) bool {
	at := v.time(i)
	switch {
	case f.From != 0 && at < f.From, f.To != 0 && at >= f.To:
		return false
	case len(f.Ops) > 0 && !slices.Contains(f.Ops, v.text(colOp, i)):
		return false
	case len(f.Outcomes) > 0 && !slices.Contains(f.Outcomes, v.text(colOutcome, i)):
		return false
	case len(f.Events) > 0 && !anyGlob(f.Events, v.text(colEvent, i)):
		return false
	case f.Actor != "" && !globMatch(f.Actor, v.text(colActor, i)) && !globMatch(f.Actor, v.text(colActorName, i)):
		return false
	}
	return true
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
	schema.EachKeyMember(key, func(name, value string) bool {
		fn(name, value)
		return true
	})
}

// globMatch matches a pattern of * and ? against text, letters in any case. It takes
// time in the product of their lengths at worst.
func globMatch(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		want, wide := utf8.DecodeRuneInString(pattern[p:])
		is, size := utf8.DecodeRuneInString(text[t:])
		switch {
		case want == '*':
			star, mark = p, t
			p++
		case wide > 0 && (want == '?' || sameLetter(want, is)):
			p, t = p+wide, t+size
		case star >= 0:
			_, size = utf8.DecodeRuneInString(text[mark:])
			mark += size
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

func anyGlob(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return globMatch(p, text) })
}

// sameLetter reports whether two characters are one, in any case.
func sameLetter(a, b rune) bool {
	for r := unicode.SimpleFold(a); a != b && r != a; r = unicode.SimpleFold(r) {
		if r == b {
			return true
		}
	}
	return a == b
}
