package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// rollupAhead is how many days' counts are read at a time: the one that is asked for and
// those that come next, since a store far away takes its time to answer.
const rollupAhead = 16

// EachCount calls fn with the counts of event days, day by day in the order given and
// in that of [Lake.Rollup], some hundred at a time; day is the number among days. A day
// without a file has none. fn is called on the caller's goroutine; days are read ahead on
// others, of which none is left when this returns.
//
// The slice is fn's until it returns. The texts may be kept; those alike are mostly one
// in memory. EachCount stops at fn's first error and returns it unchanged. A file that
// makes no sense gives [ErrCorrupt], maybe after fn was called with some of its counts.
func (l *Lake) EachCount(ctx context.Context, days []string, fn func(day int, counts []Count) error) error {
	var readers sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	defer readers.Wait()
	defer cancel()
	streams := make([]countStream, min(rollupAhead, len(days)))
	started := 0
	for i := range days {
		for ; started < min(i+len(streams), len(days)); started++ {
			s, day := &streams[started%len(streams)], days[started] // the day before of this stream is done
			s.counts = make(chan []Count, countsReady)
			readers.Go(func() { s.run(ctx, l, day) })
		}
		s := &streams[i%len(streams)]
		for counts := range s.counts {
			if err := fn(i, counts); err != nil {
				return err
			}
		}
		if s.err != nil {
			return s.err
		}
	}
	return ctx.Err()
}

// countsReady is how many slices of counts of a day wait to be asked for.
const countsReady = 1

// countStream hands over the counts of one day, and then those of another.
type countStream struct {
	counts chan []Count
	err    error // once counts is closed
	// One slice is with the caller, some wait and one is being filled. Once that waits
	// too, the caller is done with the first.
	room [countsReady + 2][]Count
}

func (s *countStream) run(ctx context.Context, l *Lake, day string) {
	defer close(s.counts)
	s.err = s.read(ctx, l, day)
}

// read hands over all counts, or as many as ctx allows.
func (s *countStream) read(ctx context.Context, l *Lake, day string) error {
	hint := rollupTable.hint(day)
	key, err := dayKey(rollupDir, day)
	if err != nil {
		return err
	}
	data, _, err := l.fetch(ctx, key, hint)
	if errors.Is(err, object.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer data.Close()
	columns, err := parquetio.OpenColumns(data, data.size, countTexts, countNumbers)
	if err != nil {
		return corrupt(key, hint, err)
	}
	defer columns.Close()
	r := countReader{columns: columns}
	for turn := 0; ; turn = (turn + 1) % len(s.room) {
		counts, err := r.next(s.room[turn])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return corrupt(key, hint, err)
		}
		s.room[turn] = counts
		select {
		case s.counts <- counts:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// countTexts and countNumbers are the columns of a [countRow].
var (
	countTexts   = []string{"table_name", "table_arn", "actor", "op", "outcome"}
	countNumbers = []string{"hour", "touches"}
)

// countReader makes counts of columns, and refuses what the rollup's check does.
type countReader struct {
	columns *parquetio.TableColumns
	read    int64
	last    Count
}

// next returns some counts, in the room given if that has enough.
func (r *countReader) next(room []Count) ([]Count, error) {
	b, err := r.columns.Next()
	if err != nil {
		return nil, err
	}
	counts := slices.Grow(room[:0], b.Rows)[:b.Rows]
	hours, touches := b.Numbers[0], b.Numbers[1]
	last := &r.last
	var hour time.Time
	for i := range counts {
		sameHour := i > 0 && hours[i] == hours[i-1]
		if !sameHour {
			hour = time.UnixMicro(hours[i]).UTC()
		}
		c := &counts[i]
		*c = Count{hour, b.Texts[0][i], b.Texts[1][i], b.Texts[2][i], b.Texts[3][i], b.Texts[4][i], touches[i]}
		if !sameHour || c.Count < 0 {
			if err := c.check(schema.DayOf(hours[i])); err != nil {
				return nil, err
			}
		}
		if r.read > 0 && last.compare(c) >= 0 {
			return nil, fmt.Errorf("row %d is out of order", r.read)
		}
		last = c
		r.read++
	}
	r.last = *last
	return counts, nil
}
