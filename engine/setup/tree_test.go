package setup

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// tree is a module as Terraform's own parser reads it, every expression evaluated as far
// as that goes without a provider: resources are what their arguments say, and what a
// provider would tell is made up from their names.
type tree struct {
	t       *testing.T
	sources []*hclsyntax.Block
	all     []*block
	ctx     *hcl.EvalContext
	last    bool // pass: until then nobody asks for what is in blocks
}

// block is a block with the values of its arguments; blocks that a dynamic one makes
// stand in its place.
type block struct {
	kind   string
	labels []string
	args   map[string]cty.Value
	blocks []*block
	names  []string // of arguments, as written
}

// path names a block at the top: resource.aws_s3_bucket.trail, variable.name, locals.
func (b *block) path() string { return strings.Join(append([]string{b.kind}, b.labels...), ".") }

func (b *block) under(kind string) (found []*block) {
	for _, c := range b.blocks {
		if c.kind == kind {
			found = append(found, c)
		}
	}
	return found
}

// text is an argument that is text, a number or a truth value; empty when it is not there.
func (b *block) text(name string) string {
	v, ok := b.args[name]
	switch {
	case !ok || v.IsNull():
		return ""
	case v.Type() == cty.Bool:
		return fmt.Sprint(v.True())
	case v.Type() == cty.Number:
		return v.AsBigFloat().Text('f', -1)
	}
	return v.AsString()
}

func (b *block) list(name string) (texts []string) {
	v, ok := b.args[name]
	if !ok {
		return nil
	}
	for _, e := range v.AsValueSlice() {
		texts = append(texts, e.AsString())
	}
	return texts
}

var functions = map[string]function.Function{
	"jsonencode": stdlib.JSONEncodeFunc, "concat": stdlib.ConcatFunc,
	"sort": stdlib.SortFunc, "lower": stdlib.LowerFunc, "regex": stdlib.RegexFunc, "can": tryfunc.CanFunc, "trimsuffix": stdlib.TrimSuffixFunc,
	"alltrue": function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			for _, v := range args[0].AsValueSlice() {
				if v.False() {
					return cty.False, nil
				}
			}
			return cty.True, nil
		},
	}),
}

func init() {
	functions["length"] = function.New(&function.Spec{ // Terraform's takes text, too
		Params: []function.Parameter{{Name: "of", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if args[0].Type() == cty.String {
				return stdlib.Strlen(args[0])
			}
			return args[0].Length(), nil
		},
	})
	functions["toset"] = function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.Set(cty.String)),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.SetVal(args[0].AsValueSlice()), nil
		},
	})
}

// read are the files parsed so far: many modules share most of theirs.
var read = map[string]*hclsyntax.Body{}

// parse reads the files of a module that are Terraform's, and evaluates them, without
// resources of the kinds to skip.
func parse(t *testing.T, files []File, skip ...string) *tree {
	t.Helper()
	m := &tree{t: t}
	for _, f := range files {
		if !strings.HasSuffix(f.Name, ".tf") {
			continue
		}
		body := read[string(f.Data)]
		if body == nil {
			file, diags := hclsyntax.ParseConfig(f.Data, f.Name, hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatalf("%s\n%s", diags, f.Data)
			}
			body = file.Body.(*hclsyntax.Body)
			read[string(f.Data)] = body
		}
		if len(body.Attributes) > 0 {
			t.Errorf("%s has arguments outside of blocks", f.Name)
		}
		for _, b := range body.Blocks {
			if len(b.Labels) == 0 || !slices.Contains(skip, b.Labels[0]) {
				m.sources = append(m.sources, b)
			}
		}
	}
	m.evaluate()
	return m
}

// given is what no file of the module says.
var given = map[string]cty.Value{
	"data.aws_caller_identity.current": cty.ObjectVal(map[string]cty.Value{"account_id": cty.StringVal("111122223333")}),
	"data.aws_partition.current":       cty.ObjectVal(map[string]cty.Value{"partition": cty.StringVal("aws")}),
	"data.aws_subnet.nightly":          cty.ObjectVal(map[string]cty.Value{"vpc_id": cty.StringVal("vpc-1")}),
	"data.aws_organizations_organization.current": cty.ObjectVal(map[string]cty.Value{
		"id": cty.StringVal("o-abcdefghij"), "master_account_id": cty.StringVal("999988887777"),
		"accounts": cty.ListVal([]cty.Value{
			cty.ObjectVal(map[string]cty.Value{"id": cty.StringVal("999988887777")}),
			cty.ObjectVal(map[string]cty.Value{"id": cty.StringVal("111122223333")}),
		}),
	}),
	"var.subnet_ids": cty.TupleVal([]cty.Value{cty.StringVal("subnet-00000001")}), // where it has no default
}

// passes are as many as the longest chain of locals and resources takes.
const passes = 4

// evaluate finds the values of all expressions: variables first, then locals and
// resources as often as it takes until nothing is new.
func (m *tree) evaluate() {
	names := map[string]map[string]cty.Value{"var": {}, "local": {}, "data": {}}
	for _, b := range m.sources {
		switch b.Type {
		case "variable":
			names["var"][b.Labels[0]] = m.startOf(b)
		case "data":
			names["data"][b.Labels[0]] = cty.ObjectVal(map[string]cty.Value{b.Labels[1]: m.known(strings.Join(append([]string{"data"}, b.Labels...), "."))})
		}
	}
	for pass := range passes {
		m.last = pass == passes-1
		m.ctx = &hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: functions}
		for name, values := range names {
			m.ctx.Variables[name] = cty.ObjectVal(values)
		}
		m.all = nil
		made := map[string]map[string]cty.Value{}
		for _, b := range m.sources {
			e := m.blockOf(b.Type, b.Labels, b.Body, m.ctx)
			m.all = append(m.all, e)
			switch b.Type {
			case "locals":
				maps.Copy(names["local"], e.args)
			case "resource":
				if made[b.Labels[0]] == nil {
					made[b.Labels[0]] = map[string]cty.Value{}
				}
				made[b.Labels[0]][b.Labels[1]] = resourceOf(e)
			}
		}
		for kind, resources := range made {
			names[kind] = resources
		}
	}
	for _, b := range m.all {
		m.whole(b.path(), b)
	}
}

func (m *tree) startOf(b *hclsyntax.Block) cty.Value {
	attr, ok := b.Body.Attributes["default"]
	if !ok {
		return m.known("var." + b.Labels[0])
	}
	v, diags := attr.Expr.Value(nil)
	if diags.HasErrors() {
		m.t.Fatal(diags)
	}
	return v
}

func (m *tree) known(name string) cty.Value {
	v, ok := given[name]
	if !ok {
		m.t.Fatalf("nothing is known of %s", name)
	}
	return v
}

// resourceOf is what others see of a resource.
func resourceOf(b *block) cty.Value {
	values := maps.Clone(b.args)
	for _, name := range provider[b.labels[0]].exports {
		values[name] = cty.StringVal("(" + b.labels[0] + "." + b.labels[1] + "." + name + ")")
	}
	if bucket, ok := b.args["bucket"]; ok && b.labels[0] == "aws_s3_bucket" && bucket.IsKnown() && bucket.Type() == cty.String {
		values["id"], values["arn"] = bucket, cty.StringVal("arn:aws:s3:::"+bucket.AsString())
	}
	return cty.ObjectVal(values)
}

func (m *tree) blockOf(kind string, labels []string, body *hclsyntax.Body, ctx *hcl.EvalContext) *block {
	b := &block{kind: kind, labels: labels, args: map[string]cty.Value{}}
	for _, name := range slices.Sorted(maps.Keys(body.Attributes)) {
		b.names = append(b.names, name)
		if name == "depends_on" || name == "type" && kind == "variable" {
			continue // names, not values
		}
		v, diags := body.Attributes[name].Expr.Value(ctx)
		if diags.HasErrors() {
			v = cty.DynamicVal
		}
		b.args[name] = v
	}
	for _, c := range body.Blocks {
		if !m.last {
			break
		}
		if c.Type != "dynamic" {
			b.blocks = append(b.blocks, m.blockOf(c.Type, c.Labels, c.Body, ctx))
			continue
		}
		b.blocks = append(b.blocks, m.dynamic(c, ctx)...)
	}
	return b
}

// dynamic makes the blocks that a dynamic one stands for.
func (m *tree) dynamic(c *hclsyntax.Block, ctx *hcl.EvalContext) (made []*block) {
	each, diags := c.Body.Attributes["for_each"].Expr.Value(ctx)
	if diags.HasErrors() || !each.IsWhollyKnown() {
		return nil // not yet; the last time around whole complains
	}
	for it := each.ElementIterator(); it.Next(); {
		key, value := it.Element()
		inner := ctx.NewChild()
		inner.Variables = map[string]cty.Value{c.Labels[0]: cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})}
		made = append(made, m.blockOf(c.Labels[0], nil, c.Body.Blocks[0].Body, inner))
	}
	return made
}

// whole complains of values that could not be found.
func (m *tree) whole(path string, b *block) {
	for name, v := range b.args {
		if !v.IsWhollyKnown() {
			m.t.Errorf("%s: %s has no value", path, name)
		}
	}
	for _, c := range b.blocks {
		m.whole(path+"."+c.kind, c)
	}
}

// get is the one block of a path; it has to be there.
func (m *tree) get(path string) *block {
	m.t.Helper()
	b := m.find(path)
	if b == nil {
		m.t.Fatalf("there is no %s", path)
	}
	return b
}

func (m *tree) find(path string) *block {
	for _, b := range m.all {
		if b.path() == path {
			return b
		}
	}
	return nil
}

// statement is one of a policy, with its lists as lists.
type statement struct {
	Sid, Effect      string
	Principal        any
	Action, Resource list
	Condition        map[string]map[string]string
}

type list []string

func (l *list) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*l = list{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(l))
}

// policy is an argument that is a policy document, by the Sids of its statements.
func (b *block) policy(t *testing.T, name string) map[string]statement {
	t.Helper()
	var document struct {
		Version   string
		Statement []statement
	}
	if err := json.Unmarshal([]byte(b.text(name)), &document); err != nil {
		t.Fatalf("%s: %v", b.path(), err)
	}
	if document.Version != "2012-10-17" {
		t.Errorf("%s is of version %q, which has no variables", b.path(), document.Version)
	}
	all := map[string]statement{}
	for i, s := range document.Statement {
		if s.Sid == "" {
			s.Sid = fmt.Sprint(i)
		}
		if _, twice := all[s.Sid]; twice {
			t.Errorf("%s has two statements %s", b.path(), s.Sid)
		}
		all[s.Sid] = s
	}
	return all
}

func (s statement) service() string {
	m, _ := s.Principal.(map[string]any)
	name, _ := m["Service"].(string)
	return name
}
