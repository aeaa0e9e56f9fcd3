package detect

import (
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// watchlist are keys that somebody watches. An entry is a key value, "C#7", or a member
// of a key, "customer_id=C#7". A value is found in any table, with a name it must be
// that member's; a Query's record does not name the members, there the value is enough.
type watchlist struct {
	byValue map[string][]watched
}

type watched struct {
	number int               // of the entry, from 1
	member schema.KeyMembers // asks for nothing when the entry has no name
}

func newWatchlist(entries []string) *watchlist {
	w := &watchlist{byValue: map[string][]watched{}}
	for i, entry := range entries {
		w.byValue[entry] = append(w.byValue[entry], watched{number: i + 1})
		if name, value, ok := strings.Cut(entry, "="); ok && name != "" {
			member := schema.NewKeyMembers(schema.KeyMember{Name: name, Value: value})
			w.byValue[value] = append(w.byValue[value], watched{i + 1, member})
		}
	}
	return w
}

// find is the number of the first entry, from 1, that a touch reached; 0 when it is none.
func (w *watchlist) find(e *Event) (number int) {
	if len(w.byValue) == 0 {
		return 0
	}
	for _, value := range e.KeyValues {
		for _, entry := range w.byValue[value] {
			if (e.ItemKey == "" || entry.member.In(e.ItemKey)) && (number == 0 || entry.number < number) {
				number = entry.number
			}
		}
	}
	return number
}
