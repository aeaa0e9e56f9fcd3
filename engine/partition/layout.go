package partition

import "github.com/keytrail/keytrail/schema"

// A packed row is a fixed number of 32-bit words. Every column has its place: text
// and lists whose values repeat have one word (the number of the value, from 1; 0 is
// null), other text and lists two (a reference into the arena), times two, the rest
// one. One more word, the first, is the row's partition.
type layout struct {
	at       []int // word offset of each column of schema.Columns
	words    int
	numbered []int // columns whose word is a number
	referred []int // columns whose words are a reference
}

var rowLayout = newLayout()

func newLayout() layout {
	l := layout{at: make([]int, len(schema.Columns)), words: 1}
	for i, c := range schema.Columns {
		l.at[i] = l.words
		textual := c.Type == schema.Text || c.Type == schema.List
		switch {
		case textual && c.Encoding == schema.Repeated:
			l.numbered = append(l.numbered, i)
			l.words++
		case textual:
			l.referred = append(l.referred, i)
			l.words += 2
		case c.Type == schema.Time:
			l.words += 2
		default:
			l.words++
		}
	}
	return l
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
