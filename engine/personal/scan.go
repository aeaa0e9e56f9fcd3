package personal

import (
	"strings"
)

// valueEnd is where the value at i ends; -1 when no canonical JSON value begins there.
// What is inside of brackets has been looked at, too.
func valueEnd(s string, i int) int { return scan(s, i, 0) }

func scan(s string, i, depth int) int {
	if i >= len(s) || depth > maxDepth {
		return -1
	}
	switch s[i] {
	case '"':
		return stringEnd(s, i)
	case '{':
		return scanList(s, i, '}', func(i int) int {
			if i = stringEnd(s, i); i < 0 || i >= len(s) || s[i] != ':' {
				return -1
			}
			return scan(s, i+1, depth+1)
		})
	case '[':
		return scanList(s, i, ']', func(i int) int { return scan(s, i, depth+1) })
	}
	end := i
	for end < len(s) && strings.IndexByte(",}]", s[end]) < 0 {
		end++
	}
	switch word := s[i:end]; {
	case word == "true", word == "false", word == "null", isNumber(word):
		return end
	}
	return -1
}

// scanList is where the list that begins at i ends; one is the end of an element.
func scanList(s string, i int, closing byte, one func(int) int) int {
	if i++; i < len(s) && s[i] == closing {
		return i + 1
	}
	for {
		if i = one(i); i < 0 || i >= len(s) {
			return -1
		}
		switch s[i] {
		case closing:
			return i + 1
		case ',':
			i++
		default:
			return -1
		}
	}
}

// stringEnd is behind the string at i; -1 when there is none.
func stringEnd(s string, i int) int {
	if i >= len(s) || s[i] != '"' {
		return -1
	}
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// isNumber reports whether a text is a JSON number.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() bool {
		n := 0
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		s = s[n:]
		return n > 0
	}
	zero := strings.HasPrefix(s, "0")
	before := len(s)
	if !digits() || zero && before-len(s) > 1 {
		return false
	}
	if strings.HasPrefix(s, ".") {
		if s = s[1:]; !digits() {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		return digits() && s == ""
	}
	return s == ""
}
