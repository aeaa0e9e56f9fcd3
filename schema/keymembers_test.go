package schema

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"unicode/utf8"
)

// Names and values that escape, begin like others, or look like a key's own text.
var keyTexts = []string{"", "a", "b", "ab", "aa", "pk", "sk", `"`, `\`, `a"`, `a\`, "a\x00", "\n", "é", "😀", ",", "}", `":"`, `","b":"`, "\u007f", "~", "42"}

func randomKey(r *rand.Rand) (key string, members []KeyMember) {
	object := map[string]string{}
	for range 1 + r.IntN(3) {
		object[keyTexts[r.IntN(len(keyTexts))]] = keyTexts[r.IntN(len(keyTexts))]
	}
	for name, value := range object {
		members = append(members, KeyMember{name, value})
	}
	raw, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	key, _, _ = ItemKey(raw)
	return key, members
}

func randomMembers(r *rand.Rand, of []KeyMember) []KeyMember {
	var asked []KeyMember
	for range r.IntN(3) {
		asked = append(asked, of[r.IntN(len(of))])
	}
	if r.IntN(3) == 0 {
		asked = append(asked, KeyMember{keyTexts[r.IntN(len(keyTexts))], keyTexts[r.IntN(len(keyTexts))]})
	}
	return asked
}

// has is the slow, obvious way.
func has(key string, asked []KeyMember) bool {
	var object map[string]string
	if json.Unmarshal([]byte(key), &object) != nil {
		return false
	}
	for _, m := range asked {
		if v, ok := object[m.Name]; !ok || v != m.Value {
			return false
		}
	}
	return true
}

func TestKeyMembersIn(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	found := 0
	for range 50_000 {
		key, members := randomKey(r)
		asked := randomMembers(r, members)
		want := has(key, asked)
		if got := NewKeyMembers(asked...).In(key); got != want {
			t.Fatalf("%s has %q: %v, want %v", key, asked, got, want)
		}
		if want {
			found++
		}
	}
	if found < 10_000 {
		t.Errorf("only %d keys had what was asked for", found)
	}
}

// Whatever lies between two bounds, cut as statistics cut them, is not denied.
func TestKeyMembersMayLie(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	denied, absent := 0, 0
	for range 30_000 {
		var keys []string
		var all []KeyMember
		for range 1 + r.IntN(6) {
			key, members := randomKey(r)
			keys, all = append(keys, key), append(all, members...)
		}
		slices.Sort(keys)
		asked := randomMembers(r, all)
		members := NewKeyMembers(asked...)
		there := slices.ContainsFunc(keys, func(key string) bool { return has(key, asked) })
		least, greatest := cutBounds(r, keys[0], keys[len(keys)-1])
		switch may := members.MayLie(least, greatest); {
		case there && !may:
			t.Fatalf("%q denied between %q and %q, which hold %q", asked, least, greatest, keys)
		case !there:
			absent++
			if !may {
				denied++
			}
		}
	}
	if denied < absent/20 {
		t.Errorf("only %d of %d absent keys were denied", denied, absent)
	}
}

// cutBounds makes the least text less and the greatest greater, now and then.
func cutBounds(r *rand.Rand, least, greatest string) (lo, hi string) {
	lo, hi = least, greatest
	if r.IntN(2) == 0 {
		for lo = lo[:r.IntN(len(lo)+1)]; !utf8.ValidString(lo); {
			lo = lo[:len(lo)-1]
		}
	}
	if r.IntN(2) == 0 {
		if n := r.IntN(len(hi)); hi[n] < utf8.RuneSelf-1 {
			hi = hi[:n] + string(rune(hi[n]+1))
		}
	}
	return lo, hi
}

// Of sorted keys with the same names, only the pages that have the member are left,
// but for one on either side.
func TestKeyMembersNarrow(t *testing.T) {
	for _, c := range []struct {
		least, greatest string
		asked           []KeyMember
		want            bool
	}{
		{`{"pk":"a","sk":"1"}`, `{"pk":"c","sk":"1"}`, []KeyMember{{"pk", "b"}}, true},
		{`{"pk":"a","sk":"1"}`, `{"pk":"c","sk":"1"}`, []KeyMember{{"pk", "d"}}, false},
		{`{"pk":"a","sk":"1"}`, `{"pk":"c","sk":"1"}`, []KeyMember{{"pk", "A"}}, false},
		{`{"pk":"a","sk":"1"}`, `{"pk":"c","sk":"1"}`, []KeyMember{{"sk", "2"}}, true},
		{`{"pk":"b","sk":"1"}`, `{"pk":"b","sk":"5"}`, []KeyMember{{"pk", "b"}, {"sk", "3"}}, true},
		{`{"pk":"b","sk":"1"}`, `{"pk":"b","sk":"5"}`, []KeyMember{{"pk", "b"}, {"sk", "7"}}, false},
		{`{"pk":"b","sk":"1"}`, `{"pk":"b","sk":"5"}`, []KeyMember{{"sk", "7"}}, false},
		{`{"pk":"b","sk":"1"}`, `{"pk":"b","sk":"5"}`, []KeyMember{{"zk", "7"}}, true},
		{`{"pk":"b","sk":"3`, `{"pk":"b","sk":"4`, []KeyMember{{"aa", "7"}}, false},
		{`{"pk":"b"}`, `{"pk":"b"}`, []KeyMember{{"sk", "7"}}, false},
		{`{"pk":"b"}`, `{"pk":"b"}`, []KeyMember{{"pk", "b"}}, true},
		{`{"pk":"b"}`, `{"pk":"b"}`, []KeyMember{{"pk", "b"}, {"pk", "c"}}, false},
		{`{"id":"b"}`, `{"pk":"b"}`, []KeyMember{{"id", "a"}}, false},
		{`{"id":"b"}`, `{"pk":"b"}`, []KeyMember{{"id", "c"}}, true},
		{`{"aa":"b"}`, `{"pk":"b"}`, []KeyMember{{"id", "a"}}, true},  // behind a name in between
		{`{"ID":"b"}`, `{"pk":"b"}`, []KeyMember{{"ID", "a"}}, true},  // behind one with an escape
		{`{"ID":"b"}`, `{"IX":"b"}`, []KeyMember{{"ID", "a"}}, false}, // where none can be
		{`{"a!":"b"}`, `{"a#":"b"}`, []KeyMember{{"a!", "a"}}, true},  // behind a
		{`{"pk":"b"}`, `{"pk":"b","sk":"1"}`, []KeyMember{{"sk", "2"}}, false},
		{``, `~`, []KeyMember{{"pk", "x"}}, true},
	} {
		if got := NewKeyMembers(c.asked...).MayLie(c.least, c.greatest); got != c.want {
			t.Errorf("%q between %s and %s: %v", c.asked, c.least, c.greatest, got)
		}
	}
}
