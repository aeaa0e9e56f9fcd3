package reader

import (
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// Defaults of a [Query].
const (
	DefaultParallel    = 4
	DearParallel       = 32 // where reads are requests: their time is spent waiting
	DefaultBufferBytes = 16 << 20
)

// Query says which rows to read, and what of them. Its zero value is every row.
type Query struct {
	Table          string // empty: every table
	FromDay, ToDay string // YYYY-MM-DD, both included; empty: no bound
	// Event times in [From, To), microseconds since 1970; 0 is no bound. They bound
	// the days too.
	From, To int64
	Where    []Condition // all must hold
	// The touched item's key has each of these members: all of its names, or some. That
	// is asked exactly, and pruned by more than a condition on a column could be.
	Key []schema.KeyMember

	Columns     []int // positions in [schema.Columns]; nil: all; empty: just count rows
	BatchRows   int   // rows per record at most; default [parquetio.DefaultBatchRows]
	BufferBytes int64 // held back per partition being read; default [DefaultBufferBytes]
	// Partitions read at once. By default that is [DefaultParallel], and [DearParallel]
	// where files are [object.Prefetcher]s.
	Parallel int

	key schema.KeyMembers // Key, made ready
}

// Condition holds for a row whose text column has one of the values, or one of the
// items of whose list column is one. Null satisfies none.
type Condition struct {
	Column int // position in [schema.Columns]
	AnyOf  []string
}

var (
	itemKeyColumn   = schema.ColumnIndex("item_key")
	keyValuesColumn = schema.ColumnIndex("key_values")
	timeColumn      = schema.ColumnIndex("event_time")
)

// ItemKey is the condition that one of the items was touched, given by their
// canonical keys.
func ItemKey(keys ...string) Condition { return Condition{itemKeyColumn, keys} }

// KeyValue is the condition that v is a value of the key that was touched, whatever
// the name of its attribute.
func KeyValue(v string) Condition { return Condition{keyValuesColumn, []string{v}} }

// has reports whether v is one of the values, which complete has sorted.
func (c Condition) has(v string) bool {
	_, ok := slices.BinarySearch(c.AnyOf, v)
	return ok
}

// mayLie reports whether one of the values lies between two texts.
func (c Condition) mayLie(least, greatest string) bool {
	at, _ := slices.BinarySearch(c.AnyOf, least)
	return at < len(c.AnyOf) && c.AnyOf[at] <= greatest
}

// complete checks the query and fills in what was left out.
func (q Query) complete() (Query, error) {
	q.key = schema.NewKeyMembers(q.Key...)
	q.Where = slices.Clone(q.Where)
	for i, c := range q.Where {
		if c.Column < 0 || c.Column >= len(schema.Columns) {
			return q, fmt.Errorf("condition on column %d of %d", c.Column, len(schema.Columns))
		}
		if t := schema.Columns[c.Column].Type; t != schema.Text && t != schema.List {
			return q, fmt.Errorf("condition on column %s, which is not text", schema.Columns[c.Column].Name)
		}
		q.Where[i].AnyOf = slices.Compact(slices.Sorted(slices.Values(c.AnyOf)))
	}
	for _, c := range q.Columns {
		if c < 0 || c >= len(schema.Columns) {
			return q, fmt.Errorf("column %d of %d", c, len(schema.Columns))
		}
	}
	if q.From != 0 {
		q.FromDay = max(q.FromDay, schema.DayString(schema.DayOf(q.From)))
	}
	if q.To != 0 {
		if last := schema.DayString(schema.DayOf(q.To - 1)); q.ToDay == "" || last < q.ToDay {
			q.ToDay = last
		}
	}
	if q.BatchRows <= 0 {
		q.BatchRows = parquetio.DefaultBatchRows
	}
	if q.BufferBytes <= 0 {
		q.BufferBytes = DefaultBufferBytes
	}
	return q, nil
}

// inTime reports whether an event time is asked for.
func (q *Query) inTime(t int64) bool {
	return (q.From == 0 || t >= q.From) && (q.To == 0 || t < q.To)
}

// mayHold reports whether bucket, of n, may have rows asked for: it has not when
// the items asked for belong to others.
func (q *Query) mayHold(bucket, n int) bool {
	for _, c := range q.Where {
		if c.Column == itemKeyColumn && !slices.ContainsFunc(c.AnyOf, func(key string) bool {
			return key != "" && schema.Bucket(key, "", n) == bucket
		}) {
			return false
		}
	}
	return true
}
