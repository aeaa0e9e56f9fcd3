package lake

import (
	"encoding/binary"
	"hash/crc32"
	"maps"
	"slices"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// The summary is what the ledger's days come to, in one small file, so that nobody
// need read a year of ledgers to know how complete a lake is:
//
//	keytrail coverage 1\n
//	number of areas, then each: account, Region     in order
//	number of days, then each: day, version, folded, number of areas, then each:
//	    how many places it comes after the one before
//	    which of the fields are there, as bits
//	    those fields
//	CRC-32C of all before, 4 bytes, most significant first
//
// Numbers are unsigned varints, text is its length and its bytes. Event times count
// from the midnight of the day, in seconds where all are whole. A day is good for the
// ledger file of its version (size and ETag) and for no other: a summary may be old, and
// never lies.
const summaryVersion = "keytrail coverage 1\n"

// Bits beside those of the fields.
const (
	fieldFirst = iota + numCounts // event times, as signed varints
	fieldLast
	fieldSeconds // they are in seconds
	numFields
)

const numCounts = 10

// counts lists the fields that are counted, in their order on disk. Records are the
// sum of three others.
func (c *Counts) counts() [numCounts]*int64 {
	return [numCounts]*int64{
		&c.Done, &c.Failed, &c.Missing, &c.Archived, &c.Digests, &c.Other,
		&c.InScope, &c.OutOfScope, &c.Quarantined, &c.Touches,
	}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encodeSummary writes days, which are in order and none of them Broken.
func encodeSummary(days []LedgerDay) []byte {
	places := map[Area]int{}
	for i := range days {
		for j := range days[i].day.Areas {
			places[days[i].day.Areas[j].Area] = 0
		}
	}
	areas := slices.SortedFunc(maps.Keys(places), compareAreas)
	b := binary.AppendUvarint([]byte(summaryVersion), uint64(len(areas)))
	for i, a := range areas {
		places[a] = i
		b = appendText(appendText(b, a.Account), a.Region)
	}
	b = binary.AppendUvarint(b, uint64(len(days)))
	for i := range days {
		b = appendDay(b, &days[i], places)
	}
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendDay(b []byte, d *LedgerDay, places map[Area]int) []byte {
	b = appendText(appendText(b, d.day.Day), d.version)
	folded := uint64(0)
	if d.day.Folded {
		folded = 1
	}
	b = binary.AppendUvarint(b, folded)
	b = binary.AppendUvarint(b, uint64(len(d.day.Areas)))
	last := -1
	for i := range d.day.Areas {
		a := &d.day.Areas[i]
		at := places[a.Area]
		b = binary.AppendUvarint(b, uint64(at-last))
		b = appendCounts(b, &a.Counts, midnight(d.day.Day))
		last = at
	}
	return b
}

// midnight is where a day begins, in microseconds.
func midnight(day string) int64 {
	n, err := schema.ParseDay(day)
	if err != nil {
		return 0 // no day
	}
	return int64(n) * (24 * time.Hour).Microseconds()
}

const second = int64(time.Second / time.Microsecond)

func appendCounts(b []byte, c *Counts, midnight int64) []byte {
	fields := uint64(0)
	for i, n := range c.counts() {
		if *n != 0 {
			fields |= 1 << i
		}
	}
	times := []time.Time{c.FirstEvent, c.LastEvent}
	unit := second
	for i, t := range times {
		if t.IsZero() {
			continue
		}
		fields |= 1 << (fieldFirst + i)
		if t.UnixMicro()%second != 0 {
			unit = 1
		}
	}
	if unit == second {
		fields |= 1 << fieldSeconds
	}
	b = binary.AppendUvarint(b, fields)
	for _, n := range c.counts() {
		if *n != 0 {
			b = binary.AppendUvarint(b, uint64(*n))
		}
	}
	for _, t := range times {
		if !t.IsZero() {
			b = binary.AppendVarint(b, t.UnixMicro()/unit-midnight/unit)
		}
	}
	return b
}
