package partition

import (
	"math/bits"
	"unsafe"

	"github.com/keytrail/keytrail/schema"
)

// gatherer makes batches of packed rows. Texts stay where the buffer has them, and
// values that repeat are numbers into dictionaries that grow from batch to batch.
type gatherer struct {
	b     *Buffer
	apart bool         // every batch has dictionaries of its own
	dicts []dictionary // of rowLayout.numbered
	notes *schema.Notes
}

// newGatherer makes a gatherer of so many rows of b, at least one. There may be
// thousands, of partitions with a few rows, so it is no larger than it need be.
func newGatherer(b *Buffer, rows int, apart bool) *gatherer {
	slots := min(1<<bits.Len(uint(rows)), maxDictSlots)
	g := &gatherer{b: b, apart: apart, dicts: make([]dictionary, len(rowLayout.numbered))}
	room := make([]dictSlot, slots*len(g.dicts))
	for i := range g.dicts {
		g.dicts[i].slots = room[i*slots : (i+1)*slots]
	}
	g.startOver()
	return g
}

// maxGathered is how many values the dictionaries may have together: 16 bytes each,
// and what readers note of them.
const maxGathered = 256 << 10

// startOver begins new dictionaries.
func (g *gatherer) startOver() {
	g.notes = new(schema.Notes)
	for i := range g.dicts {
		g.dicts[i].reset()
	}
}

// batch makes the next batch of the first rows of entries, at least one.
func (g *gatherer) batch(entries []sortEntry) *schema.Batch {
	entries = entries[:g.fitting(entries)]
	if g.apart || g.gathered() > maxGathered {
		g.startOver()
	}
	out := schema.TakeBatch(len(entries), isNumbered, nil)
	out.Notes = g.notes
	for i, e := range entries {
		g.row(out, i, g.b.row(e.row))
	}
	for i, col := range rowLayout.numbered {
		t := &out.Texts[col]
		t.Values = g.dicts[i].values
		t.AllNull = len(t.Values) == 1
	}
	return out
}

// fitting is how many of the entries are a batch: so many that their texts are no
// more than fits.
func (g *gatherer) fitting(entries []sortEntry) int {
	size := 0
	for n, e := range entries {
		if n == BatchRows || size >= batchBytes {
			return n
		}
		size += int(g.b.row(e.row)[rowLayout.size])
	}
	return len(entries)
}

func (g *gatherer) gathered() (n int) {
	for i := range g.dicts {
		n += len(g.dicts[i].values)
	}
	return n
}

// row sets row i of the batch. It goes through the packed row once, in order: rows
// are read in the order of their keys, which is none for memory.
func (g *gatherer) row(out *schema.Batch, i int, row []uint32) {
	out.Sizes[i] = row[rowLayout.size]
	for k, col := range rowLayout.numbered {
		n := row[rowLayout.at[col]]
		d := &g.dicts[k]
		if n != d.lastKey {
			d.lastKey, d.last = n, d.number(g.b, col, n)
		}
		out.Texts[col].Numbers[i] = d.last
	}
	for _, col := range rowLayout.referred {
		at := rowLayout.at[col]
		out.Texts[col].Values[i] = g.b.text(ref{row[at], row[at+1]})
	}
	for _, col := range rowLayout.ints {
		out.Ints[col][i] = int32(row[rowLayout.at[col]])
	}
	for _, col := range rowLayout.times {
		out.Times[col][i] = micros(row, col)
	}
	for _, col := range rowLayout.flags {
		out.Flags[col][i] = schema.Tri(row[rowLayout.at[col]])
	}
}

// text is the text of a reference, good until the buffer is reset.
func (b *Buffer) text(r ref) string { return view(b.arena.get(r)) }

// view is b as text, without a copy; b must not change while it is used.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// dictionary gives the values of one column numbers of their own, in order of first
// appearance: a partition has few of the values that a buffer has. A value that has
// lost its slot to another gets another number, so the numbers need no search.
type dictionary struct {
	slots   []dictSlot // by a value's number in the buffer; a power of two
	values  []string   // by number here; 0 is null's
	lastKey uint32     // of the row before, and its number here
	last    uint32
}

type dictSlot struct{ key, number uint32 }

const maxDictSlots = 256

func (d *dictionary) reset() {
	clear(d.slots)
	d.values = append([]string(nil), "") // not the same memory: batches may have the former
	d.lastKey, d.last = 0, 0
}

// number is the number of the value that has the number key in the buffer.
func (d *dictionary) number(b *Buffer, col int, key uint32) uint32 {
	if key == 0 {
		return 0
	}
	s := &d.slots[key&uint32(len(d.slots)-1)]
	if s.key != key {
		s.key, s.number = key, uint32(len(d.values))
		d.values = append(d.values, b.text(b.intern[col].values[key-1]))
	}
	return s.number
}
