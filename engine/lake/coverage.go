package lake

import (
	"cmp"
	"slices"
	"time"
)

// Coverage is what the ledger says of the lake's completeness, counted by delivery
// day. These are facts and no verdicts: CloudTrail delivers only where something
// happened, so that a day without an object may be a quiet one.
type Coverage struct {
	// Days are the delivery days of the ledger, in order. The one of objects whose
	// names tell no day, "", comes last.
	Days []DeliveryDay
}

// DeliveryDay is what became of the objects of one delivery day, the UTC day that
// their names tell.
type DeliveryDay struct {
	Day    string // YYYY-MM-DD; "" where the names tell none
	Counts        // of all areas together
	// Areas are in order of account and Region, each once. The area without a name
	// stands for objects that tell none, and where there are too many for the others.
	Areas []AreaCounts
	// Folded says that the day has more areas than are told apart: one that is not
	// among Areas may have objects all the same.
	Folded bool
	// Broken is why the ledger of the day cannot be read. Then nothing is known of it,
	// and the counts are zero. Empty for all other days.
	Broken string
}

// Area is an account's Region, as the objects' names say or else their records.
// Either may be empty.
type Area struct {
	Account string
	Region  string
}

// AreaCounts is what became of one area's objects.
type AreaCounts struct {
	Area
	Counts
}

// Counts are numbers of objects, by what became of each, and of what was read in
// them. An object of which the ledger has several versions counts once for each. An
// object is counted in one of the first six.
type Counts struct {
	Done     int64 // logs read to the end; their touches are in the lake
	Failed   int64 // logs that could not be read to the end; every run tries again
	Missing  int64 // logs that a digest names, and that were not there to be read
	Archived int64 // logs in a storage class that must be restored before it can be read
	Digests  int64 // digests: each says of an hour which logs were delivered, if any
	Other    int64 // not read because no log: of other services, network activity

	// Of the logs that are done. Records = InScope + OutOfScope + Quarantined.
	Records     int64
	InScope     int64
	OutOfScope  int64
	Quarantined int64 // records that nobody could understand
	Touches     int64 // rows given; equal ones are one in the lake

	// FirstEvent and LastEvent are the times of the earliest and the latest record in
	// scope, to the microsecond; zero when there is none. A log that is not done has
	// no event times.
	FirstEvent time.Time
	LastEvent  time.Time
}

// Objects counts them all.
func (c *Counts) Objects() int64 { return c.Logs() + c.Digests + c.Other }

// Logs counts the objects that hold records, read or not.
func (c *Counts) Logs() int64 { return c.Done + c.Unread() }

// Unread counts the logs of which nothing is in the lake.
func (c *Counts) Unread() int64 { return c.Failed + c.Missing + c.Archived }

// Trouble reports whether there may be touches that the lake lacks: in a log that was
// not read, or in a record that was not understood.
func (c *Counts) Trouble() bool { return c.Unread() > 0 || c.Quarantined > 0 }

// Add adds the counts of other objects.
func (c *Counts) Add(o *Counts) {
	c.Done += o.Done
	c.Failed += o.Failed
	c.Missing += o.Missing
	c.Archived += o.Archived
	c.Digests += o.Digests
	c.Other += o.Other
	c.Records += o.Records
	c.InScope += o.InScope
	c.OutOfScope += o.OutOfScope
	c.Quarantined += o.Quarantined
	c.Touches += o.Touches
	c.extend(o.FirstEvent, o.LastEvent)
}

// extend makes the event times include others.
func (c *Counts) extend(first, last time.Time) {
	if !first.IsZero() && (c.FirstEvent.IsZero() || first.Before(c.FirstEvent)) {
		c.FirstEvent = first
	}
	if last.After(c.LastEvent) {
		c.LastEvent = last
	}
}

// Trouble reports whether the lake may lack touches of the day: see [Counts.Trouble].
func (d *DeliveryDay) Trouble() bool { return d.Broken != "" || d.Counts.Trouble() }

// Day returns one delivery day, nil when the ledger has none of that name.
func (c *Coverage) Day(day string) *DeliveryDay {
	i, ok := slices.BinarySearchFunc(c.Days, day, func(d DeliveryDay, day string) int { return compareDays(d.Day, day) })
	if !ok {
		return nil
	}
	return &c.Days[i]
}

// Total sums up all days.
func (c *Coverage) Total() (sum Counts) {
	for i := range c.Days {
		sum.Add(&c.Days[i].Counts)
	}
	return sum
}

// Trouble returns the days of which the lake may lack touches, in order.
func (c *Coverage) Trouble() []*DeliveryDay {
	var days []*DeliveryDay
	for i := range c.Days {
		if c.Days[i].Trouble() {
			days = append(days, &c.Days[i])
		}
	}
	return days
}

// Bounds are the first and the last delivery day that have a log, "" when none has.
func (c *Coverage) Bounds() (first, last string) {
	for i := range c.Days {
		if d := &c.Days[i]; d.Day != "" && d.Logs() > 0 {
			first, last = cmp.Or(first, d.Day), d.Day
		}
	}
	return first, last
}

// compareDays is the order of days, the one without a name last.
func compareDays(a, b string) int {
	if (a == "") != (b == "") {
		return -cmp.Compare(a, b)
	}
	return cmp.Compare(a, b)
}

func compareAreas(a, b Area) int {
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region))
}
