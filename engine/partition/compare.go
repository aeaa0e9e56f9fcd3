package partition

import (
	"cmp"
	"strings"

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
			c = cmp.Compare(x.Flags[col][i], y.Flags[col][j])
		default:
			c = compareLists(x.Texts[col].Value(i), y.Texts[col].Value(j))
		}
		if c != 0 {
			return c
		}
	}
	return 0
}
