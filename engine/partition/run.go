package partition

import (
	"io"
	"iter"
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// Batches of a run are cut at whichever comes first, so that a merge of many
// runs knows what one batch of each can take.
const (
	BatchRows  = 1024
	batchBytes = 256 << 10
)

// Source yields the rows of one partition, sorted. Not for concurrent use.
type Source interface {
	// Next returns the next batch, which the caller releases, or io.EOF.
	Next() (*schema.Batch, error)
	Close() error
}

// Run is a sorted run: the rows of some partitions, sorted. Its sources may be
// used at the same time.
type Run interface {
	// Partitions lists what the run holds, ordered by table and day.
	Partitions() []schema.Partition
	// Rows is the number of rows of p.
	Rows(p schema.Partition) int64
	// Open returns the rows of p; one that the run does not hold has none.
	Open(p schema.Partition) (Source, error)
	// Close frees what the run holds: memory or a temporary file.
	Close() error
}

// span is where the rows of one partition lie in a run: rows of a buffer, or
// batches of a file.
type span struct {
	from, to int
	rows     int64
}

// memRun is a sorted buffer.
type memRun struct {
	buf     *Buffer
	entries []sortEntry
	parts   []schema.Partition
	spans   map[schema.Partition]span
}

// Run sorts what the buffer holds and returns it as a run. The buffer must not
// be appended to while the run is in use.
func (b *Buffer) Run() Run { return b.sortedRun() }

func (b *Buffer) sortedRun() *memRun {
	entries, byRank := b.sorted()
	r := &memRun{buf: b, entries: entries, spans: make(map[schema.Partition]span, len(byRank))}
	for from := 0; from < len(entries); {
		to := from + 1
		for to < len(entries) && entries[to].part == entries[from].part {
			to++
		}
		p := byRank[entries[from].part]
		r.parts = append(r.parts, p)
		r.spans[p] = span{from, to, int64(to - from)}
		from = to
	}
	return r
}

func (r *memRun) Partitions() []schema.Partition { return r.parts }

func (r *memRun) Rows(p schema.Partition) int64 { return r.spans[p].rows }

func (r *memRun) Open(p schema.Partition) (Source, error) { return r.open(p, false), nil }

func (r *memRun) open(p schema.Partition, apart bool) *memSource {
	s := r.spans[p]
	return &memSource{entries: r.entries[s.from:s.to], gather: newGatherer(r.buf, s.to-s.from, apart)}
}

func (r *memRun) Close() error {
	r.entries, r.buf = nil, nil
	return nil
}

type memSource struct {
	entries []sortEntry
	gather  *gatherer
}

func (s *memSource) Next() (*schema.Batch, error) {
	if len(s.entries) == 0 {
		return nil, io.EOF
	}
	b := s.gather.batch(s.entries)
	s.entries = s.entries[b.Len:]
	return b, nil
}

func (s *memSource) Close() error { return nil }

// Sorted returns partitions in the order of their tables and days.
func Sorted(parts iter.Seq[schema.Partition]) []schema.Partition {
	return slices.SortedFunc(parts, comparePartitions)
}
