package queries

import (
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/keytrail/keytrail/schema"
)

// arrowRows is how many rows a batch of the stream holds.
const arrowRows = 8192

// arrowSchema is the lake's, with the partition columns, what is said of calls when
// they were asked for, and whatever more.
func arrowSchema(couldHave bool, more ...arrow.Field) *arrow.Schema {
	fields := append([]arrow.Field(nil), schema.Arrow.Fields()...)
	fields = append(fields,
		arrow.Field{Name: "table_name", Type: arrow.BinaryTypes.String, Nullable: true},
		arrow.Field{Name: "day", Type: arrow.FixedWidthTypes.Date32})
	if couldHave {
		fields = append(fields,
			arrow.Field{Name: couldHaveColumns[0], Type: arrow.FixedWidthTypes.Boolean},
			arrow.Field{Name: couldHaveColumns[1], Type: arrow.BinaryTypes.String, Nullable: true},
			arrow.Field{Name: couldHaveColumns[2], Type: arrow.BinaryTypes.String, Nullable: true})
	}
	return arrow.NewSchema(append(fields, more...), nil)
}

func renderArrow(w io.Writer, a *Answer) error {
	s := arrowSchema(a.Question.CouldHave, lineageFields(&a.Question)...)
	out := ipc.NewWriter(w, ipc.WithSchema(s))
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	defer b.Release()
	for _, rows := range a.groups() {
		for len(rows) > 0 {
			n := min(len(rows), arrowRows)
			for i := range rows[:n] {
				appendRecord(b, &rows[i], &a.Question)
			}
			rows = rows[n:]
			rec := b.NewRecord()
			err := out.Write(rec)
			rec.Release()
			if err != nil {
				return err
			}
		}
	}
	return out.Close()
}

// appendRecord appends a row to a builder of arrowSchema.
func appendRecord(b *array.RecordBuilder, r *Row, q *Who) {
	for i := range schema.Columns {
		appendCell(b.Field(i), &schema.Columns[i], &r.Touch)
	}
	n := len(schema.Columns)
	appendString(b.Field(n).(*array.StringBuilder), r.TableName)
	day, _ := schema.ParseDay(r.Day)
	b.Field(n + 1).(*array.Date32Builder).Append(arrow.Date32(day))
	n += 2
	if q.CouldHave {
		b.Field(n).(*array.BooleanBuilder).Append(r.CouldHave)
		appendString(b.Field(n+1).(*array.StringBuilder), r.Reason)
		appendString(b.Field(n+2).(*array.StringBuilder), r.Certainty.String())
		n += len(couldHaveColumns)
	}
	if q.FollowRole {
		appendLineageCells(b.Fields()[n:], r.Lineage)
	}
}

func appendCell(to array.Builder, c *schema.Column, t *schema.Touch) {
	switch b := to.(type) {
	case *array.StringBuilder:
		appendString(b, *c.Text(t))
	case *array.Int32Builder:
		b.Append(*c.Int(t))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(*c.Time(t)))
	case *array.BooleanBuilder:
		switch {
		case c.Flag != nil:
			b.Append(*c.Flag(t))
		case *c.Tri(t) == schema.Null:
			b.AppendNull()
		default:
			b.Append(*c.Tri(t) == schema.True)
		}
	case *array.ListBuilder:
		list := *c.List(t)
		if list == nil {
			b.AppendNull()
			return
		}
		b.Append(true)
		for _, s := range list {
			b.ValueBuilder().(*array.StringBuilder).Append(s)
		}
	}
}

func appendString(b *array.StringBuilder, s string) {
	if s == "" {
		b.AppendNull()
		return
	}
	b.Append(s)
}
