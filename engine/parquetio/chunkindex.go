package parquetio

import (
	"fmt"
	"sort"

	"github.com/parquet-go/parquet-go/format"
)

// chunkIndex says where a column chunk's pages are and which rows each holds.
type chunkIndex struct {
	pages []pageLocation
	rows  int64
}

// end is the row after page p.
func (x *chunkIndex) end(p int) int64 {
	if p+1 < len(x.pages) {
		return x.pages[p+1].row
	}
	return x.rows
}

// page is the number of the page that has the row.
func (x *chunkIndex) page(row int64) int {
	return sort.Search(len(x.pages), func(p int) bool { return x.end(p) > row })
}

// having are the pages that have rows of the ranges, which are in order.
func (x *chunkIndex) having(ranges []RowRange) (pages []int) {
	next := 0
	for _, r := range ranges {
		for p := max(next, x.page(r.From)); p < len(x.pages) && x.pages[p].row < r.To; p++ {
			pages = append(pages, p)
			next = p + 1
		}
	}
	return pages
}

// index reads where the pages of a chunk are, once.
func (f *File) index(rg, column int) (*chunkIndex, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if x := f.indexes[[2]int{rg, column}]; x != nil {
		return x, nil
	}
	c := f.chunk(rg, column)
	b, err := f.readAt(c.offsetIndexAt, int64(c.offsetIndexSize))
	if err != nil {
		return nil, fmt.Errorf("%s: offset index: %w", f.name(rg, column), err)
	}
	return f.addIndex(rg, column, b)
}

// maxIndexes is as much as is read to have several offset indexes at once.
const maxIndexes = 256 << 10

// readIndexes reads where the pages of several columns are, nil for all, in one go:
// the offset indexes of a row group lie side by side.
func (f *File) readIndexes(rg int, columns []int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var missing []int
	each(columns, func(column int) {
		if f.chunk(rg, column) != nil && f.indexes[[2]int{rg, column}] == nil {
			missing = append(missing, column)
		}
	})
	s, ok := f.IndexSpan(rg, missing)
	if len(missing) < 2 || !ok || s.Len > maxIndexes {
		return nil // one by one
	}
	b, err := f.readAt(s.Off, s.Len)
	if err != nil {
		return fmt.Errorf("offset indexes: %w", err)
	}
	for _, column := range missing {
		c := f.chunk(rg, column)
		at := c.offsetIndexAt - s.Off
		if at < 0 || c.offsetIndexSize < 0 || at > s.Len-int64(c.offsetIndexSize) {
			return corrupt("%s: offset index of %d bytes at %d", f.name(rg, column), c.offsetIndexSize, c.offsetIndexAt)
		}
		if _, err := f.addIndex(rg, column, b[at:at+int64(c.offsetIndexSize)]); err != nil {
			return err
		}
	}
	return nil
}

// addIndex decodes an offset index. f.mu is held.
func (f *File) addIndex(rg, column int, b []byte) (*chunkIndex, error) {
	pages, err := decodeLocations(b)
	x := &chunkIndex{pages, f.RowGroupRows(rg)}
	if err == nil {
		err = x.check(f.size)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: offset index: %w", f.name(rg, column), err)
	}
	f.indexes[[2]int{rg, column}] = x
	return x, nil
}

// bounds reads what each of a chunk's pages holds at most; nil when the file does
// not say.
func (f *File) bounds(rg, column, pages int) (*format.ColumnIndex, error) {
	c := f.chunk(rg, column)
	if c.columnIndexAt == 0 {
		return nil, nil
	}
	what := f.name(rg, column) + ": column index"
	x := new(format.ColumnIndex)
	if err := f.readIndex(what, c.columnIndexAt, c.columnIndexSize, x); err != nil {
		return nil, err
	}
	if len(x.NullPages) != pages || len(x.MinValues) != pages || len(x.MaxValues) != pages {
		return nil, corrupt("%s: of other pages", what)
	}
	return x, nil
}

func (f *File) readIndex(what string, off int64, length int32, v any) error {
	b, err := f.readAt(off, int64(length))
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	n, err := decodeThrift(what, b, v)
	if err == nil && n != len(b) {
		err = corrupt("%s: %d bytes left over", what, len(b)-n)
	}
	return err
}

// name says which column chunk an error is about.
func (f *File) name(rg, column int) string {
	return fmt.Sprintf("row group %d, column %s", rg, leaves[column].column.Name)
}

// check holds the index against itself: pages follow each other, in rows and bytes.
func (x *chunkIndex) check(size int64) error {
	if x.rows > 0 && len(x.pages) == 0 {
		return corrupt("no pages for %d rows", x.rows)
	}
	row, at := int64(0), int64(0)
	for p, page := range x.pages {
		if page.row != row || page.at < at || page.size <= 0 || page.at > size-int64(page.size) {
			return corrupt("page %d is out of place", p)
		}
		at = page.at + int64(page.size)
		if row = x.end(p); row <= page.row || row > x.rows {
			return corrupt("page %d holds no rows", p)
		}
	}
	return nil
}
