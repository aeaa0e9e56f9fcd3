package parquetio

import "bytes"

// WhereSorted is like [File.Where] for the text column that rows are sorted by, nulls
// first. may says whether a value that passes the test can be between two texts, both
// included: of the many values of a page it leaves a few to be tested.
func (f *File) WhereSorted(rg, column int, ranges []RowRange, may func(least, greatest string) bool, test func(string) bool) ([]RowRange, error) {
	v := verdicts{test: test}
	return f.where(rg, column, ranges, func(c *columnReader, n int, kept []RowRange) []RowRange {
		defs := c.pages.defs[c.level : c.level+n]
		nulls := bytes.Count(defs, []byte{0})
		if first := bytes.IndexByte(defs, 1); c.pages.reps != nil || first >= 0 && first != nulls {
			return c.passing(&v, n, kept) // in another order
		}
		s := search{pages: c.pages, may: may, test: test, kept: kept}
		s.row = c.pages.first() + int64(c.row+nulls-c.value)
		s.between(c.value, c.value+n-nulls)
		c.pass(n)
		return s.kept
	})
}

// search looks for values of a page that pass a test.
type search struct {
	pages *pageReader
	row   int64 // of the page's first value, if none were null
	may   func(least, greatest string) bool
	test  func(string) bool
	kept  []RowRange
}

// few values are tested rather than asked about.
const few = 2

// between searches the values [from, to).
func (s *search) between(from, to int) {
	if from >= to {
		return
	}
	least, greatest := s.value(from), s.value(to-1)
	switch {
	case least == greatest: // a key that was touched many times
		if s.test(least) {
			s.kept = appendRange(s.kept, RowRange{s.row + int64(from), s.row + int64(to)})
		}
	case to-from <= few || s.may(least, greatest):
		middle := from + (to-from)/2
		s.between(from, middle)
		s.between(middle, to)
	}
}

func (s *search) value(at int) string {
	if s.pages.byID {
		return viewString(s.pages.dict.value(int(s.pages.ids[at])))
	}
	return viewString(s.pages.texts.value(at))
}
