package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strconv"

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
	hashes      []hash.Hash // of the files' bytes
	rows        []int64     // in each, once finished
}

func (w *wave) newSplitter(total, first, last int) (*splitter, error) {
	s := &splitter{total: total, first: first, last: last}
	for range last - first {
		f, err := w.temp()
		if err != nil {
			s.abort()
			return nil, err
		}
		sum := sha256.New()
		s.files, s.hashes = append(s.files, f), append(s.hashes, sum)
		s.writers = append(s.writers, parquetio.NewWriter(io.MultiWriter(f, sum), parquetio.WriterOptions{
			Metadata: map[string]string{schema.MetadataBuckets: strconv.Itoa(total)},
			Spare:    w.spare,
		}))
	}
	return s, nil
}

var (
	colItemKey = schema.ColumnIndex("item_key")
	colEventID = schema.ColumnIndex("event_id")
)

// Append routes rows to their buckets' files, in ranges as long as they come.
func (s *splitter) Append(rows []schema.Rows) error {
	if s.total == 1 {
		return s.writers[0].AppendRows(rows)
	}
	routed := make([][]schema.Rows, len(s.writers))
	for _, r := range rows {
		key, id := &r.Texts[colItemKey], &r.Texts[colEventID]
		for from := r.From; from < r.To; {
			bucket := schema.Bucket(key.Value(from), id.Value(from), s.total)
			end := from + 1
			for end < r.To && schema.Bucket(key.Value(end), id.Value(end), s.total) == bucket {
				end++
			}
			if bucket >= s.first && bucket < s.last {
				routed[bucket-s.first] = append(routed[bucket-s.first], schema.Rows{Batch: r.Batch, From: from, To: end})
			}
			from = end
		}
	}
	for i, w := range s.writers {
		if err := w.AppendRows(routed[i]); err != nil {
			return err
		}
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
		s.rows = append(s.rows, stats.Rows)
	}
	s.writers = nil
	return rows, nil
}

// put puts the finished files in place, from the last to the first: until a file
// is put, those above it that take its rows do not count for a reader that knows
// of buckets. An unfinished split may have left files of the same names, which
// do not count either and are replaced. It returns the ETags, by file.
func (s *splitter) put(ctx context.Context, w *wave, p schema.Partition, h *held) ([]string, error) {
	etags := make([]string, len(s.files))
	for i := len(s.files) - 1; i >= 0; i-- {
		bucket := s.first + i
		size, err := s.files[i].Seek(0, io.SeekEnd)
		if err == nil {
			_, err = s.files[i].Seek(0, io.SeekStart)
		}
		if err != nil {
			return nil, err
		}
		step(stepPut)
		if etags[i], err = w.Lake.PutTouches(ctx, p, bucket, s.files[i], size, h.condition(bucket)); err != nil {
			return nil, err
		}
		step(stepPutDone)
	}
	return etags, nil
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
