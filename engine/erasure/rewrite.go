package erasure

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// Rewrites makes ingests into a lake keep forgotten who was forgotten.
func Rewrites(l *lake.Lake) engine.Rewrites {
	return func(ctx context.Context) (engine.RewriterMaker, error) {
		all, err := loadList(ctx, l)
		if err != nil || len(all.Entries) == 0 {
			return nil, err
		}
		return func() engine.Rewriter { return newRewriter(all) }, nil
	}
}

// rewriter applies a list to rows. Not for concurrent use.
type rewriter struct {
	entries []compiled
	search  *searcher
	found   []found
	spans   []span

	named, removed, scrubbed int64 // rows so far
}

// compiled is an entry ready to judge rows.
type compiled struct {
	*entry
	subjects []compiledSubject
}

type compiledSubject struct {
	*subject
	tableName string
	values    []int // numbers of the values
	wholes    []int // numbers of the values as they stand by themselves
}

// found is a marked text that stands in one of a row's texts.
type found struct {
	span
	in    int  // which text
	whole bool // it is all of the text
}

// Numbers of a row's texts: of those in texts, and of key values behind them.
const (
	inItemKey = iota
	inStatement
	inMessage
	inRequest
	inResponse
	inAdditional
	inResources
	inValues
)

func newRewriter(all *list) *rewriter {
	r := &rewriter{search: newSearcher(all.Salt)}
	n := 0
	for i := range all.Entries {
		c := compiled{entry: &all.Entries[i]}
		for j := range c.Subjects {
			s := compiledSubject{subject: &c.Subjects[j]}
			s.tableName = s.Table
			if arn, ok := schema.ParseTableARN(s.Table); ok {
				s.tableName = arn.Table
			}
			for _, spelled := range s.Values {
				s.values, s.wholes = append(s.values, n+1), append(s.wholes, n)
				for k, m := range spelled {
					r.search.add(m, n+1)
					if k == 0 {
						r.search.add(m, n)
					}
				}
				n += 2
			}
			c.subjects = append(c.subjects, s)
		}
		r.entries = append(r.entries, c)
	}
	return r
}

// texts are where a row may hold a key, by their numbers.
func texts(t *schema.Touch) [inValues]*string {
	return [inValues]*string{
		&t.ItemKey, &t.Statement, &t.ErrorMessage, &t.RequestParameters, &t.ResponseElements, &t.AdditionalEventData, &t.Resources,
	}
}

// Rewrite takes out of a row what is to be forgotten. It is false for a row to be dropped.
func (r *rewriter) Rewrite(t *schema.Touch) (keep bool) {
	r.look(t)
	if len(r.found) == 0 {
		return true
	}
	before := *t
	named, holds := false, [inValues]bool{}
	for i := range r.entries {
		c := &r.entries[i]
		for j := range c.subjects {
			s := &c.subjects[j]
			is := s.named(r, &before) || c.Part && s.within(&before) && s.partOf(r)
			if is && c.Remove {
				r.removed++
				return false
			}
			named = named || is
			s.held(r, &before, &holds)
		}
	}
	if named {
		t.ItemKey, t.KeyValues = "", nil
		t.Statement, t.ErrorMessage, t.RequestParameters, t.ResponseElements = "", "", "", ""
	}
	for i, text := range texts(t) {
		if i != inItemKey && holds[i] {
			*text = ""
		}
	}
	switch {
	case named:
		r.named++
	case slices.Contains(holds[inItemKey+1:], true):
		r.scrubbed++
	}
	return true
}

// Quarantined takes the text of a record that holds what is to be forgotten out of it.
func (r *rewriter) Quarantined(reason, raw string) (string, string) {
	if r.holds(raw) {
		raw = ""
	}
	return r.scrub(reason), raw
}

// holds reports whether a text that belongs to no table holds a subject.
func (r *rewriter) holds(text string) bool {
	t := schema.Touch{RequestParameters: text}
	r.look(&t)
	holds := [inValues]bool{}
	for i := range r.entries {
		for j := range r.entries[i].subjects {
			r.entries[i].subjects[j].held(r, &t, &holds)
		}
	}
	return holds[inRequest]
}

// Erased stands where a value stood in a sentence.
const Erased = "(erased)"

// leastInSentence is how long a value is at least that is looked for in sentences: a shorter
// one is mistaken for the numbers and words that they have.
const leastInSentence = 4

// scrub puts [Erased] in the place of all that is to be forgotten in a sentence, for
// whichever table it was.
func (r *rewriter) scrub(text string) string {
	r.spans = r.search.within(text, r.spans[:0])
	r.spans = slices.DeleteFunc(r.spans, func(s span) bool { return s.to-s.from < leastInSentence })
	if len(r.spans) == 0 {
		return text
	}
	slices.SortFunc(r.spans, func(a, b span) int { return a.from - b.from })
	var b strings.Builder
	at := 0
	for _, s := range r.spans {
		if s.from >= at {
			b.WriteString(text[at:s.from])
			b.WriteString(Erased)
		}
		at = max(at, s.to)
	}
	b.WriteString(text[at:])
	return b.String()
}

// anyOf reports whether all values of a subject, of the row's table, stand in some of its
// texts. Values so short that they are mistaken for others do not count.
func (r *rewriter) anyOf(t *schema.Touch, texts ...string) bool {
	r.found = r.found[:0]
	for i, text := range texts {
		r.lookIn(text, i)
	}
	r.found = slices.DeleteFunc(r.found, func(f found) bool { return f.to-f.from < leastInSentence })
	if len(r.found) == 0 {
		return false
	}
	for i := range r.entries {
		for j := range r.entries[i].subjects {
			s := &r.entries[i].subjects[j]
			if s.within(t) && s.every(s.values, func(number int) bool {
				return slices.ContainsFunc(r.found, func(f found) bool { return f.number == number })
			}) {
				return true
			}
		}
	}
	return false
}

// look finds the marked texts in a row.
func (r *rewriter) look(t *schema.Touch) {
	r.found = r.found[:0]
	for i, text := range texts(t) {
		r.lookIn(*text, i)
	}
	for i, value := range t.KeyValues {
		r.lookIn(value, inValues+i)
	}
}

func (r *rewriter) lookIn(text string, in int) {
	r.spans = r.search.within(text, r.spans[:0])
	for _, s := range r.spans {
		r.found = append(r.found, found{s, in, s.from == 0 && s.to == len(text)})
	}
}

// within reports whether a row is of the subject's table.
func (s *compiledSubject) within(t *schema.Touch) bool {
	switch {
	case s.Table == "":
		return true
	case s.Table != s.tableName:
		return t.TableARN == s.Table
	}
	return t.TableName == s.Table || t.TableName == "" && strings.HasSuffix(t.TableARN, ":table/"+s.Table)
}

// named reports whether a row names the subject: its item is one, or its key
// has the values that were asked for.
func (s *compiledSubject) named(r *rewriter, t *schema.Touch) bool {
	if !s.within(t) {
		return false
	}
	if len(s.Names) > 0 && t.ItemKey != "" {
		return s.inKey(r, t.ItemKey)
	}
	return s.every(s.wholes, func(number int) bool {
		return slices.ContainsFunc(r.found, func(f found) bool { return f.number == number && f.in >= inValues && f.whole })
	})
}

// inKey reports whether an item's key has the members that were asked for.
func (s *compiledSubject) inKey(r *rewriter, key string) bool {
	if !slices.ContainsFunc(r.found, func(f found) bool { return f.in == inItemKey }) {
		return false
	}
	var members map[string]string
	if json.Unmarshal([]byte(key), &members) != nil {
		return false
	}
	for i, name := range s.Names {
		value, ok := members[name]
		if m := s.Values[i][0]; !ok || len(value) != m.Length || r.search.hmac(value) != m.HMAC {
			return false
		}
	}
	return true
}

// partOf reports whether all values are a part of the row's key.
func (s *compiledSubject) partOf(r *rewriter) bool {
	return s.every(s.values, func(number int) bool {
		return slices.ContainsFunc(r.found, func(f found) bool { return f.number == number && (f.in == inItemKey || f.in >= inValues) })
	})
}

// held says which of a row's texts hold the subject: all values that were asked for. A
// subject of one table is held by texts of its rows, and by those that name the table.
func (s *compiledSubject) held(r *rewriter, t *schema.Touch, holds *[inValues]bool) {
	if !s.within(t) && !slices.ContainsFunc([]string{t.RequestParameters, t.Statement, t.Resources}, func(text string) bool {
		return strings.Contains(text, s.tableName)
	}) {
		return
	}
	for in := range inValues {
		holds[in] = holds[in] || s.every(s.values, func(number int) bool {
			return slices.ContainsFunc(r.found, func(f found) bool { return f.number == number && f.in == in })
		})
	}
}

func (s *compiledSubject) every(numbers []int, is func(number int) bool) bool {
	return !slices.ContainsFunc(numbers, func(number int) bool { return !is(number) })
}
