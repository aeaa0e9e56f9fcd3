package coverage

import (
	"fmt"
	"maps"
	"slices"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// deliveries is what became of the log files.
func (a *answer) deliveries() report.Section {
	total := a.Deliveries.Total()
	s := report.Section{ID: "deliveries", Title: "Deliveries", Level: bad(total.Unread()+total.Quarantined, report.Attention)}
	s.Lead = fmt.Sprintf("Log files: %s, read to the end %s, not read %s. Records: %s, not understood %s. Digests, which say what was delivered: %s.",
		report.CountOf(total.Logs()), report.CountOf(total.Done), report.CountOf(total.Unread()), report.CountOf(total.Records), report.CountOf(total.Quarantined), report.CountOf(total.Digests))
	if total.Digests == 0 {
		s.Level = s.Level.Worse(report.Unknown)
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: "There is no digest: whether a quiet day was quiet, or its logs were lost, cannot be proven. Log file validation makes them."})
	}
	for _, g := range a.gaps {
		s.Notes = append(s.Notes, report.Note{Text: g.What})
	}
	s.Tables = []report.Table{a.areasTable(), a.troubleTable()}
	return s
}

func (a *answer) areasTable() report.Table {
	t := report.Table{ID: "areas", Title: "Accounts and Regions", Empty: "The lake has no log of a known account and Region.", Columns: []report.Column{
		{Name: "account_id", Title: "Account", Kind: report.Code}, {Name: "region", Title: "Region", Kind: report.Code}, {Name: "first_day", Title: "First delivery", Kind: report.Day},
		{Name: "last_day", Title: "Last delivery", Kind: report.Day}, {Name: "days", Title: "Days with logs", Kind: report.Count},
		{Name: "gap_days", Title: "Days without", Kind: report.Count}, {Name: "gap_digests", Title: "Digests of those", Kind: report.Count},
	}}
	for _, of := range a.Deliveries.Areas() {
		var days, digests int64
		for _, g := range of.Gaps {
			days += int64(g.Days)
			digests += g.Digests
		}
		t.Add(report.CodeOf(of.Account), report.CodeOf(of.Region), report.DayOf(of.First), report.DayOf(of.Last), report.CountOf(int64(of.Days)), report.CountOf(days), report.CountOf(digests))
	}
	return t
}

func (a *answer) troubleTable() report.Table {
	t := report.Table{ID: "delivery_trouble", Title: "Delivery days of which something is lacking", Empty: "All log files were read, and all records understood.", Columns: []report.Column{
		{Name: "day", Title: "Delivered", Kind: report.Day}, {Name: "logs", Title: "Logs", Kind: report.Count}, {Name: "failed", Title: "Not readable", Kind: report.Count},
		{Name: "missing", Title: "Missing", Kind: report.Count}, {Name: "archived", Title: "Archived", Kind: report.Count}, {Name: "quarantined", Title: "Records not understood", Kind: report.Count},
		{Name: "ledger", Title: "Ledger", Kind: report.Text},
	}}
	for _, d := range a.Deliveries.Trouble() {
		t.Add(report.DayOf(d.Day), report.CountOf(d.Logs()), report.CountOf(d.Failed), report.CountOf(d.Missing), report.CountOf(d.Archived), report.CountOf(d.Quarantined), report.TextOf(d.Broken))
	}
	return t
}

// perDay has what came of each table on each day.
func (a *answer) perDay() report.Section {
	t := report.Table{ID: "table_days", Title: "Tables by day", Empty: "The lake has no touch of a table in this time.",
		Columns: []report.Column{{Name: "table", Title: "Table", Kind: report.Text}, {Name: "day", Title: "Day", Kind: report.Day}, {Name: "state", Title: "State", Kind: report.Word}}}
	for k := range kinds {
		t.Columns = append(t.Columns, report.Column{Name: kindNames[k].column, Title: kindNames[k].title, Kind: report.Count})
	}
	t.Columns = append(t.Columns, report.Column{Name: "denied", Title: "Denied", Kind: report.Count}, report.Column{Name: "table_arn", Title: "ARN", Kind: report.Code})
	for _, i := range a.order {
		table := a.Tables[i]
		for _, day := range slices.Sorted(maps.Keys(table.Days)) {
			d, state := table.Days[day], a.states[i][day-a.First]
			row := []report.Value{report.TextOf(table.Name), report.DayOf(schema.DayString(day)), report.WordOf(state.String(), stateNames[state].Level)}
			for _, n := range d.Of {
				row = append(row, report.CountOf(n))
			}
			t.Add(append(row, report.CountOf(d.Denied), report.CodeOf(table.ARN))...)
		}
	}
	return report.Section{ID: "days", Title: "By day", Tables: []report.Table{t},
		Lead: fmt.Sprintf("%s touches of tables, on %s tables' days; %s more are about no table.", report.CountOf(a.Touches-a.Tableless), report.CountOf(int64(len(t.Rows))), report.CountOf(a.Tableless))}
}

func (a *answer) method() report.Section {
	return report.Section{
		ID: "method", Title: "Method and limits",
		Lead: "Counts are rows of the lake, one for each item that a call touched. Whether events were to be logged comes from the trails' settings, whether their logs are here from the ledger.",
		Notes: []report.Note{
			{Text: "A day without an event is quiet, or not logged, or lost: which of them is said only where settings and deliveries tell."},
			{Text: "Settings are followed through the calls that changed them, from a snapshot where one is given. A trail of another account that logs this one is known only by its own calls."},
			{Text: "Logs not read and not delivered are counted by the day of delivery, as a rule the event's own or the next."},
			{Text: "Whatever is logged, no trail has expiry by time to live, reads answered by a DAX cache, replication, or what a Query or Scan returned."},
		},
	}
}

func (a *answer) provenance() report.Section {
	t := report.Table{ID: "made_from", Title: "Made from", Columns: []report.Column{{Name: "what", Title: "What", Kind: report.Text}, {Name: "value", Title: "Value", Kind: report.Code}}}
	for _, r := range [][2]string{
		{"State of the lake (journal entry and its SHA-256)", HeadText(a.head)}, {"Tool", a.Tool}, {"Made again by", a.Command},
		{"Counted again by (DuckDB)", "SELECT table_arn, day, count(*) FROM read_parquet('LAKE/touches/**/*.parquet', hive_partitioning = true) GROUP BY 1, 2"},
	} {
		t.Add(report.TextOf(r[0]), report.CodeOf(r[1]))
	}
	return report.Section{ID: "provenance", Title: "Provenance", Lead: "The same lake, snapshot and question give the same report, byte for byte.", Tables: []report.Table{t},
		Tiles: []report.Fact{{ID: "files", Name: "Files looked at", Value: report.CountOf(int64(a.Read.Files))}}}
}
