package partition

import (
	"cmp"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/schema"
)

// batch is a record batch with its columns unpacked for comparing rows.
type batch struct {
	rec  arrow.Record
	text []*array.String // per column; nil where the column is no text
	list []*array.List
	item []*array.String // the lists' values
	ints []*array.Int32
	time []*array.Timestamp
	flag []*array.Boolean
}

func newBatch(rec arrow.Record) *batch {
	n := len(schema.Columns)
	b := &batch{
		rec: rec, text: make([]*array.String, n), list: make([]*array.List, n), item: make([]*array.String, n),
		ints: make([]*array.Int32, n), time: make([]*array.Timestamp, n), flag: make([]*array.Boolean, n),
	}
	for i := range n {
		switch a := rec.Column(i).(type) {
		case *array.String:
			b.text[i] = a
		case *array.List:
			b.list[i], b.item[i] = a, a.ListValues().(*array.String)
		case *array.Int32:
			b.ints[i] = a
		case *array.Timestamp:
			b.time[i] = a
		case *array.Boolean:
			b.flag[i] = a
		}
	}
	return b
}

// compareRows compares row i of x with row j of y by the given columns. It is
// the same order as [Buffer.compare]: a null is the empty value, before all.
func compareRows(x *batch, i int, y *batch, j int, columns []int) int {
	for _, col := range columns {
		var c int
		switch {
		case x.text[col] != nil:
			c = strings.Compare(x.text[col].Value(i), y.text[col].Value(j))
		case x.time[col] != nil:
			c = cmp.Compare(x.time[col].Value(i), y.time[col].Value(j))
		case x.ints[col] != nil:
			c = cmp.Compare(x.ints[col].Value(i), y.ints[col].Value(j))
		case x.flag[col] != nil:
			c = cmp.Compare(triAt(x.flag[col], i), triAt(y.flag[col], j))
		default:
			c = compareListAt(x, i, y, j, col)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func triAt(a *array.Boolean, i int) schema.Tri {
	if a.IsNull(i) {
		return schema.Null
	}
	return schema.TriOf(a.Value(i))
}

func compareListAt(x *batch, i int, y *batch, j, col int) int {
	from, to := x.list[col].ValueOffsets(i)
	from2, to2 := y.list[col].ValueOffsets(j)
	for ; from < to && from2 < to2; from, from2 = from+1, from2+1 {
		if c := strings.Compare(x.item[col].Value(int(from)), y.item[col].Value(int(from2))); c != 0 {
			return c
		}
	}
	return cmp.Compare(to-from, to2-from2)
}
