package lake

import (
	"context"
	"errors"
	"slices"

	"github.com/keytrail/keytrail/engine/object"
)

const (
	// maxAreas is how many areas of a day are told apart. Anybody who may write to the
	// bucket chooses names, and each area takes some 160 bytes of memory for every day.
	maxAreas = 1 << 12
	// maxAreaText bounds what is kept of an account or a Region. The longest names of
	// Regions have half of it.
	maxAreaText = 32
	// missing is the digest verdict of an object that is not there.
	missing = "missing"
)

// dayCounter counts the objects of one delivery day. What it comes to depends on the
// ledger of the day alone.
type dayCounter struct {
	day   DeliveryDay
	at    map[Area]int // index in day.Areas
	last  Area         // of the entry before: objects come in order of their names
	index int          // of last
}

func newDayCounter(day string) *dayCounter {
	return &dayCounter{day: DeliveryDay{Day: day}, at: map[Area]int{}}
}

// add counts an entry. Entries come in the order of the ledger.
func (c *dayCounter) add(e *Entry) {
	a := Area{e.AccountID, e.AWSRegion}
	if len(a.Account) > maxAreaText || len(a.Region) > maxAreaText {
		a = Area{}
	}
	if a != c.last || len(c.day.Areas) == 0 {
		c.last, c.index = a, c.find(a)
	}
	c.day.Areas[c.index].count(e)
}

// find is where an area is counted: with those that have no name when there are too
// many.
func (c *dayCounter) find(a Area) int {
	i, ok := c.at[a]
	if !ok && len(c.at) >= maxAreas && a != (Area{}) {
		c.day.Folded = true
		return c.find(Area{})
	}
	if !ok {
		i = len(c.day.Areas)
		c.at[a] = i
		c.day.Areas = append(c.day.Areas, AreaCounts{Area: a})
	}
	return i
}

// count counts one object.
func (c *Counts) count(e *Entry) {
	switch kind := object.Kind(e.Kind); {
	case kind == object.KindConfig:
		c.Other++ // no log: that it is there, or not, says nothing of calls
	case e.Status == Done:
		c.Done++
		c.InScope += e.InScope
		c.OutOfScope += e.OutOfScope
		c.Quarantined += e.Quarantined
		c.Records += e.Records
		c.Touches += e.Touches
		c.extend(e.FirstEventTime, e.LastEventTime)
	case e.Status == Failed && e.DigestVerdict == missing:
		c.Missing++
	case e.Status == Failed:
		c.Failed++
	case kind == object.KindDigest:
		c.Digests++
	case e.Error != "" && (kind == object.KindCloudTrail || kind == object.KindInsight || kind == object.KindUnknown):
		c.Archived++
	default:
		c.Other++
	}
}

// finish returns the day with its areas in order.
func (c *dayCounter) finish() DeliveryDay {
	slices.SortFunc(c.day.Areas, func(a, b AreaCounts) int { return compareAreas(a.Area, b.Area) })
	c.day.sum()
	return c.day
}

// sum makes the day's counts those of its areas.
func (d *DeliveryDay) sum() {
	d.Counts = Counts{}
	for i := range d.Areas {
		d.Counts.Add(&d.Areas[i].Counts)
	}
}

// accountRow is what counting needs of an entry's row.
type accountRow struct {
	AccountID      string `parquet:"account_id,optional"`
	AWSRegion      string `parquet:"aws_region,optional"`
	Kind           string `parquet:"kind,optional"`
	Status         string `parquet:"status"`
	Error          string `parquet:"error,optional"`
	Records        int64  `parquet:"records"`
	InScope        int64  `parquet:"in_scope"`
	OutOfScope     int64  `parquet:"out_of_scope"`
	Quarantined    int64  `parquet:"quarantined"`
	Touches        int64  `parquet:"touches"`
	FirstEventTime *int64 `parquet:"first_event_time,timestamp(microsecond)"`
	LastEventTime  *int64 `parquet:"last_event_time,timestamp(microsecond)"`
	DigestVerdict  string `parquet:"digest_verdict,optional"`
}

func (r accountRow) entry() Entry {
	return Entry{
		AccountID: r.AccountID, AWSRegion: r.AWSRegion, Kind: r.Kind, Status: r.Status, Error: r.Error,
		Records: r.Records, InScope: r.InScope, OutOfScope: r.OutOfScope, Quarantined: r.Quarantined, Touches: r.Touches,
		FirstEventTime: timeOf(r.FirstEventTime), LastEventTime: timeOf(r.LastEventTime), DigestVerdict: r.DigestVerdict,
	}
}

// accountTable is the ledger, of which it reads what counting needs. It writes none.
var accountTable = table[Entry, accountRow]{
	dir:    ledgerDir,
	decode: accountRow.entry,
	check: func(rows []Entry) error {
		for i := range rows {
			if err := rows[i].Balanced(); err != nil {
				return err
			}
		}
		return nil
	},
	hint: ledgerTable.hint,
}

// countDay counts one delivery day from its ledger. It has no version when there is none.
func (l *Lake) countDay(ctx context.Context, day string) (LedgerDay, error) {
	present, err := accountTable.open(ctx, l, day)
	if err == nil {
		defer present.close()
		count := newDayCounter(day)
		err = present.each(func(e Entry) error { count.add(&e); return nil })
		if err == nil {
			return LedgerDay{count.finish(), present.version()}, nil
		}
	}
	if errors.Is(err, ErrCorrupt) {
		return LedgerDay{day: DeliveryDay{Day: day, Broken: err.Error()}}, nil
	}
	return LedgerDay{}, err
}
