package parquetio

import (
	"bytes"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/keytrail/keytrail/schema"
)

// columnReader turns pages into Arrow columns. The buffers of a column are made for
// it alone and left to the garbage collector.
type columnReader struct {
	column *schema.Column
	pages  *pageReader // nil: the file lacks the column
	// start makes pages, for the first batch. Where that is the last one too, the columns
	// use the same buffers, one after another.
	start func() (*pageReader, error)

	row, level, value int // position in the page
	loaded            bool

	// The column being built.
	valid   []byte
	nulls   int
	starts  []int32 // of lists
	ends    []int32 // of texts
	data    []byte  // bytes of texts, numbers, bits
	bits    int
	lastLen int // bytes of the batch before: the next will be alike
}

// read builds a column of the rows of the ranges, n in all. They come after those
// read before.
func (c *columnReader) read(ranges []RowRange, n int) (_ arrow.ArrayData, err error) {
	if c.start != nil {
		if c.pages, err = c.start(); err != nil {
			return nil, err
		}
		c.start = nil
	}
	c.begin(n)
	if c.pages == nil {
		c.addNulls(n)
		return c.finish(n), nil
	}
	got := 0
	for _, x := range ranges {
		for x.From < x.To {
			if err := c.seek(x.From); err != nil {
				return nil, err
			}
			k := min(int(x.To-x.From), c.pages.rows-c.row)
			if err := c.take(got, k); err != nil {
				return nil, err
			}
			got += k
			x.From += int64(k)
		}
	}
	c.lastLen = len(c.data)
	return c.finish(n), nil
}

// seek goes forward to a row, which is in this page or in one of those wanted next.
func (c *columnReader) seek(row int64) error {
	p := c.pages
	for !c.loaded || row >= p.first()+int64(p.rows) {
		if err := p.read(); err != nil {
			return err
		}
		c.loaded, c.row, c.level, c.value = true, 0, 0, 0
	}
	if row < p.first() {
		return corrupt("%s: row %d is in no page", p.name(), row)
	}
	c.pass(int(row-p.first()) - c.row)
	return nil
}

// pass passes over n rows of the page.
func (c *columnReader) pass(n int) {
	p := c.pages
	c.row += n
	switch {
	case p.leaf.maxRep > 0:
		to := p.levelAfter(c.level, n)
		c.value += bytes.Count(p.defs[c.level:to], []byte{p.leaf.maxDef})
		c.level = to
	case p.defs == nil:
		c.value += n
	default:
		c.value += bytes.Count(p.defs[c.level:c.level+n], []byte{1})
		c.level += n
	}
}

func (c *columnReader) begin(n int) {
	c.valid, c.nulls, c.bits = make([]byte, (n+7)/8), 0, 0
	size := 0
	switch c.column.Type {
	case schema.List:
		c.starts = append(make([]int32, 0, n+1), 0)
		c.ends = append(make([]int32, 0, n+1), 0)
		size = c.lastLen
	case schema.Text:
		c.ends = append(make([]int32, 0, n+1), 0)
		size = c.lastLen
	case schema.Time:
		size = 8 * n
	case schema.Int:
		size = 4 * n
	case schema.Bool:
		size = (n + 7) / 8
	}
	c.data = make([]byte, 0, size+size/16)
}

func (c *columnReader) finish(n int) arrow.ArrayData {
	valid := memory.NewBufferBytes(c.valid)
	if c.nulls == 0 {
		valid = nil
	}
	i := schema.ColumnIndex(c.column.Name)
	typ := schema.Arrow.Field(i).Type
	switch c.column.Type {
	case schema.List:
		items := array.NewData(arrow.BinaryTypes.String, len(c.ends)-1,
			[]*memory.Buffer{nil, int32Buffer(c.ends), memory.NewBufferBytes(c.data)}, nil, 0, 0)
		defer items.Release()
		return array.NewData(typ, n, []*memory.Buffer{valid, int32Buffer(c.starts)}, []arrow.ArrayData{items}, c.nulls, 0)
	case schema.Text:
		return array.NewData(typ, n, []*memory.Buffer{valid, int32Buffer(c.ends), memory.NewBufferBytes(c.data)}, nil, c.nulls, 0)
	default:
		return array.NewData(typ, n, []*memory.Buffer{valid, memory.NewBufferBytes(c.data)}, nil, c.nulls, 0)
	}
}

func int32Buffer(v []int32) *memory.Buffer {
	return memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(v))
}

// addNulls makes all n rows null.
func (c *columnReader) addNulls(n int) {
	c.nulls = n
	switch c.column.Type {
	case schema.List:
		c.starts = c.starts[:n+1]
	case schema.Text:
		c.ends = c.ends[:n+1]
	default:
		c.data = c.data[:cap(c.data)]
	}
}
