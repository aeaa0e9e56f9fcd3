package partition

import (
	"context"
	"errors"
	"io"

	"github.com/keytrail/keytrail/schema"
)

// Output takes the merged rows, in order.
type Output interface {
	// Append takes the rows, one range after the other, and keeps nothing of them.
	Append(rows []schema.Rows) error
}

// Counts says what a merge did. New + Present = Out + Dropped.
type Counts struct {
	Present   int64 // rows the partition held
	New       int64 // rows that came in
	Out       int64
	Dropped   int64 // rows equal to one that was kept, but for their provenance
	Conflicts int64 // rows of the same event and touch that differ in content, all kept
	// Changed is false when the rows out are the rows the partition held.
	Changed bool
}

// merge merges present and incoming, and closes them.
func merge(ctx context.Context, present, incoming []Source, out Output) (Counts, error) {
	m := merger{out: out}
	defer m.close()
	err := m.start(present, incoming)
	for err == nil && len(m.heap) > 0 {
		if err = ctx.Err(); err == nil {
			err = m.step()
		}
	}
	if err == nil {
		err = m.flush()
	}
	if err != nil {
		return m.counts, err
	}
	m.counts.Changed = m.emittedNew || m.counts.Out != m.counts.Present
	return m.counts, nil
}

type merger struct {
	out        Output
	cursors    []*cursor     // all, to be closed
	heap       []*cursor     // those with rows left, least first
	last       *schema.Batch // of the latest row out, nil before the first
	lastRow    int
	counts     Counts
	emittedNew bool
	ready      []schema.Rows // rows to put out, in batches that cursors stand in or last is
	rows       int           // of ready
}

// readyRows is how many rows are put out at a time: where runs interleave, every
// range is short, and looking at each column of each range would cost more than the
// rows.
const readyRows = 1024

// cursor is a position in a source.
type cursor struct {
	src   Source
	rank  int  // the files held come first, so that they win against an equal row
	held  bool // a file the partition holds
	batch *schema.Batch
	at, n int
}

func (m *merger) start(present, incoming []Source) error {
	for i, src := range append(present[:len(present):len(present)], incoming...) {
		m.cursors = append(m.cursors, &cursor{src: src, rank: i, held: i < len(present)})
	}
	for _, c := range m.cursors {
		ok, err := m.load(c)
		if err != nil {
			return err
		}
		if ok {
			m.push(c)
		}
	}
	return nil
}

// load makes c stand at the first row of its next batch; false at the end.
func (m *merger) load(c *cursor) (bool, error) {
	if err := m.flush(); err != nil {
		return false, err
	}
	if c.batch != nil && c.batch != m.last {
		c.batch.Release()
	}
	c.batch = nil
	for {
		b, err := c.src.Next()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if b.Len > 0 {
			c.batch, c.at, c.n = b, 0, b.Len
			return true, nil
		}
		b.Release()
	}
}

// step takes from the least cursor all rows up to the next cursor's first, and
// puts out those that are not duplicates in as few calls as it can.
func (m *merger) step() error {
	c, next := m.heap[0], m.second()
	from := c.at
	for {
		if m.isDuplicate(c) {
			if err := m.emit(c, from); err != nil {
				return err
			}
			m.counts.Dropped++
			from = c.at + 1
		} else {
			m.setLast(c)
		}
		c.at++
		if c.at == c.n || next != nil && compareCursors(c, next) > 0 {
			break
		}
	}
	if err := m.emit(c, from); err != nil {
		return err
	}
	if c.at == c.n {
		ok, err := m.load(c)
		if err != nil {
			return err
		}
		if !ok {
			m.pop()
			return nil
		}
	}
	m.sink(0)
	return nil
}

// isDuplicate compares the row at c with the latest row out, and counts the row.
func (m *merger) isDuplicate(c *cursor) bool {
	if c.held {
		m.counts.Present++
	} else {
		m.counts.New++
	}
	if m.last == nil || compareRows(m.last, m.lastRow, c.batch, c.at, sortColumns) != 0 {
		return false
	}
	if compareRows(m.last, m.lastRow, c.batch, c.at, identity) == 0 {
		return true
	}
	if compareRows(m.last, m.lastRow, c.batch, c.at, recipientColumn) == 0 {
		m.counts.Conflicts++
	}
	return false
}

var (
	sortColumns     = order[:len(schema.SortColumns)]
	recipientColumn = []int{schema.ColumnIndex("recipient_account_id")}
)

func (m *merger) setLast(c *cursor) {
	if m.last != nil && m.last != c.batch && !m.inUse(m.last) {
		m.last.Release()
	}
	m.last, m.lastRow = c.batch, c.at
}

// inUse reports whether a cursor still stands in b.
func (m *merger) inUse(b *schema.Batch) bool {
	for _, c := range m.heap {
		if c.batch == b {
			return true
		}
	}
	return false
}

// emit puts out the rows of c from there to where it stands.
func (m *merger) emit(c *cursor, from int) error {
	if from == c.at {
		return nil
	}
	m.counts.Out += int64(c.at - from)
	m.emittedNew = m.emittedNew || !c.held
	m.ready = append(m.ready, schema.Rows{Batch: c.batch, From: from, To: c.at})
	if m.rows += c.at - from; m.rows >= readyRows {
		return m.flush()
	}
	return nil
}

// flush puts out the rows that are ready.
func (m *merger) flush() error {
	if m.rows == 0 {
		return nil
	}
	err := m.out.Append(m.ready)
	clear(m.ready) // or it would keep batches that are done with
	m.ready, m.rows = m.ready[:0], 0
	return err
}

func (m *merger) close() {
	for _, c := range m.cursors {
		if c.batch != nil && c.batch != m.last {
			c.batch.Release()
		}
		c.src.Close()
	}
	if m.last != nil {
		m.last.Release()
	}
}

func compareCursors(x, y *cursor) int {
	if c := compareRows(x.batch, x.at, y.batch, y.at, order); c != 0 {
		return c
	}
	return x.rank - y.rank
}

// The heap is written out: container/heap would hide which cursor comes second.

func (m *merger) push(c *cursor) {
	m.heap = append(m.heap, c)
	for i := len(m.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if compareCursors(m.heap[parent], m.heap[i]) < 0 {
			return
		}
		m.heap[parent], m.heap[i] = m.heap[i], m.heap[parent]
		i = parent
	}
}

func (m *merger) pop() {
	n := len(m.heap) - 1
	m.heap[0] = m.heap[n]
	m.heap = m.heap[:n]
	if n > 0 {
		m.sink(0)
	}
}

func (m *merger) sink(i int) {
	for {
		least := i
		for _, child := range [2]int{2*i + 1, 2*i + 2} {
			if child < len(m.heap) && compareCursors(m.heap[child], m.heap[least]) < 0 {
				least = child
			}
		}
		if least == i {
			return
		}
		m.heap[i], m.heap[least] = m.heap[least], m.heap[i]
		i = least
	}
}

// second is the cursor that comes after the least, or nil.
func (m *merger) second() *cursor {
	switch len(m.heap) {
	case 0, 1:
		return nil
	case 2:
		return m.heap[1]
	}
	if compareCursors(m.heap[1], m.heap[2]) < 0 {
		return m.heap[1]
	}
	return m.heap[2]
}
