package parquetio

import (
	"encoding/binary"

	"github.com/keytrail/keytrail/schema"
)

// Where returns those rows of the ranges whose text passes the test, or, of a list
// column, one of whose items does. Null does not. The ranges are in order and apart
// from each other, and so are those returned. Only the pages that have some of the
// rows are read, and nothing is made of rows that do not pass.
//
// test is called once for each distinct value of a dictionary, and for values that
// follow each other and are the same; its argument is valid until it returns.
func (f *File) Where(rg, column int, ranges []RowRange, test func(string) bool) ([]RowRange, error) {
	v := verdicts{test: test}
	return f.where(rg, column, ranges, func(c *columnReader, n int, kept []RowRange) []RowRange {
		return c.passing(&v, n, kept)
	})
}

// WhereTime returns those rows of the ranges whose event time, in microseconds, passes
// the test.
func (f *File) WhereTime(rg int, ranges []RowRange, test func(int64) bool) ([]RowRange, error) {
	return f.where(rg, timeColumn, ranges, func(c *columnReader, n int, kept []RowRange) []RowRange {
		first := c.pages.first() + int64(c.row)
		for i := range n {
			if test(int64(binary.LittleEndian.Uint64(c.pages.fixed[8*(c.value+i):]))) {
				kept = appendRange(kept, RowRange{first + int64(i), first + int64(i) + 1})
			}
		}
		c.pass(n)
		return kept
	})
}

// where has some function pick from the next n rows of a page, for all rows of the
// ranges.
func (f *File) where(rg, column int, ranges []RowRange, pick func(c *columnReader, n int, kept []RowRange) []RowRange) (kept []RowRange, err error) {
	if f.chunk(rg, column) == nil {
		return nil, nil
	}
	if ranges, err = cutRanges(ranges, f.RowGroupRows(rg)); err != nil {
		return nil, err
	}
	err = guard("read rows", func() error {
		c := &columnReader{column: &schema.Columns[column]}
		if c.pages, err = newPageReader(f, rg, column, ranges); err != nil {
			return err
		}
		defer c.pages.done()
		c.pages.keep = true
		for _, x := range ranges {
			for x.From < x.To {
				if err := c.seek(x.From); err != nil {
					return err
				}
				n := min(int(x.To-x.From), c.pages.rows-c.row)
				kept = pick(c, n, kept)
				x.From += int64(n)
			}
		}
		return nil
	})
	return kept, err
}

// verdicts remembers what a test said.
type verdicts struct {
	test func(string) bool
	byID []verdict // of a dictionary
	last []byte    // the value before that was in none
	pass bool      // what the test said of it
	any  bool
}

type verdict byte

const (
	unasked verdict = iota
	passed
	failed
)

// passing adds those of the next n rows of the page that pass.
func (c *columnReader) passing(v *verdicts, n int, kept []RowRange) []RowRange {
	first := c.pages.first() + int64(c.row)
	for i := range int64(n) {
		if c.passes(v) {
			kept = appendRange(kept, RowRange{first + i, first + i + 1})
		}
	}
	return kept
}

// passes tests the next row of the page.
func (c *columnReader) passes(v *verdicts) bool {
	p := c.pages
	c.row++
	ok := false
	for first := true; first || p.reps != nil && c.level < len(p.reps) && p.reps[c.level] == 1; first = false {
		if p.defs == nil || p.defs[c.level] == p.leaf.maxDef {
			ok = ok || v.value(p, c.value)
			c.value++
		}
		c.level++
	}
	return ok
}

// value tests a value of the page.
func (v *verdicts) value(p *pageReader, at int) bool {
	if p.byID {
		id := p.ids[at]
		if v.byID == nil {
			v.byID = make([]verdict, p.dict.len())
		}
		if v.byID[id] == unasked {
			v.byID[id] = failed
			if v.test(viewString(p.dict.value(int(id)))) {
				v.byID[id] = passed
			}
		}
		return v.byID[id] == passed
	}
	text := p.texts.value(at)
	if !v.any || string(text) != string(v.last) {
		v.any, v.last = true, append(v.last[:0], text...)
		v.pass = v.test(viewString(text))
	}
	return v.pass
}
