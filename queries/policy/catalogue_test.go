package policy

import (
	"strings"
	"testing"
)

const tagsAnswer = `{"ResourceTagMappingList":[
	{"ResourceARN":"` + tableARN + `users","Tags":[{"Key":"data-class","Value":"pii"},{"Key":"team","Value":"\u001b[31mbob"}]},
	{"ResourceARN":"` + tableARN + `users/stream/2026-01-01T00:00:00.000","Tags":[{"Key":"data-class","Value":"public"}]},
	{"ResourceARN":"arn:aws:s3:::bucket","Tags":[{"Key":"data-class","Value":"pii"}]},
	{"ResourceARN":"` + tableARN + `orders","Tags":[{"Key":"data-class","Value":"public"}]}]}`

func catalogue(t *testing.T, text string) *Catalogue {
	t.Helper()
	c, err := ParseCatalogue("c", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The policy comes first, then the catalogue, then tags; of tags the higher class counts.
func TestCatalogue(t *testing.T) {
	p := parse(t, taggedPolicy)
	list := catalogue(t, `
version: 1
tables:
  - {match: "**:table/orders", class: restricted, protected: true, frameworks: [pci]}
  - {match: "**:table/us*", class: internal}
`)
	if tags := catalogue(t, "\ufeff "+tagsAnswer).Tags; len(tags) != 2 || tags[tableARN+"users"]["data-class"] != "pii" {
		t.Errorf("tags %v", tags)
	}
	for name, c := range map[string]struct {
		with        *Catalogue
		class, by   string
		protectedBy string
	}{
		"orders": {list, "confidential", "policy", "catalogue"},
		"users":  {list, "internal", "catalogue", ""},
		"other":  {list, "public", "tag data-class", ""},
		"users2": {catalogue(t, strings.ReplaceAll(tagsAnswer, "/users\"", "/users2\"")), "restricted", "tag data-class", ""},
	} {
		q, err := p.WithCatalogue(c.with)
		if err != nil {
			t.Fatal(err)
		}
		now := map[string]string{"data-class": "public"} // what the log has
		told := q.TableTold(tableARN+name, now)
		if told.Class != c.class || told.By["class"] != c.by || told.By["protected"] != c.protectedBy {
			t.Errorf("%s: %+v", name, told)
		}
		if of := q.WithTags(Tags{tableARN + name: now}).TableOf(tableARN + name); of.Class != c.class || of.Protected != told.Protected {
			t.Errorf("%s: with tags it is %+v", name, of)
		}
		if !q.HasClasses() || !q.HasProtected() && c.protectedBy != "" {
			t.Errorf("%s: whether there are classes", name)
		}
	}
	if p.TableOf(tableARN+"users").Class != "" || p.HasClasses() && p.compiled.classes {
		t.Error("the policy was changed")
	}
	var none *Policy
	q, err := none.WithCatalogue(list)
	if err != nil || q.TableOf(tableARN+"orders").Class != "restricted" || !q.HasProtected() {
		t.Errorf("without a policy: %v", err)
	}
	if _, err := none.WithCatalogue(catalogue(t, tagsAnswer)); err == nil || !strings.Contains(err.Error(), "table_tags") {
		t.Errorf("tags that tell nothing: %v", err)
	}
}

// Of several moments the class that needs most care counts, and the last owner.
func TestMomentsOfTags(t *testing.T) {
	p, arn := parse(t, taggedPolicy), tableARN+"users"
	high := Tags{arn: {"data-class": "pii", "protected": "yes", "owner": "alice"}}
	low := Tags{arn: {"data-class": "public", "owner": "bob"}}
	for _, moments := range [][]Tags{{high, low}, {high, nil, low, {arn: {"owner": "bob"}}}} {
		if of := p.WithTags(moments...).TableOf(arn); of.Class != "restricted" || !of.Protected || of.Owner != "bob" {
			t.Errorf("%v: %+v", moments, of)
		}
	}
}

func TestCatalogueMistakes(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                           "no ResourceTagMappingList",
		`{"ResourceTagMappingList":7}`: "no JSON of get-resources",
		`{"ResourceTagMappingList":[],"PaginationToken":"x"}`:   "one page of several",
		`{"ResourceTagMappingList":[]`:                          "no JSON of get-resources",
		"version: 1\norg_accounts: [\"111122223333\"]\n":        "stands in the policy",
		"version: 1\ntables: [{match: a, class: top-secret}]\n": "unknown class",
		"": "version",
	} {
		if _, err := ParseCatalogue("c", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
