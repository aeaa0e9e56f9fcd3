package partition

import (
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/schema"
)

// gatherer builds record batches of [schema.ArrowByNumber] from packed rows.
type gatherer struct {
	dicts []dictionary // of rowLayout.numbered; used for text
	cols  []arrow.Array
}

// newGatherer makes a gatherer for batches of at most so many rows.
func newGatherer(rows int) *gatherer {
	rows = min(rows, BatchRows)
	g := &gatherer{dicts: make([]dictionary, len(rowLayout.numbered)), cols: make([]arrow.Array, len(schema.Columns))}
	for i, col := range rowLayout.numbered {
		if schema.Columns[col].Type == schema.Text {
			g.dicts[i].init(rows)
		}
	}
	return g
}

// batch builds the next batch from the first rows of entries and returns it
// with their number, at least one.
func (g *gatherer) batch(b *Buffer, entries []sortEntry) (arrow.Record, int) {
	n, size := 0, 0
	for i := range g.dicts {
		g.dicts[i].begin()
	}
	for n < len(entries) && n < BatchRows && size < batchBytes {
		row := b.row(entries[n].row)
		size += 4 * rowLayout.words
		for i, col := range rowLayout.numbered {
			w := row[rowLayout.at[col]]
			if schema.Columns[col].Type == schema.List {
				size += len(b.numbered(col, w))
			} else if d := &g.dicts[i]; d.add(w) {
				size += int(b.intern[col].values[w-1].n)
			}
		}
		for _, col := range rowLayout.referred {
			size += int(row[rowLayout.at[col]+1])
		}
		n++
	}
	entries = entries[:n]
	for i, col := range rowLayout.numbered {
		if schema.Columns[col].Type == schema.Text {
			g.cols[col] = g.dicts[i].column(b, col)
		}
	}
	for col := range schema.Columns {
		g.column(b, entries, col)
	}
	return array.NewRecord(schema.ArrowByNumber, g.cols, int64(n)), n
}

func (g *gatherer) column(b *Buffer, entries []sortEntry, col int) {
	at := rowLayout.at[col]
	switch c := &schema.Columns[col]; c.Type {
	case schema.Text:
		if c.Encoding != schema.Repeated {
			g.cols[col] = b.texts(entries, col)
		}
	case schema.List:
		g.cols[col] = b.itemLists(entries, col)
	case schema.Int:
		v := make([]int32, len(entries))
		for i, e := range entries {
			v[i] = int32(b.row(e.row)[at])
		}
		g.cols[col] = newFixed(arrow.PrimitiveTypes.Int32, len(entries), arrow.Int32Traits.CastToBytes(v))
	case schema.Time:
		v := make([]int64, len(entries))
		for i, e := range entries {
			v[i] = micros(b.row(e.row), col)
		}
		g.cols[col] = newFixed(schema.Arrow.Field(col).Type, len(entries), arrow.Int64Traits.CastToBytes(v))
	default:
		g.cols[col] = b.flags(entries, at)
	}
}

// texts are the values of a column that seldom repeat.
func (b *Buffer) texts(entries []sortEntry, col int) arrow.Array {
	at, size := rowLayout.at[col], 0
	for _, e := range entries {
		size += int(b.row(e.row)[at+1])
	}
	t := newTexts(len(entries), size)
	valid, nulls := newBitmap(len(entries)), 0
	for i, e := range entries {
		row := b.row(e.row)
		if row[at+1] == 0 {
			nulls++
		} else {
			valid.set(i)
		}
		t.add(b.arena.get(ref{row[at], row[at+1]}))
	}
	return t.array(valid, nulls)
}

func (b *Buffer) itemLists(entries []sortEntry, col int) arrow.Array {
	items, size := 0, 0
	for _, e := range entries {
		for list := b.bytes(b.row(e.row), col); len(list) > 0; items++ {
			var item []byte
			item, list = nextItem(list)
			size += len(item)
		}
	}
	t := newTexts(items, size)
	valid, nulls := newBitmap(len(entries)), 0
	ends := make([]int32, 1, len(entries)+1)
	for i, e := range entries {
		list := b.bytes(b.row(e.row), col)
		if len(list) == 0 {
			nulls++
		} else {
			valid.set(i)
		}
		for len(list) > 0 {
			var item []byte
			item, list = nextItem(list)
			t.add(item)
		}
		ends = append(ends, int32(len(t.ends)-1))
	}
	return newList(schema.Arrow.Field(col).Type, len(entries), ends, valid, nulls, t.array(nil, 0))
}

func (b *Buffer) flags(entries []sortEntry, at int) arrow.Array {
	valid, set, nulls := newBitmap(len(entries)), newBitmap(len(entries)), 0
	for i, e := range entries {
		switch schema.Tri(b.row(e.row)[at]) {
		case schema.Null:
			nulls++
			continue
		case schema.True:
			set.set(i)
		}
		valid.set(i)
	}
	return newFlags(len(entries), set, valid, nulls)
}

// dictionary gives the values of one column their numbers within a batch, in order
// of first appearance. Number 0 is null's, for which the empty text stands.
type dictionary struct {
	slots   []slot // open addressing, by a value's number in its buffer
	shift   int
	stamp   uint16
	lastKey uint32 // of the row before, and its number
	last    uint16
	values  []uint32 // numbers in the buffer, by number in the batch, from 1
	numbers []uint16 // by row
	nulls   int
}

type slot struct {
	key    uint32
	number uint16
	stamp  uint16 // of the batch that the slot is filled in
}

func (d *dictionary) init(rows int) {
	log := max(2, bits.Len(uint(2*rows)))
	d.slots, d.shift = make([]slot, 1<<log), 32-log
}

func (d *dictionary) begin() {
	if d.stamp++; d.stamp == 0 {
		clear(d.slots)
		d.stamp = 1
	}
	d.lastKey, d.last, d.nulls = 0, 0, 0
	d.values, d.numbers = d.values[:0], d.numbers[:0]
}

// add adds a row. It reports whether its value is a new one.
func (d *dictionary) add(key uint32) (isNew bool) {
	if key != d.lastKey {
		d.lastKey = key
		d.last, isNew = d.number(key)
	}
	if d.last == 0 {
		d.nulls++
	}
	d.numbers = append(d.numbers, d.last)
	return isNew
}

func (d *dictionary) number(key uint32) (n uint16, isNew bool) {
	if key == 0 {
		return 0, false
	}
	for at := key * 0x9E3779B1 >> d.shift; ; at = (at + 1) & uint32(len(d.slots)-1) {
		s := &d.slots[at]
		if s.stamp != d.stamp {
			d.values = append(d.values, key)
			*s = slot{key, uint16(len(d.values)), d.stamp}
			return s.number, true
		}
		if s.key == key {
			return s.number, false
		}
	}
}

// column is the batch's column.
func (d *dictionary) column(b *Buffer, col int) arrow.Array {
	rows := len(d.numbers)
	if d.nulls == rows {
		return allNull(rows, schema.NumberType)
	}
	size := 0
	for _, n := range d.values {
		size += int(b.intern[col].values[n-1].n)
	}
	t := newTexts(1+len(d.values), size)
	t.add(nil)
	for _, n := range d.values {
		t.add(b.numbered(col, n))
	}
	valid := newBitmap(rows)
	if d.nulls > 0 {
		for i, n := range d.numbers {
			if n > 0 {
				valid.set(i)
			}
		}
	}
	numbers := make([]uint16, rows)
	copy(numbers, d.numbers)
	return newNumbers(numbers, valid, d.nulls, t.array(nil, 0))
}
