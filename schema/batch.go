package schema

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// ArrowByNumber is [Arrow] with the text columns whose values repeat as numbers
// (uint16) into a dictionary of each batch. It is the form in which rows are sorted
// and merged: a value that a thousand rows share is stored and looked up once.
var ArrowByNumber = arrowByNumber()

func arrowByNumber() *arrow.Schema {
	fields := Arrow.Fields()
	for i, c := range Columns {
		if c.Type == Text && c.Encoding == Repeated {
			fields[i].Type = NumberType
		}
	}
	return arrow.NewSchema(fields, nil)
}

// NumberType is the type of a text column in [ArrowByNumber] whose values repeat.
var NumberType = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint16, ValueType: arrow.BinaryTypes.String}

// Batch is a record batch of touches with its columns unpacked, by number of the
// column: those of its type are set. It is good while the record is.
type Batch struct {
	Record arrow.Record
	Texts  []TextColumn
	Lists  []ListColumn
	Ints   [][]int32
	Times  [][]arrow.Timestamp
	Flags  []*array.Boolean
	notes  []note
	sizes  []int64 // bytes of text of the rows up to each; nil until asked for
}

type note struct{ owner, value any }

// Note is where owner keeps what it wants to remember of the batch as long as that is
// there; nil at first. There are few owners, and only one reads at a time.
func (b *Batch) Note(owner any) *any {
	for i := range b.notes {
		if b.notes[i].owner == owner {
			return &b.notes[i].value
		}
	}
	b.notes = append(b.notes, note{owner: owner})
	return &b.notes[len(b.notes)-1].value
}

// NewBatch unpacks rec. The error is that it has neither the schema [Arrow] nor
// [ArrowByNumber].
func NewBatch(rec arrow.Record) (*Batch, error) {
	if s := rec.Schema(); s != Arrow && s != ArrowByNumber && !s.Equal(Arrow) && !s.Equal(ArrowByNumber) {
		return nil, fmt.Errorf("record has another schema than touches: %s", s)
	}
	n := len(Columns)
	b := &Batch{
		Record: rec, Texts: make([]TextColumn, n), Lists: make([]ListColumn, n), Ints: make([][]int32, n),
		Times: make([][]arrow.Timestamp, n), Flags: make([]*array.Boolean, n),
	}
	for i := range n {
		switch a := rec.Column(i).(type) {
		case *array.String:
			b.Texts[i] = TextColumn{values: a, nulls: nullsOf(a)}
		case *array.Dictionary:
			b.Texts[i] = TextColumn{a.Dictionary().(*array.String), a.Indices().(*array.Uint16).Uint16Values(), nullsOf(a)}
		case *array.List:
			b.Lists[i] = ListColumn{a, a.ListValues().(*array.String)}
		case *array.Int32:
			b.Ints[i] = a.Int32Values()
		case *array.Timestamp:
			b.Times[i] = a.TimestampValues()
		case *array.Boolean:
			b.Flags[i] = a
		}
	}
	return b, nil
}

// Rows are the rows [From, To) of a batch.
type Rows struct {
	*Batch
	From, To int
}

// TextBytes is how many bytes the texts of the rows [from, to) hold, list items too.
func (b *Batch) TextBytes(from, to int) int64 {
	if b.sizes == nil {
		b.measure()
	}
	return b.sizes[to] - b.sizes[from]
}

func (b *Batch) measure() {
	b.sizes = make([]int64, b.Record.NumRows()+1)
	for i := range b.Texts {
		if b.Texts[i].values != nil {
			b.Texts[i].measure(b.sizes)
		}
		if l := b.Lists[i]; l.Lists != nil {
			for row := range len(b.sizes) - 1 {
				from, to := l.Lists.ValueOffsets(row)
				if from < to {
					b.sizes[row+1] += l.Items.ValueOffset64(int(to)) - l.Items.ValueOffset64(int(from))
				}
			}
		}
	}
	for i := 1; i < len(b.sizes); i++ {
		b.sizes[i] += b.sizes[i-1]
	}
}

// ListColumn is a column of lists of text.
type ListColumn struct {
	Lists *array.List
	Items *array.String
}

// TextColumn is a column of text in either form.
type TextColumn struct {
	values  *array.String
	numbers []uint16 // nil when values has the rows themselves
	nulls
}

// Value is the text of row i, "" for null. It is a view into the batch.
func (c *TextColumn) Value(i int) string {
	if c.numbers != nil {
		i = int(c.numbers[i])
	}
	return c.values.Value(i)
}

// Numbers returns the dictionary and each row's number in it; ok is false for a
// column that has none. The number of a null row is that of an empty text.
func (c *TextColumn) Numbers() (dictionary *array.String, numbers []uint16, ok bool) {
	return c.values, c.numbers, c.numbers != nil
}

// measure adds the length of row i's text to sizes[i+1].
func (c *TextColumn) measure(sizes []int64) {
	switch {
	case c.AllNull():
	case c.numbers == nil:
		ends := c.values.ValueOffsets()
		for i, from := range ends[:len(ends)-1] {
			sizes[i+1] += int64(ends[i+1] - from)
		}
	default:
		ends := c.values.ValueOffsets()
		for i, n := range c.numbers {
			sizes[i+1] += int64(ends[n+1] - ends[n])
		}
	}
}

// nulls says which rows of a column are null.
type nulls struct {
	rows, count int
	bitmap      []byte
	offset      int
}

func nullsOf(a arrow.Array) nulls {
	return nulls{a.Len(), a.NullN(), a.NullBitmapBytes(), a.Data().Offset()}
}

// AllNull reports whether no row has a value.
func (n *nulls) AllNull() bool { return n.count == n.rows }

// HasNulls reports whether a row has no value.
func (n *nulls) HasNulls() bool { return n.count > 0 }

// IsNull reports whether row i has no value.
func (n *nulls) IsNull(i int) bool {
	if n.count == 0 {
		return false
	}
	i += n.offset
	return n.bitmap[i>>3]>>(i&7)&1 == 0
}
