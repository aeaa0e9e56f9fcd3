package cost

import (
	"fmt"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/coverage"
	"github.com/keytrail/keytrail/queries/report"
)

// document writes the answer.
func (a *answer) document() *report.Document {
	d := &report.Document{Kind: "cost", Title: "What logging the tables costs", Subtitle: a.span(), Status: a.status()}
	d.Facts = []report.Fact{
		{ID: "prices_as_of", Name: "Prices as of", Value: report.DayOf(a.Prices.AsOf), Text: strings.Join(a.Prices.Sources, "; ")},
		{ID: "prices_sha256", Name: "Price table", Value: report.CodeOf(a.Prices.SHA256), Text: "SHA-256"},
		coverage.HeadFact(a.head),
	}
	d.Sections = []report.Section{a.summary(), a.byTable(), a.byCaller(), a.byCall(), a.narrower(), a.method(), a.provenance()}
	return d
}

func (a *answer) span() string {
	if a.data == 0 {
		return "no data event in the time asked about"
	}
	from, to := report.TimeOf(int64(a.first)*dayMicros), report.TimeOf((int64(a.last)+1)*dayMicros)
	if a.From != 0 {
		from = report.TimeOf(a.From)
	}
	if a.To != 0 {
		to = report.TimeOf(a.To)
	}
	return fmt.Sprintf("%s to %s (UTC), a month extrapolated from %.4g days", from, to, a.days())
}

// status says how far the numbers go.
func (a *answer) status() report.Note {
	gaps := queries.GapsOf(&queries.Who{From: a.From, To: a.To}, &a.coverage, nil)
	switch {
	case a.data == 0:
		return report.Note{Level: report.Unknown, Text: "The lake has no data event of this time: nothing can be said of their cost."}
	case gaps.Incomplete():
		return report.Note{Level: report.Attention, Text: "Some logs of the time are not in the lake: what was delivered is more than is counted here. " + gaps.String()}
	}
	return report.Note{Level: report.OK, Text: "All logs that the lake knows of are counted. This is an estimate by list prices, and no bill."}
}

// summary is what it comes to, and of what.
func (a *answer) summary() report.Section {
	var month float64
	for _, t := range a.totals(func(*key) string { return "all" }) {
		month = a.usd(t.regions)
	}
	s := report.Section{ID: "summary", Title: "Summary", Tiles: []report.Fact{
		{ID: "data_events", Name: "Data events", Value: report.CountOf(a.data), Text: "calls that reached items, each once"},
		{ID: "data_events_month", Name: "In a month", Value: report.CountOf(int64(a.month(a.data))), Text: "at that rate"},
		{ID: "usd_month", Name: "Cost in a month", Value: report.MoneyOf(month), Text: "of their delivery, all copies"},
		{ID: "copies", Name: "Copies", Value: report.RealOf(a.Copies), Text: "of each event, by as many trails"},
		{ID: "management_events", Name: "Other events", Value: report.CountOf(a.management), Text: "of tables, keys and trails; their first copy is free"},
	}}
	s.Lead = fmt.Sprintf("%s data events in %.4g days: at this rate their delivery costs %s in a month.", report.CountOf(a.data), a.days(), report.MoneyOf(month))
	if a.data == 0 {
		s.Level, s.Lead = report.Unknown, "No data event, no cost: whether none was logged or none is in the lake, \"keytrail report coverage\" says."
	}
	s.Tables = []report.Table{a.components(month)}
	return s
}

// components are what a month's bill is made of.
func (a *answer) components(dataEvents float64) report.Table {
	t := report.Table{
		ID: "components", Title: "A month, by what is paid for", Columns: []report.Column{
			{Name: "component", Title: "What", Kind: report.Text}, {Name: "amount", Title: "Amount in a month", Kind: report.Real}, {Name: "unit", Title: "Of", Kind: report.Text},
			{Name: "usd_month", Title: "USD in a month", Kind: report.Money}, {Name: "how", Title: "How it is known", Kind: report.Text},
		},
	}
	standard := a.Prices.of("default")
	add := func(what string, amount float64, unit string, usd float64, how string) {
		t.Add(report.TextOf(what), report.RealOf(amount), report.TextOf(unit), report.MoneyOf(usd), report.TextOf(how))
	}
	add("Data events delivered", a.month(a.data)*a.Copies, "events", dataEvents, "counted in the lake, times copies")
	others := a.month(a.management)
	add("Further copies of management events", others*max(0, a.Copies-1), "events", others*max(0, a.Copies-1)*(*standard.ManagementCopies)/100_000,
		"those about tables, keys and trails alone: the account has more")
	add("Insights, if both types are on", 2*others, "events analysed", 2*others*(*standard.Insights)/100_000, "at most, of the same events; all others of the account are analysed, too")
	if d := a.delivered; d.records > 0 {
		gb := a.month(a.data) * a.Copies * float64(d.bytes) / float64(d.records) / 1e9
		add("Storage of a month's data events", gb, "GB", gb**standard.Storage, fmt.Sprintf("%.4g stored bytes for each record, by the ledger; for every month that they are kept", float64(d.bytes)/float64(d.records)))
		puts := float64(d.objects) / float64(max(1, len(d.days))) * monthDays
		add("Requests that store log files", puts, "requests", puts**standard.Puts/1000, "all log files of the trail, of other services too; a digest file each hour and Region comes on top")
	}
	return t
}

// provenance says what the report was made from.
func (a *answer) provenance() report.Section {
	t := report.Table{ID: "made_from", Title: "Made from", Columns: []report.Column{{Name: "what", Title: "What", Kind: report.Text}, {Name: "value", Title: "Value", Kind: report.Code}}}
	t.Add(report.TextOf("State of the lake (journal entry and its SHA-256)"), report.CodeOf(coverage.HeadText(a.head)))
	t.Add(report.TextOf("Tool"), report.CodeOf(a.Tool))
	t.Add(report.TextOf("Made again by"), report.CodeOf(a.Command))
	t.Add(report.TextOf("Counted again by (DuckDB)"), report.CodeOf("SELECT table_arn, count(*) FROM read_parquet('LAKE/touches/**/*.parquet') WHERE plane = 'data' AND touch_index = 0 GROUP BY 1"))
	return report.Section{
		ID: "provenance", Title: "Provenance", Lead: "The same lake, prices and question give the same report, byte for byte.", Tables: []report.Table{t},
		Tiles: []report.Fact{{ID: "files", Name: "Files looked at", Value: report.CountOf(int64(a.read.Files))}},
	}
}

// method says how it was counted.
func (a *answer) method() report.Section {
	s := report.Section{
		ID: "method", Title: "Method and limits", Lead: "An event is counted once, with the first table that it reached: a batch over two tables is one event, and one price.",
		Notes: []report.Note{
			{Text: "A month is that of the mean year, 30.44 days, at the rate of the time counted. Days that were logged for a part, and a season, are not corrected for."},
			{Text: "The account that owns a trail pays for it. A call from another account is logged in both, and counted for each."},
			{Text: "Insights on data events, event data stores, CloudWatch Logs, KMS requests and reading the logs again are not in these numbers."},
		},
	}
	switch {
	case a.measured == 0:
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: "How many copies are delivered cannot be told from the ledger: one is assumed unless --copies says otherwise."})
	default:
		s.Notes = append(s.Notes, report.Note{Text: fmt.Sprintf("The ledger counts %s records in scope for the lake's events, %.4g for each: deliveries that came twice, and further trails into the same place. A trail into a place that was not ingested is not known.",
			report.CountOf(a.delivered.inScope), a.measured)})
	}
	if a.folded > 0 {
		s.Notes = append(s.Notes, report.Note{Level: report.Attention, Text: fmt.Sprintf("%s events are of more callers than are told apart: they stand as %q.", report.CountOf(a.folded), manyCallers)})
	}
	return s
}
