package queries

import (
	"context"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// act is a number of touches alike, of one hour.
type act struct {
	partition               schema.Partition
	arn, actor, op, outcome string // may be views
	hour, touches           int64
}

// acts calls fn with all that was asked for, day by day: from hourly counts, and from
// touches for what the question has of the hours it begins and ends in. observe, if
// any, is called with all counts of the days in question.
func (c *counter) acts(ctx context.Context, l TopLake, observe func(*lake.Count), fn func(*act) error) error {
	whole := wholeHours(c.Where.From, c.Where.To)
	if err := c.actsOf(ctx, l, whole.before, fn); err != nil {
		return err
	}
	err := eachCount(ctx, l, timeSpan{c.Where.From, c.Where.To}, c.Progress, func(n *lake.Count) error {
		if observe != nil {
			observe(n)
		}
		at := n.Hour.UnixMicro()
		if whole.span.empty() || !whole.span.has(at) || !c.wants(n) {
			return nil
		}
		p := schema.Partition{Table: n.TableName, Day: schema.DayOf(at)}
		return fn(&act{p, n.TableARN, n.Actor, n.Op, n.Outcome, at, n.Count})
	})
	if err != nil {
		return err
	}
	return c.actsOf(ctx, l, whole.after, fn)
}

// actsOf are the touches within a span, one by one.
func (c *counter) actsOf(ctx context.Context, l TopLake, within timeSpan, fn func(*act) error) error {
	if within.empty() {
		return nil
	}
	part := *c
	part.Where.From, part.Where.To = within.from, within.to
	columns := []int{colTime, colOp, colOutcome, colTableARN, colActor}
	return part.scan(ctx, l, columns, nil, func(v *view, p schema.Partition, i int) error {
		at := v.time(i)
		return fn(&act{p, v.text(colTableARN, i), v.text(colActor, i), v.text(colOp, i), v.text(colOutcome, i), at - mod(at, hourMicros), 1})
	})
}

// wants reports whether a count is of touches asked for.
func (c *counter) wants(n *lake.Count) bool {
	f := &c.filter
	switch {
	case f.Table == schema.NoTable, f.suffix != "":
		if n.TableName != "" || !strings.HasSuffix(n.TableARN, f.suffix) {
			return false
		}
	case f.Table != "" && n.TableName != f.Table:
		return false
	}
	return (f.arn == "" || n.TableARN == f.arn) && oneOf(n.Op, c.Where.Ops) && oneOf(n.Outcome, c.Outcomes)
}

// oneOf reports whether s is one of some texts, of which none stands for any.
func oneOf(s string, any []string) bool { return len(any) == 0 || slices.Contains(any, s) }
