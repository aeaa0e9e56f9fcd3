package parquetio

import (
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// createdBy is the writer's name in every file, in the form that readers parse.
// It is no release number: that would change the bytes of a lake.
const createdBy = "keytrail version 1.0.0 (build 0)"

// leaf is a column as Parquet sees it. Every column of [schema.Columns] has exactly
// one, so that a leaf's index is its column's.
type leaf struct {
	column *schema.Column
	path   []string
	kind   format.Type
	maxDef byte // 0 required; 1 optional; 2 list: null, empty, element
	maxRep byte
}

var leaves = makeLeaves()

func makeLeaves() []leaf {
	all := make([]leaf, len(schema.Columns))
	for i := range all {
		c := &schema.Columns[i]
		l := leaf{column: c, path: []string{c.Name}}
		if c.Nullable {
			l.maxDef = 1
		}
		switch c.Type {
		case schema.Int:
			l.kind = format.Int32
		case schema.Time:
			l.kind = format.Int64
		case schema.Bool:
			l.kind = format.Boolean
		case schema.List:
			l.kind = format.ByteArray
			l.path = append(l.path, "list", "element")
			l.maxDef++
			l.maxRep = 1
		default:
			l.kind = format.ByteArray
		}
		all[i] = l
	}
	return all
}

// schemaElements is the schema tree of a touches file, flattened depth first.
func schemaElements() []format.SchemaElement {
	tree := []format.SchemaElement{{Name: "touch", NumChildren: thrift.New(int32(len(leaves)))}}
	for _, l := range leaves {
		e := format.SchemaElement{Name: l.column.Name, RepetitionType: thrift.New(format.Required)}
		if l.column.Nullable {
			e.RepetitionType = thrift.New(format.Optional)
		}
		if l.column.Type == schema.List {
			e.NumChildren = thrift.New(int32(1))
			e.ConvertedType = thrift.New(deprecated.List)
			e.LogicalType.Value = &format.ListType{}
			element := format.SchemaElement{Name: "element", RepetitionType: thrift.New(format.Required)}
			setType(&element, l)
			tree = append(tree, e,
				format.SchemaElement{
					Name:           "list",
					RepetitionType: thrift.New(format.Repeated),
					NumChildren:    thrift.New(int32(1)),
				},
				element)
			continue
		}
		setType(&e, l)
		tree = append(tree, e)
	}
	return tree
}

func setType(e *format.SchemaElement, l leaf) {
	e.Type = thrift.New(l.kind)
	switch l.kind {
	case format.ByteArray:
		e.ConvertedType = thrift.New(deprecated.UTF8)
		e.LogicalType.Value = &format.StringType{}
	case format.Int64:
		e.ConvertedType = thrift.New(deprecated.TimestampMicros)
		e.LogicalType.Value = &format.TimestampType{
			IsAdjustedToUTC: true,
			Unit:            format.TimeUnit{Value: &format.MicroSeconds{}},
		}
	}
}

func sortingColumns() []format.SortingColumn {
	sorting := make([]format.SortingColumn, len(schema.SortColumns))
	for i, name := range schema.SortColumns {
		sorting[i] = format.SortingColumn{ColumnIdx: int32(schema.ColumnIndex(name)), NullsFirst: true}
	}
	return sorting
}

func columnOrders() []format.ColumnOrder {
	orders := make([]format.ColumnOrder, len(leaves))
	for i := range orders {
		orders[i].Value = &format.TypeDefinedOrder{}
	}
	return orders
}
