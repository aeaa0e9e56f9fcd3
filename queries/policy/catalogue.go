package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/keytrail/keytrail/schema"
)

// MaxCatalogue bounds a catalogue that a program wrote: some 50,000 tables.
const MaxCatalogue = 64 << 20

// Catalogue tells what care tables need, beside a policy: a list that somebody keeps, or
// the tags of an account at one moment.
type Catalogue struct {
	Tables []Table   // the first that matches; what the policy says of a table wins
	Tags   Tags      // of tables, by ARN
	By     TableTags // what tags tell, where the policy does not say that
}

// ParseCatalogue reads a file with a catalogue. name is what it is called in errors. It is
// one of
//
//   - YAML with the keys version, tables and table_tags of a policy,
//   - the JSON that aws resourcegroupstaggingapi get-resources answers with, all pages in
//     one. Resources that are no tables are passed over.
func ParseCatalogue(name string, data []byte) (*Catalogue, error) {
	if start := bytes.TrimLeft(data, " \t\r\n\ufeff"); len(start) > 0 && start[0] == '{' {
		tags, err := tagsOf(start)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return &Catalogue{Tags: tags}, nil
	}
	p, err := Parse(name, data)
	if err != nil {
		return nil, err
	}
	c := &Catalogue{Tables: p.Tables, By: p.TableTags}
	only := Policy{Version: p.Version, Tables: p.Tables, TableTags: p.TableTags, SHA256: p.SHA256, compiled: p.compiled}
	if !reflect.DeepEqual(&only, p) {
		return nil, fmt.Errorf("%s: a catalogue has version, tables and table_tags; who may do what stands in the policy", name)
	}
	return c, nil
}

// tagsOf reads the answer of the tagging service.
func tagsOf(data []byte) (Tags, error) {
	var answer struct {
		Next string `json:"PaginationToken"`
		List []struct {
			ARN  string `json:"ResourceARN"`
			Tags []struct{ Key, Value string }
		} `json:"ResourceTagMappingList"`
	}
	if len(data) > MaxCatalogue {
		return nil, fmt.Errorf("the file has %d bytes; a catalogue has at most %d", len(data), MaxCatalogue)
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, fmt.Errorf("this is no JSON of get-resources: %w", err)
	}
	switch {
	case answer.List == nil:
		return nil, fmt.Errorf("it has no ResourceTagMappingList, which get-resources answers with")
	case answer.Next != "":
		return nil, fmt.Errorf("it is one page of several (PaginationToken): get them all, which get-resources does without --no-paginate and --max-items")
	}
	tags := Tags{}
	for _, one := range answer.List {
		if table, ok := schema.ParseTableARN(one.ARN); !ok || table.ARN != one.ARN {
			continue
		}
		of := map[string]string{}
		for _, tag := range one.Tags {
			of[tag.Key] = tag.Value
		}
		tags[one.ARN] = of
	}
	return tags, nil
}

// WithCatalogue is the policy with a catalogue: of each table, word by word, first what the
// policy's own entry says, then the catalogue's, then tags. A nil policy becomes one that
// expects nothing of anybody. p is not changed. It is an error if the catalogue has tags and
// nobody says what these tell.
func (p *Policy) WithCatalogue(c *Catalogue) (*Policy, error) {
	q := &Policy{Version: 1}
	if p == nil {
		q.compile()
	} else {
		*q = *p
	}
	if !q.ByTag() {
		q.TableTags = c.By
	}
	if len(c.Tags) > 0 && !q.ByTag() {
		return nil, fmt.Errorf("the catalogue has tags, and nothing says which tell the class: name them in the policy, table_tags: {class: [data-class]}")
	}
	q.compiled.catalogue, q.compiled.listed = c, newTableCache(c.Tables)
	q.tell(nil)
	return q, nil
}
