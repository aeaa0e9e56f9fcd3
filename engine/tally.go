package engine

import (
	"strings"
	"time"

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
}

// noted is what a tally knows of a batch whose texts are numbers. Rows are in order
// of item, so that nearly every one is of another hour, actor and object than the one
// before, and to look at the texts each time would be slow.
type noted struct {
	hours   map[numberKey]*hourCount
	objects []int32 // number of the account, by number of the object, plus one; 0 is unknown, -1 none
}

// numberKey is an hourKey by the numbers of a batch.
type numberKey struct {
	hour                   int64
	arn, actor, op, result uint32
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
		t.count(r)
		t.live.add(r)
	}
	return t.out.Append(rows)
}

func (t *tally) count(r schema.Rows) {
	at := r.Times[tallied.time]
	arn, actor := &r.Texts[tallied.arn], &r.Texts[tallied.actor]
	op, outcome := &r.Texts[tallied.op], &r.Texts[tallied.outcome]
	texts := func(i int) *hourCount {
		return t.hour(hourKey{hourOf(at[i]), arn.Value(i), actor.Value(i), op.Value(i), outcome.Value(i)})
	}
	if actor.Numbers == nil {
		for i := r.From; i < r.To; i++ {
			texts(i).n++
		}
		return
	}
	hours := note(r.Batch).hours
	for i := r.From; i < r.To; i++ {
		k := numberKey{hourOf(at[i]), arn.Numbers[i], actor.Numbers[i], op.Numbers[i], outcome.Numbers[i]}
		c := hours[k]
		if c == nil {
			c = texts(i)
			hours[k] = c
		}
		c.n++
	}
}

// tallies owns the notes of tallies: a batch is read by one.
var tallies = new(noted)

func note(b *schema.Batch) *noted {
	at := b.Notes.Of(tallies)
	if *at == nil {
		*at = &noted{hours: map[numberKey]*hourCount{}}
	}
	return (*at).(*noted)
}

func hourOf(micros int64) int64 { return micros - micros%hourMicros }

// hour is the count of that key, whose texts are views into a batch.
func (t *tally) hour(k hourKey) *hourCount {
	c, ok := t.hours[k]
	if !ok {
		k = hourKey{k.hour, strings.Clone(k.tableARN), strings.Clone(k.actor), strings.Clone(k.op), strings.Clone(k.outcome)}
		c = &hourCount{hourKey: k}
		t.hours[k] = c
	}
	return c
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
	if object.Numbers == nil {
		for i := r.From; i < r.To; i++ {
			if n, ok := c.of.counted(object.Value(i)); ok {
				c.rows[n]++
			}
		}
		return
	}
	known := note(r.Batch)
	for len(known.objects) < len(object.Values) {
		known.objects = append(known.objects, 0)
	}
	for _, number := range object.Numbers[r.From:r.To] {
		if known.objects[number] == 0 {
			known.objects[number] = -1
			if n, ok := c.of.counted(object.Values[number]); ok {
				known.objects[number] = n + 1
			}
		}
		if n := known.objects[number]; n > 0 {
			c.rows[n-1]++
		}
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
