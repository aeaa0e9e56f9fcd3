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

// eachCount calls fn with the lake's counts of all days that a span has part of, day by
// day. Days are fetched several at a time.
func eachCount(ctx context.Context, l TopLake, within timeSpan, progress func(done, all int), fn func(*lake.Count) error) error {
	days, err := l.RollupDays(ctx)
	if err != nil {
		return err
	}
	days = slices.DeleteFunc(days, func(day string) bool {
		n, err := schema.ParseDay(day)
		return err != nil || !within.touchesDay(n)
	})
	ctx, cancel := context.WithCancel(ctx)
	fetched := fetchCounts(ctx, l, days)
	defer func() { // nothing goes on after this returns
		cancel()
		for next := range fetched {
			<-next
		}
	}()
	done := 0
	for next := range fetched {
		if progress != nil {
			progress(done, len(days))
		}
		done++
		day := <-next
		if day.err != nil {
			return day.err
		}
		for i := range day.counts {
			if err := fn(&day.counts[i]); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// dayCounts are the counts of one day.
type dayCounts struct {
	counts []lake.Count
	err    error
}

// daysAhead is how many days' counts are fetched, or wait, at a time.
const daysAhead = 8

// fetchCounts hands out the counts of days in order, until they end or ctx does.
func fetchCounts(ctx context.Context, l TopLake, days []string) <-chan chan dayCounts {
	fetched := make(chan chan dayCounts, daysAhead-1)
	go func() {
		defer close(fetched)
		for _, day := range days {
			next := make(chan dayCounts, 1)
			select {
			case fetched <- next:
			case <-ctx.Done():
				return
			}
			go func() {
				counts, err := l.Rollup(ctx, day)
				next <- dayCounts{counts, err}
			}()
		}
	}()
	return fetched
}
