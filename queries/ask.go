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
	if err := c.filter.spell(); err != nil {
		return nil, err
	}
	c.answer.tokens = c.filter.spelt.tokens()
	q := c.filter.query(columns)
	for _, of := range c.filter.ofKey(q) {
		if err := scan(of); err != nil {
			return nil, err
		}
	}
	if w.CouldHave && w.ofItem() {
		if err := c.askCouldHave(q, scan); err != nil {
			return nil, err
		}
	}
	return c.Answer(), nil
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
