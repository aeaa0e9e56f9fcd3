package decode

import "strings"

// redacted is what CloudTrail writes in place of a value that is no key's.
const redacted = "***(Redacted)"

// Kinds of PartiQL tokens. A token that is none of these is one character and has
// that character as its kind; a letter never is, since it begins a word.
const (
	lexWord     = 'w' // a keyword or a bare name
	lexQuoted   = 'q' // a name in double quotes
	lexString   = 's' // text in single quotes
	lexNumber   = 'n'
	lexRedacted = 'r'
)

type lexeme struct {
	kind byte
	text string
}

// isName reports a token that can stand for a table or an attribute.
func (l lexeme) isName() bool { return l.kind == lexWord || l.kind == lexQuoted }

// isClear reports a literal whose value can be read.
func (l lexeme) isClear() bool { return l.kind == lexString || l.kind == lexNumber }

// lex appends the tokens of a PartiQL statement. ok is false when a quote is
// never closed; what came before it is in the result.
func lex(lexemes []lexeme, s string, a *arena) (result []lexeme, ok bool) {
	for i := 0; i < len(s); {
		c := s[i]
		j := i + 1
		switch {
		case isSpace(c):
		case c == '\'' || c == '"':
			text, end := quoted(s, i, a)
			if end < 0 {
				return lexemes, false
			}
			kind := byte(lexString)
			if c == '"' {
				kind = lexQuoted
			}
			lexemes = append(lexemes, lexeme{kind, text})
			j = end
		case c == '*' && strings.HasPrefix(s[i:], redacted):
			j = i + len(redacted)
			lexemes = append(lexemes, lexeme{lexRedacted, s[i:j]})
		case isDigit(c) || c == '-' && j < len(s) && isDigit(s[j]):
			j = numberEnd(s, j)
			lexemes = append(lexemes, lexeme{lexNumber, s[i:j]})
		case isNameByte(c):
			for j < len(s) && (isNameByte(s[j]) || isDigit(s[j])) {
				j++
			}
			lexemes = append(lexemes, lexeme{lexWord, s[i:j]})
		default:
			lexemes = append(lexemes, lexeme{c, s[i:j]})
		}
		i = j
	}
	return lexemes, true
}

// quoted reads the quoted text at i, in which a doubled quote stands for one. end
// is behind it, or negative if the quote is not closed.
func quoted(s string, i int, a *arena) (text string, end int) {
	quote := s[i]
	start, doubled := i+1, 0
	for i = start; i < len(s); i++ {
		if s[i] != quote {
			continue
		}
		if i+1 == len(s) || s[i+1] != quote {
			break
		}
		doubled++
		i++
	}
	if i >= len(s) {
		return "", -1
	}
	text, end = s[start:i], i+1
	if doubled == 0 {
		return text, end
	}
	b := a.take(len(text) - doubled)
	for i := 0; i < len(text); i++ {
		if b = append(b, text[i]); text[i] == quote {
			i++
		}
	}
	return view(b), end
}

// numberEnd is where a number ends whose first byte is before i: digits, at most
// one point among them, an exponent.
func numberEnd(s string, i int) int {
	i = digitsEnd(s, i)
	if i+1 < len(s) && s[i] == '.' && isDigit(s[i+1]) {
		i = digitsEnd(s, i+1)
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if j < len(s) && isDigit(s[j]) {
			i = digitsEnd(s, j)
		}
	}
	return i
}

func digitsEnd(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$' || c >= 0x80
}
