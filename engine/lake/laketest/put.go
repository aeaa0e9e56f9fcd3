// Package laketest fills lakes for tests that have no need of an ingest.
package laketest

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// Put makes the partitions of touches hold those and no others, on every other day in two
// files. Equal touches are rows of their own.
func Put(t testing.TB, l *lake.Lake, touches []schema.Touch) {
	t.Helper()
	parts := map[schema.Partition][]schema.Touch{}
	for i := range touches {
		p := schema.PartitionOf(&touches[i])
		parts[p] = append(parts[p], touches[i])
	}
	for p, rows := range parts {
		slices.SortStableFunc(rows, func(a, b schema.Touch) int {
			return cmp.Or(cmp.Compare(a.ItemKey, b.ItemKey), cmp.Compare(a.EventTime, b.EventTime), cmp.Compare(a.EventID, b.EventID), cmp.Compare(a.TouchIndex, b.TouchIndex))
		})
		of := 1 + int(p.Day&1)
		for bucket := range of {
			putFile(t, l, p, bucket, of, rows)
		}
	}
}

// putFile writes one file of a partition, of the rows that belong to its bucket.
func putFile(t testing.TB, l *lake.Lake, p schema.Partition, bucket, of int, rows []schema.Touch) {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema.Arrow)
	defer b.Release()
	for i := range rows {
		if schema.Bucket(rows[i].ItemKey, rows[i].EventID, of) == bucket {
			for k := range schema.Columns {
				appendValue(b.Field(k), &schema.Columns[k], &rows[i])
			}
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	var file bytes.Buffer
	w := parquetio.NewWriter(&file, parquetio.WriterOptions{Metadata: map[string]string{schema.MetadataBuckets: strconv.Itoa(of)}})
	if err := w.Append(rec, 0, rec.NumRows()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.PutTouches(t.Context(), p, bucket, bytes.NewReader(file.Bytes()), int64(file.Len()), object.Condition{}); err != nil {
		t.Fatal(err)
	}
}

func appendValue(b array.Builder, c *schema.Column, t *schema.Touch) {
	switch {
	case c.Text != nil && *c.Text(t) != "":
		b.(*array.StringBuilder).Append(*c.Text(t))
	case c.Int != nil:
		b.(*array.Int32Builder).Append(*c.Int(t))
	case c.Time != nil:
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(*c.Time(t)))
	case c.Flag != nil:
		b.(*array.BooleanBuilder).Append(*c.Flag(t))
	case c.Tri != nil && *c.Tri(t) != schema.Null:
		b.(*array.BooleanBuilder).Append(*c.Tri(t) == schema.True)
	case c.List != nil && *c.List(t) != nil:
		l := b.(*array.ListBuilder)
		l.Append(true)
		for _, item := range *c.List(t) {
			l.ValueBuilder().(*array.StringBuilder).Append(item)
		}
	default:
		b.AppendNull()
	}
}
