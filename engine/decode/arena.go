package decode

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// arena holds the texts that a record's touches need and its object does not
// contain as such: unescaped strings, canonical JSON, built ARNs. It never moves
// what it handed out; all of it goes at once, at reset.
type arena struct {
	chunk []byte
	used  int
}

const (
	minChunk = 64 << 10
	maxChunk = 8 << 20 // kept from one object to the next
)

// reset takes everything back.
func (a *arena) reset() { a.used = 0 }

// release lets go of memory that only an unusual record needed.
func (a *arena) release() {
	a.used = 0
	if len(a.chunk) > maxChunk {
		a.chunk = nil
	}
}

// take returns an empty slice with room for n bytes. Appending more is safe and
// moves the slice out of the arena.
func (a *arena) take(n int) []byte {
	if len(a.chunk)-a.used < n {
		// Texts in the old chunk keep it alive as long as they need it.
		a.chunk = make([]byte, max(minChunk, 2*len(a.chunk), n))
		a.used = 0
	}
	b := a.chunk[a.used : a.used : a.used+n]
	a.used += n
	return b
}

// unescape is the text of the inside of a valid JSON string. A surrogate without
// its other half becomes U+FFFD.
func (a *arena) unescape(s string) string {
	b := a.take(len(s))
	for i := 0; i < len(s); {
		c := s[i]
		if c != '\\' {
			b = append(b, c)
			i++
			continue
		}
		c = s[i+1]
		i += 2
		switch c {
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			r := hexRune(s[i:])
			i += 4
			if utf16.IsSurrogate(r) {
				pair := rune(utf8.RuneError)
				if len(s)-i >= 6 && s[i] == '\\' && s[i+1] == 'u' {
					pair = utf16.DecodeRune(r, hexRune(s[i+2:]))
				}
				if pair != utf8.RuneError {
					i += 6
				}
				r = pair
			}
			b = utf8.AppendRune(b, r)
		default: // '"', '\\', '/'
			b = append(b, c)
		}
	}
	return view(b)
}

// hexRune reads four hexadecimal digits.
func hexRune(s string) rune {
	return rune(hexValue(s[0])<<12 | hexValue(s[1])<<8 | hexValue(s[2])<<4 | hexValue(s[3]))
}

// hexValue is the value of a hexadecimal digit, or -1.
func hexValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// isASCII reports whether data has ASCII characters only, as most objects do. It
// looks at 32 bytes at a time, which utf8.Valid does not.
func isASCII(data []byte) bool {
	for len(data) >= 32 {
		if (binary.LittleEndian.Uint64(data)|binary.LittleEndian.Uint64(data[8:])|
			binary.LittleEndian.Uint64(data[16:])|binary.LittleEndian.Uint64(data[24:]))&highs != 0 {
			return false
		}
		data = data[32:]
	}
	for _, c := range data {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// validUTF8 is data with every invalid byte replaced by U+FFFD, as encoding/json
// would read it.
func validUTF8(data []byte) []byte {
	fixed := make([]byte, 0, len(data)+len(data)/8+16)
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		fixed = utf8.AppendRune(fixed, r) // RuneError for a bad byte, with n = 1
		data = data[n:]
	}
	return fixed
}
