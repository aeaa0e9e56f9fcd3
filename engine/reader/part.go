package reader

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// maxTries is how often a file is read again because it changed.
const maxTries = 10

// part is one partition being read.
type part struct {
	lake      Lake
	q         *Query
	partition schema.Partition
	out       chan arrow.Record // closed when done
	err       error             // may be read once out is closed
	stats     Stats             // likewise
}

// read reads the partition's files, those that count.
func (p *part) read(ctx context.Context) {
	defer close(p.out)
	shares := []schema.Share{{Bucket: 0, Of: 1}}
	for len(shares) > 0 && p.err == nil {
		next := shares[0]
		var rest []schema.Share
		if p.q.mayHold(next.Bucket, next.Of) || next.Bucket == 0 {
			rest, p.err = p.readShare(ctx, next)
		} else {
			p.stats.Files++
			p.stats.FilesPruned++
		}
		shares = append(rest, shares[1:]...)
	}
}

// readShare reads the share's file, over again if it changes, and says where the
// rest of the share is.
func (p *part) readShare(ctx context.Context, s schema.Share) (rest []schema.Share, err error) {
	for try := 1; ; try++ {
		f := &fileScan{ctx: ctx, q: p.q, out: p.out}
		rest, err = p.tryShare(ctx, s, f)
		if err == nil {
			if err := f.release(); err != nil {
				return nil, err
			}
			p.stats.add(f.stats)
			return rest, nil
		}
		f.drop()
		if !errors.Is(err, object.ErrChanged) || f.started || try == maxTries {
			return nil, fmt.Errorf("read %s: %w", lake.TouchKey(p.partition, s.Bucket), err)
		}
	}
}

func (p *part) tryShare(ctx context.Context, s schema.Share, scan *fileScan) (rest []schema.Share, err error) {
	at, err := p.lake.OpenTouches(ctx, p.partition, s.Bucket)
	if err != nil {
		return nil, err
	}
	defer at.Close()
	f, err := parquetio.Open(at, at.Info().Size)
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
	scan.stats.Files++
	if !p.q.mayHold(s.Bucket, n) {
		scan.stats.FilesPruned++
		return rest, nil
	}
	return rest, scan.read(f)
}
