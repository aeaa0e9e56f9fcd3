package parquetio

import (
	"fmt"
	"sort"

	"github.com/parquet-go/parquet-go/format"
)

// chunkIndex says where a column chunk's pages are and which rows each holds.
type chunkIndex struct {
	pages []format.PageLocation
	rows  int64
}

// end is the row after page p.
func (x *chunkIndex) end(p int) int64 {
	if p+1 < len(x.pages) {
		return x.pages[p+1].FirstRowIndex
	}
	return x.rows
}

// page is the number of the page that has the row.
func (x *chunkIndex) page(row int64) int {
	return sort.Search(len(x.pages), func(p int) bool { return x.end(p) > row })
}

// index reads where the pages of a chunk are, once.
func (f *File) index(rg, column int) (*chunkIndex, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := [2]int{rg, column}
	if x := f.indexes[key]; x != nil {
		return x, nil
	}
	c := f.chunk(rg, column)
	var locations format.OffsetIndex
	what := f.name(rg, column) + ": offset index"
	if err := f.readIndex(what, c.OffsetIndexOffset, c.OffsetIndexLength, &locations); err != nil {
		return nil, err
	}
	x := &chunkIndex{locations.PageLocations, f.RowGroupRows(rg)}
	if err := x.check(f.size); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	f.indexes[key] = x
	return x, nil
}

// bounds reads what each of a chunk's pages holds at most; nil when the file does
// not say.
func (f *File) bounds(rg, column, pages int) (*format.ColumnIndex, error) {
	c := f.chunk(rg, column)
	if c.ColumnIndexOffset == 0 {
		return nil, nil
	}
	what := f.name(rg, column) + ": column index"
	x := new(format.ColumnIndex)
	if err := f.readIndex(what, c.ColumnIndexOffset, c.ColumnIndexLength, x); err != nil {
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
		if page.FirstRowIndex != row || page.Offset < at || page.CompressedPageSize <= 0 ||
			page.Offset > size-int64(page.CompressedPageSize) {
			return corrupt("page %d is out of place", p)
		}
		at = page.Offset + int64(page.CompressedPageSize)
		if row = x.end(p); row <= page.FirstRowIndex || row > x.rows {
			return corrupt("page %d holds no rows", p)
		}
	}
	return nil
}
