package verify

import (
	"cmp"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/schema"
)

var (
	colTime   = schema.ColumnIndex("event_time")
	colKey    = schema.ColumnIndex("item_key")
	colValues = schema.ColumnIndex("key_values")
	colEvent  = schema.ColumnIndex("event_id")
	colARN    = schema.ColumnIndex("table_arn")
	colActor  = schema.ColumnIndex("actor")
	colOp     = schema.ColumnIndex("op")
	colEnd    = schema.ColumnIndex("outcome")
	colObject = schema.ColumnIndex("source_object")
)

// rowOrder is all columns that make a row what it is, in the order that rows are
// sorted by: those of the contract, then the others.
var rowOrder = func() []int {
	var order []int
	for _, name := range schema.SortColumns {
		order = append(order, schema.ColumnIndex(name))
	}
	for i := range schema.Columns[:len(schema.Columns)-schema.Provenance] {
		if !isSortColumn(schema.Columns[i].Name) {
			order = append(order, i)
		}
	}
	return order
}()

func isSortColumn(name string) bool {
	for _, s := range schema.SortColumns {
		if s == name {
			return true
		}
	}
	return false
}

// rowCheck checks the rows of a file, in order.
type rowCheck struct {
	*fileCheck
	prev   arrow.Record // has the row before, its last
	row    int64        // of the file, first of the batch
	bounds groupBounds
	bloom  prober
	text   map[int]*array.String // of the batch, by column
	object run
}

// run is rows of one object, one after the other.
type run struct {
	name []byte
	n    int64
}

func (c *rowCheck) close() {
	c.flushObject()
	if c.prev != nil {
		c.prev.Release()
	}
}

func (c *rowCheck) begin(rg int) {
	c.bounds = newGroupBounds(c.file, rg)
	c.bloom.begin(rg)
}

func (c *rowCheck) end() { c.bounds.end(c.fileCheck) }

// batch checks the rows of rec, which follow those before.
func (c *rowCheck) batch(rec arrow.Record) error {
	c.text = map[int]*array.String{}
	for i := range schema.Columns {
		if a, ok := rec.Column(i).(*array.String); ok {
			c.text[i] = a
		}
	}
	c.checkOrder(rec)
	c.bounds.add(c.fileCheck, rec)
	times := rec.Column(colTime).(*array.Timestamp)
	for i := range int(rec.NumRows()) {
		c.checkPlace(i, int64(times.Value(i)))
		c.count(i, int64(times.Value(i)))
	}
	err := c.bloom.probe(c.fileCheck, rec)
	if c.prev != nil {
		c.prev.Release()
	}
	c.prev = rec // held to compare with the next row
	c.row += rec.NumRows()
	c.sum.rows += rec.NumRows()
	return err
}

func (c *rowCheck) checkOrder(rec arrow.Record) {
	before, at := c.prev, 0
	if before != nil {
		at = int(before.NumRows()) - 1
	}
	for i := range int(rec.NumRows()) {
		if before != nil {
			switch order := compareRows(before, at, rec, i); {
			case order > 0:
				c.report(KindOrder, "row %d belongs before the row before it", c.row+int64(i))
			case order == 0:
				c.report(KindDuplicate, "row %d is the row before it once more", c.row+int64(i))
			}
		}
		before, at = rec, i
	}
}

// checkPlace checks that row i of the batch belongs in this file.
func (c *rowCheck) checkPlace(i int, micros int64) {
	row := c.row + int64(i)
	if day := schema.DayOf(micros); day != c.partition.Day {
		c.report(KindDay, "row %d is of %s", row, schema.DayString(day))
	}
	arn := c.text[colARN].Value(i)
	if table := c.partition.Table; arn != "" && table != schema.NoTable && !strings.HasSuffix(arn, "table/"+table) {
		c.report(KindTable, "row %d is of table %q", row, arn)
	}
	if c.sum.of > 1 {
		if b := schema.Bucket(c.text[colKey].Value(i), c.text[colEvent].Value(i), c.sum.of); b != c.bucket {
			c.report(KindBucket, "row %d belongs in file %d of %d", row, b, c.sum.of)
		}
	}
}

// count counts row i of the batch.
func (c *rowCheck) count(i int, micros int64) {
	hour := micros - micros%hourMicros
	k := hourKey{hour, c.text[colARN].Value(i), c.text[colActor].Value(i), c.text[colOp].Value(i), c.text[colEnd].Value(i)}
	if _, ok := c.sum.hours[k]; !ok {
		k = k.clone()
	}
	c.sum.hours[k]++
	if name := c.text[colObject].Value(i); c.object.n == 0 || name != string(c.object.name) {
		c.flushObject()
		c.object.name = append(c.object.name[:0], name...)
	}
	c.object.n++
}

// flushObject counts a run of rows.
func (c *rowCheck) flushObject() {
	if c.object.n == 0 {
		return
	}
	name := strings.ToValidUTF8(string(c.object.name), "\uFFFD") // as it stands in the ledger
	key := digestOf(name)
	if a := c.accounts.find(key); len(a) > 0 {
		c.sum.objects[&a[0].value] += c.object.n
	} else {
		c.sum.strangers.add(key, name, c.object.n)
	}
	c.object.n = 0
}

// compareRows orders rows by all that makes them what they are. A null is the empty
// value, before all others.
func compareRows(x arrow.Record, i int, y arrow.Record, j int) int {
	for _, col := range rowOrder {
		if c := compareValues(x.Column(col), i, y.Column(col), j); c != 0 {
			return c
		}
	}
	return 0
}

func compareValues(x arrow.Array, i int, y arrow.Array, j int) int {
	switch x := x.(type) {
	case *array.String:
		return strings.Compare(x.Value(i), y.(*array.String).Value(j))
	case *array.Int32:
		return cmp.Compare(x.Value(i), y.(*array.Int32).Value(j))
	case *array.Timestamp:
		return cmp.Compare(x.Value(i), y.(*array.Timestamp).Value(j))
	case *array.Boolean:
		return cmp.Compare(tri(x, i), tri(y.(*array.Boolean), j))
	case *array.List:
		return compareLists(x, i, y.(*array.List), j)
	}
	return 0
}

func tri(a *array.Boolean, i int) schema.Tri {
	if a.IsNull(i) {
		return schema.Null
	}
	return schema.TriOf(a.Value(i))
}

func compareLists(x *array.List, i int, y *array.List, j int) int {
	xs, ys := x.ListValues().(*array.String), y.ListValues().(*array.String)
	from, to := x.ValueOffsets(i)
	from2, to2 := y.ValueOffsets(j)
	for ; from < to && from2 < to2; from, from2 = from+1, from2+1 {
		if c := strings.Compare(xs.Value(int(from)), ys.Value(int(from2))); c != 0 {
			return c
		}
	}
	return cmp.Compare(to-from, to2-from2)
}
