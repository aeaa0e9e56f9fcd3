package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// splitter writes the merged rows of a partition aside, into one scratch file
// per bucket: all of them, or those from first to last when all at once would
// not fit in memory. Finish, then put; abort in any case.
type splitter struct {
	total       int // buckets of the partition
	first, last int
	files       []*os.File
	writers     []*parquetio.Writer
}

func (w *wave) newSplitter(total, first, last int) (*splitter, error) {
	s := &splitter{total: total, first: first, last: last}
	for range last - first {
		f, err := w.temp()
		if err != nil {
			s.abort()
			return nil, err
		}
		s.files = append(s.files, f)
		s.writers = append(s.writers, parquetio.NewWriter(f, parquetio.WriterOptions{
			Metadata: map[string]string{schema.MetadataBuckets: strconv.Itoa(total)},
		}))
	}
	return s, nil
}

var (
	colItemKey = schema.ColumnIndex("item_key")
	colEventID = schema.ColumnIndex("event_id")
)

// Append routes rows to their buckets' files, in ranges as long as they come.
func (s *splitter) Append(rec arrow.Record, from, to int64) error {
	if s.total == 1 {
		return s.writers[0].Append(rec, from, to)
	}
	key, id := rec.Column(colItemKey).(*array.String), rec.Column(colEventID).(*array.String)
	for from < to {
		bucket := schema.Bucket(key.Value(int(from)), id.Value(int(from)), s.total)
		end := from + 1
		for end < to && schema.Bucket(key.Value(int(end)), id.Value(int(end)), s.total) == bucket {
			end++
		}
		if bucket >= s.first && bucket < s.last {
			if err := s.writers[bucket-s.first].Append(rec, from, end); err != nil {
				return err
			}
		}
		from = end
	}
	return nil
}

// finish ends the files and returns the number of rows written.
func (s *splitter) finish() (rows int64, err error) {
	for i, w := range s.writers {
		stats, err := w.Close()
		if err != nil {
			return 0, fmt.Errorf("write %s: %w", s.files[i].Name(), err)
		}
		rows += stats.Rows
	}
	s.writers = nil
	return rows, nil
}

// put puts the finished files in place, from the last to the first: until a file
// is put, those above it that take its rows do not count for a reader that knows
// of buckets. An unfinished split may have left files of the same names, which
// do not count either and are replaced.
func (s *splitter) put(ctx context.Context, w *wave, p schema.Partition, h *held) error {
	for i := len(s.files) - 1; i >= 0; i-- {
		bucket := s.first + i
		size, err := s.files[i].Seek(0, io.SeekEnd)
		if err == nil {
			_, err = s.files[i].Seek(0, io.SeekStart)
		}
		if err != nil {
			return err
		}
		step(stepPut)
		if err := w.Lake.PutTouches(ctx, p, bucket, s.files[i], size, h.condition(bucket)); err != nil {
			return err
		}
		step(stepPutDone)
	}
	return nil
}

// abort gives up what has not been finished, and frees the scratch files.
func (s *splitter) abort() error {
	var errs []error
	for _, w := range s.writers {
		w.Abort()
	}
	for _, f := range s.files {
		errs = append(errs, f.Close())
	}
	s.writers, s.files = nil, nil
	return errors.Join(errs...)
}
