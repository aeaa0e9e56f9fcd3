package compliance

import (
	"context"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// past is what the hourly counts tell of tables and callers, up to the end of the period.
type past struct {
	tables  map[tableID]*tablePast
	actors  map[string]actorPast
	counted int64 // rows of the period, by the hourly counts
	first   string
}

type tableID struct{ arn, name string }

// tablePast is when a table's events were first seen, microseconds since 1970; 0 is never.
type tablePast struct{ management, reads, writes int64 }

// actorPast is when somebody was first and last seen before the period; 0 is never.
type actorPast struct{ first, last int64 }

func (p *past) read(ctx context.Context, f *Frame) error {
	p.tables, p.actors = map[tableID]*tablePast{}, map[string]actorPast{}
	days, err := f.Lake.RollupDays(ctx)
	if err != nil {
		return err
	}
	days = slices.DeleteFunc(days, func(day string) bool { return day > f.Question.To || day == "" })
	if len(days) > 0 {
		p.first = days[0]
	}
	return f.Lake.EachCount(ctx, days, func(day int, counts []lake.Count) error {
		inPeriod := days[day] >= f.Question.From
		for i := range counts {
			p.add(f, &counts[i], inPeriod)
		}
		return nil
	})
}

func (p *past) add(f *Frame, c *lake.Count, inPeriod bool) {
	at := c.Hour.UnixMicro()
	if inPeriod {
		p.counted += c.Count
	} else {
		a, ok := p.actors[c.Actor]
		if !ok {
			a.first = at
		}
		a.first, a.last = min(a.first, at), max(a.last, at)
		p.actors[c.Actor] = a
	}
	id := tableID{c.TableARN, c.TableName}
	if id == (tableID{}) || !f.inScope(&schema.Touch{TableARN: c.TableARN, TableName: c.TableName}) {
		return
	}
	t := p.tables[id]
	if t == nil {
		t = &tablePast{}
		p.tables[id] = t
	}
	if of := t.of(c.Op); of != nil && (*of == 0 || at < *of) {
		*of = at
	}
}

// of is where the first sight of a class of operations is kept: nil for those that come
// both as data events and as management events.
func (t *tablePast) of(op string) *int64 {
	switch op {
	case schema.OpReadPoint, schema.OpReadRange:
		return &t.reads
	case schema.OpWriteItem, schema.OpDeleteItem:
		return &t.writes
	case schema.OpSchema, schema.OpProtect, schema.OpShare, schema.OpCopy, schema.OpDestroy, schema.OpTag, schema.OpMetaRead:
		return &t.management
	}
	return nil
}
