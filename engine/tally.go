package engine

import (
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/partition"
	"github.com/keytrail/keytrail/schema"
)

// tally counts the rows of a partition on their way to its files: by hour,
// actor, operation and outcome for the rollup, and by object for the balance.
type tally struct {
	out   partition.Output
	live  *objectCount
	hours map[hourKey]*hourCount
	last  *hourCount // of the latest row
}

type hourCount struct {
	hourKey
	n int64
}

type hourKey struct {
	hour                         int64 // microseconds
	tableARN, actor, op, outcome string
}

func newTally(objects map[string]int64, out partition.Output) *tally {
	return &tally{out: out, live: newObjectCount(objects), hours: map[hourKey]*hourCount{}}
}

const hourMicros = int64(time.Hour / time.Microsecond)

var tallied = struct{ time, arn, actor, op, outcome, object int }{
	schema.ColumnIndex("event_time"), schema.ColumnIndex("table_arn"), schema.ColumnIndex("actor"),
	schema.ColumnIndex("op"), schema.ColumnIndex("outcome"), schema.ColumnIndex("source_object"),
}

// Append counts the rows and passes them on.
func (t *tally) Append(rec arrow.Record, from, to int64) error {
	at := rec.Column(tallied.time).(*array.Timestamp)
	arn, actor := rec.Column(tallied.arn).(*array.String), rec.Column(tallied.actor).(*array.String)
	op, outcome := rec.Column(tallied.op).(*array.String), rec.Column(tallied.outcome).(*array.String)
	for i := int(from); i < int(to); i++ {
		micros := int64(at.Value(i))
		t.count(hourKey{micros - micros%hourMicros, arn.Value(i), actor.Value(i), op.Value(i), outcome.Value(i)})
	}
	t.live.add(rec, from, to)
	return t.out.Append(rec, from, to)
}

// count adds one row. The key's texts are views into a batch.
func (t *tally) count(k hourKey) {
	if t.last == nil || k != t.last.hourKey {
		c, ok := t.hours[k]
		if !ok {
			k = hourKey{k.hour, strings.Clone(k.tableARN), strings.Clone(k.actor), strings.Clone(k.op), strings.Clone(k.outcome)}
			c = &hourCount{hourKey: k}
			t.hours[k] = c
		}
		t.last = c
	}
	t.last.n++
}

// objectCount counts rows by the object they come from.
type objectCount struct {
	of   map[string]int64 // those of which rows are counted: all with a number above 0
	rows map[string]int64
}

func newObjectCount(of map[string]int64) *objectCount {
	return &objectCount{of: of, rows: map[string]int64{}}
}

func (c *objectCount) add(rec arrow.Record, from, to int64) {
	object := rec.Column(tallied.object).(*array.String)
	for i := int(from); i < int(to); i++ {
		name := object.Value(i) // a view into a batch
		if c.of[name] == 0 {
			continue
		}
		if n, ok := c.rows[name]; ok {
			c.rows[name] = n + 1 // the key stays the clone it is
			continue
		}
		c.rows[strings.Clone(name)] = 1
	}
}

// counts is what the rollup says of the partition.
func (t *tally) counts() []lake.Count {
	out := make([]lake.Count, 0, len(t.hours))
	for _, c := range t.hours {
		out = append(out, lake.Count{
			Hour: time.UnixMicro(c.hour).UTC(), TableARN: c.tableARN, Actor: c.actor, Op: c.op, Outcome: c.outcome, Count: c.n,
		})
	}
	return out
}
