package decode

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

func unexpected(data []byte, i int) error {
	if i >= len(data) {
		return fmt.Errorf("%w: cut off at byte %d", ErrSyntax, len(data))
	}
	return fmt.Errorf("%w: unexpected %q at byte %d", ErrSyntax, data[i], i)
}

func tooDeep(limit, i int) error {
	return fmt.Errorf("%w: more than %d levels at byte %d", ErrTooDeep, limit, i)
}

func tooLarge(i int) error {
	return fmt.Errorf("%w: more than %d values in one by byte %d", ErrTooLarge, maxTokens, i)
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func skipSpace(data []byte, i int) int {
	for i < len(data) && isSpace(data[i]) {
		i++
	}
	return i
}

func hasPrefix(data []byte, i int, word string) bool {
	return len(data)-i >= len(word) && string(data[i:i+len(word)]) == word
}

// scanNumber returns the end of the number at i, or minus the place where it
// stops being one.
func scanNumber(data []byte, i int) int {
	if data[i] == '-' {
		i++
	}
	switch {
	case i < len(data) && data[i] == '0':
		i++
	case i < len(data) && '1' <= data[i] && data[i] <= '9':
		i = skipDigits(data, i+1)
	default:
		return -i
	}
	if i < len(data) && data[i] == '.' {
		first := i + 1
		if i = skipDigits(data, first); i == first {
			return -i
		}
	}
	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		first := i
		if i = skipDigits(data, first); i == first {
			return -i
		}
	}
	return i
}

func skipDigits(data []byte, i int) int {
	for i < len(data) && '0' <= data[i] && data[i] <= '9' {
		i++
	}
	return i
}

// plainEnd is where the plain bytes of a string end: at a quote, a backslash, a
// control character or the end of the text.
func plainEnd(data []byte, i int) int {
	for i+8 <= len(data) {
		if m := special(binary.LittleEndian.Uint64(data[i : i+8])); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
		i += 8
	}
	for i < len(data) && data[i] >= 0x20 && data[i] != '"' && data[i] != '\\' {
		i++
	}
	return i
}

// scanEscape returns the end of the escape sequence at i, or minus the place
// where it goes wrong; that is i itself for a bare control character.
func scanEscape(data []byte, i int) int {
	if data[i] != '\\' {
		return -i
	}
	if i++; i >= len(data) {
		return -i
	}
	switch data[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1
	case 'u':
		for n := 0; n < 4; n++ {
			if i++; i >= len(data) || hexValue(data[i]) < 0 {
				return -i
			}
		}
		return i + 1
	}
	return -i
}
