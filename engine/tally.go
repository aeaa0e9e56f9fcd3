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
	out  partition.Output
	live *objectCount
	day  int64 // beginning of the partition's day, in microseconds
	acts map[act]*actCount
}

// act is what rows are counted by, beside the hour.
type act struct{ tableARN, actor, op, outcome string }

// actCount is how often something was done in each hour of the day. Rows are in order
// of item, so that nearly every one is of another hour than the one before.
type actCount struct {
	act
	hours [24]int64
	other map[int64]int64 // of another day, by the beginning of the hour: no partition has such
}

// noted is what a tally knows of rows whose texts are numbers: to look at the texts
// each time would be slow.
type noted struct {
	acts    map[actNumbers]*actCount
	objects []int32 // number of the account, by number of the object, plus one; 0 is unknown, -1 none
}

type actNumbers struct{ arn, actor, op, outcome uint32 }

func newTally(objects *accounts, p schema.Partition, out partition.Output) *tally {
	return &tally{
		out: out, live: newObjectCount(objects), day: int64(p.Day) * 24 * hourMicros, acts: map[act]*actCount{},
	}
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
	texts := func(i int) *actCount {
		return t.act(act{arn.Value(i), actor.Value(i), op.Value(i), outcome.Value(i)})
	}
	if actor.Numbers == nil {
		for i := r.From; i < r.To; i++ {
			t.add(texts(i), at[i])
		}
		return
	}
	acts := note(r.Batch).acts
	for i := r.From; i < r.To; i++ {
		k := actNumbers{arn.Numbers[i], actor.Numbers[i], op.Numbers[i], outcome.Numbers[i]}
		c := acts[k]
		if c == nil {
			c = texts(i)
			acts[k] = c
		}
		t.add(c, at[i])
	}
}

func (t *tally) add(c *actCount, micros int64) {
	if hour := (micros - t.day) / hourMicros; micros >= t.day && hour < int64(len(c.hours)) {
		c.hours[hour]++
		return
	}
	if c.other == nil {
		c.other = map[int64]int64{}
	}
	c.other[micros-micros%hourMicros]++
}

// tallies owns the notes of tallies: a batch is read by one.
var tallies = new(noted)

func note(b *schema.Batch) *noted {
	at := b.Notes.Of(tallies)
	if *at == nil {
		*at = &noted{acts: map[actNumbers]*actCount{}}
	}
	return (*at).(*noted)
}

// act is the count of a, whose texts are views into a batch.
func (t *tally) act(a act) *actCount {
	c, ok := t.acts[a]
	if !ok {
		a = act{strings.Clone(a.tableARN), strings.Clone(a.actor), strings.Clone(a.op), strings.Clone(a.outcome)}
		c = &actCount{act: a}
		t.acts[a] = c
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
func (t *tally) counts() (out []lake.Count) {
	for _, c := range t.acts {
		add := func(hour, n int64) {
			out = append(out, lake.Count{
				Hour: time.UnixMicro(hour).UTC(), TableARN: c.tableARN, Actor: c.actor, Op: c.op, Outcome: c.outcome, Count: n,
			})
		}
		for i, n := range c.hours {
			if n > 0 {
				add(t.day+int64(i)*hourMicros, n)
			}
		}
		for hour, n := range c.other {
			add(hour, n)
		}
	}
	return out
}
