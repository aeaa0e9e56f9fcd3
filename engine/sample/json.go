package sample

import "strconv"

// text is JSON being written, by appending: no maps, no reflection. Commas come
// by themselves: a value or member that follows another one gets one.
type text struct{ b []byte }

func (t *text) reset() { t.b = t.b[:0] }

func (t *text) comma() {
	if n := len(t.b); n > 0 {
		switch t.b[n-1] {
		case '{', '[', ':':
		default:
			t.b = append(t.b, ',')
		}
	}
}

// open starts an object or array, close ends it.
func (t *text) open(bracket byte) *text {
	t.comma()
	t.b = append(t.b, bracket)
	return t
}

func (t *text) close(bracket byte) *text {
	t.b = append(t.b, bracket)
	return t
}

// key starts a member.
func (t *text) key(name string) *text {
	t.comma()
	t.b = append(t.b, '"')
	t.b = append(t.b, name...)
	t.b = append(t.b, '"', ':')
	return t
}

// str writes the parts as one string.
func (t *text) str(parts ...string) *text {
	t.comma()
	t.b = append(t.b, '"')
	for _, p := range parts {
		t.b = appendEscaped(t.b, p)
	}
	t.b = append(t.b, '"')
	return t
}

// member writes a member whose value is one string made of parts.
func (t *text) member(name string, parts ...string) *text {
	return t.key(name).str(parts...)
}

// raw writes a value that is JSON already.
func (t *text) raw(json string) *text {
	t.comma()
	t.b = append(t.b, json...)
	return t
}

func (t *text) num(n int) *text {
	t.comma()
	t.b = strconv.AppendInt(t.b, int64(n), 10)
	return t
}

func (t *text) bool(v bool) *text {
	t.comma()
	t.b = strconv.AppendBool(t.b, v)
	return t
}

// strs writes an array of strings.
func (t *text) strs(values ...string) *text {
	t.open('[')
	for _, v := range values {
		t.str(v)
	}
	return t.close(']')
}

func appendEscaped(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return b
}

// appendPadded appends n in decimal, at least width digits wide.
func appendPadded(b []byte, n, width int) []byte {
	var digits [20]byte
	i := len(digits)
	for n > 0 || width > 0 {
		i--
		digits[i] = byte('0' + n%10)
		n /= 10
		width--
	}
	return append(b, digits[i:]...)
}

// bytes writes b as a string.
func (t *text) bytes(b []byte) *text {
	t.comma()
	t.b = append(t.b, '"')
	for _, c := range b {
		if c == '"' || c == '\\' {
			t.b = append(t.b, '\\')
		}
		t.b = append(t.b, c)
	}
	t.b = append(t.b, '"')
	return t
}
