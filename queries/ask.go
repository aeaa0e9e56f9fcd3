package queries

import (
	"context"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// Ask reads the answer to a question from a lake, with the columns ([Columns]) that
// it will be shown with.
//
// Calls that may have shown the item are read from the table asked for; without
// one, from the tables in which the item was touched.
func Ask(ctx context.Context, l reader.Lake, w Who, columns []int) (*Answer, error) {
	c := NewCollector(w)
	noted := &noting{Lake: l, whole: map[string]*Holdings{}}
	c.answer.listed = noted.whole
	add := func(batch arrow.Record, p schema.Partition) error {
		c.Add(p, batch)
		return nil
	}
	scan := func(q reader.Query) error {
		stats, err := reader.Scan(ctx, noted, q, add)
		c.answer.Read.Add(stats)
		return err
	}
	q := c.filter.query(columns)
	if err := scan(c.filter.ofKey(q)); err != nil {
		return nil, err
	}
	if w.CouldHave && w.ofItem() {
		if err := c.askCouldHave(q, scan); err != nil {
			return nil, err
		}
	}
	return c.Answer(), nil
}

// ofKey asks for the rows of a query whose item has the key. Calls that may have shown
// the item have no key to be asked for.
func (f *filter) ofKey(q reader.Query) reader.Query {
	for _, m := range f.Key {
		q.Key = append(q.Key, schema.KeyMember(m))
	}
	return q
}

// query asks, with [filter.ofKey], for the touches: all that the filter will keep, and
// little more.
func (f *filter) query(columns []int) reader.Query {
	q := reader.Query{Table: f.Table, From: f.From, To: f.To, Columns: columns, Where: f.conditions()}
	if f.wantsLives() { // an item's life is told by all that was done to it, not only by what is asked for
		q.From, q.To, q.Where = 0, 0, f.ofTable()
	}
	if f.ofItem() {
		q.Where = append(q.Where, reader.Condition{Column: colScope, AnyOf: []string{schema.ScopeItem}})
	}
	for _, value := range f.Values {
		q.Where = append(q.Where, reader.KeyValue(value))
	}
	return q
}

// conditions hold for touches and for what may have shown the item.
func (f *filter) conditions() []reader.Condition {
	where := f.ofTable()
	if len(f.Ops) > 0 {
		where = append(where, reader.Condition{Column: colOp, AnyOf: f.Ops})
	}
	if len(f.Outcomes) > 0 {
		where = append(where, reader.Condition{Column: colOutcome, AnyOf: f.Outcomes})
	}
	return where
}

// ofTable tells a table from those of its name in other accounts and Regions.
func (f *filter) ofTable() []reader.Condition {
	if f.arn == "" {
		return nil
	}
	return []reader.Condition{{Column: colTableARN, AnyOf: []string{f.arn}}}
}

// tables are those in which the item was touched, by whomever and whenever, sorted.
func (c *Collector) tables() []string {
	names := maps.Clone(c.touchedTables)
	for arn := range c.filter.lives {
		if table, ok := schema.ParseTableARN(arn); ok {
			names[table.Table] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(names))
}
