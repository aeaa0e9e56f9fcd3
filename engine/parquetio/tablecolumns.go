package parquetio

import (
	"errors"
	"io"

	"github.com/parquet-go/parquet-go"
)

// columnRows is how many rows are read at a time, column by column.
const columnRows = 512

// TableColumns reads columns of a table that [TableWriter] wrote. A [TableReader]
// makes a struct of every row, which takes several times as long.
type TableColumns struct {
	through *sourceErrors
	file    *parquet.File
	group   int   // the next row group
	left    int64 // rows of the one before that are still to be read
	columns []tableColumn
	values  []parquet.Value // room for those of one column
	room    ColumnBatch
}

// ColumnBatch is some rows of a table. Row i is at i of every column; columns are in
// the order in which they were asked for. NULL is "" or 0, as is all of a column that
// the file lacks.
type ColumnBatch struct {
	Rows    int
	Texts   [][]string
	Numbers [][]int64
}

// tableColumn is a column to be read.
type tableColumn struct {
	at     int // in the file; -1: not there
	values parquet.ColumnChunkValueReader
	seen   dict     // texts of the row group
	texts  []string // the same, by number
}

// OpenColumns opens a table for some of its columns, of texts and of numbers.
func OpenColumns(r io.ReaderAt, size int64, texts, numbers []string) (*TableColumns, error) {
	t := &TableColumns{through: &sourceErrors{r: r}}
	return t, guard("read columns", func() error { return t.open(size, texts, numbers) })
}

func (t *TableColumns) open(size int64, texts, numbers []string) (err error) {
	if t.file, err = openTable(t.through, size); err != nil {
		return err
	}
	for _, name := range texts {
		if err := t.find(name, parquet.ByteArray); err != nil {
			return err
		}
	}
	for _, name := range numbers {
		if err := t.find(name, parquet.Int64); err != nil {
			return err
		}
	}
	rows := int64(0)
	for _, group := range t.file.RowGroups() {
		if group.NumRows() < 0 {
			return corrupt("row group of %d rows", group.NumRows())
		}
		rows = max(rows, min(group.NumRows(), columnRows))
	}
	t.values = make([]parquet.Value, rows)
	t.room.Texts, t.room.Numbers = makeColumns[string](len(texts), rows), makeColumns[int64](len(numbers), rows)
	return nil
}

func makeColumns[T any](n int, rows int64) [][]T {
	columns := make([][]T, n)
	for i := range columns {
		columns[i] = make([]T, rows)
	}
	return columns
}

// find notes where a column is.
func (t *TableColumns) find(name string, kind parquet.Kind) error {
	c := tableColumn{at: -1}
	if leaf, ok := t.file.Schema().Lookup(name); ok {
		if leaf.MaxRepetitionLevel > 0 || leaf.Node.Type().Kind() != kind {
			return corrupt("column %s is not of the type it should be", name)
		}
		c.at = leaf.ColumnIndex
	}
	t.columns = append(t.columns, c)
	return nil
}

// Next returns the next rows, some at a time, and io.EOF after the last. The slices
// are the reader's until the next call; the texts are the caller's, and those alike
// mostly one.
func (t *TableColumns) Next() (b ColumnBatch, err error) {
	err = guard("read columns", func() error {
		b, err = t.next()
		return err
	})
	return b, err
}

func (t *TableColumns) next() (ColumnBatch, error) {
	for t.left == 0 {
		groups := t.file.RowGroups()
		if t.group == len(groups) {
			return ColumnBatch{}, io.EOF
		}
		if err := t.begin(groups[t.group]); err != nil {
			return ColumnBatch{}, err
		}
	}
	b := ColumnBatch{Rows: int(min(t.left, columnRows))}
	t.left -= int64(b.Rows)
	for i, all := range t.room.Texts {
		b.Texts = append(b.Texts, all[:b.Rows])
		if err := t.readTexts(&t.columns[i], all[:b.Rows]); err != nil {
			return b, err
		}
	}
	for i, all := range t.room.Numbers {
		b.Numbers = append(b.Numbers, all[:b.Rows])
		if err := t.readNumbers(&t.columns[len(b.Texts)+i], all[:b.Rows]); err != nil {
			return b, err
		}
	}
	return b, nil
}

// begin goes to a row group.
func (t *TableColumns) begin(group parquet.RowGroup) error {
	if err := t.end(); err != nil {
		return t.through.cause(err)
	}
	chunks := group.ColumnChunks()
	for i := range t.columns {
		if c := &t.columns[i]; c.at >= 0 {
			c.seen.reset()
			c.texts = c.texts[:0]
			c.values = parquet.NewColumnChunkValueReader(chunks[c.at])
		}
	}
	t.group, t.left = t.group+1, group.NumRows()
	return nil
}

// end gives up the readers of a row group.
func (t *TableColumns) end() (err error) {
	for i := range t.columns {
		if c := &t.columns[i]; c.values != nil {
			err = errors.Join(err, c.values.Close())
			c.values = nil
		}
	}
	return err
}

func (t *TableColumns) readTexts(c *tableColumn, dst []string) error {
	last := ""
	for len(dst) > 0 && c.at >= 0 {
		values, err := t.take(c, len(dst))
		if err != nil {
			return err
		}
		for i := range values {
			if b := values[i].ByteArray(); string(b) != last { // tables are sorted: often it is
				last = c.text(b)
			}
			dst[i] = last
		}
		dst = dst[len(values):]
	}
	return nil
}

func (t *TableColumns) readNumbers(c *tableColumn, dst []int64) error {
	for len(dst) > 0 && c.at >= 0 {
		values, err := t.take(c, len(dst))
		if err != nil {
			return err
		}
		for i := range values {
			dst[i] = values[i].Int64()
		}
		dst = dst[len(values):]
	}
	return nil
}

// take returns values of a column, at least one and at most n, valid until the next.
func (t *TableColumns) take(c *tableColumn, n int) ([]parquet.Value, error) {
	n, err := c.values.ReadValues(t.values[:n])
	switch {
	case n > 0:
		return t.values[:n], nil
	case err == io.EOF:
		return nil, corrupt("column %d: fewer values than rows", c.at)
	}
	return nil, t.through.cause(err)
}

// text is b as text, the same one for all of a row group.
func (c *tableColumn) text(b []byte) string {
	id := c.seen.id(viewString(b))
	if int(id) == len(c.texts) {
		c.texts = append(c.texts, string(b))
	}
	return c.texts[id]
}

// Close gives up the reader.
func (t *TableColumns) Close() error {
	return guard("read columns", t.end)
}
