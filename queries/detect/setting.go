package detect

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/keytrail/keytrail/schema"
)

// Mode says what becomes of a detection's findings.
type Mode string

const (
	Live   Mode = "live"
	DryRun Mode = "dry_run" // counted and kept, told to nobody
	Off    Mode = "off"
)

// Setting is what a user has changed of a detection.
type Setting struct {
	Mode     Mode            // empty: live
	Severity schema.Severity // 0: the detection's own
	Params   any             // a copy of [Detection.Params], changed; nil: unchanged
}

// defaultsKey stands for all detections in a file of settings.
const defaultsKey = "defaults"

// ParseSettings reads a file that says, by detection id, what is to be changed:
//
//	defaults: {mode: dry_run}
//	DDB-EXF-001: {mode: live, severity: high, params: {export_buckets: [analytics]}}
//
// What "defaults" says holds for the detections that say nothing else. name is what the
// file is called in errors, which are [*SettingError].
func ParseSettings(name string, data []byte) (map[string]Setting, error) {
	return parseSettings(Catalogue, name, data)
}

func parseSettings(catalogue []Detection, name string, data []byte) (map[string]Setting, error) {
	r := settingReader{catalogue, name}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, r.wrap(err)
	}
	all := map[string]Setting{}
	var defaults Mode
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.NullType {
			continue
		}
		members, err := r.members(doc.Body, "the ids of detections, and what is to be changed of each")
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if m.name == defaultsKey {
				if defaults, err = r.defaults(m.value); err != nil {
					return nil, err
				}
				continue
			}
			if all[m.name], err = r.setting(m); err != nil {
				return nil, err
			}
		}
	}
	if defaults != "" {
		for i := range catalogue {
			s := all[catalogue[i].ID]
			s.Mode = cmp.Or(s.Mode, defaults)
			all[catalogue[i].ID] = s
		}
	}
	return all, nil
}

// settingReader reads a file by its syntax tree, which knows lines and columns.
type settingReader struct {
	catalogue []Detection
	name      string
}

// member is a name and what stands behind it.
type member struct {
	name  string
	key   ast.Node
	value ast.Node
}

// members are those of a mapping, each name once.
func (r *settingReader) members(n ast.Node, what string) (list []member, err error) {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	case *ast.NullNode:
		return nil, nil
	default:
		return nil, r.at(n, fmt.Sprintf("here must stand %s", what))
	}
	for _, v := range values {
		m := member{v.Key.GetToken().Value, v.Key, v.Value}
		if slices.ContainsFunc(list, func(o member) bool { return o.name == m.name }) {
			return nil, r.at(v.Key, fmt.Sprintf("%q stands here for the second time", m.name))
		}
		list = append(list, m)
	}
	return list, nil
}

func (r *settingReader) defaults(n ast.Node) (mode Mode, err error) {
	members, err := r.members(n, "mode")
	if err != nil {
		return "", err
	}
	for _, m := range members {
		if m.name != "mode" {
			return "", r.at(m.key, fmt.Sprintf("defaults have no %q: mode is all that they have", m.name))
		}
		if mode, err = r.mode(m.value); err != nil {
			return "", err
		}
	}
	return mode, nil
}

// setting reads what a file says of one detection.
func (r *settingReader) setting(of member) (s Setting, err error) {
	at := slices.IndexFunc(r.catalogue, func(d Detection) bool { return d.ID == of.name })
	if at < 0 {
		return s, r.at(of.key, fmt.Sprintf("there is no detection %q%s", of.name, r.meant(of.name)))
	}
	members, err := r.members(of.value, "mode, severity and params")
	if err != nil {
		return s, err
	}
	for _, m := range members {
		switch m.name {
		case "mode":
			s.Mode, err = r.mode(m.value)
		case "severity":
			s.Severity, err = r.severity(m.value)
		case "params":
			s.Params, err = r.params(&r.catalogue[at], m.value)
		default:
			err = r.at(m.key, fmt.Sprintf("a detection has no %q: take mode, severity or params%s", m.name, nearest(m.name, []string{"mode", "severity", "params"})))
		}
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

func (r *settingReader) mode(n ast.Node) (Mode, error) {
	text := n.GetToken().Value
	for _, m := range []Mode{Live, DryRun, Off} {
		if string(m) == text {
			return m, nil
		}
	}
	return "", r.at(n, fmt.Sprintf("%q is no mode: live, dry_run, off%s", text, nearest(text, []string{"live", "dry_run", "off"})))
}

func (r *settingReader) severity(n ast.Node) (schema.Severity, error) {
	s, err := schema.ParseSeverity(n.GetToken().Value)
	if err != nil {
		return 0, r.at(n, err.Error())
	}
	return s, nil
}

// params are a detection's, with what the file changes.
func (r *settingReader) params(d *Detection, n ast.Node) (any, error) {
	members, err := r.members(n, "the params of "+d.ID)
	if err != nil {
		return nil, err
	}
	params := ParamsOf(d)
	for _, m := range members {
		if slices.ContainsFunc(params, func(p Param) bool { return p.Name == m.name }) {
			continue
		}
		var names, told []string
		for _, p := range params {
			names, told = append(names, p.Name), append(told, p.Name+": "+p.Default)
		}
		has := "it has none"
		if len(told) > 0 {
			has = "it has " + strings.Join(told, ", ")
		}
		return nil, r.at(m.key, fmt.Sprintf("%s has no param %q; %s%s", d.ID, m.name, has, nearest(m.name, names)))
	}
	changed := reflect.New(reflect.TypeOf(d.Params).Elem())
	changed.Elem().Set(reflect.ValueOf(d.Params).Elem())
	if err := yaml.NodeToValue(n, changed.Interface(), yaml.Strict()); err != nil {
		return nil, r.wrap(err)
	}
	return changed.Interface(), nil
}

// Param is one setting of a detection.
type Param struct {
	Name    string
	Default string // as YAML, on one line
	About   string // what it is for; may be empty
}

// ParamsOf are the params that a detection has, with their defaults.
func ParamsOf(d *Detection) []Param {
	v := reflect.ValueOf(d.Params).Elem()
	params := make([]Param, v.NumField())
	for i := range params {
		f := v.Type().Field(i)
		params[i].Name, params[i].About = paramName(f), f.Tag.Get("about")
		text, err := yaml.MarshalWithOptions(v.Field(i).Interface(), yaml.Flow(true))
		if params[i].Default = strings.TrimSpace(string(text)); err != nil || params[i].Default == "null" {
			params[i].Default = "[]"
		}
	}
	return params
}
