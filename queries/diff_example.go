package queries

import (
	"context"
	"slices"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// want is a sighting whose hour is known, and whose event is looked for.
type want struct {
	change *Change
	seen   *sighting
	last   bool // else the first
	hour   timeSpan
	found  bool
}

// diffPlace is where to look for sightings: all of one table and day are read at once.
type diffPlace struct {
	table int32
	day   int32
}

// examples finds out when exactly things were seen, and an event of each.
func (d *differ) examples(ctx context.Context, l reader.Lake, changes []Change) error {
	wants := map[diffPlace][]*want{}
	var order []diffPlace
	look := func(w *want, tables []int32) {
		for _, table := range tables {
			at := diffPlace{table, schema.DayOf(w.seen.at)}
			if wants[at] == nil {
				order = append(order, at)
			}
			wants[at] = append(wants[at], w)
		}
	}
	for i := range changes {
		c := &changes[i]
		if c.Detail != "" {
			continue // it was read with its event
		}
		look(&want{change: c, seen: &c.first, hour: d.clip(c, c.first.at)}, c.firstIn)
		look(&want{change: c, seen: &c.last, last: true, hour: d.clip(c, c.last.at)}, c.lastIn)
	}
	for _, at := range order {
		if err := d.find(ctx, l, at.table, wants[at]); err != nil {
			return err
		}
	}
	for i := range changes {
		changes[i].settle(d.tables.list)
	}
	return nil
}

// clip is the part of an hour that lies in the span a change was seen in.
func (d *differ) clip(c *Change, hour int64) timeSpan {
	in := d.After
	if c.Kind.gone() {
		in = d.Before
	}
	return timeSpan{max(hour, in.From), min(hour+hourMicros, in.To)}
}

// find reads the hours of one table and day.
func (d *differ) find(ctx context.Context, l reader.Lake, table int32, wants []*want) error {
	id := d.tables.list[table]
	within, all := wants[0].hour, Top{Memory: d.Memory}
	var actors, ops []string
	every := false
	for _, w := range wants {
		within = timeSpan{min(within.from, w.hour.from), max(within.to, w.hour.to)}
		every = every || !w.change.ofActor || w.change.Actor == ""
		actors = append(actors, w.change.Actor)
		ops = append(ops, w.change.Ops...)
	}
	all.Where = Who{Table: orElse(id.name, schema.NoTable), From: within.from, To: within.to}
	where := []reader.Condition{{Column: colOp, AnyOf: ops}}
	if !every {
		where = append(where, reader.Condition{Column: colActor, AnyOf: actors})
	}
	columns := []int{colTime, colOp, colOutcome, colTableARN, colActor, colActorName, topColumn.event}
	return newCounter(all).scan(ctx, l, columns, where, func(v *view, _ schema.Partition, i int) error {
		if v.text(colTableARN, i) != id.arn {
			return nil
		}
		for _, w := range wants {
			w.see(v, table, i)
		}
		return nil
	})
}

// see takes row i for what is wanted, if it is.
func (w *want) see(v *view, table int32, i int) {
	c := w.change
	at := v.time(i)
	switch {
	case !w.hour.has(at), !slices.Contains(c.Ops, v.text(colOp, i)):
		return
	case c.ofActor && v.text(colActor, i) != c.Actor:
		return
	case c.Kind == NewlyDenied && v.text(colOutcome, i) != schema.OutcomeDenied:
		return
	}
	s := sighting{at: at, table: table, event: v.text(topColumn.event, i), name: v.text(colActorName, i)}
	if !w.found || !w.last && s.before(*w.seen) || w.last && w.seen.before(s) {
		*w.seen, w.found = s.kept(), true
	}
}

// settle makes what was seen part of the finding.
func (c *Change) settle(tables []tableID) {
	c.First, c.Last = c.first.at, c.last.at
	example := c.first
	if c.Kind.gone() || c.Kind == More || c.Kind == Less {
		example = c.last
	}
	c.Event = example.event
	c.TableName, c.TableARN = tables[example.table].name, tables[example.table].arn
	if c.ofActor {
		c.ActorName = example.name
	}
}
