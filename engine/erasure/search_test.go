package erasure

import (
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// found are the spans of one text in another, the slow way.
func slowly(text, value string) (found []span) {
	for from := 0; from+len(value) <= len(text); from++ {
		if strings.HasPrefix(text[from:], value) && delimited(text, from, from+len(value)) {
			found = append(found, span{0, from, from + len(value)})
		}
	}
	return found
}

func FuzzSearch(f *testing.F) {
	f.Add(`{"pk":"customer#1042","sk":"10421"}`, "1042")
	f.Add("aaaaaaaa a", "aa")
	f.Add("x\xff\x00\x00", "\x00")
	f.Fuzz(func(t *testing.T, text, value string) {
		if value == "" {
			return
		}
		s := newSearcher([]byte("salt"))
		s.add(s.mark(value), 0)
		s.add(s.mark(value+"x"), 1)
		got := slices.DeleteFunc(s.within(text, nil), func(f span) bool { return f.number != 0 })
		if want := slowly(text, value); !slices.Equal(got, want) {
			t.Errorf("%q in %q: %v, not %v", value, text, got, want)
		}
	})
}

func TestDelimited(t *testing.T) {
	for text, want := range map[string]int{
		"1042": 1, `"1042"`: 1, "customer#1042": 1, "10421": 0, "x1042": 0, "1042é": 0, `a\n1042`: 1, `\u000a1042`: 1, "1042 1042": 2, "-1042.5": 1,
	} {
		s := newSearcher([]byte("salt"))
		s.add(s.mark("1042"), 0)
		if got := s.within(text, nil); len(got) != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestSpellings(t *testing.T) {
	got := spellings(awkward)
	for _, want := range []string{awkward, `zoë o'neil/\"7\"`, `zoë o'neil/\\\"7\\\"`, `zoë o''neil/\"7\"`, `zo\u00eb o'neil/\"7\"`, `zoë o'neil\/\"7\"`} {
		if !slices.Contains(got, want) {
			t.Errorf("%q lacks %s", got, want)
		}
	}
	if got := spellings("customer#1042"); len(got) != 2 {
		t.Errorf("%q", got)
	}
}

// A document within a document was written by somebody else's writer, or is escaped as a
// part of a URL.
func TestFoundInDocuments(t *testing.T) {
	const value = `zoë@<7> o'neil`
	search := newSearcher([]byte("salt"))
	for _, s := range spellings(value) {
		search.add(search.mark(s), 0)
	}
	for _, inner := range []string{
		`{"LeadingKeys":["zoë@<7> o'neil"]}`, `{"LeadingKeys":["zo\u00eb@<7> o'neil"]}`, `{"LeadingKeys":["zo\u00EB@\u003c7\u003e o'neil"]}`,
		`{"LeadingKeys":["zoë@\u003c7\u003e o'neil"]}`, `%7B%22LeadingKeys%22%3A%5B%22zo%C3%AB%40%3C7%3E%20o%27neil%22%5D%7D`, `key=zo%C3%AB%40%3C7%3E+o%27neil`,
	} {
		doc := inner
		for depth := range 3 {
			if got := search.within(doc, nil); len(got) == 0 {
				t.Errorf("not found at depth %d in %s", depth, doc)
			}
			doc = `{"policy":` + string(schema.AppendCanonicalString(nil, doc)) + `}`
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	text := strings.Repeat(`{"tableName":"people","key":{"pk":"customer#77123","sk":"order#2026-01#AB12CD34"}}`, 100)
	s := newSearcher([]byte("salt"))
	s.add(s.mark("customer#1042"), 0)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if len(s.within(text, nil)) > 0 {
			b.Fatal("found")
		}
	}
}
