package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Tags are tags of tables: by ARN, then by name.
type Tags map[string]map[string]string

// TableTags says which tags tell how much care a table needs. What the file's own entries
// say of a table wins: a tag can be set by whoever may tag.
type TableTags struct {
	Class      []string `yaml:"class"`      // names of tags; the first that a table has counts
	Protected  []string `yaml:"protected"`  // true, yes, on, 1 or protected
	Owner      []string `yaml:"owner"`      // who answers for it
	Frameworks []string `yaml:"frameworks"` // names, separated by spaces, commas, + or /
	// Values are classes by what tags say: {pii: restricted}. The names of classes need not
	// be here.
	Values map[string]string `yaml:"values"`
}

// ByTag reports whether the file says what tags tell.
func (p *Policy) ByTag() bool {
	return p != nil && len(p.TableTags.Class)+len(p.TableTags.Protected)+len(p.TableTags.Owner)+len(p.TableTags.Frameworks) > 0
}

// WithTags is the policy with what tags tell of tables, wherever it asks for a table
// ([Policy.TableOf]). Tags are those of one moment. Of several moments, in order of time,
// the class that needs most care counts, and protection by any: whoever judges a day gives
// those that held in it, so that nobody lowers a class, reads the table and goes unseen.
// p is not changed.
func (p *Policy) WithTags(moments ...Tags) *Policy {
	moments = slices.DeleteFunc(slices.Clone(moments), func(t Tags) bool { return len(t) == 0 })
	if !p.ByTag() || len(moments) == 0 {
		return p
	}
	q := *p
	q.tell(moments)
	return &q
}

// tell has the policy's tables told by the file, its catalogue and tags of some moments.
func (p *Policy) tell(moments []Tags) {
	told := func(arn string) Table {
		tags := make([]map[string]string, len(moments))
		for i := range moments {
			tags[i] = moments[i][arn]
		}
		return p.TableTold(arn, tags...).Table
	}
	p.compiled.tables = newTableCache(p.Tables)
	p.compiled.tables.told = told
	if c := p.compiled.catalogue; c != nil {
		p.compiled.classes = p.compiled.classes || slices.ContainsFunc(c.Tables, func(t Table) bool { return t.Class != "" })
		p.compiled.protects = p.compiled.protects || slices.ContainsFunc(c.Tables, func(t Table) bool { return t.Protected })
		moments = append([]Tags{c.Tags}, moments...)
	}
	for _, tags := range moments {
		for arn := range tags {
			t := told(arn)
			p.compiled.classes = p.compiled.classes || t.Class != ""
			p.compiled.protects = p.compiled.protects || t.Protected
		}
	}
}

// HasClasses and HasProtected report whether some table has a class, or is protected, by
// the file or by tags.
func (p *Policy) HasClasses() bool {
	return p != nil && (p.compiled.classes || slices.ContainsFunc(p.Tables, func(t Table) bool { return t.Class != "" }))
}

func (p *Policy) HasProtected() bool {
	return p != nil && (p.compiled.protects || slices.ContainsFunc(p.Tables, func(t Table) bool { return t.Protected }))
}

// TableTold is a table with who says so.
type TableTold struct {
	Table
	By map[string]string // by key of the file, such as class: "policy", "catalogue", or "tag NAME"
}

// TableTold is [Policy.TableOf] for a table with the tags of some moments, in order of time
// ([Policy.WithTags]), and says who has each word. Tags that WithTags was given are not
// asked.
func (p *Policy) TableTold(arn string, moments ...map[string]string) TableTold {
	told := TableTold{By: map[string]string{}}
	if p == nil {
		return told
	}
	told.Table = p.compiled.tables.entry(arn)
	told.note("policy")
	if c := p.compiled.catalogue; c != nil {
		told.add(p.compiled.listed.entry(arn))
		moments = append([]map[string]string{c.Tags[arn]}, moments...)
	}
	sure := maps.Clone(told.By)
	for _, tags := range moments {
		p.TableTags.fill(&told, sure, tags)
	}
	return told
}

// note says by whom the words are that nobody has yet.
func (t *TableTold) note(by string) {
	for key, says := range map[string]bool{
		"class": t.Class != "", "protected": t.Protected, "owner": t.Owner != "", "frameworks": len(t.Frameworks) > 0,
	} {
		if says && t.By[key] == "" {
			t.By[key] = by
		}
	}
}

// add takes from a catalogue's entry what the file's own does not say.
func (t *TableTold) add(entry Table) {
	t.Class, t.Owner = cmp.Or(t.Class, entry.Class), cmp.Or(t.Owner, entry.Owner)
	t.Protected = t.Protected || entry.Protected
	if len(t.Frameworks) == 0 {
		t.Frameworks = entry.Frameworks
	}
	t.note("catalogue")
}

// fill takes from a table's tags of one moment what nobody is sure of.
func (t *TableTags) fill(told *TableTold, sure, tags map[string]string) {
	take := func(key string, names []string, use func(value string) (said, taken bool)) {
		if sure[key] != "" {
			return
		}
		for _, name := range names {
			if value, ok := tags[name]; ok {
				said, taken := use(value)
				if taken {
					told.By[key] = "tag " + name
				}
				if said {
					return
				}
			}
		}
	}
	take("class", t.Class, func(v string) (said, taken bool) {
		class := t.class(v)
		if taken = rank(class) > rank(told.Class); taken {
			told.Class = class
		}
		return class != "", taken
	})
	take("protected", t.Protected, func(v string) (said, taken bool) {
		said = affirmed(v)
		taken = said && !told.Protected
		told.Protected = told.Protected || said
		return said, taken
	})
	take("owner", t.Owner, func(v string) (said, taken bool) {
		owner := printable(v)
		told.Owner = cmp.Or(owner, told.Owner)
		return owner != "", owner != ""
	})
	take("frameworks", t.Frameworks, func(v string) (said, taken bool) {
		names := namesIn(v)
		if len(names) > 0 {
			told.Frameworks = names
		}
		return len(names) > 0, len(names) > 0
	})
}

// class is the class that a tag's value stands for, empty if it stands for none.
func (t *TableTags) class(value string) string {
	value = strings.ToLower(strings.TrimSpace(value))
	for _, v := range slices.Sorted(maps.Keys(t.Values)) {
		if strings.ToLower(v) == value {
			return t.Values[v]
		}
	}
	if slices.Contains(Classes, value) {
		return value
	}
	return ""
}

func affirmed(value string) bool {
	return slices.Contains([]string{"true", "yes", "on", "1", "protected"}, strings.ToLower(strings.TrimSpace(value)))
}

func namesIn(value string) []string {
	names := strings.FieldsFunc(printable(value), func(r rune) bool { return strings.ContainsRune(" ,;+/", r) })
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

// printable is a tag's value without what a terminal would obey: entries of the file are
// written by people whom the reader trusts, tags by whoever may tag.
func printable(value string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, value))
}

// tags checks what the file says of tags.
func (c *checker) tags(t *TableTags) {
	for _, v := range slices.Sorted(maps.Keys(t.Values)) {
		c.oneOf("table_tags.values."+v, cmp.Or(t.Values[v], "?"), "class", Classes)
	}
	if len(t.Values) > 0 && len(t.Class) == 0 {
		c.at("table_tags.values", Warning, fmt.Sprintf("no tag is read for these: name those that tell the class, class: [%s]", "data-class"))
	}
}
