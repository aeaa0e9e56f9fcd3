package partition

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/keytrail/keytrail/schema"
)

// gatherer builds record batches from packed rows.
type gatherer struct {
	builder *array.RecordBuilder
}

func newGatherer() *gatherer {
	return &gatherer{array.NewRecordBuilder(memory.DefaultAllocator, schema.Arrow)}
}

func (g *gatherer) release() { g.builder.Release() }

// batch builds the next batch from the first rows of entries and returns it
// with their number, at least one.
func (g *gatherer) batch(b *Buffer, entries []sortEntry) (arrow.Record, int) {
	n, size := 0, 0
	for n < len(entries) && n < BatchRows && size < batchBytes {
		size += b.rowBytes(b.row(entries[n].row))
		n++
	}
	g.builder.Reserve(n)
	for col := range schema.Columns {
		g.column(b, entries[:n], col)
	}
	return g.builder.NewRecord(), n
}

// rowBytes is what a row takes in a batch.
func (b *Buffer) rowBytes(row []uint32) int {
	size := 4 * rowLayout.words
	for i := range schema.Columns {
		if t := schema.Columns[i].Type; t == schema.Text || t == schema.List {
			size += int(row[rowLayout.at[i]+1])
		}
	}
	return size
}

func (g *gatherer) column(b *Buffer, entries []sortEntry, col int) {
	at := rowLayout.at[col]
	switch f := g.builder.Field(col).(type) {
	case *array.StringBuilder:
		for _, e := range entries {
			v := b.bytes(b.row(e.row), col)
			if len(v) == 0 {
				f.AppendNull()
			} else {
				f.BinaryBuilder.Append(v)
			}
		}
	case *array.ListBuilder:
		items := f.ValueBuilder().(*array.StringBuilder)
		for _, e := range entries {
			list := b.bytes(b.row(e.row), col)
			if len(list) == 0 {
				f.AppendNull()
				continue
			}
			f.Append(true)
			for len(list) > 0 {
				var item []byte
				item, list = nextItem(list)
				items.BinaryBuilder.Append(item)
			}
		}
	case *array.Int32Builder:
		for _, e := range entries {
			f.Append(int32(b.row(e.row)[at]))
		}
	case *array.TimestampBuilder:
		for _, e := range entries {
			f.Append(arrow.Timestamp(micros(b.row(e.row), col)))
		}
	case *array.BooleanBuilder:
		for _, e := range entries {
			switch schema.Tri(b.row(e.row)[at]) {
			case schema.Null:
				f.AppendNull()
			case schema.True:
				f.Append(true)
			default:
				f.Append(false)
			}
		}
	}
}
