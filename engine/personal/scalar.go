package personal

import (
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// nameOnly keeps an element of a list of names.
const nameOnly = action(0xff)

// scalar appends what is kept of a value that has no members, if anything is.
func (d *documents) scalar(raw string, act action) (kept bool) {
	if act == present {
		if raw == "null" || raw == `""` {
			return false
		}
		d.text = schema.AppendCanonicalString(d.text, keptOut)
		return true
	}
	if act == number {
		kept = strings.IndexByte(`"{[`, raw[0]) < 0 || raw == `"true"` || raw == `"false"`
		if kept {
			d.text = append(d.text, raw...)
		}
		return kept
	}
	if raw[0] != '"' && (act != token || raw == "null" || raw[0] == '{' || raw[0] == '[') {
		return false
	}
	text, out := raw, ""
	if raw[0] == '"' {
		text = unquote(raw)
	}
	switch act {
	case table:
		out = keptIf(text, isTable(text))
	case index:
		out = keptIf(text, schema.LegalTableName(text))
	case word:
		out = keptIf(text, len(text) <= 40 && madeOf(text, isWord))
	case digits:
		out = keptIf(text, len(text) <= 40 && madeOf(text, isDigit))
	case shard:
		out = keptIf(text, len(text) <= 65 && strings.HasPrefix(text, "shardId-") && madeOf(text[len("shardId-"):], func(c byte) bool { return isDigit(c) || c == '-' || 'a' <= c && c <= 'f' }))
	case reason:
		out = keptIf(text, text == "requestParameters too large" || text == "responseElements too large" || text == "too large")
	case nameOnly:
		out = text
	case iterator:
		arn, _, _ := strings.Cut(text, "|")
		out = keptIf(arn, isARN(arn))
	case condition:
		out = keptIf(text, d.ok && madeOf(text, isCondition))
		if out == "" {
			out = keptOut
		}
	case statement:
		out = d.statement(text)
	case token:
		if d.tokens != nil {
			out = d.tokens.token(text)
		}
	case policy:
		out = d.policy(text)
	}
	if out == "" {
		return false
	}
	d.text = schema.AppendCanonicalString(d.text, out)
	return true
}

func keptIf(text string, ok bool) string {
	if ok {
		return text
	}
	return ""
}

// isTable reports whether a text is a name that a table may have, or an ARN of one.
func isTable(text string) bool { return schema.LegalTableName(text) || isARN(text) }

func isARN(text string) bool {
	arn, ok := schema.ParseTableARN(text)
	return ok && schema.LegalTableName(arn.Table) && len(text) <= 512
}

func madeOf(text string, is func(byte) bool) bool {
	for i := range len(text) {
		if !is(text[i]) {
			return false
		}
	}
	return text != ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }

func isWord(c byte) bool { return isLetter(c) }

// isCondition reports what a condition on a key is made of. It has no literals: DynamoDB
// takes values by placeholders only.
func isCondition(c byte) bool {
	return isLetter(c) || isDigit(c) || strings.IndexByte(" #:=<>(),.-\n\t", c) >= 0
}
