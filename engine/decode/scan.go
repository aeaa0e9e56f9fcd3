package decode

import (
	"encoding/binary"
	"math/bits"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks, by the top bit of a byte, where in eight bytes of a string the
// next byte is not plain: a quote, a backslash or a control character. Only the
// lowest mark is exact, which is the one needed.
func special(x uint64) uint64 {
	quote := x ^ (ones * '"')
	slash := x ^ (ones * '\\')
	return ((quote-ones)&^quote | (slash-ones)&^slash | (x-ones*0x20)&^x) & highs
}

// scan appends the JSON value that begins at or after pos to the tape and returns
// where it ends. depth is the number of arrays and objects around it.
//
// It accepts what encoding/json accepts, in one pass and without recursion: an
// open container keeps the index of the one around it in its next field until it
// is closed. The labels are the states of the automaton.
func (t *tape) scan(pos, depth int) (int, error) {
	var (
		data     = t.data
		toks     = t.toks
		limit    = t.limit
		i        = pos
		open     = 0 // innermost open container; 0 for none, being the tape's sentinel
		inObject = false
		wantKey  = false
		escaped  = false
		start    = 0
		end      = 0
		c        byte
	)

value:
	if i >= len(data) {
		goto cut
	}
	c = data[i]
	switch {
	case c == '"':
		goto text
	case c == '{' || c == '[':
		if depth++; depth > t.depthLimit {
			t.toks = toks
			return i, tooDeep(t.depthLimit, i)
		}
		if len(toks) >= limit {
			if toks, limit = t.widen(toks); len(toks) >= limit {
				goto large
			}
		}
		inObject = c == '{'
		tok := token{start: uint32(i), next: uint32(open), kind: kindArray}
		if inObject {
			tok.kind = kindObject
		}
		open = len(toks)
		toks = append(toks, tok)
		i = skipSpace(data, i+1)
		if i >= len(data) {
			goto cut
		}
		switch {
		case data[i] == c+2: // '}' is '{'+2, ']' is '['+2
			goto closed
		case inObject:
			wantKey = true
			goto key
		}
		goto value
	case c == '-' || '0' <= c && c <= '9':
		if end = scanNumber(data, i); end < 0 {
			i = -end
			if i >= len(data) {
				goto cut
			}
			goto bad
		}
		toks = append(toks, token{start: uint32(i), end: uint32(end), next: uint32(len(toks) + 1), kind: kindNumber})
		i = end
		goto after
	case c == 't' && hasPrefix(data, i, "true"):
		toks = append(toks, token{start: uint32(i), end: uint32(i + 4), next: uint32(len(toks) + 1), kind: kindTrue})
		i += 4
		goto after
	case c == 'f' && hasPrefix(data, i, "false"):
		toks = append(toks, token{start: uint32(i), end: uint32(i + 5), next: uint32(len(toks) + 1), kind: kindFalse})
		i += 5
		goto after
	case c == 'n' && hasPrefix(data, i, "null"):
		toks = append(toks, token{start: uint32(i), end: uint32(i + 4), next: uint32(len(toks) + 1), kind: kindNull})
		i += 4
		goto after
	case isSpace(c):
		i = skipSpace(data, i+1)
		goto value
	}
	goto bad

key:
	if i >= len(data) {
		goto cut
	}
	if data[i] != '"' {
		if isSpace(data[i]) {
			i = skipSpace(data, i+1)
			goto key
		}
		goto bad
	}

text:
	i++
	start = i
	escaped = false

plain:
	for i+8 <= len(data) {
		if m := special(binary.LittleEndian.Uint64(data[i : i+8])); m != 0 {
			i += bits.TrailingZeros64(m) >> 3
			goto stop
		}
		i += 8
	}
	for i < len(data) && data[i] >= 0x20 && data[i] != '"' && data[i] != '\\' {
		i++
	}
	if i >= len(data) {
		goto cut
	}

stop:
	if data[i] != '"' {
		if end = scanEscape(data, i); end < 0 {
			i = -end
			if i >= len(data) {
				goto cut
			}
			goto bad
		}
		i = end
		escaped = true
		goto plain
	}
	toks = append(toks, token{start: uint32(start), end: uint32(i), next: uint32(len(toks) + 1), kind: kindString, escaped: escaped})
	i++
	if wantKey {
		wantKey = false
		if i < len(data) && data[i] != ':' {
			i = skipSpace(data, i)
		}
		if i >= len(data) {
			goto cut
		}
		if data[i] != ':' {
			goto bad
		}
		i++
		goto value
	}

after:
	if open == 0 {
		t.toks = toks
		return i, nil
	}
	if i >= len(data) {
		goto cut
	}
	switch c = data[i]; {
	case c == ',':
		if len(toks) >= limit {
			if toks, limit = t.widen(toks); len(toks) >= limit {
				goto large
			}
		}
		i++
		if inObject {
			wantKey = true
			goto key
		}
		goto value
	case c == '}' && inObject, c == ']' && !inObject:
		goto closed
	case isSpace(c):
		i = skipSpace(data, i+1)
		goto after
	}
	goto bad

closed:
	i++
	depth--
	end = int(toks[open].next)
	toks[open].end = uint32(i)
	toks[open].next = uint32(len(toks))
	open = end
	inObject = toks[open].kind == kindObject
	goto after

large:
	t.toks = toks
	return i, tooLarge(i)
cut:
	i = len(data)
bad:
	t.toks = toks
	return i, unexpected(data, i)
}

// scanName appends the name of a member and returns where its value begins.
func (t *tape) scanName(pos, depth int) (int, error) {
	if pos >= len(t.data) || t.data[pos] != '"' {
		return pos, unexpected(t.data, pos)
	}
	if len(t.toks) >= t.limit {
		if t.toks, t.limit = t.widen(t.toks); len(t.toks) >= t.limit {
			return pos, tooLarge(pos)
		}
	}
	i, err := t.scan(pos, depth)
	if err != nil {
		return i, err
	}
	i = skipSpace(t.data, i)
	if i >= len(t.data) || t.data[i] != ':' {
		return i, unexpected(t.data, i)
	}
	return skipSpace(t.data, i+1), nil
}

// close ends a container that was put on the tape by hand.
func (t *tape) close(open, end int) {
	t.toks[open].end = uint32(end)
	t.toks[open].next = uint32(len(t.toks))
}
