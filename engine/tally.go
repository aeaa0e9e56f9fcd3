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
	out     partition.Output
	emitted map[string]int64 // the objects whose rows are counted
	live    map[string]int64
	hours   map[hourKey]*hourCount
	last    *hourCount // of the latest row
}

type hourCount struct {
	hourKey
	n int64
}

type hourKey struct {
	hour                         int64 // microseconds
	tableARN, actor, op, outcome string
}

func newTally(emitted map[string]int64, out partition.Output) *tally {
	return &tally{out: out, emitted: emitted, live: map[string]int64{}, hours: map[hourKey]*hourCount{}}
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
	object := rec.Column(tallied.object).(*array.String)
	for i := int(from); i < int(to); i++ {
		micros := int64(at.Value(i))
		t.count(hourKey{micros - micros%hourMicros, arn.Value(i), actor.Value(i), op.Value(i), outcome.Value(i)})
		if name := object.Value(i); t.emitted[name] > 0 {
			t.countObject(name)
		}
	}
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

func (t *tally) countObject(name string) {
	if n, ok := t.live[name]; ok {
		t.live[name] = n + 1 // the key stays the clone it is
		return
	}
	t.live[strings.Clone(name)] = 1
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
