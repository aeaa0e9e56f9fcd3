package parquetio

import (
	"math"

	"github.com/keytrail/keytrail/schema"
)

// take adds the next n rows of the page, as rows at and on of the column.
func (c *columnReader) take(at, n int) error {
	c.row += n
	switch c.column.Type {
	case schema.List:
		return c.takeLists(at, n)
	case schema.Text:
		return c.takeTexts(at, n)
	case schema.Bool:
		c.takeBits(at, n)
	case schema.Int:
		c.takeNumbers(at, n, 4)
	default:
		c.takeNumbers(at, n, 8)
	}
	return nil
}

func (c *columnReader) takeTexts(at, n int) error {
	p := c.pages
	defs := p.defs[c.level : c.level+n]
	for i, def := range defs {
		if def == 0 {
			c.nulls++
		} else {
			c.valid[(at+i)>>3] |= 1 << ((at + i) & 7)
			c.addText()
		}
		c.ends = append(c.ends, int32(len(c.data)))
	}
	c.level += n
	return c.checkSize()
}

// addText adds the page's next value to data.
func (c *columnReader) addText() {
	p := c.pages
	if p.byID {
		c.data = append(c.data, p.dict.value(int(p.ids[c.value]))...)
	} else {
		c.data = append(c.data, p.texts.value(c.value)...)
	}
	c.value++
}

// checkSize fails when the texts of a batch have outgrown Arrow's offsets, which no
// row group of ours does.
func (c *columnReader) checkSize() error {
	if len(c.data) > math.MaxInt32 {
		return corrupt("%s: texts of a batch exceed 2 GiB", c.pages.name())
	}
	return nil
}

func (c *columnReader) takeLists(at, n int) error {
	p := c.pages
	for i := at; i < at+n; i++ {
		if p.defs[c.level] == 0 {
			c.nulls++
		} else {
			c.valid[i>>3] |= 1 << (i & 7)
		}
		for first := true; c.level < len(p.reps) && (first || p.reps[c.level] == 1); first = false {
			if p.defs[c.level] == p.leaf.maxDef {
				c.addText()
				c.ends = append(c.ends, int32(len(c.data)))
			}
			c.level++
		}
		c.starts = append(c.starts, int32(len(c.ends)-1))
	}
	return c.checkSize()
}

func (c *columnReader) takeNumbers(at, n, size int) {
	p := c.pages
	if p.defs == nil {
		c.data = append(c.data, p.fixed[c.value*size:(c.value+n)*size]...)
		c.value += n
		setBits(c.valid, at, n)
		return
	}
	for i, def := range p.defs[c.level : c.level+n] {
		if def == 0 {
			c.nulls++
			c.data = growZero(c.data, size)
			continue
		}
		c.valid[(at+i)>>3] |= 1 << ((at + i) & 7)
		c.data = append(c.data, p.fixed[c.value*size:(c.value+1)*size]...)
		c.value++
	}
	c.level += n
}

func (c *columnReader) takeBits(at, n int) {
	p := c.pages
	c.data = c.data[:cap(c.data)]
	for i := at; i < at+n; i++ {
		if p.defs != nil {
			c.level++
			if p.defs[c.level-1] == 0 {
				c.nulls++
				continue
			}
		}
		c.valid[i>>3] |= 1 << (i & 7)
		c.data[i>>3] |= p.fixed[c.value>>3] >> (c.value & 7) & 1 << (i & 7)
		c.value++
	}
}

func setBits(bitmap []byte, at, n int) {
	for i := at; i < at+n; i++ {
		bitmap[i>>3] |= 1 << (i & 7)
	}
}
