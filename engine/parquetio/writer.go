package parquetio

import (
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/schema"
)

// Defaults of [WriterOptions], and the most that RowGroupBytes may be.
const (
	DefaultRowGroupRows  = 128 << 10
	DefaultRowGroupBytes = 64 << 20
	maxRowGroupBytes     = 1 << 30
)

// WriterOptions are part of what a file's bytes depend on.
type WriterOptions struct {
	// A row group ends with the row that reaches one of these.
	RowGroupRows  int   // default [DefaultRowGroupRows]
	RowGroupBytes int64 // bytes of text; default [DefaultRowGroupBytes]
	// Metadata is added to the file's key-value metadata.
	Metadata map[string]string
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
	out      io.Writer
	opts     WriterOptions
	columns  []*columnWriter
	rows     int   // of the row group
	bytes    int64 // of text, of the row group
	footer   footer
	accepted map[*arrow.Schema]bool // record schemas found right; a merge's sources have one each
	err      error
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
	return &Writer{out: w, opts: o, columns: takeColumns(), accepted: map[*arrow.Schema]bool{}}
}

// Append adds rows [from, to) of rec, which has the schema [schema.Arrow]. They come
// after all earlier ones in the order of [schema.SortColumns]; that is the caller's
// promise and not checked. Slots of null values hold no bytes, as Arrow's builders
// leave them. Data is copied: rec may be released after the call.
func (w *Writer) Append(rec arrow.Record, from, to int64) error {
	if w.err != nil {
		return w.err
	}
	w.err = w.append(rec, int(from), int(to))
	return w.err
}

func (w *Writer) append(rec arrow.Record, from, to int) error {
	if !w.accepted[rec.Schema()] {
		if !rec.Schema().Equal(schema.Arrow) {
			return fmt.Errorf("record has another schema than touches: %s", rec.Schema())
		}
		w.accepted[rec.Schema()] = true
	}
	if from < 0 || to < from || int64(to) > rec.NumRows() {
		return fmt.Errorf("rows [%d, %d) of a record of %d", from, to, rec.NumRows())
	}
	for from < to {
		end, text, full := w.groupEnd(rec, from, to)
		for i, c := range w.columns {
			if err := c.append(rec.Column(i), from, end); err != nil {
				return err
			}
		}
		w.rows += end - from
		w.bytes += text
		from = end
		if full {
			if err := w.flush(false); err != nil {
				return err
			}
		}
	}
	return nil
}

// groupEnd says which of the rows [from, to) belong to the row group being filled,
// how much text they hold, and whether it ends with them.
func (w *Writer) groupEnd(rec arrow.Record, from, to int) (end int, text int64, full bool) {
	if most := from + w.opts.RowGroupRows - w.rows; most <= to {
		to, full = most, true
	}
	room := w.opts.RowGroupBytes - w.bytes
	if text = textBytes(rec, from, to); text < room {
		return to, text, full
	}
	n := sort.Search(to-from-1, func(n int) bool { return textBytes(rec, from, from+n+1) >= room })
	end = from + n + 1
	return end, textBytes(rec, from, end), true
}

// textBytes is how many bytes of text rows [from, to) hold.
func textBytes(rec arrow.Record, from, to int) int64 {
	var n int64
	for _, col := range rec.Columns() {
		switch a := col.(type) {
		case *array.String:
			n += a.ValueOffset64(to) - a.ValueOffset64(from)
		case *array.List:
			if items, ok := a.ListValues().(*array.String); ok && to > from {
				first, _ := a.ValueOffsets(from)
				_, end := a.ValueOffsets(to - 1)
				n += items.ValueOffset64(int(end)) - items.ValueOffset64(int(first))
			}
		}
	}
	return n
}

// flush writes the row group, if it has rows. last says that no other follows.
func (w *Writer) flush(last bool) error {
	if w.rows == 0 {
		return nil
	}
	for _, c := range w.columns {
		if err := c.cutPage(); err != nil {
			return err
		}
	}
	if err := w.footer.addRowGroup(w.out, w.columns, int64(w.rows), last); err != nil {
		return err
	}
	for _, c := range w.columns {
		c.reset()
	}
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
		w.err = w.footer.write(w.out, w.opts.Metadata)
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
