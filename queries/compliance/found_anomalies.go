package compliance

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/keytrail/keytrail/queries/report"
)

// maxLines is how many series are drawn.
const maxLines = 24

// anomalies is the section on numbers unlike those of the days before.
func (p *found) anomalies(f *Frame) *report.Section {
	s := &report.Section{Title: "Unusual numbers", Level: report.OK}
	statistical := func(n *foundOne) bool { return strings.HasPrefix(n.Detection, "DDB-STA-") || n.Stat != nil }
	var all, open int64
	for i := range p.all {
		if n := &p.all[i]; statistical(n) {
			all++
			if n.isOpen() {
				open++
				s.Level = s.Level.Worse(report.Attention)
			}
		}
	}
	judged := int64(len(p.books.judged))
	s.Lead = fmt.Sprintf("%s of numbers unlike those of the days before, on %s that were judged; %s open.", many(all, "finding"), many(judged, "day"), are(open))
	if judged == 0 {
		s.Level = s.Level.Worse(report.Unknown)
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: "No nightly run judged a day of the period, and so no numbers were compared."})
	}
	s.Notes = append(s.Notes, report.Note{Text: "Of each day all callers and tables with enough history are tested, and the chance of a false alarm among all that are told is held to one in twenty. " +
		"How many were tested is not kept; \"keytrail anomalies --day DAY\" says it anew."})
	s.Tiles = []report.Fact{
		{ID: "anomalies", Name: "Findings", Value: report.CountOf(all)},
		{ID: "anomalies_open", Name: "Open", Value: report.CountOf(open), Level: badIf(open > 0, report.Attention)},
		{ID: "anomaly_days", Name: "Days judged", Value: report.CountOf(judged)},
	}
	s.Plots = append(s.Plots, p.lines(statistical))
	s.Tables = append(s.Tables, p.numbers(statistical))
	return s
}

// lines are the series behind the worst of them, by days before the finding's.
func (p *found) lines(want func(*foundOne) bool) report.Plot {
	plot := report.Plot{ID: "anomaly_series", Title: "Numbers of the days before", Kind: report.Lines, Unit: "per day",
		Lead: fmt.Sprintf("One line for each of the worst findings, %d at most; the right end is the finding's day. The band is the range that was expected of that day.", maxLines)}
	longest := 0
	var drawn []*foundOne
	for i := range p.all {
		if n := &p.all[i]; want(n) && n.Stat != nil && len(n.Stat.Series) > 1 && len(drawn) < maxLines {
			drawn = append(drawn, n)
			longest = max(longest, len(n.Stat.Series))
		}
	}
	for back := longest - 1; back >= 0; back-- {
		plot.Columns = append(plot.Columns, strconv.Itoa(-back))
	}
	for _, n := range drawn {
		row := report.PlotRow{Name: n.Day + " " + cmp.Or(n.ActorName, n.Principal, "anybody") + " " + cmp.Or(n.TableName, n.TableARN), Values: make([]float64, longest), Level: severityLevel(n.Severity)}
		for i := range row.Values {
			row.Values[i] = math.NaN()
			if at := i - (longest - len(n.Stat.Series)); at >= 0 && n.Stat.Series[at] >= 0 {
				row.Values[i] = n.Stat.Series[at]
			}
		}
		if n.Stat.High > 0 { // of what was never done before no range is known
			row.Low, row.High = slices.Repeat([]float64{n.Stat.Low}, longest), slices.Repeat([]float64{n.Stat.High}, longest)
		}
		plot.Rows = append(plot.Rows, row)
	}
	return plot
}

func (p *found) numbers(want func(*foundOne) bool) report.Table {
	t := report.Table{ID: "anomalies", Title: "Unusual numbers", Empty: "None was found.", Lead: "Low and high are the range of the middle nine tenths of the days before; chance is that of as much, or as little, by itself.",
		Columns: []report.Column{
			col("severity", "Severity", report.Word), col("day", "Day", report.Day), col("detection", "Detection", report.Code), col("title", "Finding", report.Text), col("table_name", "Table", report.Text), col("principal", "Who", report.Text),
			col("observed", "Observed", report.Real), col("expected", "Expected", report.Real), col("low", "Low", report.Real), col("high", "High", report.Real), col("p", "Chance", report.Real), col("finding", "Id", report.Code),
		}}
	for i := range p.all {
		n := &p.all[i]
		if !want(n) {
			continue
		}
		var numbers [5]report.Value
		if s := n.Stat; s != nil {
			for j, v := range []float64{s.Observed, s.Expected, s.Low, s.High, s.P} {
				numbers[j] = report.RealOf(v)
			}
		}
		t.Add(report.WordOf(n.Severity.String(), severityLevel(n.Severity)), report.DayOf(n.Day), report.CodeOf(n.Detection), report.TextOf(n.Title), report.TextOf(cmp.Or(n.TableName, n.TableARN)),
			report.TextOf(cmp.Or(n.ActorName, n.Principal)), numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], report.CodeOf(n.ID))
	}
	return t
}
