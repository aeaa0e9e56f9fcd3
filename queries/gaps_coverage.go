package queries

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
)

// Area is an account and a Region, in which tables live and logs are delivered.
type Area struct{ Account, Region string }

// GapsOf says in words what a lake may lack of the answer to w. All days are those of
// delivery: as a rule the event's own or the one after. Days without an object
// are told of the areas given only; none means of all.
func GapsOf(w *Who, c *lake.Coverage, areas []Area) Gaps {
	win := c.Window(bound(w.From), bound(w.To))
	var g Gaps
	for _, d := range slices.Concat(win.Trouble, win.Late) {
		if d.Broken != "" {
			g = append(g, Gap{GapLedger, d.Day, d.Day, fmt.Sprintf("the ledger of %s cannot be read: %s", dayName(d.Day), Clean(d.Broken))})
		}
	}
	if w.From == 0 && w.To == 0 { // late or not, it is all of the time asked about
		win.Trouble, win.Late = slices.Concat(win.Trouble, win.Late), nil
	}
	g = append(g, unread(GapUnread, win.Trouble, "")...)
	g = append(g, unread(GapLate, win.Late, "; late events of the time asked about may be among them")...)
	here := slices.DeleteFunc(slices.Clone(win.Gaps), func(g lake.Gap) bool {
		return len(areas) > 0 && !slices.Contains(areas, Area(g.Area))
	})
	g = append(g, noObject(here)...)
	g = append(g, span(&win, w, c.Total())...)
	return append(g, otherAreas(len(win.Gaps)-len(here))...)
}

// otherAreas tells that other areas have days without an object: had they touches that
// are asked for on those days alone, nothing here would show it.
func otherAreas(n int) Gaps {
	if n == 0 {
		return nil
	}
	return Gaps{{GapElsewhere, "", "", fmt.Sprintf("%s of days without an object in accounts and Regions that have no such touch", count(int64(n), "stretch"))}}
}

// unread tells what of some delivery days was not read or not understood.
func unread(kind string, days []*lake.DeliveryDay, more string) Gaps {
	var g Gaps
	for _, c := range []struct {
		kind  string
		of    func(*lake.Counts) int64
		thing string
		what  string
	}{
		{kind, func(c *lake.Counts) int64 { return c.Failed }, "object", "could not be read"},
		{kind, func(c *lake.Counts) int64 { return c.Missing }, "object", "not read: named by CloudTrail's digests, and not there"},
		{kind, func(c *lake.Counts) int64 { return c.Archived }, "object", "not read: in an archive class, to be restored first"},
		{quarantineKind(kind), func(c *lake.Counts) int64 { return c.Quarantined }, "record", "in quarantine, not understood"},
	} {
		var n int64
		var of []string
		for _, d := range days {
			if k := c.of(&d.Counts); k > 0 {
				n += k
				of = append(of, d.Day)
			}
		}
		if n > 0 {
			what := fmt.Sprintf("%s of %s %s%s", count(n, c.thing), daysName(of), c.what, more)
			g = append(g, Gap{c.kind, of[0], of[len(of)-1], what})
		}
	}
	return g
}

// quarantineKind is the kind of gap that records in quarantine are.
func quarantineKind(kind string) string {
	if kind == GapUnread {
		return GapQuarantine
	}
	return kind
}

// manyGaps is how many stretches of days without an object are told one by one.
const manyGaps = 4

// noObject tells the days on which an area has no object.
func noObject(gaps []lake.Gap) Gaps {
	if len(gaps) > manyGaps {
		longest := slices.MaxFunc(gaps, func(a, b lake.Gap) int { return a.Days - b.Days })
		return Gaps{{GapNoObject, "", "", fmt.Sprintf("no object on some days between others, %d times in the accounts and Regions concerned; the longest: %s",
			len(gaps), noObjectOf(longest))}}
	}
	var g Gaps
	for _, gap := range gaps {
		g = append(g, Gap{GapNoObject, gap.From, gap.To, "no object for " + noObjectOf(gap)})
	}
	return g
}

func noObjectOf(g lake.Gap) string {
	s := g.From
	if g.To != g.From {
		s += " to " + g.To
	}
	s = fmt.Sprintf("%s in account %s, %s: days without deliveries, or a hole", s, Clean(g.Account), Clean(g.Region))
	if g.Digests > 0 {
		s += `; digests are there, "keytrail verify --digests" can tell`
	}
	return s
}

// span says how far the lake goes, and where the time asked about goes further.
func span(w *lake.Window, asked *Who, all lake.Counts) Gaps {
	switch {
	case w.First != "":
	case all.Done > 0:
		return Gaps{{GapSpan, "", "", "the names of the logs in the lake do not tell when they were delivered"}}
	default:
		return Gaps{{GapBeyond, "", "", "the lake has no log"}}
	}
	var g Gaps
	if asked.From != 0 && w.From < w.First {
		g = append(g, Gap{GapBeyond, w.From, w.First, fmt.Sprintf("nothing was delivered to the lake before %s", w.First)})
	}
	if asked.To != 0 && w.To > w.Last {
		g = append(g, Gap{GapBeyond, w.Last, w.To, fmt.Sprintf("nothing was delivered to the lake after %s", w.Last)})
	}
	return append(g, Gap{GapSpan, w.First, w.Last, fmt.Sprintf("the lake has deliveries of %s to %s", w.First, w.Last)})
}

// bound is a point in time; the zero time is none.
func bound(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros)
}

func dayName(day string) string {
	if day == "" {
		return "an unknown day"
	}
	return day
}

// daysName names few days, and counts many.
func daysName(days []string) string {
	if len(days) > 3 {
		return fmt.Sprintf("%d days from %s to %s", len(days), days[0], dayName(days[len(days)-1]))
	}
	names := make([]string, len(days))
	for i, day := range days {
		names[i] = dayName(day)
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
