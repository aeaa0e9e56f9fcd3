package queries

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/schema"
)

// Columns that judging a row needs, by their place in schema.Columns.
var (
	colTime      = schema.ColumnIndex("event_time")
	colOp        = schema.ColumnIndex("op")
	colOutcome   = schema.ColumnIndex("outcome")
	colTableARN  = schema.ColumnIndex("table_arn")
	colItemKey   = schema.ColumnIndex("item_key")
	colScope     = schema.ColumnIndex("key_scope")
	colKeyValues = schema.ColumnIndex("key_values")
	colActor     = schema.ColumnIndex("actor")
	colActorName = schema.ColumnIndex("actor_name")
	colRequest   = schema.ColumnIndex("request_parameters")
	colEvent     = schema.ColumnIndex("event_name")
	colIndex     = schema.ColumnIndex("index_name")
	colStatement = schema.ColumnIndex("statement")
	colAttribute = schema.ColumnIndex("attributes")
	colAccount   = schema.ColumnIndex("table_account_id")
)

// view is a batch with its columns found by name. A column that the batch lacks
// reads as null.
type view struct {
	columns []arrow.Array
	spelt   *spelt // of the question that rows are judged by; nil: keys are as logged
}

func newView(batch arrow.Record) *view {
	v := &view{columns: make([]arrow.Array, len(schema.Columns))}
	for i, field := range batch.Schema().Fields() {
		if at := schema.ColumnIndex(field.Name); at >= 0 {
			v.columns[at] = batch.Column(i)
		}
	}
	return v
}

// text is a text value, valid as long as the batch; empty when null.
func (v *view) text(col, i int) string {
	if a, ok := v.columns[col].(*array.String); ok && a.IsValid(i) {
		if v.spelt != nil {
			return v.spelt.text(col, a.Value(i))
		}
		return a.Value(i)
	}
	return ""
}

func (v *view) time(i int) int64 {
	if a, ok := v.columns[colTime].(*array.Timestamp); ok {
		return int64(a.Value(i))
	}
	return 0
}

// listHas reports whether a list holds a value.
func (v *view) listHas(col, i int, want string) bool {
	a, ok := v.columns[col].(*array.List)
	if !ok || a.IsNull(i) {
		return false
	}
	values, ok := a.ListValues().(*array.String)
	if !ok {
		return false
	}
	from, to := a.ValueOffsets(i)
	for j := int(from); j < int(to); j++ {
		if value := values.Value(j); value == want || v.spelt != nil && v.spelt.is(value, want) {
			return true
		}
	}
	return false
}

// listLen is the number of items in a list.
func (v *view) listLen(col, i int) int {
	a, ok := v.columns[col].(*array.List)
	if !ok || a.IsNull(i) {
		return 0
	}
	from, to := a.ValueOffsets(i)
	return int(to - from)
}

// row copies row i of a partition out of the batch.
func (v *view) row(p schema.Partition, i int) Row {
	r := Row{Day: p.DayString()}
	for at := range schema.Columns {
		if v.columns[at] != nil && v.columns[at].IsValid(i) {
			v.cell(&schema.Columns[at], at, i, &r.Touch)
		}
	}
	if p.Table != schema.NoTable {
		r.TableName = p.Table
	}
	return r
}

func (v *view) cell(c *schema.Column, at, i int, t *schema.Touch) {
	switch a := v.columns[at].(type) {
	case *array.String:
		*c.Text(t) = strings.Clone(a.Value(i))
	case *array.Int32:
		*c.Int(t) = a.Value(i)
	case *array.Timestamp:
		*c.Time(t) = int64(a.Value(i))
	case *array.Boolean:
		if c.Flag != nil {
			*c.Flag(t) = a.Value(i)
		} else {
			*c.Tri(t) = schema.TriOf(a.Value(i))
		}
	case *array.List:
		values, ok := a.ListValues().(*array.String)
		if !ok {
			return
		}
		from, to := a.ValueOffsets(i)
		list := make([]string, 0, to-from)
		for j := int(from); j < int(to); j++ {
			list = append(list, strings.Clone(values.Value(j)))
		}
		*c.List(t) = list
	}
}
