package compliance

import (
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// What a table's day may be as to its data events: the numbers of the coverage matrix.
const (
	daySeen       = iota // logged, and events came
	dayQuiet             // logged, and none came
	dayPartly            // some of its events are logged, or some hours
	dayNotLogged         // no trail logs its items
	dayUntoldSeen        // nobody has told what the trails log, and events came
	dayUntold            // likewise, and none came
	dayUnread            // objects that may hold its events are not in the lake
	dayNoObject          // its account and Region have no object, between days that have some
	dayOutside           // the lake has no deliveries of that time
)

// dayStates are what the matrix says of them.
var dayStates = []report.State{
	daySeen:       {Name: "logged, events seen", Sign: "#", Level: report.OK},
	dayQuiet:      {Name: "logged, quiet", Sign: ".", Level: report.OK},
	dayPartly:     {Name: "partly logged", Sign: "p", Level: report.Attention},
	dayNotLogged:  {Name: "not logged", Sign: "-", Level: report.Alarm},
	dayUntoldSeen: {Name: "settings not known, events seen", Sign: "s", Level: report.Unknown},
	dayUntold:     {Name: "settings not known, no event", Sign: "?", Level: report.Unknown},
	dayUnread:     {Name: "objects unread", Sign: "!", Level: report.Alarm},
	dayNoObject:   {Name: "no object: quiet or lost", Sign: "o", Level: report.Attention},
	dayOutside:    {Name: "not in the lake", Sign: "x", Level: report.Alarm},
}

// dataStretches is what is logged of the table's reads and writes of items, both together.
func (g *logging) dataStretches(t *tableSeen) []stretch {
	return g.of(t.arn, detect.DataReads, detect.DataWrites)
}

// days says of each day of the period what the table's data events are in.
func (c *covered) days(f *Frame, t *tableSeen, logged []stretch) []int {
	states := make([]int, len(f.Days))
	first, last := f.Coverage.Bounds()
	for i, day := range f.Days {
		from := f.From + int64(i)*dayLong
		var seen int64
		if i < len(t.byDay) {
			seen = t.byDay[i]
		}
		next := nextDay(day)
		switch {
		case first == "" || day < first || day > last:
			states[i] = dayOutside
		case c.unread(f, t, day) || c.unread(f, t, next):
			states[i] = dayUnread
		case seen == 0 && c.noObject(t, day, next):
			states[i] = dayNoObject
		default:
			states[i] = dayState(logged, from, seen)
		}
	}
	return states
}

// contradicted reports whether events came on a day of which the settings say that nothing
// was logged: then they are not those of all trails.
func (t *tableSeen) contradicted(f *Frame, logged []stretch) bool {
	for i, seen := range t.byDay {
		from := f.From + int64(i)*dayLong
		if _, most := within(logged, from, from+dayLong); seen > 0 && most == detect.LoggedNo {
			return true
		}
	}
	return false
}

// dayState is what a day is in by what is logged and what came.
func dayState(logged []stretch, from, seen int64) int {
	least, most := within(logged, from, from+dayLong)
	switch {
	case least == detect.LoggedYes && seen > 0:
		return daySeen
	case least == detect.LoggedYes:
		return dayQuiet
	case most == detect.LoggedNo:
		return dayNotLogged
	case most == detect.LoggedUnknown && seen > 0:
		return dayUntoldSeen
	case most == detect.LoggedUnknown:
		return dayUntold
	}
	return dayPartly
}

// unread reports whether objects of a delivery day that may hold a table's events are not
// in the lake.
func (c *covered) unread(f *Frame, t *tableSeen, day string) bool {
	d := f.Coverage.Day(day)
	if d == nil {
		return false
	}
	if d.Broken != "" {
		return true
	}
	if t.account == "" || d.Folded {
		return d.Unread() > 0
	}
	return slices.ContainsFunc(d.Areas, func(a lake.AreaCounts) bool {
		concerned := (a.Account == "" || a.Account == t.account) && (a.Region == "" || a.Region == t.region)
		return concerned && a.Unread() > 0
	})
}

// noObject reports whether a day and the one after are in a gap of the table's account and
// Region.
func (c *covered) noObject(t *tableSeen, day, next string) bool {
	return slices.ContainsFunc(c.gaps, func(g lake.Gap) bool {
		return g.Account == t.account && g.Region == t.region && g.From <= day && next <= g.To
	})
}

func nextDay(day string) string {
	n, err := schema.ParseDay(day)
	if err != nil {
		return day
	}
	return schema.DayString(n + 1)
}

// hole is some days in a row of which a table's log is not whole, or not known to be.
type hole struct {
	table    *tableSeen
	from, to string
	days     int
	state    int
}

// holes joins days that are in one state.
func holes(f *Frame, t *tableSeen, states []int) (all []hole) {
	for i, state := range states {
		n := len(all) - 1
		switch {
		case state == daySeen || state == dayQuiet:
		case n >= 0 && all[n].state == state && nextDay(all[n].to) == f.Days[i]:
			all[n].to, all[n].days = f.Days[i], all[n].days+1
		default:
			all = append(all, hole{t, f.Days[i], f.Days[i], 1, state})
		}
	}
	return all
}

// causes say why a day is no whole one.
var causes = map[int]string{
	dayPartly:     "selectors of the trails log some of its events only, or were changed on these days",
	dayNotLogged:  "no trail logs its items: calls on them leave no record",
	dayUntoldSeen: "no settings at hand say that it is logged: events came, but whether all of them did is not known",
	dayUntold:     "no settings at hand say whether its items are logged",
	dayUnread:     "objects that may hold its events could not be read, are archived or are gone",
	dayNoObject:   "its account and Region have no object on these days: nothing happened, or objects were lost",
	dayOutside:    "the lake has no deliveries of these days",
}
