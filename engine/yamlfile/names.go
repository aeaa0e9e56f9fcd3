package yamlfile

import "strings"

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
		if d := distance(low, strings.ToLower(n)); d < least || d == least && best == "" {
			best, least = n, d
		}
	}
	return best
}

// distance is how many letters to insert, delete or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
