package lake

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
)

// cursor reads one file of a small table, in order and some rows at a time.
type cursor[T, D any] struct {
	table  table[T, D]
	key    string
	day    string
	etag   string // empty when there is no file
	data   *scratch
	stored *parquetio.TableReader[D]
	rows   []T   // read and not yet taken
	buf    []T   // where they lie, after the last row of those before
	read   int64 // rows so far

	skip func(*T) bool // rows to pass over; may be nil
}

// version is that of the file, empty when there is none.
func (c *cursor[T, D]) version() string {
	if c.data == nil {
		return ""
	}
	return versionOf(c.etag, c.data.size)
}

// peek returns the next row, nil after the last. It stays valid until take.
func (c *cursor[T, D]) peek() (*T, error) {
	for {
		for len(c.rows) > 0 {
			if row := &c.rows[0]; c.skip == nil || !c.skip(row) {
				return row, nil
			}
			c.take()
		}
		if c.stored == nil {
			return nil, nil
		}
		if err := c.fill(); err != nil {
			return nil, err
		}
	}
}

// take passes over the row that peek returned.
func (c *cursor[T, D]) take() { c.rows = c.rows[1:] }

// each calls fn for every row that is left.
func (c *cursor[T, D]) each(fn func(T) error) error {
	for {
		row, err := c.peek()
		if err != nil || row == nil {
			return err
		}
		if err := fn(*row); err != nil {
			return err
		}
		c.take()
	}
}

// mergeSorted emits the rows of both, in order, each once.
func mergeSorted[T, D any](present *cursor[T, D], news []T, compare func(a, b T) int, emit func(T) error) error {
	for _, row := range news {
		for {
			before, err := present.peek()
			if err != nil {
				return err
			}
			if before == nil || compare(*before, row) > 0 {
				break
			}
			if compare(*before, row) < 0 {
				if err := emit(*before); err != nil {
					return err
				}
			}
			present.take()
		}
		if err := emit(row); err != nil {
			return err
		}
	}
	return present.each(emit)
}

func (c *cursor[T, D]) fill() error {
	some, err := c.stored.Next()
	if errors.Is(err, io.EOF) {
		err = c.stored.Close()
		c.stored = nil
		return c.corrupt(err)
	}
	if err != nil {
		return c.corrupt(err)
	}
	keep := min(len(c.buf), 1)
	if keep > 0 {
		c.buf[0] = c.buf[len(c.buf)-1]
	}
	c.buf = c.buf[:keep]
	for _, d := range some {
		c.buf = append(c.buf, c.table.decode(d))
	}
	if err := c.table.check(c.buf); err != nil {
		return c.corrupt(fmt.Errorf("from row %d on: %w", c.read-int64(keep), err))
	}
	c.rows, c.read = c.buf[keep:], c.read+int64(len(some))
	return nil
}

func (c *cursor[T, D]) corrupt(cause error) error {
	if cause == nil {
		return nil
	}
	return corrupt(c.key, c.table.hint(c.day), cause)
}

func (c *cursor[T, D]) close() {
	if c.stored != nil {
		_ = c.stored.Close() // only read from
	}
	if c.data != nil {
		_ = c.data.Close()
	}
}

// fetch copies a small table's file aside. One replaced in mid-read is read again.
func (l *Lake) fetch(ctx context.Context, key, hint string) (*scratch, string, error) {
	for try := 0; ; try++ {
		data, etag, err := l.fetchOnce(ctx, key, hint)
		if !errors.Is(err, object.ErrChanged) || try == maxTries {
			return data, etag, err
		}
		if err := backoff(ctx, try); err != nil {
			return nil, "", err
		}
	}
}

func (l *Lake) fetchOnce(ctx context.Context, key, hint string) (*scratch, string, error) {
	f, err := l.store.OpenAt(ctx, key)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	info := f.Info()
	if info.Size < 0 || info.Size > maxTable {
		return nil, "", corrupt(key, hint, fmt.Errorf("%d bytes is more than such a file holds", info.Size))
	}
	data := newScratch(l.temp)
	// One request to a store far away fetches this much.
	buf := make([]byte, max(1, min(info.Size, 4<<20)))
	if _, err := io.CopyBuffer(data, onlyReader{io.NewSectionReader(f, 0, info.Size)}, buf); err != nil {
		return nil, "", errors.Join(&object.Error{Op: "read", Key: key, Err: err}, data.Close())
	}
	if data.size < info.Size {
		return nil, "", errors.Join(&object.Error{Op: "read", Key: key, Err: io.ErrUnexpectedEOF}, data.Close())
	}
	return data, info.ETag, nil
}

// onlyReader keeps io.Copy to the given buffer.
type onlyReader struct{ io.Reader }
