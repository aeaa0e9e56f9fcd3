package queries

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/personal"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// spelt is how the values asked for stand in a lake that has tokens in their place.
type spelt struct {
	asked []string // in the order of the spellings' values
	ways  []personal.Spelling
	plain map[string]string // the value asked for, by its token
	keys  *strings.Replacer // the same in canonical JSON
}

// spell finds out how the values asked for stand in the lake.
func (f *filter) spell() error {
	if f.Keyring == nil || !f.ofItem() {
		return nil
	}
	from, to := "", ""
	if f.From != 0 && !f.wantsLives() {
		from = schema.DayString(schema.DayOf(f.From))
	}
	if f.To != 0 && !f.wantsLives() {
		to = schema.DayString(schema.DayOf(f.To - 1))
	}
	table := f.arn
	if table == "" {
		table = f.Table
	}
	s := &spelt{asked: f.asked(), plain: map[string]string{}}
	var err error
	if s.ways, err = f.Keyring.Spellings(table, from, to, s.asked); err != nil {
		return err
	}
	var pairs []string
	for _, way := range s.ways {
		for i, token := range way.Values {
			if way.Epoch > 0 {
				s.plain[token] = s.asked[i]
				pairs = append(pairs, canonical(token), canonical(s.asked[i]))
			}
		}
	}
	s.keys = strings.NewReplacer(pairs...)
	f.spelt = s
	return nil
}

// ofKey asks for the rows of a query whose item has the key: once for each way in which
// its values stand in the lake. Calls that may have shown the item have no key to be asked
// for.
func (f *filter) ofKey(q reader.Query) []reader.Query {
	if f.spelt == nil {
		return []reader.Query{f.inWay(q, &personal.Spelling{Values: f.asked()})}
	}
	var all []reader.Query
	for i := range f.spelt.ways {
		all = append(all, f.inWay(q, &f.spelt.ways[i]))
	}
	return all
}

// inAnyWay asks for them all at once, so that days come one after another; rows may be
// others', and have to be judged.
func (f *filter) inAnyWay(q reader.Query) reader.Query {
	if f.spelt == nil || len(f.spelt.ways) == 1 {
		return f.ofKey(q)[0]
	}
	for i := range f.spelt.asked {
		var values []string
		for _, way := range f.spelt.ways {
			values = append(values, way.Values[i])
		}
		q.Where = append(q.Where, reader.Condition{Column: colKeyValues, AnyOf: values})
	}
	return q
}

func (f *filter) inWay(q reader.Query, way *personal.Spelling) reader.Query {
	q.Where = slices.Clone(q.Where)
	values := way.Values[:len(f.Values)]
	for _, value := range values {
		q.Where = append(q.Where, reader.KeyValue(value))
	}
	for i, m := range f.Key {
		q.Key = append(q.Key, schema.KeyMember{Name: m.Name, Value: way.Values[len(values)+i]})
	}
	q.FromDay = max(q.FromDay, way.FromDay)
	if q.ToDay == "" || way.ToDay != "" && way.ToDay < q.ToDay {
		q.ToDay = way.ToDay
	}
	return q
}

// anyWay are the values asked for in all the ways they stand in the lake.
func (f *filter) anyWay() []string {
	if f.spelt == nil {
		return f.asked()
	}
	var values []string
	for _, way := range f.spelt.ways {
		values = append(values, way.Values...)
	}
	return values
}

// text is a column's text with the values asked for in the place of their tokens, so that
// rows are judged as those of any other lake.
func (s *spelt) text(col int, text string) string {
	if col != colItemKey && col != colRequest {
		return text
	}
	return s.keys.Replace(text)
}

// is reports whether a value of a key is one asked for.
func (s *spelt) is(value, want string) bool {
	plain, ok := s.plain[value]
	return ok && plain == want
}

// Token is a value that was asked for, and what stands in its place on some days.
type Token struct{ Value, Token, FromDay, ToDay string }

// Tokens are those that the answer's rows have for what was asked; none in a lake that
// has the values themselves.
func (a *Answer) Tokens() []Token { return a.tokens }

func (s *spelt) tokens() (all []Token) {
	if s == nil {
		return nil
	}
	for _, way := range s.ways {
		for i, token := range way.Values {
			if way.Epoch > 0 {
				all = append(all, Token{s.asked[i], token, way.FromDay, way.ToDay})
			}
		}
	}
	return all
}
