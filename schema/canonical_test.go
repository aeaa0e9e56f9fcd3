package schema

import (
	"slices"
	"testing"
)

func TestCanonicalJSON(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`null`, `null`},
		{` { "b" : 1 , "a" : [ true , false , null ] } `, `{"a":[true,false,null],"b":1}`},
		{`{"a":1,"a":2}`, `{"a":2}`},
		{`{"a":{"y":1},"a":{"x":{"d":1,"c":2}}}`, `{"a":{"x":{"c":2,"d":1}}}`},
		{`{"a":1,"B":2,"é":3,"z":4,"":5}`, `{"":5,"B":2,"a":1,"z":4,"é":3}`},
		{`[1.0,1E5,-0,12345678901234567890123]`, `[1.0,1E5,-0,12345678901234567890123]`},
		{`"\u0041\/\u00e9\ud83d\ude00\u2028<>&"`, "\"A/é😀\u2028<>&\""},
		{`"\u0000\u0008\u0009\u000a\u000c\u000d\u001f\u007f\"\\"`, `"\u0000\b\t\n\f\r\u001f` + "\x7f" + `\"\\"`},
		{`"\ud800x\udc00"`, "\"\ufffdx\ufffd\""},
		{"\"a\xffb\xc3\"", "\"a\ufffdb\ufffd\""},
		{`{}`, `{}`},
		{`[]`, `[]`},
	} {
		got, err := CanonicalJSON([]byte(tt.in))
		if err != nil || string(got) != tt.want {
			t.Errorf("CanonicalJSON(%s) = %s, %v, want %s", tt.in, got, err, tt.want)
			continue
		}
		again, err := CanonicalJSON(got)
		if err != nil || string(again) != tt.want {
			t.Errorf("CanonicalJSON is not stable: %s became %s, %v", tt.want, again, err)
		}
	}
	for _, in := range []string{``, ` `, `{`, `{"a":1}}`, `1 2`, `nul`, `{"a" 1}`, "\"\n\""} {
		if got, err := CanonicalJSON([]byte(in)); err == nil {
			t.Errorf("CanonicalJSON(%q) = %s, want an error", in, got)
		}
	}
}

func TestItemKey(t *testing.T) {
	for _, tt := range []struct {
		in, key string
		values  []string
	}{
		{`{"pk":"c#1","sk":"o#9"}`, `{"pk":"c#1","sk":"o#9"}`, []string{"c#1", "o#9"}},
		{`{"sk":"o#9","pk":"c#1"}`, `{"pk":"c#1","sk":"o#9"}`, []string{"c#1", "o#9"}},
		{`{"id":7}`, `{"id":"7"}`, []string{"7"}},
		{`{"id":"7"}`, `{"id":"7"}`, []string{"7"}},
		{`{"id":1.50E+3}`, `{"id":"1.50E+3"}`, []string{"1.50E+3"}},
		{`{"id":{"S":"a"}}`, `{"id":"a"}`, []string{"a"}},
		{`{"id":{"n":"1"}}`, `{"id":"1"}`, []string{"1"}},
		{`{"id":{"N":1}}`, `{"id":"1"}`, []string{"1"}},
		{`{"id":{"B":"YWI="}}`, `{"id":"YWI="}`, []string{"YWI="}},
		{`{"id":{"S":"a","N":"1"}}`, `{"id":"{\"N\":\"1\",\"S\":\"a\"}"}`, []string{`{"N":"1","S":"a"}`}},
		{`{"id":{"S":true}}`, `{"id":"{\"S\":true}"}`, []string{`{"S":true}`}},
		{`{"id":{"ſ":"a"}}`, `{"id":"{\"ſ\":\"a\"}"}`, []string{`{"ſ":"a"}`}},
		{`{"id":true,"no":null}`, `{"id":"true","no":"null"}`, []string{"true", "null"}},
		{`{"id":[1, "a"]}`, `{"id":"[1,\"a\"]"}`, []string{`[1,"a"]`}},
		{`{"id":""}`, `{"id":""}`, []string{""}},
		{`{"id":"a","id":"b"}`, `{"id":"b"}`, []string{"b"}},
		{`{"a\"b":"x\u0000\u202e😀"}`, "{\"a\\\"b\":\"x\\u0000\u202e😀\"}", []string{"x\x00\u202e😀"}},
	} {
		key, values, ok := ItemKey([]byte(tt.in))
		if !ok || key != tt.key || !slices.Equal(values, tt.values) {
			t.Errorf("ItemKey(%s) = %s, %q, %v, want %s, %q", tt.in, key, values, ok, tt.key, tt.values)
		}
	}
	for _, in := range []string{`{}`, `null`, `"a"`, `["a"]`, `1`, ``, `{"a":`} {
		if key, values, ok := ItemKey([]byte(in)); ok {
			t.Errorf("ItemKey(%s) = %s, %q, want none", in, key, values)
		}
	}
}
