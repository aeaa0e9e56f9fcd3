package queries

import (
	"context"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// timeSpan is a time from and to, To not included; 0 is open.
type timeSpan struct{ from, to int64 }

func (s timeSpan) empty() bool { return s.from != 0 && s.to != 0 && s.from >= s.to }

func (s timeSpan) has(at int64) bool {
	return (s.from == 0 || at >= s.from) && (s.to == 0 || at < s.to)
}

// cut is a span as the whole hours in it and what is left before and after them.
type cut struct{ before, span, after timeSpan }

func wholeHours(from, to int64) cut {
	c := cut{span: timeSpan{from, to}, before: timeSpan{1, 1}, after: timeSpan{1, 1}}
	if past := mod(from, hourMicros); past != 0 {
		c.span.from = from - past + hourMicros
		c.before = timeSpan{from, c.span.from}
	}
	if past := mod(to, hourMicros); past != 0 {
		c.span.to = to - past
		c.after = timeSpan{c.span.to, to}
	}
	if c.span.from != 0 && c.span.to != 0 && c.span.from > c.span.to { // within one hour
		return cut{before: timeSpan{from, to}, span: timeSpan{1, 1}, after: timeSpan{1, 1}}
	}
	return c
}

// touchesDay reports whether some of a day lies in the span.
func (s timeSpan) touchesDay(day int32) bool {
	return (s.to == 0 || day <= schema.DayOf(s.to-1)) && (s.from == 0 || day >= schema.DayOf(s.from))
}

// eachCount calls fn with the lake's counts of all days that a span has part of, in
// order. fn may keep the texts of a count, not the count.
func eachCount(ctx context.Context, l TopLake, within timeSpan, progress func(done, all int), fn func(*lake.Count) error) error {
	days, err := l.RollupDays(ctx)
	if err != nil {
		return err
	}
	days = slices.DeleteFunc(days, func(day string) bool {
		n, err := schema.ParseDay(day)
		return err != nil || !within.touchesDay(n)
	})
	begun := -1
	return l.EachCount(ctx, days, func(day int, counts []lake.Count) error {
		if begun < day && progress != nil {
			progress(day, len(days))
		}
		begun = day
		for i := range counts {
			if err := fn(&counts[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
