package lake

import (
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// AreaSpan says on which days an area's logs were delivered.
type AreaSpan struct {
	Area
	First, Last string // delivery days with a log, the first and the last
	Days        int    // with a log
	Gaps        []Gap  // between First and Last, in order
}

// Gap is some delivery days in a row on which an area has no log, though it has some
// before and after. That is what a quiet time looks like, and what lost logs look
// like: where a trail has digests, "keytrail verify --digests" can tell one from the
// other.
type Gap struct {
	Area
	From, To string // the first and the last of them
	Days     int
	Digests  int64 // the area's digests on these days
}

// Areas returns the areas that have a log, in order. Those without an account or a
// Region are left out, and so are objects whose names tell no delivery day. A day
// that is Broken, or Folded where the area is not among its Areas, is no part of a gap.
func (c *Coverage) Areas() []AreaSpan {
	g := gapFinder{spans: map[Area]*spanning{}}
	for i := range c.Days {
		if c.Days[i].Day != "" {
			g.add(&c.Days[i])
		}
	}
	out := make([]AreaSpan, 0, len(g.spans))
	for _, s := range g.spans {
		if s.Days > 0 {
			out = append(out, s.AreaSpan)
		}
	}
	slices.SortFunc(out, func(a, b AreaSpan) int { return compareAreas(a.Area, b.Area) })
	return out
}

// Gaps returns the gaps of all areas, in order of area and day.
func (c *Coverage) Gaps() []Gap {
	var gaps []Gap
	for _, a := range c.Areas() {
		gaps = append(gaps, a.Gaps...)
	}
	return gaps
}

// gapFinder goes through the days in order.
type gapFinder struct {
	spans   map[Area]*spanning
	unknown []int32 // days of which not all areas are known, in order
}

// spanning is an area on its way.
type spanning struct {
	AreaSpan
	last    int32         // day of Last
	digests []areaDigests // since Last
}

type areaDigests struct {
	day int32
	n   int64
}

func (g *gapFinder) add(d *DeliveryDay) {
	day, err := schema.ParseDay(d.Day)
	if err != nil {
		return // no ledger has such a day
	}
	if d.Broken != "" || d.Folded {
		g.unknown = append(g.unknown, day)
	}
	for i := range d.Areas {
		a := &d.Areas[i]
		if a.Account == "" || a.Region == "" {
			continue
		}
		s := g.spans[a.Area]
		if s == nil {
			s = &spanning{AreaSpan: AreaSpan{Area: a.Area}}
			g.spans[a.Area] = s
		}
		if a.Logs() == 0 {
			s.digests = append(s.digests, areaDigests{day, a.Digests})
			continue
		}
		if s.Days == 0 {
			s.First = d.Day
		} else {
			g.close(s, day)
		}
		s.Last, s.last, s.digests = d.Day, day, s.digests[:0]
		s.Days++
	}
}

// close adds the gaps between the area's last log and one delivered on a day.
func (g *gapFinder) close(s *spanning, day int32) {
	from := s.last + 1
	at, _ := slices.BinarySearch(g.unknown, from)
	for _, u := range g.unknown[at:] {
		if u >= day {
			break
		}
		if slices.ContainsFunc(s.digests, func(d areaDigests) bool { return d.day == u }) {
			continue // the area is among those of the day: it has no log
		}
		s.gap(from, u)
		from = u + 1
	}
	s.gap(from, day)
}

// gap adds the days from one up to another, if there are any.
func (s *spanning) gap(from, until int32) {
	if from >= until {
		return
	}
	g := Gap{Area: s.Area, From: schema.DayString(from), To: schema.DayString(until - 1), Days: int(until - from)}
	for _, d := range s.digests {
		if d.day >= from && d.day < until {
			g.Digests += d.n
		}
	}
	s.Gaps = append(s.Gaps, g)
}
