package subject

import (
	"context"
	"fmt"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/coverage"
	"github.com/keytrail/keytrail/queries/report"
)

// answer is what was found, before it is written for anybody.
type answer struct {
	*Question
	namer    *namer
	spelt    *spelt
	tables   *searched
	hits     hits
	calls    calls
	unseen   unseen
	expiring []expiry
	head     lake.Head
	gaps     queries.Gaps
	days     [2]string // delivery days that the lake has, the first and the last
	read     reader.Stats
}

// Collect makes the report. Errors are those of [Question.Check], of reading,
// [personal.ErrNoSecret] and [personal.ErrDropped], and [coverage.ErrChanging]. That
// nothing was found is no error: the report says so, and what that is worth.
func Collect(ctx context.Context, l *lake.Lake, q Question) (*report.Document, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	a := &answer{Question: &q, namer: newNamer(&q)}
	var err error
	if a.spelt, err = q.spell(); err != nil {
		return nil, err
	}
	if a.head, err = coverage.Head(ctx, l); err != nil {
		return nil, err
	}
	if a.tables, err = search(ctx, l, &q); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context, *lake.Lake) error{a.findHits, a.findCalls, a.findUnseen, a.findExpiry, a.findKeyNames} {
		if err := step(ctx, l); err != nil {
			return nil, err
		}
	}
	if err := coverage.Unchanged(ctx, l, a.head); err != nil {
		return nil, err
	}
	d := a.document()
	return d, d.Check()
}

// findUnseen finds what the lake lacks.
func (a *answer) findUnseen(ctx context.Context, l *lake.Lake) error {
	c, err := l.Coverage(ctx)
	if err != nil {
		return fmt.Errorf("what the lake lacks: %w", err)
	}
	a.days[0], a.days[1] = c.Bounds()
	a.gaps = queries.GapsOf(&queries.Who{From: a.From, To: a.To}, &c, a.hits.areas())
	trails, calls, err := coverage.Trails(ctx, l, a.Trails)
	if err != nil {
		return err
	}
	a.unseen.trails = calls > 0 || a.Trails != nil
	a.unseen.complete = trails.Complete()
	a.unseen.intervals = trails.Intervals(a.tables.found()...)
	return nil
}
