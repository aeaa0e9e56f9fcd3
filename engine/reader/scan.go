package reader

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"

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

// heldParts is how many partitions' shares of rows may be held back in all.
const heldParts = 4

// scanner is one call of [Scan].
type scanner struct {
	lake  Lake
	q     *Query
	ctx   context.Context
	group *errgroup.Group
	parts chan *part   // in order; its room bounds how many are ahead
	work  chan *part   // the same ones, to be read
	held  atomic.Int64 // bytes of rows that were read and not handed out
	wider sync.Once
	last  Stats // what was listed behind the last partition
}

// Scan calls fn with the rows that satisfy q, in records of at least one row, on the
// caller's goroutine: partition by partition in order of table and day, in each of a
// partition's files in the order of [schema.SortColumns]. The order is the same every
// time. A record is released when fn returns; whoever keeps it longer retains it. Scan
// stops at fn's first error and returns it unchanged.
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
	s := &scanner{lake: l, q: &q}
	s.group, s.ctx = errgroup.WithContext(ctx)
	wide := max(q.Parallel, DearParallel)
	s.parts, s.work = make(chan *part, wide), make(chan *part, wide)
	s.group.Go(func() error {
		defer close(s.parts)
		defer close(s.work)
		return s.plan()
	})
	s.read(cmp.Or(q.Parallel, DefaultParallel))
	err = s.hand(&stats, fn)
	cancel()
	if planErr := s.group.Wait(); err == nil {
		err = planErr
	}
	if err == nil {
		stats.Add(s.last)
	}
	return stats, err
}

// read has so many more partitions read at a time.
func (s *scanner) read(n int) {
	for range n {
		s.group.Go(func() error {
			for p := range s.work {
				p.read(s.ctx)
			}
			return nil
		})
	}
}

// widen is called where reads are dear.
func (s *scanner) widen() {
	if s.q.Parallel == 0 {
		s.wider.Do(func() { s.read(DearParallel - DefaultParallel) })
	}
}

// plan finds the partitions and passes each to whoever hands out its rows, in order,
// and to whoever reads it.
func (s *scanner) plan() error {
	table := ""
	return s.lake.TouchFiles(s.ctx, s.q.Table, "", "", func(f lake.TouchFile) error {
		if f.Bucket != 0 { // those that count follow from the first
			return nil
		}
		s.last.Partitions++
		if f.Partition.Table != table {
			table = f.Partition.Table
			s.last.Tables++
		}
		if day := f.Partition.DayString(); day < s.q.FromDay || s.q.ToDay != "" && day > s.q.ToDay {
			s.last.PartitionsPruned++
			return nil
		}
		p := &part{scan: s, partition: f.Partition, turn: make(chan struct{}), out: make(chan sized, 1), stats: s.last}
		s.last = Stats{}
		return s.send(p)
	})
}

// send has a partition read before its rows are waited for: of one that nobody reads
// they would never end.
func (s *scanner) send(p *part) error {
	for _, to := range []chan<- *part{s.work, s.parts} {
		select {
		case to <- p:
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
	}
	return nil
}

// hand gives the rows of each partition to fn, until something fails.
func (s *scanner) hand(stats *Stats, fn func(arrow.Record, schema.Partition) error) error {
	for p := range s.parts {
		close(p.turn)
		for rec := range p.out {
			stats.Rows += rec.NumRows()
			err := fn(rec.Record, p.partition)
			rec.Release()
			s.held.Add(-rec.bytes)
			if err != nil {
				return err
			}
		}
		if p.err != nil {
			if cause := context.Cause(s.ctx); cause != nil {
				return cause // that the reads were ended is no more than what came of it
			}
			return p.err
		}
		stats.Add(p.stats)
	}
	return nil
}
