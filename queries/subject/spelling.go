package subject

import (
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// spelt is how what is asked for stands in the lake.
type spelt struct {
	values []string          // in all ways, sorted
	plain  map[string]string // what is asked for by its token, where keys are hashed
	keys   *strings.Replacer // the same in canonical JSON; nil where keys are as logged
}

// spell finds out how what is asked for stands in the lake. Errors are those of
// [personal.Keyring.Spellings].
func (q *Question) spell() (*spelt, error) {
	s := &spelt{plain: map[string]string{}}
	all := map[string]bool{}
	var pairs []string
	for _, values := range q.values() {
		ways, err := q.Keyring.Spellings(q.Table, "", "", values)
		if err != nil {
			return nil, err
		}
		for _, way := range ways {
			for i, v := range way.Values {
				all[v] = true
				if way.Epoch > 0 {
					s.plain[v] = values[i]
					pairs = append(pairs, canonical(v), canonical(values[i]))
				}
			}
		}
	}
	s.values = slices.Sorted(maps.Keys(all))
	if len(pairs) > 0 {
		s.keys = strings.NewReplacer(pairs...)
	}
	return s, nil
}

// tokens are those of what is asked for, sorted; none where keys are as logged.
func (s *spelt) tokens() []string { return sortedKeys(s.plain) }

// read puts what was asked for in the place of its tokens, so that a row is judged and
// shown as that of any other lake. Tokens of other values stay.
func (s *spelt) read(t *schema.Touch) {
	if s.keys == nil {
		return
	}
	t.ItemKey = s.keys.Replace(t.ItemKey)
	for i, v := range t.KeyValues {
		if value, ok := s.plain[v]; ok {
			t.KeyValues[i] = value
		}
	}
}
