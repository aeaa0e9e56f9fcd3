package policy

import (
	"reflect"
	"strings"
	"sync"
	"testing"
)

const taggedPolicy = `
version: 1
tables:
  - {match: "**:table/orders", class: confidential, owner: alice}
  - {match: "**:table/log-*", protected: true}
table_tags:
  class: [data-class, DataClassification]
  protected: [protected]
  owner: [owner, team]
  frameworks: [compliance]
  values: {PII: restricted, none: public}
`

const tableARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/"

// What the file says of a table wins; of several tags the first that says anything does.
func TestTagsFillIn(t *testing.T) {
	p := parse(t, taggedPolicy)
	for name, c := range map[string]struct {
		tags map[string]string
		want Table
		by   map[string]string
	}{
		"orders": {map[string]string{"data-class": "pii", "team": "bob"}, Table{Match: "**:table/orders", Class: "confidential", Owner: "alice"},
			map[string]string{"class": "policy", "owner": "policy"}},
		"users": {map[string]string{"data-class": " Pii ", "DataClassification": "public", "team": "bob", "owner": "", "protected": "TRUE", "compliance": "pci, gdpr+pci"},
			Table{Class: "restricted", Owner: "bob", Protected: true, Frameworks: []string{"gdpr", "pci"}},
			map[string]string{"class": "tag data-class", "owner": "tag team", "protected": "tag protected", "frameworks": "tag compliance"}},
		"odd":   {map[string]string{"data-class": "very", "DataClassification": "Internal", "protected": "no"}, Table{Class: "internal"}, map[string]string{"class": "tag DataClassification"}},
		"bad":   {map[string]string{"owner": "\x1b[31m\u202eeve\n", "compliance": "\u202e"}, Table{Owner: "[31meve"}, map[string]string{"owner": "tag owner"}},
		"log-1": {map[string]string{"protected": "no"}, Table{Match: "**:table/log-*", Protected: true}, map[string]string{"protected": "policy"}},
		"none":  {nil, Table{}, map[string]string{}},
	} {
		told := p.TableTold(tableARN+name, c.tags)
		if !reflect.DeepEqual(told.Table, c.want) || !reflect.DeepEqual(told.By, c.by) {
			t.Errorf("%s: %+v, want %+v by %v", name, told, c.want, c.by)
		}
		if of := p.WithTags(Tags{tableARN + name: c.tags}).TableOf(tableARN + name); !reflect.DeepEqual(of, c.want) {
			t.Errorf("%s: with tags it is %+v", name, of)
		}
	}
}

// A policy with tags is another one; the first stays as it was, and so do its verdicts.
func TestWithTags(t *testing.T) {
	p := parse(t, taggedPolicy)
	q := p.WithTags(Tags{tableARN + "users": {"data-class": "pii"}, tableARN + "x": {"protected": "1"}})
	if p.TableOf(tableARN+"users").Class != "" || q.TableOf(tableARN+"users").Class != "restricted" || q.TableOf(tableARN+"x").Class != "" {
		t.Error("classes")
	}
	if q.SHA256 != p.SHA256 || !q.HasClasses() || !q.HasProtected() {
		t.Error("what is the same, and what is not")
	}
	var none *Policy
	plain := parse(t, "version: 1\n")
	if none.WithTags(Tags{"a": {}}) != nil || none.HasClasses() || none.HasProtected() || none.ByTag() || plain.ByTag() {
		t.Error("without a policy there are no classes")
	}
	if plain.WithTags(Tags{tableARN + "users": {"data-class": "restricted"}}) != plain || plain.HasClasses() {
		t.Error("a policy without a word on tags takes some")
	}
	if told := none.TableTold("a", map[string]string{"data-class": "pii"}); told.Class != "" {
		t.Errorf("%+v", told)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if q.TableOf(tableARN+"users").Class != "restricted" {
				t.Error("asked by several")
			}
		})
	}
	wait.Wait()
}

func TestTagMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"table_tags: {class: [a], values: {pii: secret}}": `unknown class "secret"`,
		"table_tags: {classes: [a]}":                      `unknown key "classes"`,
		"table_tags: {class: a}":                          `"class" wants a list`,
		"table_tags: {class: []}":                         `"class" is empty`,
		"table_tags: {values: {pii: restricted}}":         "no tag is read for these",
	} {
		_, problems := Read("p.yaml", []byte("version: 1\n"+text+"\n"))
		if got := problems.Error(); !strings.Contains(got, want) {
			t.Errorf("%s: %s", text, got)
		}
	}
}
