package decode

import (
	"unsafe"

	"github.com/keytrail/keytrail/schema"
)

// kind is the kind of a JSON value.
type kind uint8

const (
	kindNull kind = iota
	kindFalse
	kindTrue
	kindNumber
	kindString
	kindArray
	kindObject
)

// token is one JSON value, or the name of an object's member, which comes right
// before its value. The values inside an array or object follow it directly.
type token struct {
	start, end uint32 // in the text; a string's without its quotes
	next       uint32 // index of the token after this value and all inside it
	kind       kind
	escaped    bool // a string with escape sequences
}

// tape is one JSON value laid out flat. Token 0 is a null that stands for
// whatever is not there, so that look-ups need no second result.
type tape struct {
	data       []byte
	src        string // data as text
	toks       []token
	spared     int    // tokens that values known without would have taken
	limit      int    // of tokens; more need a wide tape, or are too many
	arena      *arena // holds unescaped text
	depthLimit int
	beforeWide func()
}

// load points the tape at a text. Strings handed out are views of it.
func (t *tape) load(data []byte) {
	t.data = data
	t.src = view(data)
	t.clear()
}

// clear forgets all tokens but the sentinel.
func (t *tape) clear() {
	t.toks = append(t.toks[:0], token{next: 1})
	t.spared = 0
}

// release forgets the text, and the tokens if they take much room.
func (t *tape) release() {
	t.data, t.src = nil, ""
	if t.limit > keptTokens {
		t.toks, t.limit = nil, keptTokens
	}
}

// keptTokens is how large a tape may stay from one object to the next, 4 MiB. A
// record as CloudTrail limits it has half as many at most.
const keptTokens = 1 << 18

// widen makes room for more than keptTokens, all there may be at once: growing bit
// by bit would hold two tapes at a time, and pages that are not used cost nothing.
// It returns the tokens, in a wide tape, and their limit, which may be reached.
func (t *tape) widen(toks []token) ([]token, int) {
	if t.limit < maxTokens {
		t.beforeWide()
		t.limit = maxTokens
		const slack = 8 // a name and a value come after each check
		toks = append(make([]token, 0, maxTokens+slack), toks...)
	}
	return toks, t.limit
}

// view is b as text, without a copy: for bytes that do not change while the text
// is in use.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (t *tape) kind(i int) kind { return t.toks[i].kind }
func (t *tape) next(i int) int  { return int(t.toks[i].next) }

func (t *tape) isObject(i int) bool { return t.toks[i].kind == kindObject }
func (t *tape) isArray(i int) bool  { return t.toks[i].kind == kindArray }

// raw is the value's JSON as it stands.
func (t *tape) raw(i int) []byte {
	tok := t.toks[i]
	if tok.kind == kindString {
		return t.data[tok.start-1 : tok.end+1]
	}
	return t.data[tok.start:tok.end]
}

// str is the text of a string token, unescaped.
func (t *tape) str(i int) string {
	tok := &t.toks[i]
	s := t.src[tok.start:tok.end]
	if tok.escaped {
		return t.arena.unescape(s)
	}
	return s
}

// text is the value as text: a string's text, the JSON of a number or boolean,
// and nothing for null, arrays and objects.
func (t *tape) text(i int) string {
	switch tok := &t.toks[i]; tok.kind {
	case kindString:
		return t.str(i)
	case kindNumber, kindTrue, kindFalse:
		return t.src[tok.start:tok.end]
	}
	return ""
}

// tri is the value as a truth value, which some records write as text.
func (t *tape) tri(i int) schema.Tri {
	switch t.toks[i].kind {
	case kindTrue:
		return schema.True
	case kindFalse:
		return schema.False
	case kindString:
		switch s := t.str(i); {
		case equalFold(s, "true"):
			return schema.True
		case equalFold(s, "false"):
			return schema.False
		}
	}
	return schema.Null
}

// member is the value of the object's member of that name, or 0. The exact name
// goes before one that differs in case; among equals the last one counts.
func (t *tape) member(object int, name string) int {
	if !t.isObject(object) {
		return 0
	}
	exact, folded := 0, 0
	for i, end := object+1, t.next(object); i < end; i = t.next(i + 1) {
		switch s := t.str(i); {
		case s == name:
			exact = i + 1
		case equalFold(s, name):
			folded = i + 1
		}
	}
	if exact != 0 {
		return exact
	}
	return folded
}

// exactMember is the value of the last member spelled exactly so, or 0.
func (t *tape) exactMember(object int, name string) int {
	if !t.isObject(object) {
		return 0
	}
	found := 0
	for i, end := object+1, t.next(object); i < end; i = t.next(i + 1) {
		if t.str(i) == name {
			found = i + 1
		}
	}
	return found
}

// memberText is text of member.
func (t *tape) memberText(object int, name string) string { return t.text(t.member(object, name)) }

// hasMembers reports whether the value is an object with something in it.
func (t *tape) hasMembers(i int) bool { return t.isObject(i) && t.next(i) > i+1 }
