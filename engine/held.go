package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/engine/partition"
	"github.com/keytrail/keytrail/schema"
)

// held is what a partition holds before a merge: its live files, pinned to the
// version that was opened, and those a split put that has not ended. Such a split
// may be another run's that is under way: so a merge that replaces its files
// takes in their rows, and no put replaces what was not merged.
type held struct {
	files   []heldFile
	unended []heldFile
	looked  int // buckets below this that are not live have been looked for
}

type heldFile struct {
	object.File
	bucket, of int // the file has the rows of this bucket, of so many
	parquet    *parquetio.File
}

// openHeld opens the live files of p; none when the partition is new.
func (w *wave) openHeld(ctx context.Context, p schema.Partition) (*held, error) {
	h := &held{looked: 1} // the first bucket is live or not there
	for open := []schema.Share{{Bucket: 0, Of: 1}}; len(open) > 0; open = open[1:] {
		f, err := w.openFile(ctx, p, open[0].Bucket)
		if open[0].Bucket == 0 && errors.Is(err, object.ErrNotExist) {
			return h, nil
		}
		if err != nil {
			return nil, errors.Join(err, h.close())
		}
		h.files = append(h.files, f)
		open = append(open, open[0].Rest(f.of)...)
	}
	return h, nil
}

func (w *wave) openFile(ctx context.Context, p schema.Partition, bucket int) (heldFile, error) {
	f, err := w.Lake.OpenTouches(ctx, p, bucket)
	if err != nil {
		return heldFile{}, err
	}
	held := heldFile{File: f, bucket: bucket}
	held.parquet, err = parquetio.Open(f, f.Info().Size)
	if err == nil {
		held.of, err = held.parquet.Buckets()
	}
	if err != nil {
		return heldFile{}, errors.Join(fmt.Errorf("%s: %w", f.Info().Key, err), f.Close())
	}
	return held, nil
}

// openUnended opens what an unended split left of the buckets that are to be put
// and are not live.
func (w *wave) openUnended(ctx context.Context, p schema.Partition, h *held, buckets int) (found bool, err error) {
	for ; h.looked < buckets; h.looked++ {
		if slices.ContainsFunc(h.files, func(f heldFile) bool { return f.bucket == h.looked }) {
			continue
		}
		f, err := w.openFile(ctx, p, h.looked)
		if errors.Is(err, object.ErrNotExist) {
			continue
		}
		if err != nil {
			return found, err
		}
		h.unended, found = append(h.unended, f), true
	}
	return found, nil
}

// all is every file that the merge takes rows from.
func (h *held) all() []heldFile { return slices.Concat(h.files, h.unended) }

func (h *held) close() error {
	var errs []error
	for _, f := range h.all() {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// buckets is the number of files, or 0 when a split was cut short.
func (h *held) buckets() int {
	for _, f := range h.files {
		if f.of != len(h.files) {
			return 0
		}
	}
	return max(1, len(h.files))
}

func (h *held) rows() (n int64) {
	for _, f := range h.all() {
		n += f.parquet.NumRows()
	}
	return n
}

// condition is what must still hold for bucket to be put: that nobody has
// replaced what was merged.
func (h *held) condition(bucket int) object.Condition {
	for _, f := range h.all() {
		if f.bucket == bucket {
			return object.Condition{IfMatch: f.Info().ETag}
		}
	}
	return object.Condition{IfAbsent: true}
}

// sources returns the rows held, one source for each file.
func (h *held) sources() []partition.Source {
	var sources []partition.Source
	for _, f := range h.all() {
		sources = append(sources, &heldSource{file: f.parquet})
	}
	return sources
}

// counted returns the rows held likewise, and what counts them by object on
// their way.
func (h *held) counted(objects *accounts) (sources []partition.Source, counts []*objectCount) {
	for _, f := range h.all() {
		count := newObjectCount(objects)
		sources = append(sources, &heldSource{file: f.parquet, count: count})
		counts = append(counts, count)
	}
	return sources, counts
}

// heldRows is the length of batches read from files. Text stands in them in full, a
// few kilobytes a row.
const heldRows = 1024

// heldSource reads a file row group by row group.
type heldSource struct {
	file  *parquetio.File
	count *objectCount // may be nil
	group int
	rows  *parquetio.RowReader
}

func (s *heldSource) Next() (*schema.Batch, error) {
	for {
		if s.rows == nil {
			if s.group == s.file.NumRowGroups() {
				return nil, io.EOF
			}
			s.rows = s.file.Rows(s.group, 0, s.file.RowGroupRows(s.group), nil, heldRows)
			s.group++
		}
		rec, err := s.rows.Next()
		if errors.Is(err, io.EOF) {
			s.rows = nil
			continue
		}
		if err != nil {
			return nil, err
		}
		b, err := schema.BatchOf(rec)
		rec.Release()
		if err == nil && s.count != nil {
			s.count.add(schema.Rows{Batch: b, To: b.Len})
		}
		return b, err
	}
}

// Close does nothing: the file is the merge's, which may read it again.
func (s *heldSource) Close() error { return nil }
