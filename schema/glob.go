package schema

import "unicode/utf8"

// Glob reports whether s matches a pattern, as a whole and case-sensitively. "*" is any
// text without ":" or "/", "**" any text, "?" one character that is neither. There is
// no other syntax: what stands in a policy or on a command line is read by people.
//
// It takes time in the product of the lengths, for any pattern and text.
func Glob(pattern, s string) bool {
	// Where to go on when the rest does not match: after the last "*" and the last "**",
	// with what each took so far.
	type retry struct{ p, s int }
	star, stars := retry{-1, 0}, retry{-1, 0}
	p, i := 0, 0
	for {
		switch {
		case p+1 < len(pattern) && pattern[p] == '*' && pattern[p+1] == '*':
			p += 2
			stars, star = retry{p, i}, retry{-1, 0}
			continue
		case p < len(pattern) && pattern[p] == '*':
			p++
			star = retry{p, i}
			continue
		case p == len(pattern) && i == len(s):
			return true
		case p < len(pattern) && i < len(s) && pattern[p] == '?' && !divides(s[i]):
			p, i = p+1, i+width(s[i:])
			continue
		case p < len(pattern) && i < len(s) && pattern[p] == s[i]:
			p, i = p+1, i+1
			continue
		case star.p >= 0 && star.s < len(s) && !divides(s[star.s]):
			star.s += width(s[star.s:])
			p, i = star.p, star.s
			continue
		case stars.p >= 0 && stars.s < len(s):
			stars.s += width(s[stars.s:])
			p, i = stars.p, stars.s
			star.p = -1
			continue
		}
		return false
	}
}

// divides reports what parts the texts that globs are for: ARNs and paths.
func divides(c byte) bool { return c == ':' || c == '/' }

// width is how many bytes the first character has.
func width(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}
