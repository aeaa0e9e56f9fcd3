package cost

import (
	"fmt"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// counts are the columns that all tables of totals end with.
var counts = []report.Column{
	{Name: "events", Title: "Data events", Kind: report.Count}, {Name: "share", Title: "Share", Kind: report.Share},
	{Name: "reads", Title: "Reads", Kind: report.Count}, {Name: "writes", Title: "Writes", Kind: report.Count}, {Name: "stream_reads", Title: "Stream reads", Kind: report.Count},
	{Name: "unsuccessful", Title: "Denied or failed", Kind: report.Count}, {Name: "usd_month", Title: "USD in a month", Kind: report.Money},
}

func (a *answer) counts(t *total) []report.Value {
	return []report.Value{
		report.CountOf(t.events), report.ShareOf(t.events, a.data), report.CountOf(t.reads), report.CountOf(t.writes), report.CountOf(t.streams),
		report.CountOf(t.failed), report.MoneyOf(a.usd(t.regions)),
	}
}

// tableOf is a table of totals with columns of its own before the counts.
func (a *answer) tableOf(id, title string, own []report.Column, totals []*total, values func(*total) []report.Value) report.Table {
	t := report.Table{ID: id, Title: title, Columns: append(own, counts...), Empty: "No data event is in the lake."}
	for _, of := range totals {
		t.Add(append(values(of), a.counts(of)...)...)
	}
	return t
}

func (a *answer) byTable() report.Section {
	totals := a.totals(tableID)
	s := report.Section{ID: "by-table", Title: "By table"}
	s.Lead = fmt.Sprintf("%s tables have data events%s.", report.CountOf(int64(len(totals))), a.dearest(totals, func(t *total) string { return t.key.table }))
	s.Plots = []report.Plot{a.bars("cost_by_table", "Cost in a month by table", totals, func(t *total) string { return t.key.table }), a.perDay(totals)}
	s.Tables = []report.Table{a.tableOf("cost_tables", "Tables, the dearest first", []report.Column{
		{Name: "table", Title: "Table", Kind: report.Text}, {Name: "account_id", Title: "Account", Kind: report.Code}, {Name: "region", Title: "Region", Kind: report.Code},
		{Name: "table_arn", Title: "ARN", Kind: report.Code},
	}, totals, func(t *total) []report.Value {
		arn, _ := schema.ParseTableARN(t.key.arn)
		return []report.Value{report.TextOf(t.key.table), report.CodeOf(arn.Account), report.CodeOf(t.key.region), report.CodeOf(t.key.arn)}
	})}
	return s
}

func (a *answer) byCaller() report.Section {
	totals := a.totals(func(k *key) string { return k.actor + "\x00" + k.name })
	s := report.Section{ID: "by-caller", Title: "By caller"}
	s.Lead = fmt.Sprintf("%s callers made them%s.", report.CountOf(int64(len(totals))), a.dearest(totals, func(t *total) string { return t.key.name }))
	s.Plots = []report.Plot{a.bars("cost_by_caller", "Cost in a month by caller", totals, func(t *total) string { return t.key.name })}
	s.Tables = []report.Table{a.tableOf("cost_callers", "Callers, the dearest first", []report.Column{
		{Name: "actor_name", Title: "Who", Kind: report.Text}, {Name: "actor_kind", Title: "Kind", Kind: report.Text}, {Name: "actor", Title: "As", Kind: report.Code},
		{Name: "tables", Title: "Tables", Kind: report.Count},
	}, totals, func(t *total) []report.Value {
		return []report.Value{report.TextOf(t.key.name), report.TextOf(t.key.kind), report.CodeOf(t.key.actor), report.CountOf(int64(len(t.tables)))}
	})}
	return s
}

func (a *answer) byCall() report.Section {
	totals := a.totals(func(k *key) string { return k.op + "\x00" + k.event })
	s := report.Section{ID: "by-call", Title: "By operation and call"}
	s.Lead = fmt.Sprintf("%s kinds of calls%s.", report.CountOf(int64(len(totals))), a.dearest(totals, func(t *total) string { return t.key.event }))
	s.Tables = []report.Table{a.tableOf("cost_calls", "Calls, the dearest first", []report.Column{
		{Name: "op", Title: "Operation", Kind: report.Text}, {Name: "event_name", Title: "Call", Kind: report.Code},
	}, totals, func(t *total) []report.Value {
		return []report.Value{report.TextOf(t.key.op), report.CodeOf(t.key.event)}
	})}
	return s
}

// dearest names what has most events.
func (a *answer) dearest(totals []*total, name func(*total) string) string {
	if len(totals) == 0 {
		return ""
	}
	return fmt.Sprintf("; %s has %s of them", name(totals[0]), report.ShareOf(totals[0].events, a.data))
}

// drawn is how many bars and bands a plot has.
const drawn = 8

func (a *answer) bars(id, title string, totals []*total, name func(*total) string) report.Plot {
	p := report.Plot{ID: id, Title: title, Kind: report.Bars, Unit: "USD in a month", Lead: "The eight that cost most."}
	if len(totals) == 0 {
		return p
	}
	row := report.PlotRow{Name: "USD in a month"}
	for _, t := range totals[:min(drawn, len(totals))] {
		p.Columns = append(p.Columns, name(t))
		row.Values = append(row.Values, a.usd(t.regions))
	}
	p.Rows = []report.PlotRow{row}
	return p
}

// perDay is the events of the dearest tables by day.
func (a *answer) perDay(totals []*total) report.Plot {
	p := report.Plot{ID: "events_by_day", Title: "Data events per day", Kind: report.Stacked, Unit: "events", Lead: "The eight tables that have most, and all others."}
	if a.data == 0 {
		return p
	}
	for d := a.first; d <= a.last; d++ {
		p.Columns = append(p.Columns, schema.DayString(d))
	}
	at := map[string]int{}
	for i, t := range totals[:min(drawn, len(totals))] {
		at[t.key.arn] = i
		p.Rows = append(p.Rows, report.PlotRow{Name: t.key.table, Values: make([]float64, len(p.Columns))})
	}
	rest := report.PlotRow{Name: "all others", Values: make([]float64, len(p.Columns))}
	for d, n := range a.byDay {
		if i, ok := at[d.arn]; ok {
			p.Rows[i].Values[d.day-a.first] += float64(n)
		} else {
			rest.Values[d.day-a.first] += float64(n)
		}
	}
	if len(totals) > drawn {
		p.Rows = append(p.Rows, rest)
	}
	return p
}
