package partition

import "github.com/keytrail/keytrail/schema"

// A packed row is a fixed number of 32-bit words. Every column has its place: text
// and lists whose values repeat have one word (the number of the value, from 1; 0 is
// null), other text and lists two (a reference into the arena), times two, the rest
// one. Two more words are the row's partition, the first, and the bytes of its texts.
type layout struct {
	at         []int // word offset of each column of schema.Columns
	size       int   // word offset of the bytes of text
	words      int
	numbered   []int  // columns whose word is a number
	isNumbered []bool // by column
	referred   []int  // columns whose words are a reference
	ints       []int  // columns by type
	times      []int
	flags      []int
}

var rowLayout = newLayout()

func newLayout() layout {
	l := layout{at: make([]int, len(schema.Columns)), size: 1, words: 2}
	for i, c := range schema.Columns {
		l.at[i] = l.words
		l.words++
		l.isNumbered = append(l.isNumbered, isNumbered(i))
		switch {
		case isNumbered(i):
			l.numbered = append(l.numbered, i)
		case isText(i):
			l.referred = append(l.referred, i)
			l.words++
		case c.Type == schema.Time:
			l.times = append(l.times, i)
			l.words++
		case c.Type == schema.Int:
			l.ints = append(l.ints, i)
		default:
			l.flags = append(l.flags, i)
		}
	}
	return l
}

// isText reports whether the column's values are texts, or lists of them.
func isText(column int) bool {
	t := schema.Columns[column].Type
	return t == schema.Text || t == schema.List
}

// isNumbered reports whether they are, and repeat.
func isNumbered(column int) bool {
	return isText(column) && schema.Columns[column].Encoding == schema.Repeated
}

// order is the columns' significance in the total order of rows: the sort
// columns of the contract first, then the others so that any two rows that
// differ have an order, provenance last.
var order = rowOrder()

func rowOrder() []int {
	var cols []int
	leading := map[int]bool{}
	for _, name := range schema.SortColumns {
		i := schema.ColumnIndex(name)
		leading[i] = true
		cols = append(cols, i)
	}
	for i := range schema.Columns {
		if !leading[i] {
			cols = append(cols, i)
		}
	}
	return cols
}

// identity is the leading part of order that makes two rows the same row.
var identity = order[:len(order)-schema.Provenance]
