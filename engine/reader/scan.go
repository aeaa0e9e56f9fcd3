package reader

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// Lake is what Scan asks of a lake: [lake.Lake] is one. Safe for concurrent use.
type Lake interface {
	// TouchFiles calls fn for each touches file of the table and days, in key order.
	TouchFiles(ctx context.Context, table, fromDay, toDay string, fn func(lake.TouchFile) error) error
	// OpenTouches opens one, pinned to its present version.
	OpenTouches(ctx context.Context, p schema.Partition, bucket int) (object.File, error)
}

// Scan calls fn with the rows that satisfy q, in records of at least one row, on the
// caller's goroutine: partition by partition in order of table and day, in each of a
// partition's files in the order of [schema.SortColumns]. The order is the same
// every time. A record is released when fn returns; whoever keeps it longer retains
// it. Scan stops at fn's first error and returns it unchanged.
//
// Partitions are read several at a time. What Scan says of pruning may differ from
// time to time only if files change meanwhile.
func Scan(ctx context.Context, l Lake, q Query, fn func(arrow.Record, schema.Partition) error) (Stats, error) {
	var stats Stats
	q, err := q.complete()
	if err != nil {
		return stats, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, gctx := errgroup.WithContext(ctx)
	parts := make(chan *part, q.Parallel) // in order; its room bounds how many are ahead
	work := make(chan *part)
	g.Go(func() error {
		defer close(parts)
		defer close(work)
		return plan(gctx, l, &q, parts, work)
	})
	for range q.Parallel {
		g.Go(func() error {
			for p := range work {
				p.read(gctx)
			}
			return nil
		})
	}
	err = hand(parts, &stats, fn)
	cancel()
	if planErr := g.Wait(); err == nil {
		err = planErr
	}
	return stats, err
}

// plan finds the partitions and passes each to whoever reads it and, in order, to
// whoever hands out its rows.
func plan(ctx context.Context, l Lake, q *Query, parts, work chan<- *part) error {
	send := func(to chan<- *part, p *part) error {
		select {
		case to <- p:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return l.TouchFiles(ctx, q.Table, q.FromDay, q.ToDay, func(f lake.TouchFile) error {
		if f.Bucket != 0 { // those that count follow from the first
			return nil
		}
		p := &part{lake: l, q: q, partition: f.Partition, out: make(chan arrow.Record, 1)}
		if err := send(work, p); err != nil {
			return err
		}
		return send(parts, p)
	})
}

// hand gives the rows of each partition to fn, until something fails.
func hand(parts <-chan *part, stats *Stats, fn func(arrow.Record, schema.Partition) error) error {
	for p := range parts {
		for rec := range p.out {
			stats.Rows += rec.NumRows()
			err := fn(rec, p.partition)
			rec.Release()
			if err != nil {
				return err
			}
		}
		if p.err != nil {
			return p.err
		}
		stats.add(p.stats)
	}
	return nil
}
