package queries

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// partitionKeys are what is known of tables' partition keys, by the table's number.
//
// A log names the members of a key, not which of them is the partition key. But a
// Query must name that one, and may leave out the other: what all Queries of a table
// name, if it is one, is its partition key. So is the only member of a key that has
// no other.
type partitionKeys map[int32]*partitionKey

type partitionKey struct {
	named []string // members that every Query so far named
	alone []string // members that some Query named alone
	both  []string // members of a key, in order
}

// name is the partition key's name; empty: not known.
func (k *partitionKey) name() string {
	if k != nil && len(k.named) == 1 {
		return k.named[0]
	}
	return ""
}

// learn reads what the table's Queries name.
func (c *counter) learn(ctx context.Context, l reader.Lake) error {
	if c.Subject != TopPartitionKeys {
		return nil
	}
	// Whoever called, and how it ended, the table's key is the same.
	open := newCounter(Top{Where: Who{Table: c.Where.Table, From: c.Where.From, To: c.Where.To}, Memory: c.Memory, Progress: c.Progress})
	where := []reader.Condition{{Column: colScope, AnyOf: []string{schema.ScopePartition}}}
	return open.scan(ctx, l, []int{colTableARN, colRequest}, where, func(v *view, p schema.Partition, i int) error {
		if names := queriedNames(v.text(colRequest, i)); names != nil {
			c.names.learn(c.tables.of(p, v.text(colTableARN, i)), names)
		}
		return nil
	})
}

func (k partitionKeys) learn(table int32, names []string) {
	known := k[table]
	if known == nil {
		known = &partitionKey{named: names}
		k[table] = known
	}
	switch {
	case len(names) == 2:
		known.both = names
	case len(names) == 1 && !slices.Contains(known.alone, names[0]):
		known.alone = append(known.alone, names[0])
	}
	known.named = slices.DeleteFunc(slices.Clone(known.named), func(name string) bool { return !slices.Contains(names, name) })
}

// member is the name of a table's partition key; empty: not known.
func (c *counter) member(table int32) string {
	if c.Member != "" {
		return c.Member
	}
	return c.names[table].name()
}

// partitionValue is the value of the partition key that row i names.
func (c *counter) partitionValue(v *view, table int32, key string, i int) (value string, ok bool) {
	if key == "" {
		return c.queried(v, table, i)
	}
	want, members := c.member(table), membersOf(key)
	for _, m := range members {
		if m.Name == want || want == "" && len(members) == 1 {
			return m.Value, true
		}
	}
	if want == "" {
		c.undecided(table)
	}
	return "", false
}

// queried is the value that a Query named. Its record has the values in the order of
// their names. A SELECT may be by any attribute, so it is not taken for one.
func (c *counter) queried(v *view, table int32, i int) (value string, ok bool) {
	if v.text(colScope, i) != schema.ScopePartition || v.text(topColumn.call, i) != "Query" {
		return "", false
	}
	want, known := c.member(table), c.names[table]
	if want == "" || known == nil {
		c.undecided(table)
		return "", false
	}
	switch values := listOf(v, colKeyValues, i); len(values) {
	case 1:
		if slices.Equal(known.alone, []string{want}) {
			return values[0], true
		}
	case 2:
		if at := slices.Index(known.both, want); at >= 0 {
			return values[at], true
		}
	}
	return "", false
}

// undecided notes a table whose touches cannot be told apart by partition key.
func (c *counter) undecided(table int32) {
	if c.dark == nil {
		c.dark = map[int32]bool{}
	}
	c.dark[table] = true
}

// undecidedTables names them, sorted.
func (c *counter) undecidedTables() []string {
	var names []string
	for n := range c.dark {
		names = append(names, orElse(c.tables.list[n].name, c.tables.list[n].arn))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// membersOf are the members of a canonical key, as plain text.
func membersOf(key string) (members []Member) {
	eachMember(key, func(name, value string) {
		members = append(members, Member{unquoted(name), unquoted(value)})
	})
	return members
}

// queriedNames are the members that a Query's parameters name, in order. Names of
// members are logged in either case.
func queriedNames(parameters string) (names []string) {
	var query struct{ Key json.RawMessage }
	if json.Unmarshal([]byte(parameters), &query) != nil {
		return nil
	}
	key, _, _ := schema.ItemKey(query.Key)
	for _, m := range membersOf(key) {
		names = append(names, m.Name)
	}
	return names
}

// unquoted is the text of a JSON string: a view of it, where nothing is escaped.
func unquoted(s string) (plain string) {
	if len(s) > 1 && !strings.Contains(s, `\`) {
		return s[1 : len(s)-1]
	}
	if json.Unmarshal([]byte(s), &plain) != nil {
		return s
	}
	return plain
}

// listOf is a list of texts, views into the batch.
func listOf(v *view, col, i int) (texts []string) {
	a, ok := v.columns[col].(*array.List)
	if !ok || a.IsNull(i) {
		return nil
	}
	if values, ok := a.ListValues().(*array.String); ok {
		from, to := a.ValueOffsets(i)
		for j := int(from); j < int(to); j++ {
			texts = append(texts, values.Value(j))
		}
	}
	return texts
}
