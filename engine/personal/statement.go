package personal

import (
	"strings"
)

// redacted is what CloudTrail itself writes in the place of literals.
const redacted = "***(Redacted)"

// statement is a PartiQL statement with tokens in the place of its literals. It is empty
// where the statement cannot be read, or was not understood by DynamoDB: then any word of
// it may be a value.
func (d *documents) statement(text string) string {
	if !d.ok || !hasVerb(text) {
		return ""
	}
	var out strings.Builder
	var at position
	for i := 0; i < len(text); {
		end, kind := lexeme(text, i)
		switch raw := text[i:end]; {
		case kind == lexBroken:
			return ""
		case kind == lexText && at.braces == 1 && strings.HasPrefix(strings.TrimLeft(text[end:], " \t\r\n"), ":"):
			out.WriteString(raw) // the name of an attribute that is inserted
		case kind == lexText:
			d.literal(&out, strings.ReplaceAll(raw[1:len(raw)-1], "''", "'"))
		case kind == lexNumber:
			d.literal(&out, raw)
		case (kind == lexName || kind == lexWord) && at.ofValue():
			out.WriteString(redacted) // a value that somebody forgot to quote
		default:
			out.WriteString(raw)
		}
		at.pass(text[i:end], kind)
		i = end
	}
	return out.String()
}

// hasVerb reports whether a text begins as statements do.
func hasVerb(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	end := 0
	for end < len(text) && isLetter(text[end]) {
		end++
	}
	switch strings.ToUpper(text[:end]) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "EXISTS":
		return true
	}
	return false
}

// position is a place in a statement. A batch is logged as a success even where some of
// its statements were refused, so a name may stand where only a value can.
type position struct {
	before   byte   // the last character that was no white space
	word     string // the keyword or name before, if that is what was before
	between  bool   // of BETWEEN ... AND, the AND is to come
	braces   int
	brackets int // round and square ones
}

// ofValue reports whether what stands here is a value.
func (p *position) ofValue() bool {
	switch p.before {
	case '=', '<', '>', '[':
		return true
	case ',':
		return p.brackets > 0
	case ':':
		return p.braces > 0
	case '(':
		return p.word == "IN"
	}
	return p.word == "BETWEEN" || p.word == "BETWEEN AND"
}

// pass goes on behind a part of the statement.
func (p *position) pass(raw string, kind lexKind) {
	if kind == lexSpace {
		return
	}
	p.before = raw[len(raw)-1]
	switch raw {
	case "{":
		p.braces++
	case "}":
		p.braces--
	case "(", "[":
		p.brackets++
	case ")", "]":
		p.brackets--
	}
	switch word := strings.ToUpper(raw); {
	case kind == lexWord && word == "AND" && p.between:
		p.word, p.between = "BETWEEN AND", false
	case kind == lexWord:
		p.word, p.between = word, p.between || word == "BETWEEN"
	case raw != "(":
		p.word = ""
	}
}

// literal writes what stands in the place of a literal.
func (d *documents) literal(out *strings.Builder, value string) {
	if d.tokens == nil {
		out.WriteString(redacted)
		return
	}
	out.WriteByte('\'')
	out.WriteString(d.tokens.token(value))
	out.WriteByte('\'')
}

type lexKind uint8

const (
	lexOther    lexKind = iota // one character
	lexSpace                   // white space
	lexText                    // in single quotes
	lexName                    // in double quotes
	lexWord                    // a keyword or a bare name
	lexNumber                  //
	lexRedacted                // already
	lexBroken                  // a quote without an end, a comment, or what PartiQL does not have
)

// lexeme is where the part of a statement that begins at i ends, and what it is. Numbers
// and texts are cut as the decoder cuts them, so that their values are those it found.
func lexeme(s string, i int) (end int, kind lexKind) {
	c := s[i]
	switch {
	case c == ' ' || c == '\n' || c == '\r' || c == '\t':
		return i + 1, lexSpace
	case c == '\'' || c == '"':
		return quotedEnd(s, i)
	case c == '`', strings.HasPrefix(s[i:], "--"), strings.HasPrefix(s[i:], "/*"):
		return i, lexBroken
	case strings.HasPrefix(s[i:], redacted):
		return i + len(redacted), lexRedacted
	case isDigit(c), c == '-' && i+1 < len(s) && isDigit(s[i+1]):
		return numberEnd(s, i+1), lexNumber
	case isName(c):
		for i++; i < len(s) && (isName(s[i]) || isDigit(s[i])); i++ {
		}
		return i, lexWord
	}
	return i + 1, lexOther
}

// isName reports what a bare name is made of, which may be of any script.
func isName(c byte) bool { return isLetter(c) || c == '$' || c >= 0x80 }

// quotedEnd is behind the quoted text at i, in which a doubled quote stands for one.
func quotedEnd(s string, i int) (end int, kind lexKind) {
	quote := s[i]
	for i++; i < len(s); i++ {
		switch {
		case s[i] != quote:
		case i+1 < len(s) && s[i+1] == quote:
			i++
		case quote == '"':
			return i + 1, lexName
		default:
			return i + 1, lexText
		}
	}
	return i, lexBroken
}

// numberEnd is where a number ends whose first character is before i: digits, one point
// among them, an exponent.
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
