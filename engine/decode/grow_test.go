package decode_test

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// grower writes JSON of CloudTrail's shapes, and shapes beside them, as a string of
// bytes chooses. When the bytes run out numbers made from them go on choosing for a
// while; then every choice is the first one, which ends things.
type grower struct {
	choices []byte
	out     bytes.Buffer
	depth   int
}

const afterlife = 800

// grow writes one object.
func grow(choices []byte) []byte {
	hash := fnv.New64a()
	hash.Write(choices)
	random := rand.New(rand.NewPCG(hash.Sum64(), uint64(len(choices))))
	choices = bytes.Clone(choices)
	for range afterlife {
		choices = append(choices, byte(random.Uint32()))
	}
	g := &grower{choices: choices}
	g.carrier()
	for g.maybe(8) {
		g.lit(g.one("", "\n", " \r\n"))
		g.carrier()
	}
	object := g.out.Bytes()
	if g.maybe(8) {
		object = g.mangle(object)
	}
	return object
}

// mangle breaks an object in a few places, or leaves it standing with other values.
func (g *grower) mangle(object []byte) []byte {
	for range 1 + g.n(3) {
		at := (g.n(256)<<8 | g.n(256)) % len(object)
		switch g.n(4) {
		case 0:
			object[at] = g.one(`"`, "{", "}", "[", "]", ":", ",", "\\", "0", " ", "e", "-", ".", "\x00", "\xff", "u")[0]
		case 1:
			object = slices.Delete(object, at, min(at+1+g.n(6), len(object)))
		case 2:
			object = slices.Insert(object, at, []byte(g.one(`"`, ",", "[", "}", "1", "nul", "\\u12", "\uFEFF"))...)
		default:
			object = object[:at]
		}
		if len(object) == 0 {
			break
		}
	}
	return object
}

// n chooses a number below limit.
func (g *grower) n(limit int) int {
	if len(g.choices) == 0 {
		return 0
	}
	c := int(g.choices[0])
	g.choices = g.choices[1:]
	return c % limit
}

// maybe is true once in about so many times.
func (g *grower) maybe(times int) bool { return g.n(times) == times-1 }

func (g *grower) one(options ...string) string { return options[g.n(len(options))] }

func (g *grower) lit(s string) { g.out.WriteString(s) }

// text writes a JSON string, now and then escaped in an odd way.
func (g *grower) text(s string) {
	g.lit(`"`)
	style := g.n(12)
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			g.lit(`\` + string(r))
		case r < 0x20, style == 11 && i%3 == 0 && r < 0x10000:
			g.lit(fmt.Sprintf(`\u%04x`, r))
		case r == '/' && style == 10:
			g.lit(`\/`)
		default:
			g.lit(string(r))
		}
	}
	if style == 9 {
		g.lit(g.one(`\ud83d\ude00`, `\ud800`, `\udc00\ud800x`, "\xff", "\u202e", `\u0000`, "é", `\n\t`, `\b\f\r`))
	}
	g.lit(`"`)
}

// name writes a member's name, now and then in another case.
func (g *grower) name(s string) {
	switch g.n(16) {
	case 13:
		s = strings.ToUpper(s[:1]) + s[1:]
	case 14:
		s = strings.ToUpper(s)
	case 15:
		s = strings.ToLower(s)
	}
	g.text(s)
}

type field struct {
	name  string
	value func(*grower)
}

// object writes members in some order, leaving out some and doubling others.
func (g *grower) object(often int, fields ...field) {
	g.lit("{")
	comma := ""
	start := 0
	if len(fields) > 0 {
		start = g.n(len(fields))
	}
	for i := range fields {
		f := fields[(start+i)%len(fields)]
		for range g.count(often) {
			g.lit(comma)
			comma = g.one(",", ",", ", ", " ,\n")
			g.name(f.name)
			g.lit(g.one(":", ":", " : "))
			if g.maybe(24) {
				g.junk()
			} else {
				f.value(g)
			}
		}
	}
	g.lit("}")
}

// count is how often a member comes: usually once; often says how rarely never.
func (g *grower) count(often int) int {
	switch c := g.n(often * 8); {
	case c >= often*8-1:
		return 2
	case c >= often*8-8:
		return 0
	}
	return 1
}

// list writes an array of a few elements.
func (g *grower) list(element func(*grower)) {
	g.lit("[")
	length := 1 + g.n(4) - g.n(2)
	if g.maybe(16) {
		length += g.n(16)
	}
	for i := range length {
		if i > 0 {
			g.lit(",")
		}
		if g.maybe(24) {
			g.junk()
		} else {
			element(g)
		}
	}
	g.lit("]")
}

// junk writes any value.
func (g *grower) junk() {
	g.depth++
	defer func() { g.depth-- }()
	if g.depth > 30 {
		g.lit("0")
		return
	}
	switch g.n(14) {
	case 0:
		g.lit("null")
	case 1:
		g.lit(g.one("true", "false"))
	case 2:
		g.lit(g.one("0", "12", "-1.50E+3", "1e-7", "111122223333", "-0", "01", "1.", "tru", "+1"))
	case 3:
		g.lit("{}")
	case 4:
		g.lit("[]")
	case 5:
		g.list((*grower).junk)
	case 6:
		g.object(4, field{"a", (*grower).junk}, field{"S", (*grower).word}, field{"tableArn", (*grower).table}, field{"key", (*grower).key}, field{growARN, (*grower).word})
	case 7:
		g.table()
	case 8:
		g.key()
	case 9:
		g.lit(strings.Repeat("[", 20) + strings.Repeat("]", 20))
	case 10:
		g.text(g.one(`{"eventSource":"dynamodb.amazonaws.com"}`, `a "`+growARN+`" in quotes`, `\`+growARN, growARN+`\"`))
	default:
		g.word()
	}
}

func TestGrowIsDeterministic(t *testing.T) {
	choices := []byte("any bytes will do to choose by, as long as there are enough of them to reach somewhere")
	if a, b := grow(choices), grow(choices); !bytes.Equal(a, b) {
		t.Errorf("the same choices wrote\n%s\nand\n%s", a, b)
	}
	if bytes.Equal(grow(choices), grow(choices[1:])) {
		t.Error("other choices wrote the same")
	}
}
