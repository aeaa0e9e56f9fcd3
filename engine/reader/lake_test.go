package reader

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

const day0 = int32(20_000) // 2024-10-04

// sample makes n rows on each of some days of some tables, sorted as files are.
func sample(n int) map[schema.Partition][]schema.Touch {
	r := rand.New(rand.NewPCG(1, 2))
	all := map[schema.Partition][]schema.Touch{}
	for _, table := range []string{"orders", "users", schema.NoTable} {
		for day := day0; day < day0+3; day++ {
			p := schema.Partition{Table: table, Day: day}
			for i := range n {
				t := schema.Touch{
					EventID: fmt.Sprintf("%s-%d-%d", table, day, i), TouchCount: 1,
					EventTime: int64(day)*86_400_000_000 + r.Int64N(86_400_000_000),
					Actor:     fmt.Sprintf("role-%d", r.IntN(9)), Op: []string{"read", "write", "delete"}[r.IntN(3)],
					KeyScope: schema.ScopeTable, SourceIndex: int32(i),
				}
				if table != schema.NoTable && r.IntN(4) > 0 {
					pk, sk := strconv.Itoa(r.IntN(n/3+1)), strconv.Itoa(r.IntN(3))
					t.ItemKey, t.KeyScope = fmt.Sprintf(`{"pk":%q,"sk":%q}`, pk, sk), schema.ScopeItem
					t.KeyValues = []string{pk, sk}
				}
				all[p] = append(all[p], t)
			}
			sortTouches(all[p])
		}
	}
	return all
}

func sortTouches(rows []schema.Touch) {
	slices.SortFunc(rows, func(x, y schema.Touch) int {
		return cmp.Or(cmp.Compare(x.ItemKey, y.ItemKey), cmp.Compare(x.EventTime, y.EventTime), cmp.Compare(x.EventID, y.EventID))
	})
}

// newLake holds the rows, each partition in one file.
func newLake(t *testing.T, store objecttest.Store, all map[schema.Partition][]schema.Touch) *lake.Lake {
	t.Helper()
	l, err := lake.Create(context.Background(), store)
	if err != nil {
		t.Fatal(err)
	}
	for p, rows := range all {
		put(t, l, p, 0, 1, rows)
	}
	return l
}

// put writes one file of a partition, of the rows that belong to its bucket.
func put(t testing.TB, l *lake.Lake, p schema.Partition, bucket, of int, rows []schema.Touch) {
	t.Helper()
	putGroups(t, l, p, bucket, of, rows, 400)
}

// putGroups is put, with so many rows in a row group; 0 is as many as an ingest has.
func putGroups(t testing.TB, l *lake.Lake, p schema.Partition, bucket, of int, rows []schema.Touch, groupRows int) {
	t.Helper()
	putAs(t, l, p, bucket, of, rows, parquetio.WriterOptions{RowGroupRows: groupRows})
}

// putAs is put, with options.
func putAs(t testing.TB, l *lake.Lake, p schema.Partition, bucket, of int, rows []schema.Touch, o parquetio.WriterOptions) {
	t.Helper()
	o.Metadata = map[string]string{schema.MetadataBuckets: strconv.Itoa(of)}
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema.Arrow)
	defer b.Release()
	for i := range rows {
		if schema.Bucket(rows[i].ItemKey, rows[i].EventID, of) == bucket {
			for k, c := range schema.Columns {
				appendValue(b.Field(k), c, &rows[i])
			}
		}
	}
	rec := b.NewRecord()
	var file bytes.Buffer
	w := parquetio.NewWriter(&file, o)
	if err := w.Append(rec, 0, rec.NumRows()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	body := bytes.NewReader(file.Bytes())
	if _, err := l.PutTouches(context.Background(), p, bucket, body, body.Size(), object.Condition{}); err != nil {
		t.Fatal(err)
	}
}

func appendValue(b array.Builder, c schema.Column, t *schema.Touch) {
	switch {
	case c.Text != nil && *c.Text(t) != "":
		b.(*array.StringBuilder).Append(*c.Text(t))
	case c.Int != nil:
		b.(*array.Int32Builder).Append(*c.Int(t))
	case c.Time != nil:
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(*c.Time(t)))
	case c.Flag != nil:
		b.(*array.BooleanBuilder).Append(*c.Flag(t))
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

// want are the ids of the rows that satisfy the query, in the order of a scan.
func want(all map[schema.Partition][]schema.Touch, q Query) []string {
	parts := slices.SortedFunc(func(yield func(schema.Partition) bool) {
		for p := range all {
			if !yield(p) {
				return
			}
		}
	}, func(x, y schema.Partition) int {
		return cmp.Compare(lake.TouchKey(x, 0), lake.TouchKey(y, 0))
	})
	var ids []string
	for _, p := range parts {
		for i := range all[p] {
			if satisfies(&q, p, &all[p][i]) {
				ids = append(ids, all[p][i].EventID)
			}
		}
	}
	return ids
}

func satisfies(q *Query, p schema.Partition, t *schema.Touch) bool {
	day := p.DayString()
	if q.Table != "" && p.Table != schema.PartitionTable(q.Table) || day < q.FromDay || q.ToDay != "" && day > q.ToDay ||
		q.From != 0 && t.EventTime < q.From || q.To != 0 && t.EventTime >= q.To {
		return false
	}
	for _, c := range q.Where {
		col := schema.Columns[c.Column]
		ok := false
		for _, v := range c.AnyOf {
			if col.Text != nil {
				ok = ok || v != "" && *col.Text(t) == v
			} else {
				ok = ok || slices.Contains(*col.List(t), v)
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

// scan are the ids that a scan hands out.
func scan(l Lake, q Query) ([]string, Stats, error) {
	var ids []string
	stats, err := Scan(context.Background(), l, q, func(rec arrow.Record, p schema.Partition) error {
		a := column(rec, schema.ColumnIndex("event_id")).(*array.String)
		for i := range a.Len() {
			ids = append(ids, string([]byte(a.Value(i))))
		}
		return nil
	})
	return ids, stats, err
}
