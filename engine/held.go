package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/engine/partition"
	"github.com/keytrail/keytrail/schema"
)

// held is what a partition holds before a merge: its live files, pinned to the
// version that was opened.
type held struct {
	files []heldFile
}

type heldFile struct {
	object.File
	bucket, of int // the file has the rows of this bucket, of so many
	parquet    *parquetio.File
}

// openHeld opens the live files of p; none when the partition is new.
//
// A split puts its files from the last to the first, so each file that was put
// answers for those above it that took its rows: part-00 for all of them, once it
// is put; in a split from two to four that was cut short before that, part-01
// for part-03.
func (w *wave) openHeld(ctx context.Context, p schema.Partition) (*held, error) {
	h := &held{}
	type share struct{ bucket, of int }
	for open := []share{{0, 1}}; len(open) > 0; open = open[1:] {
		s := open[0]
		f, err := w.openFile(ctx, p, s.bucket)
		if s.bucket == 0 && errors.Is(err, object.ErrNotExist) {
			return h, nil
		}
		if err != nil {
			return nil, errors.Join(err, h.close())
		}
		h.files = append(h.files, f)
		for bucket := s.bucket + s.of; bucket < f.of; bucket += s.of {
			open = append(open, share{bucket, f.of})
		}
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
		held.of, err = bucketsOf(held.parquet)
	}
	if err != nil {
		return heldFile{}, errors.Join(fmt.Errorf("%s: %w", f.Info().Key, err), f.Close())
	}
	return held, nil
}

func bucketsOf(f *parquetio.File) (int, error) {
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

func (h *held) close() error {
	var errs []error
	for _, f := range h.files {
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
	for _, f := range h.files {
		n += f.parquet.NumRows()
	}
	return n
}

// condition is what must still hold for bucket to be put: that nobody has
// replaced what was merged.
func (h *held) condition(bucket int) object.Condition {
	for _, f := range h.files {
		if f.bucket == bucket {
			return object.Condition{IfMatch: f.Info().ETag}
		}
	}
	if bucket == 0 {
		return object.Condition{IfAbsent: true}
	}
	return object.Condition{} // a leftover of an unfinished split may be there
}

// sources returns the rows held, one source for each file.
func (h *held) sources() []partition.Source {
	var sources []partition.Source
	for _, f := range h.files {
		sources = append(sources, &heldSource{file: f.parquet})
	}
	return sources
}

// heldSource reads a file row group by row group.
type heldSource struct {
	file  *parquetio.File
	group int
	rows  *parquetio.RowReader
}

func (s *heldSource) Next() (arrow.Record, error) {
	for {
		if s.rows == nil {
			if s.group == s.file.NumRowGroups() {
				return nil, io.EOF
			}
			s.rows = s.file.Rows(s.group, 0, s.file.RowGroupRows(s.group), nil, partition.BatchRows)
			s.group++
		}
		rec, err := s.rows.Next()
		if !errors.Is(err, io.EOF) {
			return rec, err
		}
		s.rows = nil
	}
}

// Close does nothing: the file is the merge's, which may read it again.
func (s *heldSource) Close() error { return nil }
