package parquetio

import (
	"fmt"
	"math"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/schema"
)

// Where a page ends: after the row that reaches one of these. A column with a Bloom
// filter is looked into for single values, so its pages are smaller.
const (
	maxPageRows    = 16 << 10
	maxPageValues  = 64 << 10 // list items
	maxPageBytes   = 128 << 10
	maxProbedBytes = 64 << 10
	// Documents compress by what they share with others, also with some far off, and
	// are not read unless they are asked for.
	maxDocumentBytes = 2 << 20
)

// columnWriter collects one column chunk: the page that is filling, and the
// finished pages, compressed. Rows come in through one of its append methods, the
// one of the column's type, which cut pages by what the rows are and never by how
// calls slice them.
type columnWriter struct {
	leaf      leaf
	dict      *dict // nil: values are stored as they are
	pageBytes int

	// The page being filled.
	rows    int
	nulls   int      // nulls and empty lists: rows that have a level and no value
	defs    []byte   // definition levels, unless the column is required
	reps    []byte   // repetition levels, of a list
	data    []byte   // text without dictionary
	offsets []uint32 // ends of the values in data
	ids     []int32  // values of the dictionary
	ints    []int32
	times   []int64
	bools   []byte
	bounds  textBounds
	stamps  []uint32 // per dictionary value, the page that has it in its bounds

	lastID int64 // dictionary number of the value before, or -1

	chunk  chunk
	hashes *hashSet
}

func newColumnWriter(l leaf) *columnWriter {
	c := &columnWriter{leaf: l, pageBytes: maxPageBytes, lastID: -1, chunk: chunk{kind: l.kind}}
	if l.column.Bloom {
		c.hashes = new(hashSet)
		c.pageBytes = maxProbedBytes
	}
	switch {
	case l.column.Encoding == schema.Document:
		c.pageBytes, c.chunk.level = maxDocumentBytes, thorough
	case l.column.Type == schema.Time, l.column.Type == schema.Int:
		c.chunk.level = thorough // stored as they are: there is much to find
	}
	textual := l.column.Type == schema.Text || l.column.Type == schema.List
	if textual && l.column.Encoding == schema.Repeated {
		c.dict = new(dict)
	}
	return c
}

// reset forgets the chunk, for the next row group.
func (c *columnWriter) reset() {
	c.resetPage()
	c.chunk.reset()
	c.lastID = -1
	c.stamps = c.stamps[:0]
	if c.dict != nil {
		c.dict.reset()
	}
	if c.hashes != nil {
		c.hashes.reset()
	}
}

func (c *columnWriter) resetPage() {
	c.rows, c.nulls = 0, 0
	c.defs, c.reps = c.defs[:0], c.reps[:0]
	c.data, c.offsets, c.ids = c.data[:0], c.offsets[:0], c.ids[:0]
	c.ints, c.times, c.bools = c.ints[:0], c.times[:0], c.bools[:0]
	c.bounds.reset()
}

// append adds rows of the batches' column i.
func (c *columnWriter) append(ranges []rowRange, i int) error {
	if !c.leaf.column.Nullable {
		for _, r := range ranges {
			if r.Record.Column(i).NullN() > 0 {
				return fmt.Errorf("column %s: null in a column that has none", c.leaf.column.Name)
			}
		}
	}
	switch c.leaf.column.Type {
	case schema.Text:
		return c.appendText(ranges, i)
	case schema.List:
		return c.appendLists(ranges, i)
	case schema.Int:
		return c.appendFixed(ranges, i, func(r *rowRange, from, to int) { c.ints = append(c.ints, r.Ints[i][from:to]...) })
	case schema.Time:
		return c.appendFixed(ranges, i, func(r *rowRange, from, to int) {
			for _, v := range r.Times[i][from:to] {
				c.times = append(c.times, int64(v))
			}
		})
	default:
		return c.appendFixed(ranges, i, func(r *rowRange, from, to int) {
			for ; from < to; from++ {
				c.bools = append(c.bools, boolByte(r.Flags[i].Value(from)))
			}
		})
	}
}

func (c *columnWriter) appendText(ranges []rowRange, i int) error {
	for at := range ranges {
		r := &ranges[at]
		t := &r.Texts[i]
		dict, numbers, byNumber := t.Numbers()
		var err error
		switch {
		case t.AllNull():
			err = c.appendNulls(r.To - r.From)
		case byNumber && c.dict != nil:
			if r.numbers[i] == nil {
				r.numbers[i] = make([]uint32, dict.Len())
			}
			err = c.appendNumbers(t, dict, numbers[:r.To], r.From, r.numbers[i])
		default:
			err = c.appendPlain(t, r.From, r.To)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *columnWriter) appendPlain(t *schema.TextColumn, from, to int) error {
	for i := from; i < to; i++ {
		if t.IsNull(i) {
			c.defs = append(c.defs, 0)
			c.nulls++
		} else {
			c.defs = append(c.defs, 1)
			c.addText(t.Value(i))
		}
		c.rows++
		if c.rows >= maxPageRows || len(c.data) >= c.pageBytes {
			if err := c.cutPage(); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendNumbers adds rows from there on, of text by number. known is the chunk's
// number of each of the dictionary's, plus one: each is looked up once.
func (c *columnWriter) appendNumbers(t *schema.TextColumn, dict *array.String, numbers []uint16, from int, known []uint32) error {
	hasNulls := t.HasNulls()
	for i, n := range numbers[from:] {
		if hasNulls && t.IsNull(from+i) {
			c.defs = append(c.defs, 0)
			c.nulls++
		} else {
			c.defs = append(c.defs, 1)
			id := known[n]
			if id == 0 {
				id = c.dict.id(dict.Value(int(n))) + 1
				known[n] = id
			}
			id--
			if int(id) == len(c.stamps) || c.stamps[id] != c.chunk.stamp() {
				c.noteID(id, c.dict.value(id))
			}
			c.lastID = int64(id)
			c.ids = append(c.ids, int32(id))
		}
		c.rows++
		if c.rows >= maxPageRows {
			if err := c.cutPage(); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendNulls adds n rows that are null.
func (c *columnWriter) appendNulls(n int) error {
	for n > 0 {
		k := min(n, maxPageRows-c.rows)
		c.defs = growZero(c.defs, k)
		c.rows += k
		c.nulls += k
		n -= k
		if c.rows >= maxPageRows {
			if err := c.cutPage(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *columnWriter) appendLists(ranges []rowRange, i int) error {
	for at := range ranges {
		r := &ranges[at]
		if r.Lists[i].Items.NullN() > 0 {
			return fmt.Errorf("column %s: null within a list", c.leaf.column.Name)
		}
		for row := r.From; row < r.To; row++ {
			if err := c.appendList(r.Lists[i], row); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *columnWriter) appendList(l schema.ListColumn, row int) error {
	first, end := l.Lists.ValueOffsets(row)
	switch {
	case l.Lists.IsNull(row):
		c.addLevels(0, 0)
		c.nulls++
		end = first
	case first == end:
		c.addLevels(1, 0)
		c.nulls++
	}
	for j := first; j < end; j++ {
		c.addLevels(2, boolByte(j > first))
		c.addText(l.Items.Value(int(j)))
	}
	c.rows++
	if c.rows >= maxPageRows || len(c.data) >= c.pageBytes || len(c.defs) >= maxPageValues {
		return c.cutPage()
	}
	return nil
}

func (c *columnWriter) addLevels(def, rep byte) {
	c.defs = append(c.defs, def)
	c.reps = append(c.reps, rep)
}

// addText adds one value to the page.
func (c *columnWriter) addText(v string) {
	if c.dict != nil {
		if c.lastID < 0 || c.dict.value(uint32(c.lastID)) != v {
			c.lastID = int64(c.dict.id(v))
			c.noteID(uint32(c.lastID), v)
		} else if c.stamps[c.lastID] != c.chunk.stamp() {
			c.noteID(uint32(c.lastID), v)
		}
		c.ids = append(c.ids, int32(c.lastID))
		return
	}
	again := len(c.offsets) > 0 && c.lastText() == v
	c.data = append(c.data, v...)
	c.offsets = append(c.offsets, uint32(len(c.data)))
	if again {
		return
	}
	c.bounds.add(v)
	if c.hashes != nil {
		c.hashes.add(bloomHash(v))
	}
}

func (c *columnWriter) lastText() string {
	n := len(c.offsets)
	if n == 1 {
		return viewString(c.data[:c.offsets[0]])
	}
	return viewString(c.data[c.offsets[n-2]:c.offsets[n-1]])
}

// noteID sees to the page's bounds and the filter when a dictionary value is used.
func (c *columnWriter) noteID(id uint32, v string) {
	if int(id) == len(c.stamps) {
		c.stamps = append(c.stamps, math.MaxUint32)
		if c.hashes != nil {
			c.hashes.add(bloomHash(v))
		}
	}
	if stamp := c.chunk.stamp(); c.stamps[id] != stamp {
		c.stamps[id] = stamp
		c.bounds.add(v)
	}
}

// growZero appends n zeros.
func growZero(b []byte, n int) []byte {
	return append(b, make([]byte, n)...) // extended in place: the compiler knows this form
}
