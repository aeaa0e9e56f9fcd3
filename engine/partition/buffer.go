package partition

import (
	"fmt"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// slabRows is how many packed rows are allocated at a time.
const slabRows = 1024

// Buffer holds touches of any number of partitions, in the order they came.
// Not for concurrent use: every worker has its own.
type Buffer struct {
	arena  arena
	slabs  [][]uint32 // packed rows, slabRows each
	free   [][]uint32
	rows   int
	intern []interner // per column; used for those whose values repeat
	stored int        // values that have numbers

	parts   map[schema.Partition]uint32 // number of each partition, in order of arrival
	byPart  []schema.Partition
	last    schema.Partition // of the latest row, and its number
	lastNum uint32
	who     [whoSlots]who
	lists   []byte // scratch for list values
	marked  []int  // scratch for the latest mark
}

// NewBuffer returns an empty buffer.
func NewBuffer() *Buffer {
	return &Buffer{intern: make([]interner, len(schema.Columns)), parts: map[schema.Partition]uint32{}}
}

// Len is the number of rows held.
func (b *Buffer) Len() int { return b.rows }

// Bytes is the memory held, in bytes: what the rows use, what sorting them will
// take, and what is kept for reuse.
func (b *Buffer) Bytes() int64 {
	slabs := int64(len(b.slabs)+len(b.free)) * slabRows * int64(rowLayout.words) * 4
	return b.arena.size + slabs + int64(b.rows)*sortEntrySize + int64(b.stored)*refSize + int64(len(b.byPart))*64
}

// Append adds a copy of t, to the partition that [schema.PartitionOf] gives it.
func (b *Buffer) Append(t *schema.Touch) error {
	part := b.partition(schema.PartitionOf(t))
	row := b.newRow()
	row[0], row[rowLayout.size] = part, 0
	err := b.set(row, t, 0, schema.WhoFrom)
	if err == nil {
		err = b.setWho(row, t)
	}
	if err == nil {
		err = b.set(row, t, schema.WhoTo, len(schema.Columns))
	}
	if err == nil {
		b.rows++
	}
	return err
}

// set sets the columns [from, to) of a row, and adds to its size.
func (b *Buffer) set(row []uint32, t *schema.Touch, from, to int) error {
	size := 0
	for i := from; i < to; i++ {
		c, at := &schema.Columns[i], rowLayout.at[i]
		switch {
		case c.Text != nil:
			v := *c.Text(t)
			size += len(v)
			if err := b.setText(row, at, i, v); err != nil {
				return err
			}
		case c.List != nil:
			b.lists = b.lists[:0]
			for _, item := range *c.List(t) {
				b.lists = schema.AppendItem(b.lists, item)
				size += len(item)
			}
			// Copied before lists is written again.
			if err := b.setText(row, at, i, view(b.lists)); err != nil {
				return err
			}
		case c.Int != nil:
			row[at] = uint32(*c.Int(t))
		case c.Time != nil:
			v := uint64(*c.Time(t))
			row[at], row[at+1] = uint32(v), uint32(v>>32)
		case c.Flag != nil:
			row[at] = uint32(schema.TriOf(*c.Flag(t)))
		default:
			row[at] = uint32(*c.Tri(t))
		}
	}
	row[rowLayout.size] += uint32(size)
	return nil
}

// newRow is the row after the last, to be filled and then counted.
func (b *Buffer) newRow() []uint32 {
	if b.rows == len(b.slabs)*slabRows {
		b.addSlab()
	}
	return b.row(uint32(b.rows))
}

func (b *Buffer) setText(row []uint32, at, i int, v string) error {
	if !b.arena.fits(len(v)) {
		return fmt.Errorf("more than %d bytes of values in one buffer", uint32(maxArena))
	}
	if rowLayout.isNumbered[i] {
		in := &b.intern[i]
		before := len(in.values)
		row[at] = in.number(&b.arena, v)
		b.stored += len(in.values) - before
		return nil
	}
	r := b.share(at, v)
	row[at], row[at+1] = r.off, r.n
	return nil
}

// share stores a value of a column whose values seldom repeat, except from one
// touch to the next of the same event: a batch of a hundred keys carries its
// request parameters a hundred times.
func (b *Buffer) share(at int, v string) ref {
	if b.rows > 0 && len(v) > 0 {
		prev := b.row(uint32(b.rows - 1))
		r := ref{prev[at], prev[at+1]}
		if int(r.n) == len(v) && string(b.arena.get(r)) == v {
			return r
		}
	}
	return b.arena.put(v)
}

func (b *Buffer) partition(p schema.Partition) uint32 {
	if len(b.byPart) > 0 && p == b.last {
		return b.lastNum
	}
	num, ok := b.parts[p]
	if !ok {
		num = uint32(len(b.byPart))
		// The name is a view into the decoder's buffer: keep a copy.
		p.Table = strings.Clone(p.Table)
		b.parts[p] = num
		b.byPart = append(b.byPart, p)
	}
	b.last, b.lastNum = b.byPart[num], num
	return num
}

func (b *Buffer) addSlab() {
	if k := len(b.free); k > 0 {
		b.slabs, b.free = append(b.slabs, b.free[k-1]), b.free[:k-1]
		return
	}
	b.slabs = append(b.slabs, make([]uint32, slabRows*rowLayout.words))
}

// row is the packed row of that number.
func (b *Buffer) row(i uint32) []uint32 {
	at := int(i%slabRows) * rowLayout.words
	return b.slabs[i/slabRows][at : at+rowLayout.words : at+rowLayout.words]
}

// bytes is the text, or packed list, of a row.
func (b *Buffer) bytes(row []uint32, col int) []byte {
	at := rowLayout.at[col]
	if schema.Columns[col].Encoding == schema.Repeated {
		return b.numbered(col, row[at])
	}
	return b.arena.get(ref{row[at], row[at+1]})
}

// numbered is the value of a column that has that number.
func (b *Buffer) numbered(col int, n uint32) []byte {
	if n == 0 {
		return nil
	}
	return b.arena.get(b.intern[col].values[n-1])
}

func micros(row []uint32, col int) int64 {
	at := rowLayout.at[col]
	return int64(uint64(row[at]) | uint64(row[at+1])<<32)
}

// Mark is a state of a buffer to go back to.
type Mark struct {
	rows   int
	stored []int // values that have numbers, by column of the layout; nil for none
	arena  arenaMark
}

// Mark returns the present state. An object is appended whole or not at all:
// mark before its first touch, roll back when it cannot be read to its end.
//
// A mark is good until the next.
func (b *Buffer) Mark() Mark {
	b.marked = b.marked[:0]
	for _, col := range rowLayout.numbered {
		b.marked = append(b.marked, len(b.intern[col].values))
	}
	return Mark{b.rows, b.marked, b.arena.mark()}
}

// Rollback forgets the rows appended since m.
func (b *Buffer) Rollback(m Mark) {
	b.rows = m.rows
	for k := len(b.slabs); k > (m.rows+slabRows-1)/slabRows; k = len(b.slabs) {
		b.free, b.slabs = append(b.free, b.slabs[k-1]), b.slabs[:k-1]
	}
	b.arena.rollback(m.arena)
	b.stored = 0
	for i, col := range rowLayout.numbered {
		n := 0
		if m.stored != nil {
			n = m.stored[i]
		}
		b.intern[col].forget(n)
		b.stored += n
	}
	clear(b.who[:])
}

// Reset empties the buffer and keeps half of its memory, which it needs again. All
// of it would count against the next rows, of which one time the values and another
// time the number takes the most: in the end there would be room for none.
func (b *Buffer) Reset() {
	b.Rollback(Mark{})
	b.arena.shrink()
	clear(b.free[len(b.free)/2:])
	b.free = b.free[:len(b.free)/2]
	for _, col := range rowLayout.numbered {
		b.intern[col].values = nil
	}
	clear(b.parts)
	b.byPart = nil
}
