package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
)

// maxTries bounds how often a merge starts over because its file changed under it.
// Of any number of writers one gets through per round, and the lease allows one.
const maxTries = 100

// maxTable bounds the stored size of a small table's file, which is read whole.
const maxTable = 4 << 30

// table is one kind of small table: a directory with one Parquet file per day.
// T is a row and D its form on disk.
type table[T, D any] struct {
	dir    string
	encode func(T) D
	decode func(D) T
	check  func(rows []T) error    // says why rows could not have been written by us
	hint   func(day string) string // how to mend a corrupt file
}

// read returns the rows of one day, nil when it has no file.
func (t table[T, D]) read(ctx context.Context, l *Lake, day string) ([]T, error) {
	rows, _, _, err := t.load(ctx, l, day)
	return rows, err
}

// load also returns the file's bytes and ETag; without a file both are empty.
func (t table[T, D]) load(ctx context.Context, l *Lake, day string) (rows []T, data []byte, etag string, err error) {
	key, err := dayKey(t.dir, day)
	if err != nil {
		return nil, nil, "", err
	}
	data, info, err := l.readAll(ctx, key, maxTable, t.hint(day))
	if errors.Is(err, object.ErrNotExist) {
		return nil, nil, "", nil
	}
	if err != nil {
		return nil, nil, "", err
	}
	stored, err := parquetio.ReadRows[D](bytes.NewReader(data), int64(len(data)))
	if err == nil {
		rows = convert(stored, t.decode)
		err = t.check(rows)
	}
	if err != nil {
		return nil, nil, "", corrupt(key, t.hint(day), err)
	}
	return rows, data, info.ETag, nil
}

// update replaces the rows of one day by edit's answer to the present ones. When
// the file changes in between, edit is asked again; when the bytes would stay the
// same, nothing is written.
func (t table[T, D]) update(ctx context.Context, l *Lake, day string, edit func(present []T) []T) error {
	key, err := dayKey(t.dir, day)
	if err != nil {
		return err
	}
	var sent []byte // by the put before, which failed
	for try := 0; ; try++ {
		present, data, etag, err := t.load(ctx, l, day)
		if err != nil {
			return err
		}
		if sent != nil && bytes.Equal(data, sent) {
			return nil // that put did arrive, only its answer was lost and it was sent again
		}
		rows := edit(present)
		if len(rows) == 0 && etag == "" {
			return nil
		}
		var buf bytes.Buffer
		if err := parquetio.WriteRows(&buf, convert(rows, t.encode)); err != nil {
			return &object.Error{Op: "encode", Key: key, Err: err}
		}
		if bytes.Equal(buf.Bytes(), data) {
			return nil
		}
		cond := object.Condition{IfMatch: etag, IfAbsent: etag == ""}
		_, err = l.store.Put(ctx, key, bytes.NewReader(buf.Bytes()), int64(buf.Len()), cond)
		if err == nil {
			return nil
		}
		if !errors.Is(err, object.ErrCondition) && (etag == "" || !errors.Is(err, object.ErrNotExist)) {
			return err
		}
		if try == maxTries {
			return fmt.Errorf("gave up after %d tries: %w", try, err)
		}
		sent = buf.Bytes()
		if err := backoff(ctx, try); err != nil {
			return err
		}
	}
}

// days lists the days that have a file, in order, the one without a day last.
func (t table[T, D]) days(ctx context.Context, l *Lake) ([]string, error) {
	var days []string
	root := t.dir[:strings.Index(t.dir, "/")+1]
	err := l.store.List(ctx, root, func(o object.Info) error {
		if day, ok := parseDayKey(t.dir, o.Key); ok {
			days = append(days, day)
		}
		return nil
	})
	return days, err
}

// backoff waits a little, longer with each try and never as long as another writer.
func backoff(ctx context.Context, try int) error {
	limit := min(time.Millisecond<<min(try, 8), 200*time.Millisecond)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rand.N(limit) + time.Millisecond/2):
		return nil
	}
}

func convert[A, B any](rows []A, one func(A) B) []B {
	out := make([]B, len(rows))
	for i := range rows {
		out[i] = one(rows[i])
	}
	return out
}

// sorted returns rows in order, each once.
func sorted[T any](rows []T, compare func(a, b T) int) []T {
	slices.SortFunc(rows, compare)
	return slices.CompactFunc(rows, func(a, b T) bool { return compare(a, b) == 0 })
}

// inOrder says where rows are not strictly ascending.
func inOrder[T any](rows []T, compare func(a, b T) int) error {
	for i := 1; i < len(rows); i++ {
		if compare(rows[i-1], rows[i]) >= 0 {
			return fmt.Errorf("row %d is out of order", i)
		}
	}
	return nil
}

// text makes s fit for a text column, which must be UTF-8 for other readers to
// accept the file at all.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// instant makes t what a timestamp column gives back: microseconds, in UTC.
func instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.UnixMicro(t.UnixMicro()).UTC()
}

// micros is t in a nullable timestamp column, the zero time being NULL. Times go to
// disk as numbers, because years that only a forged record names must survive too.
func micros(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := t.UnixMicro()
	return &n
}

// timeOf is the inverse of [micros].
func timeOf(n *int64) time.Time {
	if n == nil {
		return time.Time{}
	}
	return time.UnixMicro(*n).UTC()
}
