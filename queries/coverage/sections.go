package coverage

import (
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// byTable has one row for each table: what came, since when, how much it says.
func (a *answer) byTable() report.Section {
	t := report.Table{ID: "coverage_tables", Title: "Tables, the worst covered first", Empty: "The lake has no touch of a table in this time.",
		Lead: "Since is the first day with an event of the kind in the time looked at. Items named: of touches by calls on items, those whose record says which item or partition."}
	t.Columns = append(t.Columns, report.Column{Name: "table", Title: "Table", Kind: report.Text}, report.Column{Name: "account_id", Title: "Account", Kind: report.Code},
		report.Column{Name: "region", Title: "Region", Kind: report.Code}, report.Column{Name: "class", Title: "Class", Kind: report.Text},
		report.Column{Name: "protected", Title: "Protected", Kind: report.Flag}, report.Column{Name: "worst", Title: "Worst day", Kind: report.Word},
		report.Column{Name: "days_in_doubt", Title: "Days in doubt", Kind: report.Count}, report.Column{Name: "days_seen", Title: "Days with data events", Kind: report.Count})
	for k := range KeyUse {
		t.Columns = append(t.Columns, report.Column{Name: kindNames[k].column + "_since", Title: kindNames[k].title + " since", Kind: report.Day})
	}
	for k := range kinds {
		t.Columns = append(t.Columns, report.Column{Name: kindNames[k].column, Title: kindNames[k].title, Kind: report.Count})
	}
	t.Columns = append(t.Columns, report.Column{Name: "denied", Title: "Denied", Kind: report.Count}, report.Column{Name: "items_named", Title: "Items named", Kind: report.Share},
		report.Column{Name: "requests_unreadable", Title: "Items not in the record", Kind: report.Share},
		report.Column{Name: "ttl", Title: "Expiry of items", Kind: report.Word}, report.Column{Name: "ttl_since", Title: "Expiry since", Kind: report.Time},
		report.Column{Name: "last_event", Title: "Last event", Kind: report.Time}, report.Column{Name: "table_arn", Title: "ARN", Kind: report.Code})
	var without, quiet int64
	for _, i := range a.order {
		t.Add(a.tableRow(a.Tables[i], a.states[i])...)
		switch {
		case a.Tables[i].Total.Data() > 0:
		case alwaysLogged(a.states[i]):
			quiet++
		default:
			without++
		}
	}
	s := report.Section{ID: "tables", Title: "By table", Tables: []report.Table{t, a.untouched()}}
	all := report.CountOf(int64(len(a.Tables)))
	s.Lead = fmt.Sprintf("%s of %s tables have no data event at all: nothing is known of who reached their items.", report.CountOf(without), all)
	if without == 0 && len(a.Tables) > 0 {
		s.Lead = fmt.Sprintf("Of all %s tables it is known who reached their items, or that they were logged and nobody did.", all)
	}
	if quiet > 0 {
		s.Lead += fmt.Sprintf(" Quiet on every day, though logged: %s.", report.CountOf(quiet))
	}
	s.Level = bad(without, report.Attention)
	if n, ok := a.expiryNote(); ok {
		s.Notes = append(s.Notes, n)
	}
	if n := int64(len(s.Tables[1].Rows)); n > 0 {
		s.Notes = append(s.Notes, report.Note{Level: report.Attention, Text: fmt.Sprintf("%s more are known, and no event of them is in the lake.", report.CountOf(n))})
	}
	if a.Untold > 0 {
		s.Notes = append(s.Notes, report.Note{Level: report.Attention, Text: fmt.Sprintf("%s touches are of more tables than are told apart, %d: ask for fewer days.", report.CountOf(a.Untold), maxTables)})
	}
	return s
}

// alwaysLogged reports whether a table without data events was known to be logged on each
// of its days.
func alwaysLogged(days []State) bool {
	return !slices.ContainsFunc(days, func(s State) bool { return s != Quiet })
}

func (a *answer) tableRow(t *Table, states []State) []report.Value {
	arn, _ := schema.ParseTableARN(t.ARN)
	worst, doubt, seen := Seen, int64(0), int64(0)
	for _, s := range states {
		worst = max(worst, s)
		if s > Quiet {
			doubt++
		}
	}
	for _, d := range t.Days {
		if d.Data() > 0 {
			seen++
		}
	}
	class, protected := a.care(t.ARN)
	row := []report.Value{report.TextOf(t.Name), report.CodeOf(arn.Account), report.CodeOf(arn.Region), class, protected, report.WordOf(worst.String(), stateNames[worst].Level), report.CountOf(doubt), report.CountOf(seen)}
	for k := range KeyUse {
		since := report.Value{}
		if t.Total.Of[k] > 0 {
			since = report.DayOf(schema.DayString(t.Since[k]))
		}
		row = append(row, since)
	}
	for k := range kinds {
		row = append(row, report.CountOf(t.Total.Of[k]))
	}
	ttl, since := a.expiryCells(t.ARN)
	return append(row, report.CountOf(t.Total.Denied), report.ShareOf(t.Named, t.Items), report.ShareOf(t.Unnamed, t.Items), ttl, since, report.TimeOf(t.LastEvent), report.CodeOf(t.ARN))
}

// hole is days in a row that a table is in one state.
type hole struct {
	table    *Table
	from, to int32
	state    State
}

// holes lists the days that are not as they should be.
func (a *answer) holes() report.Section {
	t := report.Table{ID: "holes", Title: "Holes, the worst first", Empty: "There is none.", Columns: []report.Column{
		{Name: "state", Title: "State", Kind: report.Word}, {Name: "table", Title: "Table", Kind: report.Text}, {Name: "from", Title: "From", Kind: report.Day}, {Name: "to", Title: "To", Kind: report.Day},
		{Name: "days", Title: "Days", Kind: report.Count}, {Name: "cause", Title: "Cause", Kind: report.Text}, {Name: "table_arn", Title: "ARN", Kind: report.Code},
	}}
	var days int64
	s := report.Section{ID: "holes", Title: "Holes"}
	for state := NotLogged; state > SeenUnknown; state-- {
		for _, h := range a.holesOf(state) {
			n := int64(h.to-h.from) + 1
			days += n
			s.Level = s.Level.Worse(stateNames[state].Level)
			t.Add(report.WordOf(state.String(), stateNames[state].Level), report.TextOf(h.table.Name), report.DayOf(schema.DayString(h.from)), report.DayOf(schema.DayString(h.to)),
				report.CountOf(n), report.TextOf(causes[state]), report.CodeOf(h.table.ARN))
		}
	}
	s.Lead = fmt.Sprintf("%s stretches of days, %s tables' days together, may lack data events.", report.CountOf(int64(len(t.Rows))), report.CountOf(days))
	s.Tables = []report.Table{t}
	return s
}

// holesOf are those of one state, in the order of tables and days.
func (a *answer) holesOf(state State) (list []hole) {
	for _, i := range a.order {
		for at, s := range a.states[i] {
			if s != state {
				continue
			}
			day := a.First + int32(at)
			if last := len(list) - 1; last >= 0 && list[last].table == a.Tables[i] && list[last].to == day-1 {
				list[last].to = day
				continue
			}
			list = append(list, hole{a.Tables[i], day, day, state})
		}
	}
	return list
}

// settings is what the trails were set to log, as far as anybody told.
func (a *answer) settings() report.Section {
	t := report.Table{ID: "logging", Title: "What all trails together were set to log", Empty: "What the trails were set to log is not known from this lake.", Columns: []report.Column{
		{Name: "table", Title: "Table", Kind: report.Text}, {Name: "events", Title: "Events", Kind: report.Text}, {Name: "logged", Title: "Logged", Kind: report.Word},
		{Name: "from", Title: "From", Kind: report.Time}, {Name: "to", Title: "To", Kind: report.Time}, {Name: "table_arn", Title: "ARN", Kind: report.Code},
	}}
	s := report.Section{ID: "settings", Title: "Settings of the trails"}
	s.Lead = fmt.Sprintf("The lake has %s calls that changed what trails log.", report.CountOf(int64(a.Changes)))
	if a.Snapshot {
		s.Lead += " What they were set to before was given as a snapshot."
	} else {
		s.Level = report.Unknown
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: "Give the answers of DescribeTrails and GetEventSelectors as --trails FILE: what the trails were set to before the first such call is not in the lake."})
	}
	if a.Known() {
		for _, table := range a.Tables {
			a.addSpans(&t, table)
		}
	}
	s.Tables = []report.Table{t}
	return s
}

func (a *answer) addSpans(t *report.Table, table *Table) {
	intervals := a.Settings.Intervals(table.ARN)
	for _, class := range detect.LogClasses {
		for _, span := range Logging(intervals, table.ARN, class) {
			t.Add(report.TextOf(table.Name), report.TextOf(classNames[class]), report.WordOf(span.Logged.String(), loggedLevel[span.Logged]),
				report.TimeOf(span.From), report.TimeOf(span.To), report.CodeOf(table.ARN))
		}
	}
}

var classNames = map[detect.LogClass]string{
	detect.ManagementReads: "management reads", detect.ManagementWrites: "management writes", detect.DataReads: "data reads", detect.DataWrites: "data writes",
}

var loggedLevel = map[detect.Logged]report.Level{
	detect.LoggedNo: report.Alarm, detect.LoggedUnknown: report.Unknown, detect.LoggedPartly: report.Attention, detect.LoggedYes: report.OK,
}
