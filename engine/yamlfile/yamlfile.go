// Package yamlfile reads YAML files that people write, and says of what is wrong in them
// where it stands and what was meant.
package yamlfile

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// File is a file that was read.
type File struct {
	name string
	file *ast.File
}

// Read reads a file into the struct that to points at, whose keys are in its yaml tags. name
// is what the file is called in errors, such as
//
//	calendar.yaml:3:1: unknown key "holiday" (did you mean holidays?)
//
// of which all about keys are told at once. They quote keys, never values: what stands where
// it does not belong may be a secret.
func Read(name string, data []byte, to any) (f *File, err error) {
	f = &File{name: name}
	defer func() { // the library is not trusted to survive whatever it is given
		if cause := recover(); cause != nil {
			f, err = nil, fmt.Errorf("%s: this is no YAML: %v", name, cause)
		}
	}()
	if f.file, err = parser.ParseBytes(data, 0); err != nil {
		return nil, f.told("this is no YAML: ", err)
	}
	var unknown []error
	for _, doc := range f.file.Docs {
		unknown = append(unknown, f.unknown(doc.Body, reflect.TypeOf(to))...)
	}
	if len(unknown) > 0 {
		return nil, errors.Join(unknown...)
	}
	if err := yaml.UnmarshalWithOptions(data, to, yaml.Strict()); err != nil {
		return nil, f.told("", err)
	}
	return f, nil
}

// Errorf is an error about what stands at a path, such as channels[0].id: or where the file
// does not have that, about the nearest thing above.
func (f *File) Errorf(path, format string, a ...any) error {
	return f.at(f.find(path), fmt.Sprintf(format, a...))
}

// find is where something stands; nil when nothing of its path is in the file.
func (f *File) find(path string) *token.Position {
	for path != "" {
		if p, err := yaml.PathString("$." + path); err == nil {
			if node, err := p.FilterFile(f.file); err == nil {
				return startOf(node)
			}
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return nil
}

// startOf is where a node begins: a mapping with its first key.
func startOf(node ast.Node) *token.Position {
	if m, ok := node.(ast.MapNode); ok {
		if iter := m.MapRange(); iter.Next() {
			return iter.Key().GetToken().Position
		}
	}
	return node.GetToken().Position
}

func (f *File) at(p *token.Position, what string) error {
	if p == nil {
		return fmt.Errorf("%s: %s", f.name, what)
	}
	return fmt.Errorf("%s:%d:%d: %s", f.name, p.Line, p.Column, what)
}

// told is what the library says of a file.
func (f *File) told(before string, err error) error {
	var wrongType *yaml.TypeError
	if errors.As(err, &wrongType) && wrongType.Token != nil {
		return f.at(wrongType.Token.Position, "here "+wanted(wrongType.DstType.Kind())+" is wanted")
	}
	var known yaml.Error
	if errors.As(err, &known) && known.GetToken() != nil {
		return f.at(known.GetToken().Position, before+known.GetMessage())
	}
	return f.at(nil, before+err.Error())
}

func wanted(k reflect.Kind) string {
	switch k {
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "one text"
	}
	return "something else"
}

// unknown are keys that a struct does not have, anywhere below a node.
func (f *File) unknown(node ast.Node, t reflect.Type) (wrong []error) {
	switch node := node.(type) {
	case *ast.SequenceNode:
		if t = pointed(t); t.Kind() == reflect.Slice {
			for _, v := range node.Values {
				wrong = append(wrong, f.unknown(v, t.Elem())...)
			}
		}
	case ast.MapNode:
		if t = pointed(t); t.Kind() != reflect.Struct {
			return nil // which the library says better
		}
		names, types := keysOf(t)
		for iter := node.MapRange(); iter.Next(); {
			key := iter.Key().GetToken()
			if is, ok := types[key.Value]; ok {
				wrong = append(wrong, f.unknown(iter.Value(), is)...)
			} else if !iter.Key().IsMergeKey() {
				wrong = append(wrong, f.at(key.Position, fmt.Sprintf("unknown key %q (%s)", key.Value, meant(key.Value, names))))
			}
		}
	}
	return wrong
}

func pointed(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func keysOf(t reflect.Type) (names []string, types map[string]reflect.Type) {
	types = map[string]reflect.Type{}
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "" && name != "-" {
			names = append(names, name)
			types[name] = t.Field(i).Type
		}
	}
	return names, types
}
