package queries

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/keytrail/keytrail/schema"
)

// renderJSON writes rows as objects: an array of them, or one per line.
func renderJSON(w io.Writer, a *Answer, f Format) error {
	out := bufio.NewWriterSize(w, 64<<10)
	open, between, end := "", "\n", "\n"
	if f == JSON {
		open, between, end = "[\n", ",\n", "\n]\n"
	}
	var b []byte
	n := 0
	for _, rows := range a.groups() {
		for i := range rows {
			if n++; n > 1 {
				open = between
			}
			out.WriteString(open)
			b = appendRow(b[:0], &rows[i], &a.Question)
			out.Write(b)
		}
	}
	switch {
	case n > 0:
		out.WriteString(end)
	case f == JSON:
		out.WriteString("[]\n")
	}
	return out.Flush()
}

func appendRow(b []byte, r *Row, q *Who) []byte {
	b = append(b, '{')
	for i := range schema.Columns {
		c := &schema.Columns[i]
		b = append(append(append(b, '"'), c.Name...), `":`...)
		b = append(appendValue(b, c, &r.Touch), ',')
	}
	b = append(b, `"table_name":`...)
	b = append(appendText(b, r.TableName), `,"day":`...)
	b = appendText(b, r.Day)
	if q.CouldHave {
		b = strconv.AppendBool(append(b, `,"could_have":`...), r.CouldHave)
		b = appendText(append(b, `,"could_have_reason":`...), r.Reason)
		b = appendText(append(b, `,"could_have_certainty":`...), r.Certainty.String())
	}
	if q.FollowRole {
		b = appendLineage(b, r.Lineage)
	}
	return append(b, '}')
}

func appendValue(b []byte, c *schema.Column, t *schema.Touch) []byte {
	switch {
	case c.Text != nil:
		return appendText(b, *c.Text(t))
	case c.Int != nil:
		return strconv.AppendInt(b, int64(*c.Int(t)), 10)
	case c.Time != nil:
		return append(appendTime(append(b, '"'), *c.Time(t)), '"')
	case c.Flag != nil:
		return strconv.AppendBool(b, *c.Flag(t))
	case c.Tri != nil:
		if v := *c.Tri(t); v != schema.Null {
			return strconv.AppendBool(b, v == schema.True)
		}
		return append(b, "null"...)
	default:
		return appendList(b, *c.List(t))
	}
}

func appendList(b []byte, list []string) []byte {
	if list == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuoted(b, s)
	}
	return append(b, ']')
}

// appendText appends a text or null.
func appendText(b []byte, s string) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return appendQuoted(b, s)
}

const hexDigits = "0123456789abcdef"

// appendQuoted appends a JSON string. What a terminal would obey or hide is
// escaped, which changes nothing for a JSON parser.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for rest := s; rest != ""; {
		at := strings.IndexFunc(rest, func(r rune) bool {
			return r == '"' || r == '\\' || r == utf8.RuneError || hostile(r)
		})
		if at < 0 {
			b = append(b, rest...)
			break
		}
		b = append(b, rest[:at]...)
		r, size := utf8.DecodeRuneInString(rest[at:])
		rest = rest[at+size:]
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\t':
			b = append(b, '\\', 't')
		case r == utf8.RuneError:
			b = append(b, "\ufffd"...)
		default:
			b = appendEscaped(b, r)
		}
	}
	return append(b, '"')
}

// appendEscaped appends \uXXXX, or two of them where one cannot say it.
func appendEscaped(b []byte, r rune) []byte {
	if r > 0xffff {
		r -= 0x10000
		return appendEscape(appendEscape(b, 0xd800+r>>10), 0xdc00+r&0x3ff)
	}
	return appendEscape(b, r)
}

func appendEscape(b []byte, r rune) []byte {
	return append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}
