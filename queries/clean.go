package queries

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Clean makes text from a log safe to show. Whoever is being looked for chose much
// of it: session names, user agents, keys, names of objects. Characters that move
// the cursor, change the direction of text or cannot be seen become \uXXXX.
func Clean(s string) string {
	at := strings.IndexFunc(s, hostile)
	if at < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !hostile(r):
			b.WriteRune(r) // an invalid byte has become U+FFFD
		case r > 0xffff:
			fmt.Fprintf(&b, "\\U%08x", r)
		default:
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
}

// EscapeJSON makes a JSON text safe to show and leaves what it says: all that
// [Clean] would change can only stand within its strings.
func EscapeJSON(text string) string {
	if strings.IndexFunc(text, hostile) < 0 {
		return text
	}
	var b []byte
	for _, r := range text {
		if hostile(r) {
			b = appendEscaped(b, r)
		} else {
			b = utf8.AppendRune(b, r)
		}
	}
	return string(b)
}

func hostile(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f: // control characters, ESC and CSI among them
		return true
	case r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x2069, r == 0xfeff, r == 0x061c, r == 0x00ad:
		return true // direction, line ends, no width
	case r >= 0xe0000 && r <= 0xe007f: // tags
		return true
	}
	return false
}
