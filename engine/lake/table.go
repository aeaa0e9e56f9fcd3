package lake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
)

// maxTries bounds how often a merge starts over because its file changed under it.
// Of any number of writers one gets through per round, and the lease allows one.
const maxTries = 100

// maxTable bounds the stored size of a small table's file.
const maxTable = 4 << 30

// table is one kind of small table: a directory with one Parquet file per day.
// T is a row and D its form on disk.
type table[T, D any] struct {
	dir    string
	encode func(T) D
	decode func(D) T
	// check says why rows could not have been written by us. It is asked of some rows
	// at a time, of which the first was the last of those before.
	check func(rows []T) error
	hint  func(day string) string // how to mend a corrupt file
	weigh func(*D) int            // bytes of a row, where rows may be long; else nil
}

// read returns the rows of one day, nil when it has no file.
func (t table[T, D]) read(ctx context.Context, l *Lake, day string) (rows []T, err error) {
	return rows, t.each(ctx, l, day, func(row T) error {
		rows = append(rows, row)
		return nil
	})
}

// each calls fn for every row of one day, in order, until it fails.
func (t table[T, D]) each(ctx context.Context, l *Lake, day string, fn func(T) error) error {
	present, err := t.open(ctx, l, day)
	if err != nil {
		return err
	}
	defer present.close()
	return present.each(fn)
}

// open fetches one day's file. Without one, the cursor has no rows and no ETag.
func (t table[T, D]) open(ctx context.Context, l *Lake, day string) (*cursor[T, D], error) {
	key, err := dayKey(t.dir, day)
	if err != nil {
		return nil, err
	}
	c := &cursor[T, D]{table: t, key: key, day: day}
	c.data, c.etag, err = l.fetch(ctx, key, t.hint(day))
	if errors.Is(err, object.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	if c.stored, err = parquetio.OpenTable[D](c.data, c.data.size); err != nil {
		return nil, errors.Join(c.corrupt(err), c.data.Close())
	}
	return c, nil
}

// update replaces the rows of one day by edit's answer to the present ones, all in
// memory. See merge.
func (t table[T, D]) update(ctx context.Context, l *Lake, day string, edit func(present []T) []T) error {
	_, err := t.merge(ctx, l, day, func(present *cursor[T, D], emit func(T) error) error {
		var rows []T
		if err := present.each(func(row T) error { rows = append(rows, row); return nil }); err != nil {
			return err
		}
		for _, row := range edit(rows) {
			if err := emit(row); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// merge replaces the rows of one day by those that edit emits, which reads the
// present ones as it goes. When the file changes in between, edit is asked again;
// when the bytes would stay the same, nothing is written. It returns the
// version of the file whose rows edit emitted last, empty when there is none.
func (t table[T, D]) merge(ctx context.Context, l *Lake, day string, edit func(present *cursor[T, D], emit func(T) error) error) (version string, err error) {
	var sent string // digest of the put before, which failed
	for try := 0; ; try++ {
		version, next, err := t.tryMerge(ctx, l, day, edit, sent)
		if err == nil || next == "" {
			return version, err
		}
		if try == maxTries {
			return "", fmt.Errorf("gave up after %d tries: %w", try, err)
		}
		sent = next
		if err := backoff(ctx, try); err != nil {
			return "", err
		}
	}
}

// tryMerge returns the version of what is there now, or the digest of what it put when
// another writer was faster.
func (t table[T, D]) tryMerge(ctx context.Context, l *Lake, day string, edit func(present *cursor[T, D], emit func(T) error) error, before string) (version, sent string, err error) {
	present, err := t.open(ctx, l, day)
	if err != nil {
		return "", "", err
	}
	defer present.close()
	if before != "" && present.etag != "" && present.data.digest() == before {
		return present.version(), "", nil // that put did arrive, only its answer was lost and it was sent again
	}
	out := newScratch(l.temp)
	defer out.Close()
	rows, err := t.write(out, present, edit)
	if err != nil || rows == 0 && present.etag == "" {
		return "", "", err
	}
	if present.etag != "" && present.data.digest() == out.digest() {
		return present.version(), "", nil
	}
	cond := object.Condition{IfMatch: present.etag, IfAbsent: present.etag == ""}
	etag, err := l.store.Put(ctx, present.key, out.body(), out.size, cond)
	if errors.Is(err, object.ErrCondition) || present.etag != "" && errors.Is(err, object.ErrNotExist) {
		return "", out.digest(), err
	}
	return versionOf(etag, out.size), "", err
}

// write writes what edit emits and counts it.
func (t table[T, D]) write(out *scratch, present *cursor[T, D], edit func(present *cursor[T, D], emit func(T) error) error) (rows int64, err error) {
	w := parquetio.NewTableWriter(out, t.weigh)
	failed := func(err error) error { return &object.Error{Op: "encode", Key: present.key, Err: err} }
	err = edit(present, func(row T) error {
		rows++
		if err := w.Write(t.encode(row)); err != nil {
			return failed(err)
		}
		return nil
	})
	if err != nil {
		return rows, err
	}
	if err := w.Close(); err != nil {
		return rows, failed(err)
	}
	return rows, nil
}

// days lists the days that have a file, in order, the one without a day last.
func (t table[T, D]) days(ctx context.Context, l *Lake) ([]string, error) {
	var days []string
	err := t.eachDay(ctx, l, func(day, _ string) { days = append(days, day) })
	return days, err
}

// eachDay calls fn for the days that have a file, in the order of [table.days].
func (t table[T, D]) eachDay(ctx context.Context, l *Lake, fn func(day, version string)) error {
	root := t.dir[:strings.Index(t.dir, "/")+1]
	return l.store.List(ctx, root, func(o object.Info) error {
		if day, ok := parseDayKey(t.dir, o.Key); ok {
			fn(day, versionOf(o.ETag, o.Size))
		}
		return nil
	})
}

// versionOf tells the versions of a file apart, for those who write it down: a store's
// ETag may be no more than a time.
func versionOf(etag string, size int64) string { return strconv.FormatInt(size, 10) + " " + etag }

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
func text(s string) string {
	if utf8.ValidString(s) { // many bytes at a time
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

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
