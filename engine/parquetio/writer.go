package parquetio

import (
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/apache/arrow/go/v15/arrow"
	"golang.org/x/sync/semaphore"

	"github.com/keytrail/keytrail/schema"
)

// Defaults of [WriterOptions], and the most that RowGroupBytes may be.
const (
	DefaultRowGroupRows  = 128 << 10
	DefaultRowGroupBytes = 64 << 20
	maxRowGroupBytes     = 1 << 30
)

// WriterOptions are, but for Spare, part of what a file's bytes depend on.
type WriterOptions struct {
	// A row group ends with the row that reaches one of these.
	RowGroupRows  int   // default [DefaultRowGroupRows]
	RowGroupBytes int64 // bytes of text; default [DefaultRowGroupBytes]
	// Metadata is added to the file's key-value metadata.
	Metadata map[string]string
	// OmitKeyNames leaves [schema.MetadataKeyNames] out, as earlier programs did.
	OmitKeyNames bool
	// Spare is processors that nobody uses: a writer takes those that are free for a
	// moment to fill and compress columns side by side. Nil for none. The bytes do not
	// depend on it.
	Spare *semaphore.Weighted
}

// Stats says what a [Writer] wrote.
type Stats struct {
	Rows      int64
	RowGroups int
	Bytes     int64 // of the file
}

// Writer writes one touches file. It holds at most one row group in memory, most of
// it compressed. Not safe for concurrent use. After an error every call returns it.
type Writer struct {
	out     io.Writer
	opts    WriterOptions
	columns []*columnWriter
	groups  int   // row groups written
	rows    int   // of the row group
	bytes   int64 // of text, of the row group
	footer  footer
	ranges  []rowRange // scratch
	err     error
}

// rowRange is rows of a batch with what each column knows of the batch's dictionary.
type rowRange struct {
	schema.Rows
	known []known
}

// known is, for each value of a dictionary, the number of the page that has it last,
// plus one, and below it in 32 bits the column chunk's number of it, plus one; 0 where
// the chunk does not have it. It is as long as the dictionary was when last looked at.
type known []uint64

// upTo makes k as long as a dictionary of n values.
func (k known) upTo(n int) known {
	for len(k) < n {
		k = append(k, 0)
	}
	return k
}

// groupNote is what a writer notes with dictionaries, for one row group.
type groupNote struct {
	group int
	known []known
}

var errClosed = errors.New("writer is closed")

// NewWriter returns a Writer to w. Finish it with Close or Abort.
func NewWriter(w io.Writer, o WriterOptions) *Writer {
	if o.RowGroupRows <= 0 {
		o.RowGroupRows = DefaultRowGroupRows
	}
	if o.RowGroupBytes <= 0 {
		o.RowGroupBytes = DefaultRowGroupBytes
	}
	o.RowGroupBytes = min(o.RowGroupBytes, maxRowGroupBytes)
	return &Writer{out: w, opts: o, columns: takeColumns()}
}

// Append adds rows [from, to) of rec; see [Writer.AppendRows].
func (w *Writer) Append(rec arrow.Record, from, to int64) error {
	if w.err != nil {
		return w.err
	}
	w.err = w.appendRecord(rec, from, to)
	return w.err
}

func (w *Writer) appendRecord(rec arrow.Record, from, to int64) error {
	if n := rec.NumRows(); from < 0 || to < from || to > n {
		return fmt.Errorf("rows [%d, %d) of a record of %d", from, to, n)
	}
	some := rec.NewSlice(from, to)
	defer some.Release()
	b, err := schema.BatchOf(some)
	if err != nil {
		return err
	}
	defer b.Release()
	return w.append([]schema.Rows{{Batch: b, To: b.Len}})
}

// AppendRows adds rows. They come after all earlier ones in the order of
// [schema.SortColumns]; that is the caller's promise and not checked. Data is copied:
// batches may be released after the call. What is written depends on the rows, not on
// the form of the batches they come in, nor on how calls slice them.
func (w *Writer) AppendRows(rows []schema.Rows) error {
	if w.err == nil {
		w.err = w.append(rows)
	}
	return w.err
}

func (w *Writer) append(rows []schema.Rows) error {
	for _, r := range rows {
		if r.From < 0 || r.To < r.From || r.To > r.Len {
			return fmt.Errorf("rows [%d, %d) of a batch of %d", r.From, r.To, r.Len)
		}
	}
	w.ranges = w.ranges[:0]
	for _, r := range rows {
		for r.From < r.To {
			end, text, full := w.groupEnd(r)
			w.ranges = append(w.ranges, rowRange{schema.Rows{Batch: r.Batch, From: r.From, To: end}, w.knownOf(r.Notes)})
			w.rows += end - r.From
			w.bytes += text
			r.From = end
			if !full {
				continue
			}
			if err := w.appendRanges(); err != nil {
				return err
			}
			if err := w.flush(false); err != nil {
				return err
			}
		}
	}
	return w.appendRanges()
}

// appendRanges adds the ranges collected, column by column.
func (w *Writer) appendRanges() error {
	err := w.each(func(i int, c *columnWriter) error { return c.append(w.ranges, i) })
	clear(w.ranges)
	w.ranges = w.ranges[:0]
	return err
}

// knownOf is what the columns know of the dictionaries that go with notes.
func (w *Writer) knownOf(notes *schema.Notes) []known {
	at := notes.Of(w)
	n, ok := (*at).(*groupNote)
	if !ok {
		n = &groupNote{known: make([]known, len(schema.Columns))}
		*at = n
	}
	if n.group != w.groups {
		n.group = w.groups
		for i := range n.known {
			n.known[i] = n.known[i][:0]
		}
	}
	return n.known
}

// groupEnd says which of the rows belong to the row group being filled, how much
// text they hold, and whether it ends with them.
func (w *Writer) groupEnd(r schema.Rows) (end int, text int64, full bool) {
	if most := r.From + w.opts.RowGroupRows - w.rows; most <= r.To {
		r.To, full = most, true
	}
	room := w.opts.RowGroupBytes - w.bytes
	if text = r.TextBytes(r.From, r.To); text < room {
		return r.To, text, full
	}
	n := sort.Search(r.To-r.From-1, func(n int) bool { return r.TextBytes(r.From, r.From+n+1) >= room })
	end = r.From + n + 1
	return end, r.TextBytes(r.From, end), true
}

// flush writes the row group, if it has rows. last says that no other follows.
func (w *Writer) flush(last bool) error {
	if w.rows == 0 {
		return nil
	}
	if err := w.each(func(_ int, c *columnWriter) error { return c.cutPage() }); err != nil {
		return err
	}
	if err := w.footer.addRowGroup(w.out, w.columns, int64(w.rows), last); err != nil {
		return err
	}
	for _, c := range w.columns {
		c.reset()
	}
	w.groups++
	w.rows, w.bytes = 0, 0
	return nil
}

// Close writes what is left and the footer, and says what the file holds. It does
// not close the underlying writer.
func (w *Writer) Close() (Stats, error) {
	if w.err == nil {
		w.err = w.flush(true)
	}
	if w.err == nil {
		w.err = w.footer.write(w.out, w.opts.keyValues(&w.footer.names))
	}
	err := w.err
	w.Abort()
	return w.footer.stats(), err
}

// Abort gives the writer up; what was written so far is no file. It does nothing
// after Close.
func (w *Writer) Abort() {
	if w.columns != nil {
		giveColumns(w.columns)
		w.columns = nil
	}
	if w.err == nil {
		w.err = errClosed
	}
}
