package lake

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/bits"
	"time"
)

// errOtherSummary: another version of this program wrote it.
var errOtherSummary = errors.New("it is of another version, or no summary at all")

// decodeSummary is the inverse of [encodeSummary]. It refuses what that does not write.
func decodeSummary(data []byte) ([]LedgerDay, error) {
	if !bytes.HasPrefix(data, []byte(summaryVersion)) || len(data) < len(summaryVersion)+crc32.Size {
		return nil, errOtherSummary
	}
	data, sum := data[:len(data)-crc32.Size], data[len(data)-crc32.Size:]
	if crc32.Checksum(data, castagnoli) != binary.BigEndian.Uint32(sum) {
		return nil, errors.New("its checksum is wrong")
	}
	r := &summaryReader{data: data, at: len(summaryVersion)}
	areas := make([]Area, r.length())
	for i := range areas {
		areas[i] = Area{r.text(), r.text()}
		if i > 0 && compareAreas(areas[i-1], areas[i]) >= 0 {
			return nil, fmt.Errorf("area %d is out of order", i)
		}
	}
	var days []LedgerDay
	for n := r.length(); n > 0 && !r.bad; n-- {
		d := r.day(areas)
		if _, err := dayKey(ledgerDir, d.day.Day); err != nil {
			return nil, err
		}
		if i := len(days); i > 0 && compareDays(days[i-1].day.Day, d.day.Day) >= 0 {
			return nil, fmt.Errorf("day %q is out of order", d.day.Day)
		}
		days = append(days, d)
	}
	if r.bad || r.at < len(data) {
		return nil, errors.New("it makes no sense")
	}
	return days, nil
}

// summaryReader takes a summary apart. Once bad, it gives zeros.
type summaryReader struct {
	data []byte
	at   int
	bad  bool
}

// fail passes over all that is left.
func (r *summaryReader) fail() {
	r.at, r.bad = len(r.data), true
}

func (r *summaryReader) number() uint64 {
	if r.at < len(r.data) && r.data[r.at] < 0x80 { // as most are
		r.at++
		return uint64(r.data[r.at-1])
	}
	v, n := binary.Uvarint(r.data[r.at:])
	if n <= 0 {
		r.fail()
		return 0
	}
	r.at += n
	return v
}

// signed is the inverse of [binary.AppendVarint].
func (r *summaryReader) signed() int64 {
	v := r.number()
	return int64(v>>1) ^ -int64(v&1)
}

// length is a number of things that each take a byte at least.
func (r *summaryReader) length() int {
	v := r.number()
	if v > uint64(len(r.data)-r.at) {
		r.fail()
		return 0
	}
	return int(v)
}

func (r *summaryReader) text() string {
	n := r.length()
	r.at += n
	return string(r.data[r.at-n : r.at])
}

func (r *summaryReader) day(areas []Area) (d LedgerDay) {
	d.day.Day, d.version = r.text(), r.text()
	d.day.Folded = r.number() != 0
	n := r.length()
	if n > min(len(areas), maxAreas+1) {
		r.fail()
		return d
	}
	if n > 0 {
		d.day.Areas = make([]AreaCounts, n)
	}
	start, at := midnight(d.day.Day), -1
	for i := range d.day.Areas {
		step := r.number()
		if step == 0 || step > uint64(len(areas)-1-at) {
			r.fail()
			return d
		}
		at += int(step)
		a := &d.day.Areas[i]
		a.Area = areas[at]
		r.counts(&a.Counts, start)
	}
	d.day.sum()
	return d
}

func (r *summaryReader) counts(c *Counts, midnight int64) {
	fields := r.number()
	if fields>>numFields != 0 {
		r.fail()
		return
	}
	to := c.counts()
	for set := fields & (1<<numCounts - 1); set != 0; set &= set - 1 {
		*to[bits.TrailingZeros64(set)] = int64(r.number())
	}
	c.Records = c.InScope + c.OutOfScope + c.Quarantined
	unit := int64(1)
	if fields&(1<<fieldSeconds) != 0 {
		unit = second
	}
	for i, t := range []*time.Time{&c.FirstEvent, &c.LastEvent} {
		if fields&(1<<(fieldFirst+i)) != 0 {
			*t = time.UnixMicro((r.signed() + midnight/unit) * unit).UTC()
		}
	}
}
