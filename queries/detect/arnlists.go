package detect

import (
	"slices"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
)

// listed reports whether one of some globs holds for one of some texts. See [policy.Glob].
func listed(globs []string, texts ...string) bool {
	return slices.ContainsFunc(globs, func(glob string) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return text != "" && policy.Glob(glob, text) })
	})
}

// table is the name of the event's table for people, safe to show.
func (e *Event) table() string {
	if e.TableName == "" {
		return "a table"
	}
	return queries.Clean(e.TableName)
}

// shown quotes what somebody has written in a request, safe to show and not too long.
func shown(text string) string {
	const most = 120
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return `"` + queries.Clean(text) + `"`
}
