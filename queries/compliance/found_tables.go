package compliance

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// byDay draws the findings of each day, by severity.
func (p *found) byDay(f *Frame) report.Plot {
	plot := report.Plot{ID: "findings_by_day", Title: "Findings by day and severity", Kind: report.Stacked, Unit: "findings", Columns: f.Days, Lead: "One bar for each day, the worst at the bottom. Days that were not judged have none."}
	at := map[string]int{}
	for i, day := range f.Days {
		at[day] = i
	}
	for _, severity := range slices.Backward(schema.Severities) {
		row := report.PlotRow{Name: severity.String(), Values: make([]float64, len(f.Days)), Level: severityLevel(severity)}
		for i := range p.all {
			if p.all[i].Severity == severity {
				row.Values[at[p.all[i].Day]]++
			}
		}
		plot.Rows = append(plot.Rows, row)
	}
	return plot
}

func severityLevel(s schema.Severity) report.Level {
	switch {
	case s >= schema.SeverityHigh:
		return report.Alarm
	case s >= schema.SeverityLow:
		return report.Attention
	}
	return report.Plain
}

// list is a table of findings.
func (p *found) list(id, title, empty string, want func(*foundOne) bool) report.Table {
	t := report.Table{ID: id, Title: title, Empty: empty, Lead: "The worst first, then the latest. Age is in days, to the lake's last change.",
		Columns: []report.Column{
			col("severity", "Severity", report.Word), col("day", "Day", report.Day), col("detection", "Detection", report.Code), col("title", "Finding", report.Text), col("explain", "What was seen", report.Text),
			col("table_name", "Table", report.Text), col("principal", "Who", report.Text), col("count", "Calls", report.Count), col("state", "State", report.Text), col("suppressed_by", "Suppressed by", report.Text),
			col("disposition", "Decision", report.Word), col("comment", "Comment", report.Text), col("age_days", "Age", report.Count), col("events", "Events", report.List), col("finding", "Id", report.Code),
		}}
	for i := range p.all {
		n := &p.all[i]
		if !want(n) {
			continue
		}
		t.Add(report.WordOf(n.Severity.String(), severityLevel(n.Severity)), report.DayOf(n.Day), report.CodeOf(n.Detection), report.TextOf(n.Title), report.TextOf(n.Explain),
			report.TextOf(cmp.Or(n.TableName, n.TableARN)), report.TextOf(cmp.Or(n.ActorName, n.Principal)), report.CountOf(n.Count), report.TextOf(n.State), report.TextOf(n.Suppressed),
			p.decision(n), report.TextOf(joined(n.action, n.comment)), report.CountOf(n.age(p.books.now)), report.ListOf(n.events), report.CodeOf(n.ID))
	}
	return t
}

// decision is what the review says, and whether it still holds.
func (p *found) decision(n *foundOne) report.Value {
	now := time.UnixMicro(p.books.now).UTC().Format(time.DateOnly)
	switch {
	case n.state == "accepted_risk" && n.expires < now:
		return report.WordOf("accepted until "+n.expires+": over", report.Attention)
	case n.state == "open" && n.isOpen():
		return report.WordOf("open", report.Attention)
	}
	return report.WordOf(n.state, report.Plain)
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ": ")
}

func (p *found) byDetection(f *Frame) report.Table {
	t := report.Table{ID: "findings_by_detection", Shown: 25, Title: "Detections", Lead: "All there are, with what each looks for; days not judged are those of nightly runs on which it lacked what it needs.",
		Columns: []report.Column{
			col("detection", "Detection", report.Code), col("title", "Title", report.Text), col("version", "Version", report.Count), col("severity", "Severity", report.Text), col("findings", "Findings", report.Count), col("open", "Open", report.Count),
			col("days_not_evaluated", "Days it could not judge", report.Count), col("looks_for", "Looks for", report.Text),
		}}
	count, open := map[string]int64{}, map[string]int64{}
	for i := range p.all {
		count[p.all[i].Detection]++
		if p.all[i].isOpen() {
			open[p.all[i].Detection]++
		}
	}
	silent := p.books.silent(f)
	add := func(id, title, severity, looks string, version int) {
		t.Add(report.CodeOf(id), report.TextOf(title), report.CountOf(int64(version)), report.TextOf(severity), report.CountOf(count[id]), report.CountOf(open[id]), report.CountOf(int64(len(silent[id].days))), report.TextOf(looks))
		delete(count, id)
	}
	for i := range detect.Catalogue {
		d := &detect.Catalogue[i]
		add(d.ID, d.Title, d.Severity.String(), d.Looks, d.Version)
	}
	for _, id := range slices.Sorted(maps.Keys(count)) {
		first := p.all[slices.IndexFunc(p.all, func(n foundOne) bool { return n.Detection == id })]
		add(id, first.Title, first.Severity.String(), "", first.Version)
	}
	slices.SortStableFunc(t.Rows, func(a, b []report.Value) int { return cmp.Compare(b[4].Int(), a[4].Int()) })
	return t
}

// judging says of every day whether it was judged.
func (p *found) judging(f *Frame) report.Table {
	t := report.Table{ID: "days_judged", Title: "Days and their judging", Columns: []report.Column{
		col("day", "Day", report.Day), col("state", "State", report.Word), col("at", "At", report.Time), col("delay_hours", "Hours after the day", report.Real), col("run", "Run", report.Code), col("commit", "State of the lake", report.Count),
	}}
	for i, day := range f.Days {
		j, ok := p.books.judged[day]
		switch {
		case !ok && p.days[day]:
			t.Add(report.DayOf(day), report.WordOf("findings at hand, by no nightly run", report.Attention), report.Value{}, report.Value{}, report.Value{}, report.Value{})
		case !ok:
			t.Add(report.DayOf(day), report.WordOf("not judged", report.Unknown), report.Value{}, report.Value{}, report.Value{}, report.Value{})
		default:
			state := report.WordOf("judged", report.OK)
			if j.stale {
				state = report.WordOf("changed since it was judged", report.Attention)
			}
			end := f.From + int64(i+1)*dayLong
			t.Add(report.DayOf(day), state, report.TimeOf(micros(j.At)), report.RealOf(float64(micros(j.At)-end)/float64(hourLong)), report.CodeOf(j.RunID), report.CountOf(j.Commit))
		}
	}
	return t
}
