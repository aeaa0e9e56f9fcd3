package reader

import (
	"context"
	"errors"
	"fmt"
	"strconv"

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

// share is the rows of a partition whose bucket, of so many, is this one: some file's
// rows, and those of later files it was split into.
type share struct{ bucket, of int }

// read reads the partition's files, those that count.
func (p *part) read(ctx context.Context) {
	defer close(p.out)
	shares := []share{{0, 1}}
	for len(shares) > 0 && p.err == nil {
		next := shares[0]
		var rest []share
		if p.q.mayHold(next.bucket, next.of) || next.bucket == 0 {
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
func (p *part) readShare(ctx context.Context, s share) (rest []share, err error) {
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
			return nil, fmt.Errorf("read %s: %w", lake.TouchKey(p.partition, s.bucket), err)
		}
	}
}

func (p *part) tryShare(ctx context.Context, s share, scan *fileScan) (rest []share, err error) {
	at, err := p.lake.OpenTouches(ctx, p.partition, s.bucket)
	if err != nil {
		return nil, err
	}
	defer at.Close()
	f, err := parquetio.Open(at, at.Info().Size)
	if err != nil {
		return nil, err
	}
	n, err := buckets(f)
	if err != nil {
		return nil, err
	}
	if n < s.of {
		return nil, fmt.Errorf("is one of %d files and should be one of %d", n, s.of)
	}
	for bucket := s.bucket + s.of; bucket < n; bucket += s.of {
		rest = append(rest, share{bucket, n})
	}
	scan.stats.Files++
	if !p.q.mayHold(s.bucket, n) {
		scan.stats.FilesPruned++
		return rest, nil
	}
	return rest, scan.read(f)
}

// buckets is the number of files that a file's partition was split into when it was
// written.
func buckets(f *parquetio.File) (int, error) {
	text, ok := f.Metadata(schema.MetadataBuckets)
	if !ok {
		return 0, fmt.Errorf("no %s in its metadata: not a file of keytrail's", schema.MetadataBuckets)
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n&(n-1) != 0 {
		return 0, fmt.Errorf("%s is %q, not a power of two", schema.MetadataBuckets, text)
	}
	return n, nil
}
