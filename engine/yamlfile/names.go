package yamlfile

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// meant guesses which of some names was meant, or lists them.
func meant(name string, names []string) string {
	if near := Nearest(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return "there are " + strings.Join(names, ", ")
}

// Nearest is the name most like a mistyped one, upper and lower case, - and _ being the
// same; empty when none is.
func Nearest(name string, names []string) string {
	if len(name) > 100 {
		return ""
	}
	best, least := "", 1+len(name)/5
	low := strings.ToLower(strings.ReplaceAll(name, "-", "_"))
	for _, n := range names {
		if d := levenshtein.ComputeDistance(low, strings.ToLower(n)); d < least || d == least && best == "" {
			best, least = n, d
		}
	}
	return best
}
