package queries

import (
	"context"
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
	add := func(batch arrow.Record, p schema.Partition) error {
		c.Add(p, batch)
		return nil
	}
	q := c.filter.query(columns)
	if _, err := reader.Scan(ctx, l, q, add); err != nil {
		return nil, err
	}
	if w.CouldHave && w.ofItem() {
		tables := c.tables()
		if q.Table != "" {
			tables = []string{q.Table}
		}
		q.Where = c.filter.couldHaveConditions()
		for _, q.Table = range tables {
			if _, err := reader.Scan(ctx, l, q, add); err != nil {
				return nil, err
			}
		}
	}
	return c.Answer(), nil
}

// query asks for the touches: all that the filter will keep, and little more.
func (f *filter) query(columns []int) reader.Query {
	q := reader.Query{Table: f.Table, From: f.From, To: f.To, Columns: columns, Where: f.conditions()}
	if f.ofItem() {
		q.Where = append(q.Where, reader.Condition{Column: colScope, AnyOf: []string{schema.ScopeItem}})
	}
	for _, m := range f.Key {
		q.Where = append(q.Where, reader.KeyValue(m.Value))
	}
	for _, value := range f.Values {
		q.Where = append(q.Where, reader.KeyValue(value))
	}
	return q
}

// conditions hold for touches and for what may have shown the item.
func (f *filter) conditions() []reader.Condition {
	var where []reader.Condition
	if f.arn != "" {
		where = append(where, reader.Condition{Column: colTableARN, AnyOf: []string{f.arn}})
	}
	if len(f.Ops) > 0 {
		where = append(where, reader.Condition{Column: colOp, AnyOf: f.Ops})
	}
	return where
}

func (f *filter) couldHaveConditions() []reader.Condition {
	return append(f.conditions(),
		reader.Condition{Column: colScope, AnyOf: []string{schema.ScopePartition, schema.ScopeIndex, schema.ScopeTable, schema.ScopeStream, schema.ScopeUnknown}},
		reader.Condition{Column: colOutcome, AnyOf: []string{schema.OutcomeOK}})
}

// tables are those in which the item was touched, sorted.
func (c *Collector) tables() []string {
	var names []string
	for name := range c.touchedTables {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
