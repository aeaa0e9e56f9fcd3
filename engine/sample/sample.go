package sample

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"
)

// FirstDay is the day that a sample starts on unless told otherwise.
const FirstDay = "2026-03-02"

// Below so many events a sample is only the story and ordinary traffic; from here
// on every kind of call and record is in it.
const fullCast = 1000

// Options say what to write.
type Options struct {
	Dir     string    // where AWSLogs/ goes; made if missing
	Events  int64     // how many different records; copies come on top
	Seed    uint64    // another seed, other traffic; the story stays
	Start   time.Time // first of the days; zero is [FirstDay]
	Workers int       // objects written at once; 0 is one per core

	// The shape of the sample. The zero values are what it looks like by itself;
	// the others are for seeing how a program takes many days, many tables, or
	// objects that are all tiny or all large.
	Days      int // 0 is 3; from 14 on an ordinary month, see month.go
	Tables    int // so many tables take all ordinary calls, in place of the accounts' own
	PerObject int // different records in an object, as far as a window has them; 0 is mostly few

	IncidentDay int  // on which of the days the incident is, from 1; 0 is the second
	NoIncident  bool // there is none

	Config bool // with files of AWS Config, see config.go; all else stays as it is
}

// A sample has at most so many days, since they are planned before they are
// written, and tables, whose names have five digits.
const (
	MaxDays   = 366
	MaxTables = 99_999
)

// check says why o cannot be written, and fills in the defaults.
func (o *Options) check() error {
	switch {
	case o.Events < 1:
		return fmt.Errorf("sample of %d events: at least 1 is needed", o.Events)
	case o.Days < 0 || o.Days > MaxDays:
		return fmt.Errorf("sample of %d days: 1 to %d are possible", o.Days, MaxDays)
	case o.Tables < 0 || o.Tables > MaxTables:
		return fmt.Errorf("sample of %d tables: 0 to %d are possible", o.Tables, MaxTables)
	case o.PerObject < 0:
		return fmt.Errorf("sample of %d records per object", o.PerObject)
	}
	if o.Start.IsZero() {
		o.Start, _ = time.Parse(time.DateOnly, FirstDay)
	}
	o.Start = o.Start.UTC().Truncate(24 * time.Hour)
	if o.Workers < 1 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Days == 0 {
		o.Days = defaultDays
	}
	if o.IncidentDay < 0 || o.IncidentDay > o.Days {
		return fmt.Errorf("sample with the incident on day %d: it has %d days", o.IncidentDay, o.Days)
	}
	if o.IncidentDay == 0 {
		o.IncidentDay = defaultIncidentDay
	}
	return nil
}

// Summary says what was written.
type Summary struct {
	Events  int64 // different records
	Copies  int64 // records that the second trail delivered again
	Objects int64
	Bytes   int64 // stored, compressed
	Days    [2]string
}

// Question is the first thing to ask about a sample: the table and the key member
// that the incident is about.
const Question = "customers 'pk=" + storyPK + "'"

// ErrNotEmpty is the cause when Dir holds something already: a sample mixed with
// other objects is nobody's sample.
var ErrNotEmpty = errors.New("directory is not empty")

// Write writes a sample. Options that differ in Dir and Workers only give the
// same files, byte by byte. It needs memory for one object per worker. When it
// fails, what it has written stays.
func Write(ctx context.Context, o Options) (Summary, error) {
	if err := o.check(); err != nil {
		return Summary{}, err
	}
	if err := prepare(o.Dir); err != nil {
		return Summary{}, err
	}
	windows, m, full := arrange(o)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	queue := make(chan *window)
	writers := make([]*writer, o.Workers)
	for i := range writers {
		w := newWriter(o)
		w.gen.month = m
		writers[i] = w
		wg.Go(func() {
			if full && i == 0 {
				if err := w.extras(); err != nil {
					cancel(err)
				}
			}
			if o.Config && i == 0 {
				if err := w.config(); err != nil {
					cancel(err)
				}
			}
			if err := w.windows(queue); err != nil {
				cancel(err)
			}
		})
	}
	send(ctx, queue, windows)
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return Summary{}, fmt.Errorf("write sample: %w", err)
	}
	return total(o, writers), nil
}

// send queues the windows until ctx ends, and closes the queue.
func send(ctx context.Context, queue chan<- *window, windows []window) {
	defer close(queue)
	for i := range windows {
		select {
		case queue <- &windows[i]:
		case <-ctx.Done():
			return
		}
	}
}

// arrange says what is written when: as a month, if it is one, or else as windows of
// calls drawn at random. full is whether the sample has more than the story and such
// calls.
func arrange(o Options) (windows []window, m *month, full bool) {
	if o.isMonth() {
		m, windows = planMonth(o)
		return windows, m, true
	}
	scenes, rest, full := cast(o)
	return plan(o, rest, scenes), nil, full
}

// cast says which scenes a sample has, how many ordinary calls are left for the
// rest of its events, and whether it has everything. A sample smaller than the
// story has its end.
func cast(o Options) (scenes []scene, rest int64, full bool) {
	start := o.Start.Unix()
	scenes = story(&o)
	if n := int64(len(scenes)); o.Events < n {
		scenes = scenes[n-o.Events:]
	}
	rest = o.Events - int64(len(scenes))
	if full = o.Events >= fullCast; full {
		more := slices.Concat(coverage(start, o.Days), chains(start), openings(start, o.Days, int(min(o.Events/20, 1<<20))))
		scenes = append(scenes, more...)
		rest -= int64(len(more) + 2*len(o.insights()))
	}
	return scenes, rest, full
}

// extras writes the objects that are no ordinary trail objects.
func (w *writer) extras() error {
	if err := w.insights(); err != nil {
		return err
	}
	if w.Days < defaultDays || w.gen.month != nil {
		return nil
	}
	return w.digests(w.Start)
}

func prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s: %w", dir, ErrNotEmpty)
	}
	return nil
}

func total(o Options, writers []*writer) Summary {
	var sum Summary
	for _, w := range writers {
		sum.Events += w.sum.Events
		sum.Copies += w.sum.Copies
		sum.Objects += w.sum.Objects
		sum.Bytes += w.sum.Bytes
	}
	sum.Days = [2]string{o.Start.Format(time.DateOnly), o.Start.AddDate(0, 0, o.Days-1).Format(time.DateOnly)}
	return sum
}
