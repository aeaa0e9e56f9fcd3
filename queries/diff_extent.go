package queries

import (
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// Extent is what a lake has of a span of time.
type Extent struct {
	Span
	Touches int64    // that match
	Days    float64  // the lake has of the span: days with any rows, cut where the lake begins and ends
	Missing []string // days of the span of which the lake has no row, of any table
	// Whether the span goes on where the lake's first or last row is.
	StartsBefore, EndsAfter bool
}

// maxMissing bounds the days that are named.
const maxMissing = 366

// extent finds out an [Extent] from the counts of its days.
type extent struct {
	Extent
	hours     map[int32]timeSpan // of each day, from the first hour to the end of the last
	from, to  int32              // first and last day of the lake
	lakeKnown bool
}

func (e *extent) observe(c *lake.Count) {
	at := c.Hour.UnixMicro()
	day := schema.DayOf(at)
	h, known := e.hours[day]
	if !known {
		h = timeSpan{at, at + hourMicros}
	}
	e.hours[day] = timeSpan{min(h.from, at), max(h.to, at+hourMicros)}
}

// lake notes the days of the whole lake.
func (e *extent) lake(days []string) {
	for _, day := range days {
		n, err := schema.ParseDay(day)
		if err != nil {
			continue
		}
		if !e.lakeKnown {
			e.from, e.to, e.lakeKnown = n, n, true
		}
		e.from, e.to = min(e.from, n), max(e.to, n)
	}
}

// done works the extent out. Of the lake's first and last day only what lies between
// its first and its last row is taken to be in it.
func (e *extent) done() {
	first, last := schema.DayOf(e.From), schema.DayOf(e.To-1)
	var micros int64
	for day, h := range e.hours {
		start := int64(day) * 24 * hourMicros
		held := timeSpan{start, start + 24*hourMicros}
		if day == e.from {
			held.from = h.from
			e.StartsBefore = e.StartsBefore || e.From < h.from
		}
		if day == e.to {
			held.to = h.to
			e.EndsAfter = e.EndsAfter || e.To > h.to
		}
		micros += max(0, min(held.to, e.To)-max(held.from, e.From))
	}
	e.Days = float64(micros) / float64(24*hourMicros)
	e.StartsBefore = e.StartsBefore || !e.lakeKnown || first < e.from
	e.EndsAfter = e.EndsAfter || !e.lakeKnown || last > e.to
	for day := max(first, e.from); e.lakeKnown && day <= min(last, e.to) && len(e.Missing) < maxMissing; day++ {
		if _, ok := e.hours[day]; !ok {
			e.Missing = append(e.Missing, schema.DayString(day))
		}
	}
}

// Length is the span's, in days.
func (s Span) Length() float64 {
	return float64(s.To-s.From) / float64(24*hourMicros)
}

// Complete reports whether the lake has rows of every day and on both sides of the
// span.
func (e *Extent) Complete() bool { return !e.StartsBefore && !e.EndsAfter && len(e.Missing) == 0 }

// String is the span as a person would write it.
func (s Span) String() string {
	from, to := time.UnixMicro(s.From).UTC(), time.UnixMicro(s.To).UTC()
	if s.From%(24*hourMicros) == 0 && s.To%(24*hourMicros) == 0 {
		first, last := from.Format(time.DateOnly), to.Add(-time.Second).Format(time.DateOnly)
		if first == last {
			return first
		}
		return first + ".." + last
	}
	return from.Format("2006-01-02 15:04") + ".." + to.Format("2006-01-02 15:04") + " UTC"
}
