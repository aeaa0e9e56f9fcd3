package anomalies

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// behind reads the touches that hits are made of, and says of each hit who it was.
func (d *dayTouches) behind(ctx context.Context, hits []hit) (func(*hit) about, error) {
	byDay := map[int]map[target][]*witness{}
	all := map[*hit]*witness{}
	for i := range hits {
		h := &hits[i]
		if h.actor == "" {
			continue // a table: many of them
		}
		day := d.j.seenOn(h)
		if byDay[day] == nil {
			byDay[day] = map[target][]*witness{}
		}
		w := &witness{hit: h, people: map[string]int64{}, signs: map[sign]*schema.Touch{}}
		all[h] = w
		t := target{h.table, cmp.Or(h.role, h.actor), h.sum()}
		byDay[day][t] = append(byDay[day][t], w)
	}
	for _, day := range slices.Sorted(maps.Keys(byDay)) {
		if err := d.ask(ctx, day, byDay[day]); err != nil {
			return nil, err
		}
	}
	return func(h *hit) about {
		if w := all[h]; w != nil {
			return w.about(d.j)
		}
		return about{}
	}, nil
}

// seenOn is the latest day on which there are touches of a hit: that of the question,
// but for silence.
func (j *judging) seenOn(h *hit) int {
	if h.id == Silence {
		for i := j.today(); i >= 0; i-- {
			if h.total().done[i] > 0 {
				return i
			}
		}
	}
	return j.today()
}

// whoColumns are what a policy looks at, and what a finding tells.
var whoColumns = columns("event_id", "event_time", "event_name", "op", "outcome", "table_arn", "table_account_id", "aws_region",
	"actor", "actor_name", "actor_kind", "principal_type", "principal_id", "principal_account_id", "session_name", "invoked_by",
	"source_ip", "vpc_endpoint_id", "user_agent", "source_object", "source_index")

// ask shows the touches of a day to those who wait for them.
func (d *dayTouches) ask(ctx context.Context, day int, of map[target][]*witness) error {
	text := schema.DayString(d.j.day(day))
	var actors []string
	table, one := "", true
	for t, w := range of {
		actors = append(actors, t.actor)
		one = one && !t.all && w[0].hit.name != "" && (table == "" || table == w[0].hit.name)
		table = w[0].hit.name
	}
	q := reader.Query{FromDay: text, ToDay: text, Columns: whoColumns, Where: []reader.Condition{{Column: schema.ColumnIndex("actor"), AnyOf: actors}}}
	if one {
		q.Table = table
	}
	_, err := queries.EachTouch(ctx, d.l, q, func(t *schema.Touch, _ schema.Partition) error {
		for _, k := range []target{{t.TableARN, t.Actor, false}, {"", t.Actor, true}} {
			for _, w := range of[k] {
				w.see(t)
			}
		}
		return nil
	})
	return err
}
