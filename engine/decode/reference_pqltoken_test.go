package decode_test

import (
	"slices"
	"strings"
)

type pqlToken struct {
	kind byte // 'w' word, 'q' quoted name, 's' string, 'n' number, 'r' redacted, else the symbol itself
	text string
}

// name reports a token that can stand for a table or attribute.
func (t pqlToken) name() bool { return t.kind == 'w' || t.kind == 'q' }

// partiqlTokens cuts a statement; ok is false when a quote stays open.
func partiqlTokens(s string) (tokens []pqlToken, ok bool) {
	for i := 0; i < len(s); {
		c := s[i]
		j := i + 1
		switch {
		case strings.IndexByte(" \t\r\n", c) >= 0:
		case c == '\'' || c == '"':
			var text strings.Builder
			for {
				if j >= len(s) {
					return tokens, false
				}
				if s[j] == c {
					if j+1 >= len(s) || s[j+1] != c {
						break
					}
					j++
				}
				text.WriteByte(s[j])
				j++
			}
			j++
			kind := byte('s')
			if c == '"' {
				kind = 'q'
			}
			tokens = append(tokens, pqlToken{kind, text.String()})
		case strings.HasPrefix(s[i:], "***(Redacted)"):
			j = i + len("***(Redacted)")
			tokens = append(tokens, pqlToken{'r', s[i:j]})
		case digit(c) || c == '-' && i+1 < len(s) && digit(s[i+1]):
			j = numberEnd(s, j)
			tokens = append(tokens, pqlToken{'n', s[i:j]})
		case nameByte(c):
			for j < len(s) && (nameByte(s[j]) || digit(s[j])) {
				j++
			}
			tokens = append(tokens, pqlToken{'w', s[i:j]})
		default:
			tokens = append(tokens, pqlToken{c, s[i:j]})
		}
		i = j
	}
	return tokens, true
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func nameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$' || c >= 0x80
}

// numberEnd is where the number ends whose first byte is before i: digits, at most
// one point, an exponent.
func numberEnd(s string, i int) int {
	for i < len(s) && digit(s[i]) {
		i++
	}
	if i+1 < len(s) && s[i] == '.' && digit(s[i+1]) {
		for i++; i < len(s) && digit(s[i]); i++ {
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if j < len(s) && digit(s[j]) {
			for i = j; i < len(s) && digit(s[i]); i++ {
			}
		}
	}
	return i
}

type pqlParser struct{ tokens []pqlToken }

func (p *pqlParser) peek() pqlToken {
	if len(p.tokens) == 0 {
		return pqlToken{}
	}
	return p.tokens[0]
}

func (p *pqlParser) skip() { p.tokens = p.tokens[1:] }

func (p *pqlParser) at(words ...string) bool {
	return p.peek().kind == 'w' && slices.Contains(words, lower(p.peek().text))
}

func (p *pqlParser) keyword(word string) bool {
	if p.at(word) {
		p.skip()
		return true
	}
	return false
}

func (p *pqlParser) symbol(s string) bool {
	if t := p.peek(); t.kind == s[0] && t.text == s {
		p.skip()
		return true
	}
	return false
}

// upToClosing takes what stands before the bracket that closes the one just read.
func (p *pqlParser) upToClosing() []pqlToken {
	depth, all := 1, p.tokens
	for i, t := range all {
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				p.tokens = all[i+1:]
				return all[:i]
			}
		}
	}
	p.tokens = nil
	return all
}

// item takes tokens up to a comma or stop word outside brackets.
func (p *pqlParser) item(stops ...string) []pqlToken {
	depth, all := 0, p.tokens
	for i, t := range all {
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		if depth == 0 && (t.kind == ',' || t.kind == 'w' && slices.Contains(stops, lower(t.text))) {
			p.tokens = all[i:]
			return all[:i]
		}
	}
	p.tokens = nil
	return all
}
