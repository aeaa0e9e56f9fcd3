package engine

import (
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

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

func newTally(objects *accounts, out partition.Output) *tally {
	return &tally{out: out, live: newObjectCount(objects), hours: map[hourKey]*hourCount{}}
}

const hourMicros = int64(time.Hour / time.Microsecond)

var tallied = struct{ time, arn, actor, op, outcome, object int }{
	schema.ColumnIndex("event_time"), schema.ColumnIndex("table_arn"), schema.ColumnIndex("actor"),
	schema.ColumnIndex("op"), schema.ColumnIndex("outcome"), schema.ColumnIndex("source_object"),
}

// Append counts the rows and passes them on.
func (t *tally) Append(rows []schema.Rows) error {
	for _, r := range rows {
		at := r.Times[tallied.time]
		arn, actor := &r.Texts[tallied.arn], &r.Texts[tallied.actor]
		op, outcome := &r.Texts[tallied.op], &r.Texts[tallied.outcome]
		for i := r.From; i < r.To; i++ {
			micros := int64(at[i])
			t.count(hourKey{micros - micros%hourMicros, arn.Value(i), actor.Value(i), op.Value(i), outcome.Value(i)})
		}
		t.live.add(r)
	}
	return t.out.Append(rows)
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
	of   *accounts       // only read
	rows map[int32]int64 // by the number of the object's account
}

func newObjectCount(of *accounts) *objectCount {
	return &objectCount{of: of, rows: map[int32]int64{}}
}

func (c *objectCount) add(r schema.Rows) {
	object := &r.Texts[tallied.object]
	for i := r.From; i < r.To; i++ {
		if n, ok := c.of.counted(object.Value(i)); ok {
			c.rows[n]++
		}
	}
}

func (c *objectCount) addAll(rec arrow.Record) error {
	b, err := schema.NewBatch(rec)
	if err == nil {
		c.add(schema.Rows{Batch: b, To: int(rec.NumRows())})
	}
	return err
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
