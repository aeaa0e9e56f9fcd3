package lake

import (
	"context"
	"fmt"
	"io"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// TouchFile is one file of touches in the lake.
type TouchFile struct {
	Partition schema.Partition
	Bucket    int
	Info      object.Info
}

// TouchFiles calls fn once per touches file that may hold rows of table with an
// event day in [fromDay, toDay], in key order (table, day, bucket), on the caller's
// goroutine. It stops at fn's first error and returns it unchanged.
//
// An empty table is every table; a name that cannot be a path means the partition
// its rows went to ([schema.PartitionTable]). Days are YYYY-MM-DD and compared as
// text; an empty one is no bound. Files that this program would not have written
// there are passed over.
func (l *Lake) TouchFiles(ctx context.Context, table, fromDay, toDay string, fn func(TouchFile) error) error {
	prefix := touchesPrefix
	if table != "" {
		prefix += tablePrefix + schema.PartitionTable(table) + "/"
	}
	return l.store.List(ctx, prefix, func(o object.Info) error {
		p, bucket, ok := parseTouchKey(o.Key)
		if !ok {
			return nil
		}
		day := p.DayString()
		if day < fromDay || toDay != "" && day > toDay {
			return nil
		}
		return fn(TouchFile{Partition: p, Bucket: bucket, Info: o})
	})
}

// OpenTouches opens the present version of one touches file; its Info has the ETag
// that a replacement is to be conditional on. [object.ErrNotExist] when the
// partition has no such file.
func (l *Lake) OpenTouches(ctx context.Context, p schema.Partition, bucket int) (object.File, error) {
	return l.store.OpenAt(ctx, TouchKey(p, bucket))
}

// PutTouches replaces one touches file by the size bytes of body, in one atomic
// put, and returns its new ETag. [object.ErrCondition] when cond does not hold: nothing was written, and the
// merge has to start over from what is there now.
func (l *Lake) PutTouches(ctx context.Context, p schema.Partition, bucket int, body io.ReadSeeker, size int64, cond object.Condition) (etag string, err error) {
	key := TouchKey(p, bucket)
	if _, _, ok := parseTouchKey(key); !ok {
		// A day or bucket out of range: the file would never be found again.
		return "", fmt.Errorf("put touches: table %q, day %s, bucket %d is no partition file", p.Table, p.DayString(), bucket)
	}
	return l.store.Put(ctx, key, body, size, cond)
}
