package subject

import (
	"maps"
	"slices"

	"github.com/keytrail/keytrail/queries/report"
)

// plural is a count with the word that goes with it.
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return report.CountOf(n).String() + " " + many
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
