package notify

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain makes text from a log fit for one line of a message: no line breaks, nothing
// that hides or reorders what stands around it, no more than so many characters. What
// is cut ends in "…".
func Plain(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || r == '\u115F' || r == '\u1160' || r == '\u3164':
			return -1 // controls, marks of direction, joiners, fillers
		}
		return r
	}, s)
	return cut(s, limit)
}

// cut shortens s to so many characters.
func cut(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n++; n == limit {
			return s[:i] + "…"
		}
	}
	return s
}
