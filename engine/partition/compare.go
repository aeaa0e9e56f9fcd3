package partition

import (
	"cmp"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/schema"
)

// compareRows compares row i of x with row j of y by the given columns. It is
// the same order as [Buffer.compare]: a null is the empty value, before all.
func compareRows(x *schema.Batch, i int, y *schema.Batch, j int, columns []int) int {
	for _, col := range columns {
		var c int
		switch schema.Columns[col].Type {
		case schema.Text:
			c = strings.Compare(x.Texts[col].Value(i), y.Texts[col].Value(j))
		case schema.Time:
			c = cmp.Compare(x.Times[col][i], y.Times[col][j])
		case schema.Int:
			c = cmp.Compare(x.Ints[col][i], y.Ints[col][j])
		case schema.Bool:
			c = cmp.Compare(triAt(x.Flags[col], i), triAt(y.Flags[col], j))
		default:
			c = compareListAt(x.Lists[col], i, y.Lists[col], j)
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

func compareListAt(x schema.ListColumn, i int, y schema.ListColumn, j int) int {
	from, to := x.Lists.ValueOffsets(i)
	from2, to2 := y.Lists.ValueOffsets(j)
	for ; from < to && from2 < to2; from, from2 = from+1, from2+1 {
		if c := strings.Compare(x.Items.Value(int(from)), y.Items.Value(int(from2))); c != 0 {
			return c
		}
	}
	return cmp.Compare(to-from, to2-from2)
}
