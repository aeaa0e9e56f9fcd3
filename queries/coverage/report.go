package coverage

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/tables"
	"github.com/keytrail/keytrail/schema"
)

// Question asks what the log has.
type Question struct {
	From, To int64          // microseconds since 1970, From included, To not; 0 is open
	Trails   []byte         // saved settings of the trails, see [Trails]; nil: none
	Policy   *policy.Policy // tables that need care; nil: none is known
	// Progress is called, if it is set, as files are done, of so many in all.
	Progress func(done, all int)

	// Tool is the program's version, Command how the report is asked for again.
	Tool, Command string
}

// answer is facts with what was asked and how their days are judged.
type answer struct {
	Question
	*Facts
	head      lake.Head
	gaps      queries.Gaps
	states    [][]State // of Tables, by day from First on
	order     []int     // of Tables, the worst first
	catalogue *tables.Catalogue
}

// Collect makes the report. Errors are those of a snapshot, of reading, and [ErrChanging].
func Collect(ctx context.Context, l *lake.Lake, q Question) (*report.Document, error) {
	a := &answer{Question: q}
	var err error
	if a.head, err = Head(ctx, l); err != nil {
		return nil, err
	}
	if a.Facts, err = Gather(ctx, l, q.From, q.To, q.Trails, q.Progress); err != nil {
		return nil, err
	}
	if err := a.openCatalogue(ctx, l); err != nil {
		return nil, err
	}
	a.gaps = queries.GapsOf(&queries.Who{From: q.From, To: q.To}, &a.Deliveries, nil)
	a.states = a.judge()
	for i := range a.Tables {
		a.order = append(a.order, i)
	}
	slices.SortStableFunc(a.order, func(i, j int) int { return cmp.Compare(weight(a.states[j]), weight(a.states[i])) })
	if err := Unchanged(ctx, l, a.head); err != nil {
		return nil, err
	}
	d := a.document()
	return d, d.Check()
}

// weight is how bad a table's days are, one with another.
func weight(states []State) (sum int) {
	for _, s := range states {
		sum += int(s * s)
	}
	return sum
}

func (a *answer) document() *report.Document {
	d := &report.Document{Kind: "coverage", Title: "What the log has of each table, and what it cannot have", Status: a.status()}
	d.Subtitle = "the lake has no touch of a table in this time"
	if len(a.Tables) > 0 {
		d.Subtitle = fmt.Sprintf("%s to %s (UTC)", schema.DayString(a.First), schema.DayString(a.Last))
	}
	first, last := a.Deliveries.Bounds()
	d.Facts = []report.Fact{
		{ID: "delivered_from", Name: "Logs from", Value: report.DayOf(first), Text: "first delivery day"},
		{ID: "delivered_to", Name: "Logs to", Value: report.DayOf(last)},
		HeadFact(a.head),
	}
	d.Sections = []report.Section{a.summary(), a.byTable(), a.holes(), a.settings(), a.deliveries(), a.perDay(), a.method(), a.provenance()}
	return d
}

// status is how far the log can be relied on.
func (a *answer) status() report.Note {
	n := a.stateCounts()
	switch {
	case len(a.Tables) == 0:
		return report.Note{Level: report.Unknown, Text: "Nothing can be said of coverage: the lake has no touch of a table in this time."}
	case n[NotLogged] > 0 && !a.Settings.Complete():
		return report.Note{Level: report.Attention, Text: "By the settings that are known, data events of some tables were not logged on some days. Whether another trail logged them is not known: --trails FILE says it."}
	case n[NotLogged] > 0:
		return report.Note{Level: report.Alarm, Text: "Not complete: data events of some tables were not logged on some days. Who accessed them then is not known, and will not be."}
	case a.gaps.Incomplete() || n[Partly]+n[Unread]+n[Undelivered] > 0:
		return report.Note{Level: report.Attention, Text: "Complete but for the declared gaps."}
	case !a.Known() || n[SeenUnknown]+n[QuietUnknown] > 0:
		return report.Note{Level: report.Unknown, Text: "No gap is known. What the trails were set to log is not known for all of the time: --trails FILE says it."}
	}
	return report.Note{Level: report.OK, Text: "No gap is known."}
}

// stateCounts counts the tables' days by state.
func (a *answer) stateCounts() (n [states]int64) {
	for _, days := range a.states {
		for _, s := range days {
			n[s]++
		}
	}
	return n
}

// summary is numbers that stand beside each other and are never made one.
func (a *answer) summary() report.Section {
	n := a.stateCounts()
	var all int64
	for _, of := range n {
		all += of
	}
	total := a.Deliveries.Total()
	days := int64(0)
	if len(a.Tables) > 0 {
		days = int64(a.Last-a.First) + 1
	}
	s := report.Section{ID: "summary", Title: "Summary", Level: a.status().Level, Tiles: []report.Fact{
		{ID: "tables", Name: "Tables", Value: report.CountOf(int64(len(a.Tables))), Text: "with an event of any kind"},
		{ID: "days", Name: "Days", Value: report.CountOf(days)},
		{ID: "table_days_logged", Name: "Known to be logged", Value: report.ShareOf(n[Seen]+n[Quiet], all), Text: "of tables' days, data events"},
		{ID: "table_days_seen", Name: "With data events", Value: report.ShareOf(a.seenDays(), all), Text: "of tables' days"},
		{ID: "table_days_not_logged", Name: "Not logged", Value: report.CountOf(n[NotLogged]), Text: "tables' days", Level: bad(n[NotLogged], report.Alarm)},
		{ID: "table_days_unknown", Name: "Not known", Value: report.CountOf(n[SeenUnknown] + n[QuietUnknown]), Text: "tables' days whose settings nobody told", Level: bad(n[SeenUnknown]+n[QuietUnknown], report.Unknown)},
		{ID: "logs_unread", Name: "Logs not read", Value: report.CountOf(total.Unread()), Text: "failed, missing or archived, of the whole lake", Level: bad(total.Unread(), report.Attention)},
		{ID: "records_quarantined", Name: "Records not understood", Value: report.CountOf(total.Quarantined), Text: "of the whole lake", Level: bad(total.Quarantined, report.Attention)},
	}}
	s.Lead = fmt.Sprintf("%s tables in %s days: data events are known to be logged on %s of the tables' days",
		report.CountOf(int64(len(a.Tables))), report.CountOf(days), orNone(report.ShareOf(n[Seen]+n[Quiet], all)))
	if n[NotLogged] > 0 {
		s.Lead += fmt.Sprintf("; no known trail was to log them on %s", report.CountOf(n[NotLogged]))
	}
	s.Lead += "."
	s.Plots = []report.Plot{a.matrix()}
	return s
}

// seenDays is on how many of the tables' days there is a data event.
func (a *answer) seenDays() (n int64) {
	for _, t := range a.Tables {
		for _, d := range t.Days {
			if d.Data() > 0 {
				n++
			}
		}
	}
	return n
}

func bad(n int64, l report.Level) report.Level {
	if n > 0 {
		return l
	}
	return report.OK
}

func orNone(v report.Value) string {
	if v.IsNull() {
		return "none"
	}
	return v.String()
}

// Of a matrix so many days and tables are drawn; the tables have them all.
const (
	drawnDays   = 120
	drawnTables = 60
)

// matrix is the state of each table on each day, the worst tables first.
func (a *answer) matrix() report.Plot {
	p := report.Plot{ID: "coverage_by_day", Title: "Data events of each table by day", Kind: report.Matrix, States: stateNames[:]}
	first := max(a.First, a.Last-drawnDays+1)
	if len(a.Tables) == 0 {
		return p
	}
	for day := first; day <= a.Last; day++ {
		p.Columns = append(p.Columns, schema.DayString(day))
	}
	for _, i := range a.order[:min(drawnTables, len(a.order))] {
		row := report.PlotRow{Name: a.Tables[i].label()}
		for _, s := range a.states[i][first-a.First:] {
			row.Values = append(row.Values, float64(s))
			row.Level = row.Level.Worse(stateNames[s].Level)
		}
		p.Rows = append(p.Rows, row)
	}
	p.Lead = fmt.Sprintf("The worst of %s tables first, the last %s days.", report.CountOf(int64(len(a.Tables))), report.CountOf(int64(len(p.Columns))))
	return p
}

// label is a table's name, with account and Region where the ARN says them.
func (t *Table) label() string {
	if arn, ok := schema.ParseTableARN(t.ARN); ok {
		return t.Name + " " + arn.Account + " " + arn.Region
	}
	return t.Name
}
