package erasure

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/keytrail/keytrail/schema"
)

// spellings are the ways in which a value may stand in a log's text, itself first: in
// JSON by whatever writer, in JSON within JSON, such as policies are, in a PartiQL literal,
// escaped as in URLs.
func spellings(value string) []string {
	all := []string{value}
	for _, s := range []string{value, strings.ReplaceAll(value, "'", "''")} {
		all = append(all, s, url.QueryEscape(s), strings.ReplaceAll(url.QueryEscape(s), "+", "%20"))
		for _, once := range written(s) {
			twice := quotedBody(schema.AppendCanonicalString(nil, once))
			all = append(all, once, twice, quotedBody(schema.AppendCanonicalString(nil, twice)))
		}
	}
	var each []string
	for _, s := range all {
		if s != "" && !slices.Contains(each, s) {
			each = append(each, s)
		}
	}
	return each
}

// written is a text as writers of JSON have it: those that escape no more than they must,
// slashes, what means something in HTML, or all that is not ASCII.
func written(s string) []string {
	once := quotedBody(schema.AppendCanonicalString(nil, s))
	all := []string{once, strings.ReplaceAll(once, "/", `\/`)}
	if text, err := json.Marshal(s); err == nil {
		all = append(all, quotedBody(text))
	}
	for _, text := range slices.Clone(all) {
		all = append(all, asciiOnly(text, "0123456789abcdef"), asciiOnly(text, "0123456789ABCDEF"))
	}
	return all
}

// quotedBody is a JSON string without its quotes.
func quotedBody(text []byte) string { return string(text[1 : len(text)-1]) }

// asciiOnly escapes all that is not ASCII.
func asciiOnly(s, digits string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		for _, u := range utf16.AppendRune(nil, r) {
			b.WriteString(`\u`)
			for shift := 12; shift >= 0; shift -= 4 {
				b.WriteByte(digits[u>>shift&15])
			}
		}
	}
	return b.String()
}
