package policy

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// reading is a file being read: what is wrong in it, and where everything stands.
type reading struct {
	problems Problems
	lines    []string
	marks    map[string]*token.Position // by path, such as rules[3].who.kind[0]
	broken   map[string]bool            // paths that could not be read: nothing more is said of them
}

func newReading(name string, data []byte) *reading {
	return &reading{
		problems: Problems{Name: name}, lines: strings.Split(string(data), "\n"),
		marks: map[string]*token.Position{}, broken: map[string]bool{},
	}
}

// fill reads a node into a value. A path that is not in the file has no mark.
func (r *reading) fill(node ast.Node, to reflect.Value, path, key string) {
	if isNull(node) {
		return // as if the key were not there
	}
	r.marks[path] = startOf(node)
	switch node.(type) {
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode, *ast.MergeKeyNode:
		r.fault(path, "anchors, aliases and tags are not read here: write it out, or name a group")
		return
	}
	switch to.Kind() {
	case reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		r.fill(node, to.Elem(), path, key)
	case reflect.Struct:
		r.members(node, to, path, key)
	case reflect.Map:
		r.entries(node, to, path, key)
	case reflect.Slice:
		r.list(node, to, path, key)
	default:
		r.scalar(node, to, path, key)
	}
}

// startOf is where a node begins: a mapping with its first key.
func startOf(node ast.Node) *token.Position {
	if m, ok := node.(*ast.MappingNode); ok && len(m.Values) > 0 {
		return m.Values[0].Key.GetToken().Position
	}
	return node.GetToken().Position
}

// pairs are the members of a mapping, each key once.
func (r *reading) pairs(node ast.Node, path, key string) (all []*ast.MappingValueNode) {
	m, ok := node.(ast.MapNode)
	if !ok {
		r.fault(path, fmt.Sprintf("%s wants keys and values, this is %s", named(key), kindOf(node)))
		return nil
	}
	seen := map[string]int{}
	for iter := m.MapRange(); iter.Next(); {
		pair := iter.KeyValue()
		name, at := pair.Key.GetToken().Value, pair.Key.GetToken().Position
		if pair.Key.IsMergeKey() {
			r.add(at, Fault, "merge keys (<<) are not read here: write it out")
			continue
		}
		if line, twice := seen[name]; twice {
			r.add(at, Fault, fmt.Sprintf("key %q stands here a second time; the first is in line %d", name, line))
			continue
		}
		seen[name] = at.Line
		all = append(all, pair)
	}
	return all
}

func (r *reading) members(node ast.Node, to reflect.Value, path, key string) {
	fields := fieldsOf(to.Type())
	for _, pair := range r.pairs(node, path, key) {
		name := pair.Key.GetToken().Value
		i, ok := fields.at[name]
		if !ok {
			r.add(pair.Key.GetToken().Position, Fault, fmt.Sprintf("unknown key %q (%s)", name, meant(name, fields.names)))
			r.broken[path], r.broken[join(path, nearest(name, fields.names))] = true, true
			continue
		}
		at := join(path, name)
		if path != "" && isNull(pair.Value) {
			r.marks[at] = pair.Key.GetToken().Position
			r.empty(at, name)
			continue
		}
		r.fill(pair.Value, to.Field(i), at, name)
	}
}

// empty refuses a key without a value anywhere but at the top of the file: whether that is
// nobody or everybody is not left to a guess.
func (r *reading) empty(path, key string) {
	r.fault(path, fmt.Sprintf("%s is empty: leave it out, or fill it in", named(key)))
}

func isNull(node ast.Node) bool { return node == nil || node.Type() == ast.NullType }

func (r *reading) entries(node ast.Node, to reflect.Value, path, key string) {
	to.Set(reflect.MakeMap(to.Type()))
	for _, pair := range r.pairs(node, path, key) {
		name := pair.Key.GetToken().Value
		v := reflect.New(to.Type().Elem()).Elem()
		at := join(path, name)
		r.fill(pair.Value, v, at, name)
		if r.marks[at] == nil {
			r.marks[at] = pair.Key.GetToken().Position
		}
		to.SetMapIndex(reflect.ValueOf(name), v)
	}
}

func (r *reading) list(node ast.Node, to reflect.Value, path, key string) {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		what := fmt.Sprintf("%s wants a list", named(key))
		if scalar, is := node.(ast.ScalarNode); is {
			what += fmt.Sprintf(": [%s]", shortened(strings.TrimSpace(scalar.GetToken().Value)))
		}
		r.fault(path, what)
		return
	}
	if len(sequence.Values) == 0 && strings.ContainsAny(path, ".[") {
		r.empty(path, key)
	}
	to.Set(reflect.MakeSlice(to.Type(), len(sequence.Values), len(sequence.Values)))
	for i, value := range sequence.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		if isNull(value) {
			r.add(sequence.GetToken().Position, Fault, fmt.Sprintf("%s has an empty entry, its number %d", named(key), i+1))
			continue
		}
		r.fill(value, to.Index(i), at, key)
	}
}

func (r *reading) scalar(node ast.Node, to reflect.Value, path, key string) {
	text, ok := textOf(node)
	if !ok {
		r.fault(path, fmt.Sprintf("%s wants one value, this is %s", named(key), kindOf(node)))
		return
	}
	switch to.Kind() {
	case reflect.String:
		if text == "" {
			r.empty(path, key)
		}
		to.SetString(text)
	case reflect.Bool:
		is, isBool := node.(*ast.BoolNode)
		if !isBool {
			r.fault(path, fmt.Sprintf("%s wants true or false, not %q", named(key), text))
			return
		}
		to.SetBool(is.Value)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			r.fault(path, fmt.Sprintf("%s wants a whole number, not %q", named(key), text))
			return
		}
		to.SetInt(int64(n))
	}
}

// textOf is a scalar as it was written: an account id that begins with 0 is no number.
func textOf(node ast.Node) (string, bool) {
	switch node := node.(type) {
	case *ast.StringNode:
		return node.Value, true
	case *ast.LiteralNode:
		return node.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return node.GetToken().Value, true
	}
	return "", false
}

func kindOf(node ast.Node) string {
	switch node.(type) {
	case ast.MapNode:
		return "keys and values"
	case *ast.SequenceNode:
		return "a list"
	case ast.ScalarNode:
		return "one value"
	}
	return "something else"
}

func named(key string) string {
	if key == "" {
		return "the file"
	}
	return strconv.Quote(key)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// fault notes that what stands at a path cannot be read.
func (r *reading) fault(path, what string) {
	r.at(path, Fault, what)
	r.broken[path] = true
}

// at notes what is wrong at a path, or at the nearest one above that is in the file.
func (r *reading) at(path string, level Level, what string) {
	if r.broken[path] {
		return
	}
	for path != "" && r.marks[path] == nil {
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	r.add(r.marks[path], level, what)
}

func (r *reading) add(at *token.Position, level Level, what string) {
	p := Problem{Line: 1, Column: 1, Level: level, What: what}
	if at != nil {
		p.Line, p.Column = max(at.Line, 1), max(at.Column, 1)
	}
	if p.Line <= len(r.lines) {
		p.Source = r.lines[p.Line-1]
	}
	r.problems.List = append(r.problems.List, p)
}

// fieldNames are the keys of a struct.
type fieldNames struct {
	names []string
	at    map[string]int
}

func fieldsOf(t reflect.Type) fieldNames {
	f := fieldNames{at: map[string]int{}}
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "" && name != "-" {
			f.names = append(f.names, name)
			f.at[name] = i
		}
	}
	return f
}

// parseYAML is the one document of a file, nil when it has nothing but comments. The
// library is not trusted to survive whatever it is given.
func (r *reading) parseYAML(data []byte) (body ast.Node) {
	defer func() {
		if cause := recover(); cause != nil {
			body = nil
			r.add(nil, Fault, fmt.Sprintf("this is no YAML: %v", cause))
		}
	}()
	file, err := parser.ParseBytes(bytes.TrimPrefix(data, []byte("\ufeff")), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return nil
	}
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.CommentType:
		case body != nil:
			r.add(startOf(doc.Body), Fault, "a second document begins here: one file is one policy")
			return nil
		default:
			body = doc.Body
		}
	}
	return body
}
