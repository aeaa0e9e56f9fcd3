package parquetio

import (
	"math"

	"github.com/keytrail/keytrail/schema"
)

// Where a page ends: after the row that reaches one of these. Whoever looks for a few
// rows has to inflate a whole page of each column. A column with a Bloom filter is
// looked into for single values, so its pages are smaller.
const (
	maxPageRows    = 8 << 10
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
	dict      *dict      // nil: values are stored as they are, but for the next two
	docs      *documents // of documents
	small     *smallInts // of numbers
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

	lastID int64   // dictionary number of the value before, or -1
	lists  []int32 // of the chunk, known by number: how many items, then the dictionary number of each

	chunk  chunk
	hashes *hashSet
	names  *schema.KeyNames // of the chunk's item keys
}

func newColumnWriter(l leaf) *columnWriter {
	c := &columnWriter{leaf: l, pageBytes: maxPageBytes, lastID: -1, chunk: chunk{kind: l.kind}}
	if l.column.Bloom {
		c.hashes = new(hashSet)
		c.pageBytes = maxProbedBytes
	}
	if l.column == &schema.Columns[itemKeyColumn] {
		c.names = new(schema.KeyNames)
	}
	switch {
	case l.column.Encoding == schema.Document:
		c.pageBytes, c.docs = maxDocumentBytes, new(documents)
	case l.column.Type == schema.Int:
		c.small = new(smallInts)
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
	c.lists = c.lists[:0]
	if c.dict != nil {
		c.dict.reset()
	}
	if c.docs != nil {
		c.docs.reset()
	}
	if c.small != nil {
		c.small.reset()
	}
	if c.hashes != nil {
		c.hashes.reset()
	}
	if c.names != nil {
		c.names.Reset()
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
	for at := range ranges {
		r := &ranges[at]
		var err error
		switch c.leaf.column.Type {
		case schema.Text:
			err = c.appendText(r, i)
		case schema.List:
			err = c.appendLists(r, i)
		case schema.Int:
			err = c.appendFixed(r, func(from, to int) { c.ints = append(c.ints, r.Ints[i][from:to]...) })
		case schema.Time:
			err = c.appendFixed(r, func(from, to int) { c.times = append(c.times, r.Times[i][from:to]...) })
		default:
			err = c.appendFlags(r, i)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *columnWriter) appendText(r *rowRange, i int) error {
	t := &r.Texts[i]
	switch {
	case t.AllNull:
		return c.appendNulls(r.To - r.From)
	case t.Numbers != nil && c.dict != nil:
		return c.appendNumbers(t, r, &r.known[i])
	}
	for row := r.From; row < r.To; row++ {
		if v := t.Value(row); v == "" {
			c.defs = append(c.defs, 0)
			c.nulls++
		} else {
			c.defs = append(c.defs, 1)
			c.addText(v)
		}
		c.rows++
		if c.full() {
			if err := c.cutPage(); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendNumbers adds rows of text by number.
func (c *columnWriter) appendNumbers(t *schema.TextColumn, r *rowRange, at *known) error {
	*at = at.upTo(len(t.Values))
	for from := r.From; from < r.To; {
		end := min(r.To, from+maxPageRows-c.rows)
		c.addNumbers(t, t.Numbers[from:end], *at)
		c.rows += end - from
		from = end
		if c.rows >= maxPageRows {
			if err := c.cutPage(); err != nil {
				return err
			}
		}
	}
	return nil
}

// addNumbers adds values to the page. Each of a dictionary is looked up once for the
// chunk, and noted once for the page.
func (c *columnWriter) addNumbers(t *schema.TextColumn, numbers []uint32, seen known) {
	page := uint64(c.chunk.stamp()+1) << 32
	defs, ids := c.defs, c.ids // in registers: this loop is run for most values of a lake
	for _, n := range numbers {
		if n == 0 {
			defs = append(defs, 0)
			continue
		}
		e := seen[n]
		if e < page {
			e = page | uint64(c.use(t.Values[n], uint32(e)))
			seen[n] = e
		}
		defs = append(defs, 1)
		ids = append(ids, int32(uint32(e)-1))
	}
	c.nulls += len(defs) - len(c.defs) - (len(ids) - len(c.ids))
	c.defs, c.ids = defs, ids
}

// use returns the chunk's number of v, plus one, and notes that the page has it. seen is
// the number if it is known, else 0.
func (c *columnWriter) use(v string, seen uint32) uint32 {
	if seen == 0 {
		seen = c.dict.id(v) + 1
	}
	c.noteID(seen-1, v)
	return seen
}

// appendNulls adds n rows that are null.
func (c *columnWriter) appendNulls(n int) error {
	for n > 0 {
		k := min(n, maxPageRows-c.rows)
		if c.leaf.maxRep > 0 {
			k = min(k, maxPageValues-len(c.defs)) // as if they came one by one
			c.reps = growZero(c.reps, k)
		}
		c.defs = growZero(c.defs, k)
		c.rows += k
		c.nulls += k
		n -= k
		if c.full() {
			if err := c.cutPage(); err != nil {
				return err
			}
		}
	}
	return nil
}

// full reports whether the page ends with the row before.
func (c *columnWriter) full() bool {
	return c.rows >= maxPageRows || len(c.data) >= c.pageBytes || c.leaf.maxRep > 0 && len(c.defs) >= maxPageValues
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
	if c.names != nil {
		c.names.Add(v)
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
