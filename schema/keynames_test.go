package schema

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Whatever names say of keys is so: where they leave one key or none, no other key has
// what is asked for. They are the same however the keys come.
func TestKeyNames(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	var reached [3]int
	for range 20_000 {
		var keys []string
		var all []KeyMember
		for range 1 + r.IntN(4) {
			key, members := randomKey(r)
			keys, all = append(keys, key), append(all, members...)
		}
		names := namesOf(keys)
		r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		if got, want := joined(r, keys).Text(), names.Text(); got != want {
			t.Fatalf("%s and %s of the same keys", got, want)
		}
		read, ok := ParseKeyNames(names.Text())
		if !ok || !slices.Equal(read.lists, names.lists) {
			t.Fatalf("%s is read as %q", names.Text(), read.lists)
		}
		var decoded [][]string
		if err := json.Unmarshal([]byte(names.Text()), &decoded); err != nil || len(decoded) != len(names.lists) {
			t.Fatalf("%s: %v", names.Text(), err)
		}
		asked := randomMembers(r, all)
		if len(asked) == 0 {
			continue
		}
		members := NewKeyMembers(asked...)
		reach := members.Within(&read)
		reached[reach]++
		for _, key := range keys {
			if has(key, asked) && (reach == ReachNone || reach == ReachOne && key != members.Key()) {
				t.Fatalf("%q of %s: %d, but %s has them", asked, names.Text(), reach, key)
			}
		}
	}
	for reach, n := range reached {
		if n < 1000 {
			t.Errorf("%d was said %d times", reach, n)
		}
	}
}

func namesOf(keys []string) *KeyNames {
	k := new(KeyNames)
	for _, key := range keys {
		k.Add(key)
	}
	return k
}

// joined is of the keys in two parts, by way of one that is used again.
func joined(r *rand.Rand, keys []string) *KeyNames {
	all, part := new(KeyNames), new(KeyNames)
	at := r.IntN(len(keys) + 1)
	for _, some := range [][]string{keys[:at], keys[at:]} {
		part.Reset()
		for _, key := range some {
			part.Add(key)
		}
		all.AddAll(part)
	}
	return all
}

func TestKeyNamesWithin(t *testing.T) {
	const tables = `[["id"],["pk","sk"]]`
	for _, c := range []struct {
		names string
		asked []KeyMember
		want  Reach
	}{
		{tables, []KeyMember{{"id", "1"}}, ReachOne},
		{tables, []KeyMember{{"sk", "1"}, {"pk", "1"}}, ReachOne},
		{tables, []KeyMember{{"pk", "1"}}, ReachSome},
		{tables, []KeyMember{{"sk", "1"}}, ReachSome},
		{tables, []KeyMember{{"id", "1"}, {"pk", "1"}}, ReachNone},
		{tables, []KeyMember{{"i", "1"}}, ReachNone},
		{tables, []KeyMember{{"id", "1"}, {"id", "2"}}, ReachNone},
		{tables, nil, ReachSome},
		{`[["pk"],["pk","sk"]]`, []KeyMember{{"pk", "1"}}, ReachSome},
		{`[["pk,sk"]]`, []KeyMember{{"pk", "1"}, {"sk", "1"}}, ReachNone},
		{`[["a\"],[\"b"],["pk\\"]]`, []KeyMember{{`pk\`, "1"}}, ReachOne},
	} {
		names, ok := ParseKeyNames(c.names)
		if got := NewKeyMembers(c.asked...).Within(&names); !ok || got != c.want {
			t.Errorf("%q of %s: %d, want %d", c.asked, c.names, got, c.want)
		}
	}
}

// Of too many lists, of long ones, and of what is no key nothing is said.
func TestKeyNamesOfManyKinds(t *testing.T) {
	var nine, eight []string
	for i := range 9 {
		eight, nine = nine, append(nine, `{"`+strconv.Itoa(i)+`":"1"}`)
	}
	if names := namesOf(eight); names.Text() == "" {
		t.Error("nothing is said of eight lists")
	}
	for name, keys := range map[string][]string{
		"nine":    nine,
		"long":    {`{"` + strings.Repeat("x", maxKeyNamesBytes) + `":"1"}`},
		"no keys": {},
		"empty":   {""},
		"cut":     {`{"pk":"1"}`, `{"pk":"1"`},
		"number":  {`{"pk":1}`},
		"nested":  {`{"pk":"1","sk":{"a":"1"}}`},
		"no UTF8": {"{\"p\xff\":\"1\"}"},
	} {
		names, all := namesOf(keys), new(KeyNames)
		all.AddAll(names)
		if names.Text() != "" || all.Text() != "" {
			t.Errorf("%s: %s, %s", name, names.Text(), all.Text())
		}
	}
}

func FuzzParseKeyNames(f *testing.F) {
	for _, text := range []string{"", "[]", "[[]]", `[["id"],["pk","sk"]]`, `[["id"],[]]`, `[["id",]]`, `[["id"]`, `[["id"]]]`, `[["i\"d"]]`, `[[id]]`, `[["a"]["b"]]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		names, ok := ParseKeyNames(text)
		if !ok {
			return
		}
		if got := names.Text(); got != text {
			t.Errorf("%q is read as %q", text, got)
		}
		NewKeyMembers(KeyMember{"id", "1"}).Within(&names)
	})
}
