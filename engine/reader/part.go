package reader

import (
	"context"
	"errors"
	"fmt"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// maxTries is how often a file is read again because it changed.
const maxTries = 10

// tailBytes is what is asked for of a file before anything else, where reads are dear.
// It has the footers, the page indexes and most of the filters that a question needs.
const tailBytes = 128 << 10

// part is one partition being read.
type part struct {
	scan      *scanner
	partition schema.Partition
	turn      chan struct{} // closed when its rows are next to be handed out
	out       chan sized    // closed when done
	err       error         // may be read once out is closed
	stats     Stats         // likewise
}

// room waits, while the partitions being read hold back much, until it is this one's
// turn: of that one no more is held back than its own share.
func (p *part) room(ctx context.Context) error {
	if p.scan.held.Load() <= heldParts*p.scan.q.BufferBytes {
		return nil
	}
	select {
	case <-p.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read reads the partition's files, those that count.
func (p *part) read(ctx context.Context) {
	defer close(p.out)
	shares := []schema.Share{{Bucket: 0, Of: 1}}
	for len(shares) > 0 && p.err == nil {
		next := shares[0]
		var rest []schema.Share
		if p.scan.q.mayHold(next.Bucket, next.Of) || next.Bucket == 0 {
			rest, p.err = p.readShare(ctx, next)
		} else {
			p.stats.Add(otherBucket)
		}
		shares = append(rest, shares[1:]...)
	}
}

// otherBucket is a file that the items asked for do not belong in.
var otherBucket = Stats{Files: 1, FilesPruned: 1, FilesByBucket: 1}

// readShare reads the share's file, over again if it changes, and says where the
// rest of the share is.
func (p *part) readShare(ctx context.Context, s schema.Share) (rest []schema.Share, err error) {
	for try := 1; ; try++ {
		f := &fileScan{ctx: ctx, part: p, q: p.scan.q}
		rest, err = p.tryShare(ctx, s, f)
		if err == nil {
			if err := f.release(); err != nil {
				f.drop()
				return nil, err
			}
			p.stats.Add(f.stats)
			return rest, nil
		}
		f.drop()
		if !errors.Is(err, object.ErrChanged) || f.started || try == maxTries {
			return nil, fmt.Errorf("read %s: %w", lake.TouchKey(p.partition, s.Bucket), err)
		}
	}
}

func (p *part) tryShare(ctx context.Context, s schema.Share, scan *fileScan) (rest []schema.Share, err error) {
	at, err := p.scan.lake.OpenTouches(ctx, p.partition, s.Bucket)
	if err != nil {
		return nil, err
	}
	defer at.Close()
	size := at.Info().Size
	if dear, ok := at.(object.Prefetcher); ok {
		scan.dear = dear
		p.scan.widen()
		scan.tail = max(0, size-tailBytes)
		if err := dear.Prefetch([]object.Range{{Off: scan.tail, Len: size - scan.tail}}); err != nil {
			return nil, err
		}
	}
	f, err := parquetio.Open(at, size)
	if err != nil {
		return nil, err
	}
	n, err := f.Buckets()
	if err != nil {
		return nil, err
	}
	if n < s.Of {
		return nil, fmt.Errorf("is one of %d files and should be one of %d", n, s.Of)
	}
	rest = s.Rest(n)
	scan.key = scan.askKey(f)
	if !p.scan.q.mayHold(s.Bucket, n) || !scan.key.mayHold(s.Bucket, n) {
		scan.stats = otherBucket
		return rest, nil
	}
	scan.stats.Files++
	return rest, scan.read(f)
}
