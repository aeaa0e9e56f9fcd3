package compliance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
)

// byTable tells who reached each table: the access matrix is the population that others
// draw samples from.
func (a *access) byTable() *report.Section {
	numbers := a.tables.sorted()
	list := a.tableList(numbers)
	s := &report.Section{Title: "Access by table", Tables: []report.Table{list, a.matrix(numbers)}, Plots: []report.Plot{a.operationsPlot(numbers)}}
	named, careful := int64(0), int64(0)
	for _, n := range numbers {
		if a.tables.list[n].rank() < 2+len(policy.Classes) {
			named++
		}
		if a.tables.list[n].careful() {
			careful++
		}
	}
	s.Tiles = []report.Fact{
		tile("touches", "Touches", a.touches, report.Plain, "an item or table reached by a call"),
		tile("events", "Calls", a.events, report.Plain, ""),
		tile("tables", "Tables", named, report.Plain, ""),
	}
	s.Lead = fmt.Sprintf("%s made %s of %s.", counted(a.events, "call", "calls"), counted(a.touches, "touch", "touches"), counted(named, "table", "tables"))
	switch {
	case a.touches == 0:
		s.Level, s.Lead = report.Unknown, "The lake has no touch of the period: nobody reached the tables, or the log of it is not here."
	case a.frame.Policy == nil:
		s.Lead += " Without a policy no table has a class."
	default:
		s.Lead += fmt.Sprintf(" The policy says of %s that they need care: they are listed first.", counted(careful, "table", "tables"))
		if careful == 1 {
			s.Lead = strings.Replace(s.Lead, "that they need care: they are", "that it needs care: it is", 1)
		}
	}
	if a.insights > 0 {
		s.Notes = append(s.Notes, report.Note{Text: fmt.Sprintf("%s are findings of CloudTrail Insights: they count as touches, and no table or principal has them.", counted(a.insights, "row", "rows"))})
	}
	a.limitNotes(s)
	return s
}

func (a *access) tableList(numbers []int32) report.Table {
	t := report.Table{ID: "tables", Title: "Tables that were reached", Empty: "No table was reached.",
		Lead: "Those that need the most care first. Counts are touches; a table's calls may have touched others, too.",
		Columns: join(tableColumns, []report.Column{
			col("class", "Class", report.Word), col("protected", "Protected", report.Flag), col("owner", "Owner", report.Text),
			col("calls", "Calls", report.Count), col("touches", "Touches", report.Count),
		}, sumColumns, []report.Column{
			col("people", "People", report.Count), col("unknown", "Unknown", report.Count), col("workloads", "Workloads", report.Count),
		}, spanColumns)}
	totals := sums(&a.cells, func(k *cellKey) int32 { return k.table })
	who := a.callersByTable()
	for _, n := range numbers {
		table := a.tables.list[n]
		class := report.Value{}
		if table.care.Class != "" {
			class = report.WordOf(table.care.Class, report.Plain)
		}
		row := append(table.values(), class, report.FlagOf(table.care.Protected), report.TextOf(table.care.Owner), report.CountOf(table.calls), report.CountOf(table.touches))
		row = append(row, totals[n].values()...)
		row = append(row, report.CountOf(who[n].people), report.CountOf(who[n].unknown), report.CountOf(who[n].programs))
		t.Add(append(row, spanOf(table.first, table.last)...)...)
	}
	return t
}

// crowd is how many principals of a kind there are.
type crowd struct{ people, unknown, programs int64 }

func (c *crowd) add(kind string) {
	switch {
	case !isPersonal(kind) && kind != "external":
		c.programs++
	case kind == "human" || kind == "root":
		c.people++
	default:
		c.unknown++
	}
}

func (a *access) callersByTable() map[int32]*crowd {
	all := map[int32]*crowd{}
	for p := range sums(&a.cells, func(k *cellKey) pair { return pair{k.table, k.caller} }) {
		if all[p.table] == nil {
			all[p.table] = &crowd{}
		}
		all[p.table].add(a.callers.list[p.caller].kind)
	}
	return all
}

// right is what a principal did to a table under one verdict of the policy.
type right struct {
	pair
	verdict policy.Verdict
}

// matrix is the access matrix.
func (a *access) matrix(tables []int32) report.Table {
	t := report.Table{ID: "access_matrix", Shown: 60, Title: "Who reached which table", Empty: "Nobody reached any table.",
		Lead:    "One line for each table, principal and verdict of the policy; people, and who may be one, first. Counts are touches.",
		Columns: join(tableColumns, callerColumns, sumColumns, spanColumns, verdictColumns, []report.Column{col("purpose", "Purpose", report.Text)})}
	place := map[int32]int{}
	for i, n := range tables {
		place[n] = i
	}
	lines := sums(&a.cells, func(k *cellKey) right { return right{pair{k.table, k.caller}, k.verdict} })
	keys := make([]right, 0, len(lines))
	for k := range lines {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y right) int {
		return cmp.Or(cmp.Compare(place[x.table], place[y.table]), a.callers.compare(x.caller, y.caller),
			strings.Compare(string(x.verdict.Effect), string(y.verdict.Effect)), strings.Compare(x.verdict.RuleID(), y.verdict.RuleID()))
	})
	for _, k := range keys {
		line := lines[k]
		row := append(a.tables.list[k.table].values(), a.callers.list[k.caller].values()...)
		row = append(row, line.values()...)
		row = append(row, spanOf(line.first, line.last)...)
		verdict := a.verdictValues(k.verdict)
		if k.verdict.Effect == policy.None && line.changes() == 0 && !a.tables.list[k.table].careful() {
			verdict[0] = verdict[0].Marked(report.Plain) // no rule has to speak of such reads
		}
		row = append(row, verdict...)
		purpose := report.Value{}
		if k.verdict.Rule != nil {
			purpose = report.TextOf(cmp.Or(k.verdict.Rule.Purpose, k.verdict.Rule.Reason))
		}
		t.Add(append(row, purpose)...)
	}
	return t
}

// plotRows is how many rows a plot has before the rest is summed up.
const plotRows = 30

// operationsPlot is touches by table and operation class.
func (a *access) operationsPlot(tables []int32) report.Plot {
	p := report.Plot{ID: "table_operations", Title: "Tables by kind of operation", Kind: report.Heat, Unit: "touches"}
	type square struct {
		table int32
		op    uint8
	}
	counts := sums(&a.cells, func(k *cellKey) square { return square{k.table, k.op} })
	var used []uint8
	for op := range uint8(len(ops)) {
		if slices.ContainsFunc(tables, func(n int32) bool { return counts[square{n, op}] != nil }) {
			used = append(used, op)
			p.Columns = append(p.Columns, ops[op])
		}
	}
	grid, labels := newGrid(&p, len(used)), a.tables.labels(tables)
	most, where := int64(0), ""
	for i, n := range tables {
		values := grid.row(i, len(tables), labels[n], "tables")
		for at, op := range used {
			if c := counts[square{n, op}]; c != nil {
				values[at] += float64(c.touches())
				if c.touches() > most {
					most, where = c.touches(), fmt.Sprintf("%s of %s", ops[op], labels[n])
				}
			}
		}
	}
	if most > 0 {
		p.Lead = fmt.Sprintf("Most touches are %s: %s of %s. Denied and failed calls are counted, too.", where, counted(most, "touch", "touches"), counted(a.touches-a.insights, "in all"))
	}
	return p
}

// grid adds rows to a plot; those beyond plotRows share the last one.
type grid struct {
	plot    *report.Plot
	columns int
}

func newGrid(p *report.Plot, columns int) *grid { return &grid{p, columns} }

// row is the values of row i of so many in all.
func (g *grid) row(i, all int, name, things string) []float64 {
	rows := &g.plot.Rows
	if i > plotRows || i == plotRows && all > plotRows+1 {
		name = counted(int64(all-plotRows), "other "+things)
		i = plotRows
	}
	if i == len(*rows) {
		*rows = append(*rows, report.PlotRow{Name: name, Values: make([]float64, g.columns)})
	}
	return (*rows)[i].Values
}
