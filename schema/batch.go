package schema

import (
	"fmt"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// Batch is some rows of touches as columns, by number of the column in [Columns]:
// those of its type are set. It is the form in which rows are sorted, merged and
// written. A value is not copied into it but seen through it, and a value that a
// thousand rows share stands in it once. Whoever takes a batch releases it, and then
// uses neither it nor its texts.
type Batch struct {
	Len   int
	Texts []TextColumn // text, and lists packed by [AppendItem]
	Ints  [][]int32
	Times [][]int64 // microseconds since 1970
	Flags [][]Tri
	Sizes []uint32 // bytes of text of each row, list items included
	// Notes is what readers of the batch keep of its dictionaries. Batches that share
	// them have the same ones, each of which may have grown.
	Notes *Notes

	release func()
	room    []textRoom // what the slices of Texts are made of
}

type textRoom struct {
	values  []string
	numbers []uint32
}

// TextColumn is a column of text: of each row, or by number in a dictionary. The
// empty text is null.
type TextColumn struct {
	Values  []string // of each row; with Numbers the dictionary, of which 0 is null
	Numbers []uint32 // of each row; nil without a dictionary
	AllNull bool     // no row has a value; then all numbers are 0
}

// Value is the text of row i. It is a view, good until the batch is released.
func (c *TextColumn) Value(i int) string {
	switch {
	case c.AllNull:
		return ""
	case c.Numbers != nil:
		return c.Values[c.Numbers[i]]
	}
	return c.Values[i]
}

// Rows are the rows [From, To) of a batch.
type Rows struct {
	*Batch
	From, To int
}

// TextBytes is how many bytes the texts of the rows [from, to) hold.
func (b *Batch) TextBytes(from, to int) (n int64) {
	for _, size := range b.Sizes[from:to] {
		n += int64(size)
	}
	return n
}

// Notes are kept with dictionaries by those who look their values up. There are few
// owners, and only one uses them at a time.
type Notes struct{ list []note }

type note struct{ owner, value any }

// Of is where owner keeps its note; nil at first.
func (n *Notes) Of(owner any) *any {
	for i := range n.list {
		if n.list[i].owner == owner {
			return &n.list[i].value
		}
	}
	n.list = append(n.list, note{owner: owner})
	return &n.list[len(n.list)-1].value
}

// batches keeps the columns of released batches for others.
var batches = sync.Pool{New: func() any { return newBatch() }}

func newBatch() *Batch {
	n := len(Columns)
	return &Batch{
		Texts: make([]TextColumn, n), Ints: make([][]int32, n), Times: make([][]int64, n), Flags: make([][]Tri, n),
		room: make([]textRoom, n),
	}
}

// TakeBatch returns a batch of n rows to be filled, whose slices have that length and
// whatever was in them. byNumber says which text columns have numbers; Values is then
// nil. release, if not nil, is called when the batch is released.
func TakeBatch(n int, byNumber func(column int) bool, release func()) *Batch {
	b := batches.Get().(*Batch)
	b.Len, b.Notes, b.release = n, nil, release
	b.Sizes = resized(b.Sizes, n)
	for i := range Columns {
		switch Columns[i].Type {
		case Text, List:
			t, room := &b.Texts[i], &b.room[i]
			if byNumber(i) {
				room.numbers = resized(room.numbers, n)
				*t = TextColumn{Numbers: room.numbers}
			} else {
				room.values = resized(room.values, n)
				*t = TextColumn{Values: room.values}
			}
		case Int:
			b.Ints[i] = resized(b.Ints[i], n)
		case Time:
			b.Times[i] = resized(b.Times[i], n)
		case Bool:
			b.Flags[i] = resized(b.Flags[i], n)
		}
	}
	return b
}

func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// Release gives the batch up.
func (b *Batch) Release() {
	if b.release != nil {
		b.release()
		b.release = nil
	}
	for i := range b.Texts {
		clear(b.room[i].values) // or they would keep what they are views of
		b.Texts[i] = TextColumn{}
	}
	b.Notes = nil
	batches.Put(b)
}

// BatchOf makes a batch of a record batch of [Arrow], which it holds until it is
// released. The error is that it has another schema.
func BatchOf(rec arrow.Record) (*Batch, error) {
	if s := rec.Schema(); s != Arrow && !s.Equal(Arrow) {
		return nil, fmt.Errorf("record has another schema than touches: %s", s)
	}
	rec.Retain()
	b := TakeBatch(int(rec.NumRows()), func(int) bool { return false }, rec.Release)
	b.Notes = new(Notes)
	clear(b.Sizes)
	for i, col := range rec.Columns() {
		switch a := col.(type) {
		case *array.String:
			b.takeTexts(i, a)
		case *array.List:
			b.takeLists(i, a)
		case *array.Int32:
			copy(b.Ints[i], a.Int32Values())
		case *array.Timestamp:
			for row, v := range a.TimestampValues() {
				b.Times[i][row] = int64(v)
			}
		case *array.Boolean:
			for row := range b.Flags[i] {
				if b.Flags[i][row] = Null; a.IsValid(row) {
					b.Flags[i][row] = TriOf(a.Value(row))
				}
			}
		}
	}
	return b, nil
}

func (b *Batch) takeTexts(column int, a *array.String) {
	t := &b.Texts[column]
	if t.AllNull = a.NullN() == a.Len(); t.AllNull {
		return
	}
	for row := range t.Values {
		t.Values[row] = a.Value(row)
		b.Sizes[row] += uint32(len(t.Values[row]))
	}
}

func (b *Batch) takeLists(column int, a *array.List) {
	t := &b.Texts[column]
	items := a.ListValues().(*array.String)
	if t.AllNull = items.Len() == 0; t.AllNull {
		return
	}
	var packed []byte
	ends := make([]int, b.Len)
	for row := range b.Len {
		from, to := a.ValueOffsets(row)
		for ; from < to; from++ {
			item := items.Value(int(from))
			packed = AppendItem(packed, item)
			b.Sizes[row] += uint32(len(item))
		}
		ends[row] = len(packed)
	}
	all, from := string(packed), 0
	for row, end := range ends {
		t.Values[row] = all[from:end]
		from = end
	}
}
