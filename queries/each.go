package queries

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// EachTouch calls fn with every row that satisfies q, in the order of [reader.Scan]. Of
// each it has the columns asked for. The touch is one that is filled anew for every
// row, and its texts are views into a batch: whoever keeps any of it copies it
// ([schema.Touch.Clone]). It stops at fn's first error and returns it unchanged.
func EachTouch(ctx context.Context, l reader.Lake, q reader.Query, fn func(*schema.Touch, schema.Partition) error) (reader.Stats, error) {
	var t schema.Touch
	var room rooms
	return reader.Scan(ctx, l, q, func(batch arrow.Record, p schema.Partition) error {
		v := newView(batch)
		for i := range int(batch.NumRows()) {
			v.show(p, i, &t, &room)
			if err := fn(&t, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// rooms are the lists of one row after the other, by column.
type rooms [2][]string

// show is row without its copies: the lists are in room.
func (v *view) show(p schema.Partition, i int, t *schema.Touch, room *rooms) {
	*t = schema.Touch{}
	lists := 0
	for at := range schema.Columns {
		if v.columns[at] == nil || v.columns[at].IsNull(i) {
			continue
		}
		c := &schema.Columns[at]
		switch a := v.columns[at].(type) {
		case *array.String:
			*c.Text(t) = a.Value(i)
		case *array.List:
			room[lists] = appendItems(room[lists][:0], a, i)
			*c.List(t) = room[lists]
			lists++
		default:
			v.cell(c, at, i, t)
		}
	}
	if p.Table != schema.NoTable {
		t.TableName = p.Table
	}
}

func appendItems(to []string, a *array.List, i int) []string {
	values, ok := a.ListValues().(*array.String)
	if !ok {
		return to
	}
	from, end := a.ValueOffsets(i)
	for j := int(from); j < int(end); j++ {
		to = append(to, values.Value(j))
	}
	return to
}
