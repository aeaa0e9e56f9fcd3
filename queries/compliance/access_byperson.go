package compliance

import (
	"fmt"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// byPerson tells what each principal did: people, and who may be one, before programs.
func (a *access) byPerson() *report.Section {
	numbers := a.callers.sorted()
	s := &report.Section{Title: "Access by person and workload", Tables: []report.Table{a.principals(numbers)},
		Plots: []report.Plot{a.hoursPlot(numbers), a.busiestPlot(numbers)}}
	byKind := map[string]int64{}
	for _, n := range numbers {
		byKind[a.callers.list[n].kind]++
	}
	humans, workloads := byKind[schema.ActorHuman], byKind[schema.ActorService]+byKind[schema.ActorAWS]
	unknown, root, external := byKind[schema.ActorUnknown]+byKind[""], byKind[schema.ActorRoot], byKind[schema.ActorExternal]
	s.Tiles = []report.Fact{
		tile("principals_human", "People", humans, report.Plain, ""),
		tile("principals_workload", "Workloads", workloads, report.Plain, "programs and AWS services"),
		tile("principals_unknown", "Unknown", unknown, alertIf(unknown, report.Unknown), "may be people"),
		tile("principals_external", "Of other accounts", external, report.Plain, ""),
		tile("principals_root", "Root", root, alertIf(root, report.Attention), ""),
	}
	s.Lead = fmt.Sprintf("%s and %s reached the tables.", counted(humans, "person", "people"), counted(workloads, "workload", "workloads"))
	if unknown > 0 {
		s.Level = report.Unknown
		s.Lead += fmt.Sprintf(" Of %s the log does not tell whether they are people: they are taken for some.", counted(unknown, "more", "more"))
	}
	if external > 0 {
		s.Lead += fmt.Sprintf(" %s other accounts, of whom the log says little.", counted(external, "caller is of", "callers are of"))
	}
	if root > 0 {
		s.Level = report.Attention
		s.Lead += fmt.Sprintf(" Root of %s was used.", counted(root, "account", "accounts"))
	}
	if len(numbers) == 0 {
		s.Level, s.Lead = report.Unknown, "Nobody is known to have reached the tables."
	}
	a.limitNotes(s)
	return s
}

func (a *access) principals(numbers []int32) report.Table {
	t := report.Table{ID: "principals", Shown: 40, Title: "People and workloads", Empty: "Nobody reached the tables.",
		Lead: "Root, people and who may be one first, then by touches. A role that people and programs use has a line for each. " +
			"How a principal is known says what its calls attest; a session's name is the caller's own claim.",
		Columns: join(callerColumns, []report.Column{
			col("identified_by", "Known by", report.List), col("tables", "Tables", report.Count), col("table_names", "Which", report.List),
			col("calls", "Calls", report.Count), col("touches", "Touches", report.Count),
		}, sumColumns, []report.Column{
			col("networks", "From", report.List), col("agents", "With", report.List), col("console", "Console", report.Flag), col("mfa", "MFA", report.Word),
		}, spanColumns)}
	totals := sums(&a.cells, func(k *cellKey) int32 { return k.caller })
	tables := a.cells.tablesOf(a.tables.sorted())
	for _, n := range numbers {
		c := a.callers.list[n]
		names, known := []string{}, map[string]bool{}
		for _, table := range tables[n] {
			if name := a.tables.list[table].label; !known[name] {
				names, known[name] = append(names, name), true
			}
		}
		total := totals[n]
		if total == nil { // summed up with others
			total = &sum{}
		}
		row := append(c.values(), report.ListOf(c.how.texts()), report.CountOf(int64(len(tables[n]))), report.ListOf(shortened(names)),
			report.CountOf(c.calls), report.CountOf(c.touches))
		row = append(row, total.values()...)
		row = append(row, report.ListOf(c.networks.busiest()), report.ListOf(c.programs.busiest()), report.FlagOf(c.console > 0), report.WordOf(c.mfaText(), report.Plain))
		t.Add(append(row, spanOf(c.first, c.last)...)...)
	}
	return t
}

// hoursPlot is touches by principal and hour of the day.
func (a *access) hoursPlot(numbers []int32) report.Plot {
	p := report.Plot{ID: "principal_hours", Title: "Principals by hour of the day (UTC)", Kind: report.Heat, Unit: "touches"}
	for h := range 24 {
		p.Columns = append(p.Columns, fmt.Sprintf("%02d", h))
	}
	grid := newGrid(&p, 24)
	people, night := int64(0), int64(0)
	for i, n := range numbers {
		c := a.callers.list[n]
		values := grid.row(i, len(numbers), c.label(), "principals")
		for h, touches := range c.hours {
			values[h] += float64(touches)
			if c.kind == schema.ActorHuman || c.kind == schema.ActorRoot {
				people += touches
				if h < 6 || h >= 20 {
					night += touches
				}
			}
		}
	}
	if people > 0 {
		p.Lead = fmt.Sprintf("%s of the touches of people and root are between 20:00 and 06:00 UTC (%s of %s).", report.ShareOf(night, people), counted(night, "touch", "touches"), counted(people, "in all"))
	}
	return p
}

// barsShown is how many bars a plot has.
const barsShown = 15

// busiestPlot is the principals with the most touches.
func (a *access) busiestPlot(numbers []int32) report.Plot {
	p := report.Plot{ID: "principals_busiest", Title: "Busiest principals", Kind: report.Bars, Unit: "touches"}
	order := sortedBy(numbers, func(n int32) int64 { return a.callers.list[n].touches })
	row := report.PlotRow{Name: "touches"}
	for i, n := range order {
		if i >= barsShown {
			break
		}
		c := a.callers.list[n]
		p.Columns = append(p.Columns, c.label())
		row.Values = append(row.Values, float64(c.touches))
	}
	if len(order) > 0 {
		c := a.callers.list[order[0]]
		p.Rows = []report.PlotRow{row}
		p.Lead = fmt.Sprintf("%s made the most touches: %s of %s.", c.label(), report.CountOf(c.touches), report.CountOf(a.touches))
	}
	return p
}
