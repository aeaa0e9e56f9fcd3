package coverage

import (
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// State is what is known of a table's data events on a day.
type State uint8

// The states, the best first.
const (
	Seen         State = iota // logged, and some came
	Quiet                     // logged, and none came
	SeenUnknown               // some came; what the trails were set to is not known
	QuietUnknown              // none came, and nobody knows whether any was to be logged
	Partly                    // the trails were set to log some of them
	Unread                    // log files of the day are not in the lake
	Undelivered               // no log of the account and Region was delivered
	NotLogged                 // no trail that is known was set to log them
	states
)

// stateNames are the states on a page.
var stateNames = [states]report.State{
	{Name: "logged, seen", Sign: "●", Level: report.OK}, {Name: "logged, quiet", Sign: "○", Level: report.OK},
	{Name: "seen, settings not known", Sign: "•", Level: report.Unknown}, {Name: "quiet, settings not known", Sign: "?", Level: report.Unknown},
	{Name: "partly logged", Sign: "◐", Level: report.Attention}, {Name: "logs not read", Sign: "!", Level: report.Attention},
	{Name: "no log delivered", Sign: "–", Level: report.Attention}, {Name: "not logged by a known trail", Sign: "✕", Level: report.Alarm},
}

// String is the state in words.
func (s State) String() string { return stateNames[min(s, NotLogged)].Name }

// causes say where a state comes from.
var causes = [states]string{
	QuietUnknown: "a quiet time, or events that no trail was set to log: the settings of the trails are not known",
	Partly:       "the trails were set to log only some of the data events, or for a part of the time",
	Unread:       "log files delivered on these days could not be read, are archived or missing, or records were not understood",
	Undelivered:  "nothing was delivered for the account and Region between days with logs: a quiet time, or a hole",
	NotLogged:    "no trail that is known was set to log data events of the table",
}

// areaDay is a delivery day of an account's Region.
type areaDay struct {
	area lake.Area
	day  int32
}

// deliveryStates are the area's days on which logs were not read, or not delivered.
func (f *Facts) deliveryStates() map[areaDay]State {
	out := map[areaDay]State{}
	for i := range f.Deliveries.Days {
		d := &f.Deliveries.Days[i]
		day, err := schema.ParseDay(d.Day)
		if err != nil {
			continue
		}
		for j := range d.Areas {
			if a := &d.Areas[j]; a.Trouble() {
				out[areaDay{a.Area, day}] = Unread
			}
		}
		if d.Broken != "" { // of all areas
			out[areaDay{lake.Area{}, day}] = Unread
		}
	}
	for _, g := range f.Deliveries.Gaps() {
		from, err1 := schema.ParseDay(g.From)
		to, err2 := schema.ParseDay(g.To)
		for day := from; err1 == nil && err2 == nil && day <= to; day++ {
			out[areaDay{g.Area, day}] = Undelivered
		}
	}
	return out
}

// judge says what state each day of each table is in, in the order of Tables.
func (f *Facts) judge() [][]State {
	delivered := f.deliveryStates()
	var arns []string
	for _, t := range f.Tables {
		arns = append(arns, t.ARN)
	}
	intervals := f.Settings.Intervals(arns...)
	all := make([][]State, len(f.Tables))
	for i, t := range f.Tables {
		reads, writes := Logging(intervals, t.ARN, detect.DataReads), Logging(intervals, t.ARN, detect.DataWrites)
		arn, _ := schema.ParseTableARN(t.ARN)
		area := lake.Area{Account: arn.Account, Region: arn.Region}
		for day := f.First; day <= f.Last; day++ {
			from, to := int64(day)*dayMicros, (int64(day)+1)*dayMicros
			logged := dayLogged(reads, writes, from, to)
			d := t.Days[day]
			all[i] = append(all[i], stateOf(logged, d != nil && d.Data() > 0, max(delivered[areaDay{area, day}], delivered[areaDay{day: day}]), f.Settings.Complete()))
		}
	}
	return all
}

const dayMicros = 24 * 3600 * 1_000_000

// dayLogged is what is logged of reads and writes together, for all of a time.
func dayLogged(reads, writes []Span, from, to int64) detect.Logged {
	least, most := Within(reads, from, to)
	leastWrites, mostWrites := Within(writes, from, to)
	least, most = min(least, leastWrites), max(most, mostWrites)
	switch {
	case least == most, least == detect.LoggedUnknown && most == detect.LoggedYes:
		return least
	}
	return detect.LoggedPartly
}

// stateOf is a day's state. delivered is [Unread] or [Undelivered], or 0; complete says that
// all trails are known.
func stateOf(logged detect.Logged, seen bool, delivered State, complete bool) State {
	switch {
	case logged == detect.LoggedNo && !seen:
		return NotLogged
	case delivered == Undelivered && !seen, delivered == Unread:
		return delivered
	case logged == detect.LoggedPartly, logged == detect.LoggedNo && complete:
		return Partly
	case logged == detect.LoggedYes && seen:
		return Seen
	case logged == detect.LoggedYes:
		return Quiet
	case seen: // where no known trail was to log it, one that is not known did
		return SeenUnknown
	}
	return QuietUnknown
}
