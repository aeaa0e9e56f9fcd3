package partition

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// sortEntry stands for a row while sorting. Most comparisons end at its prefix,
// without looking at the row.
type sortEntry struct {
	prefix uint64 // of the item key past what all keys of the partition share, or of the time
	part   uint32 // rank of the partition
	row    uint32
}

const sortEntrySize = 16

// sorted returns the rows in order: by partition (table, then day), then as a
// file is sorted. byRank is the partitions in that order.
func (b *Buffer) sorted() (entries []sortEntry, byRank []schema.Partition) {
	byRank = slices.Clone(b.byPart)
	slices.SortFunc(byRank, comparePartitions)
	rank := make([]uint32, len(b.byPart))
	for i, p := range byRank {
		rank[b.parts[p]] = uint32(i)
	}
	entries = make([]sortEntry, b.rows)
	shared := b.sharedPrefixes()
	for i := range entries {
		row := b.row(uint32(i))
		key := b.bytes(row, colItemKey)
		prefix := timePrefix(micros(row, colEventTime))
		if len(key) > 0 {
			prefix = keyPrefix(key[len(shared[row[0]]):])
		}
		entries[i] = sortEntry{prefix, rank[row[0]], uint32(i)}
	}
	slices.SortFunc(entries, func(x, y sortEntry) int {
		if c := cmp.Compare(x.part, y.part); c != 0 {
			return c
		}
		if c := cmp.Compare(x.prefix, y.prefix); c != 0 {
			return c
		}
		return b.compare(b.row(x.row), b.row(y.row))
	})
	return entries, byRank
}

func comparePartitions(x, y schema.Partition) int {
	if c := strings.Compare(x.Table, y.Table); c != 0 {
		return c
	}
	return cmp.Compare(x.Day, y.Day)
}

var (
	colItemKey   = schema.ColumnIndex("item_key")
	colEventTime = schema.ColumnIndex("event_time")
)

// sharedPrefixes is what the item keys of each partition begin with, all of them:
// {"customer_id":" and more, of which the first eight bytes would tell nothing.
func (b *Buffer) sharedPrefixes() [][]byte {
	shared := make([][]byte, len(b.byPart))
	for i := range b.rows {
		row := b.row(uint32(i))
		key := b.bytes(row, colItemKey)
		if len(key) == 0 {
			continue
		}
		if p := shared[row[0]]; p == nil {
			shared[row[0]] = key
		} else if !bytes.HasPrefix(key, p) {
			n := 0
			for n < min(len(p), len(key)) && p[n] == key[n] {
				n++
			}
			shared[row[0]] = p[:n]
		}
	}
	return shared
}

// keyPrefix is the beginning of what tells an item key from others, as a number that
// orders like it.
func keyPrefix(key []byte) uint64 {
	var b [8]byte
	copy(b[:], key)
	return withKey | binary.BigEndian.Uint64(b[:])>>1
}

// timePrefix is the same for a row without a key, of which there are many and which
// come before all others, by time.
func timePrefix(micros int64) uint64 { return uint64(max(micros, 0)) }

const withKey = 1 << 63

// compare is the total order of rows within a partition.
func (b *Buffer) compare(x, y []uint32) int {
	for _, col := range order {
		at := rowLayout.at[col]
		var c int
		switch schema.Columns[col].Type {
		case schema.Text, schema.List:
			if x[at] == y[at] && (schema.Columns[col].Encoding == schema.Repeated || x[at+1] == y[at+1]) {
				continue // the same stored value
			}
			if schema.Columns[col].Type == schema.Text {
				c = bytes.Compare(b.bytes(x, col), b.bytes(y, col))
			} else {
				c = compareLists(view(b.bytes(x, col)), view(b.bytes(y, col)))
			}
		case schema.Time:
			c = cmp.Compare(micros(x, col), micros(y, col))
		case schema.Int:
			c = cmp.Compare(int32(x[at]), int32(y[at]))
		default:
			c = cmp.Compare(x[at], y[at]) // null, false, true
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// compareLists orders packed lists item by item; a list comes after its own
// beginning, and no list before all.
func compareLists(x, y string) int {
	for len(x) > 0 && len(y) > 0 {
		var a, b string
		a, x = schema.NextItem(x)
		b, y = schema.NextItem(y)
		if c := strings.Compare(a, b); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x), len(y))
}
