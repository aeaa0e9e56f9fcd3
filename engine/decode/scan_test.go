package decode

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// scanWhole reports whether text is exactly one JSON value to the scanner.
func scanWhole(text string) error {
	tp := tape{arena: &arena{}, depthLimit: DefaultDepth, limit: keptTokens}
	tp.load([]byte(text))
	end, err := tp.scan(0, 0)
	if err == nil && skipSpace(tp.data, end) < len(text) {
		return ErrSyntax
	}
	return err
}

func TestScanAcceptsWhatJSONAccepts(t *testing.T) {
	for _, text := range []string{
		``, ` `, `null`, `nul`, `nulls`, `Null`, `true`, `tru`, `false`, `falsy`, "\ttrue\r\n ", "\vtrue", "\u00a0true",
		`0`, `-0`, `-`, `+1`, `01`, `00`, `10`, `1.`, `.5`, `1.5`, `1.5.5`, `1e`, `1e5`, `1E+5`, `1e-`, `1e-05`, `-1.25e+10`, `0x10`, `1_000`, `Infinity`, `NaN`,
		`""`, `"`, `"\`, `"\"`, `"\""`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\u12F4"`, `"\ud800"`, `"\/\b\f\n\r\t\\"`, "\"\x1f\"", "\"\x7f\"", "\"a\nb\"", `'a'`, "\"\x00\"",
		`[]`, `[`, `]`, `[1]`, `[1,]`, `[,1]`, `[1 2]`, `[1,2 , 3 ]`, `[[],[[]]]`, `[}`, `[1}`, `[1`, `[[1]`, `[]]`,
		`{}`, `{`, `}`, `{]`, `{"a"}`, `{"a":}`, `{"a":1}`, `{"a":1,}`, `{,"a":1}`, `{"a" : 1 , "b":2}`, `{"a":1 "b":2}`, `{a:1}`, `{"a":1:2}`, `{1:2}`, `{"a":1]`, `{"a","b"}`,
		`{"a":{"b":[{"c":null}]}}`, `{"a":{"b":[{"c":null]}}`, `1 1`, `[1]x`,
	} {
		if got, want := scanWhole(text) == nil, json.Valid([]byte(text)); got != want {
			t.Errorf("%q: accepted %t, encoding/json says %t", text, got, want)
		}
	}
}

// Strings are scanned eight bytes at a time: whatever ends a run may stand at any
// place of the eight, and near the end of the text.
func TestScanSpecialBytesAnywhere(t *testing.T) {
	for length := range 30 {
		for at := range length + 1 {
			for _, special := range []string{`"`, `\`, `\"`, `\\`, `\u0041`, "\x1f", "\x00", " ", "é", "\x7f"} {
				body := strings.Repeat("x", at) + special + strings.Repeat("é", (length-at)/2)
				for _, text := range []string{`"` + body + `"`, `{"` + body + `":1}`, `["` + body} {
					if got, want := scanWhole(text) == nil, json.Valid([]byte(text)); got != want {
						t.Fatalf("%q: accepted %t, encoding/json says %t", text, got, want)
					}
				}
			}
		}
	}
}

func TestScanReadsStrings(t *testing.T) {
	for _, text := range []string{
		`""`, `"a"`, `"\""`, `"\\"`, `"a\/b"`, `"\u0041\u00e9\u20ac"`, `"\ud83d\ude00"`, `"\ud800"`, `"\udc00"`, `"\ud800\ud800\udc00"`,
		`"\ud800x"`, `"\ud800\n"`, `"\ud800\u0041"`, `"\b\f\n\r\t"`, `"\u0000"`, `"é\n漢"`, `"0123456789\t0123456789"`,
	} {
		var want string
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		tp := tape{arena: &arena{}, depthLimit: DefaultDepth, limit: keptTokens}
		tp.load([]byte(text))
		if _, err := tp.scan(0, 0); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := tp.str(1); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestScanLaysOutSiblings(t *testing.T) {
	tp := tape{arena: &arena{}, depthLimit: DefaultDepth, limit: keptTokens}
	tp.load([]byte(`{"a":[1,[2,{}],"x"],"b":{"c":true},"A":null,"b":7}`))
	if _, err := tp.scan(0, 0); err != nil {
		t.Fatal(err)
	}
	a := tp.member(1, "a")
	var elements []string
	for i, end := a+1, tp.next(a); i < end; i = tp.next(i) {
		elements = append(elements, string(tp.raw(i)))
	}
	if got := strings.Join(elements, " "); got != `1 [2,{}] "x"` {
		t.Errorf("elements of a: %s", got)
	}
	if got := tp.memberText(1, "b"); got != "7" {
		t.Errorf("b is %q, want the last one", got)
	}
	if got := tp.member(1, "B"); got != tp.member(1, "b") {
		t.Error("B does not find b")
	}
	if got := tp.member(1, "c"); got != 0 {
		t.Errorf("c found at %d, though it is no member of the outer object", got)
	}
	if tp.next(1) != len(tp.toks) {
		t.Error("the object does not end with the tape")
	}
}

func TestCutAnywhereIsAnError(t *testing.T) {
	whole := `{"Records":[` + recordOf("GetItem", `"requestParameters":{"tableName":"orders","key":{"pk":"a\"b"}},"readOnly":true,"n":-1.5e3,"x":[null,{}]`) + `, {"eventSource":"s3.amazonaws.com"}]}`
	mustDecode(t, whole)
	for n := range len(whole) {
		if _, _, err := decodeWith(Limits{}, whole[:n]); !errors.Is(err, ErrSyntax) {
			t.Errorf("cut after %d bytes (%q): %v, want ErrSyntax", n, whole[max(0, n-10):n], err)
		}
	}
}

func TestInvalidUTF8IsReadAsJSONDoes(t *testing.T) {
	for _, bad := range []string{"\xff", "a\xc3", "\xed\xa0\x80", "\xf0\x9f\x98", "é\x80\x80z"} {
		var want string
		if err := json.Unmarshal([]byte(`"`+bad+`"`), &want); err != nil {
			t.Fatal(err)
		}
		k, _ := mustDecode(t, recordOf("GetItem", `"requestParameters":{"tableName":"orders","key":{"pk":"`+bad+`"}}`))
		if got := k.touches[0].KeyValues[0]; got != want {
			t.Errorf("%q: read as %q, want %q", bad, got, want)
		}
	}
	if _, _, err := decodeWith(Limits{}, "{\xff}"); !errors.Is(err, ErrSyntax) {
		t.Errorf("an invalid byte outside strings: %v", err)
	}
}

func TestDecodeLeavesDataAlone(t *testing.T) {
	data := corpus(50, "mixed")
	before := bytes.Clone(data)
	if _, err := New(Limits{}).Decode("object", data, &keeper{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, before) {
		t.Error("the object was written to")
	}
}
