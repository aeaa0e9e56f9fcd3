package page

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries/report"
)

var firstDay = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

func days(n int) (list []string) {
	for i := range n {
		list = append(list, firstDay.AddDate(0, 0, i).Format(time.DateOnly))
	}
	return list
}

// demo is a report such as people get: each kind of plot and of value, sizes as they are.
func demo() *report.Document {
	r := rand.New(rand.NewPCG(1, 2))
	d := &report.Document{
		Kind: "compliance", Title: "Access to DynamoDB tables", Subtitle: "2026-01-05 to 2026-02-03 (UTC), all tables of 2 accounts",
		Status: report.Note{Level: report.Attention, Text: "Complete but for 3 declared gaps: 2 hours without digests, 1 table without read events until January 9, 14 objects in Glacier."},
		Facts: []report.Fact{
			{ID: "period", Name: "Period (UTC, both days included)", Value: report.TextOf("2026-01-05 to 2026-02-03")},
			{ID: "accounts", Name: "Accounts", Value: report.ListOf([]string{"111122223333", "444455556666"})},
			{ID: "regions", Name: "Regions", Value: report.ListOf([]string{"eu-central-1", "us-east-1"})},
			{ID: "lake_head", Name: "State of the lake", Value: report.CodeOf("42 · 9f8b6c2a7d4e1f03aa51b2c3d4e5f60718293a4b5c6d7e8f9011223344556677"), Text: "journal entry and its hash"},
			{ID: "lake_at", Name: "Last commit", Value: report.TimeOf(firstDay.AddDate(0, 0, 30).UnixMicro())},
			{ID: "policy", Name: "Policy (SHA-256)", Value: report.CodeOf("1c0ffee0f00dbabe1c0ffee0f00dbabe1c0ffee0f00dbabe1c0ffee0f00dbabe")},
			{ID: "objects", Name: "Source objects", Value: report.CountOf(184_220)},
			{ID: "tool", Name: "Tool", Value: report.CodeOf("keytrail v0.9.0 (a92809a)")},
			{ID: "reviewer", Name: "Reviewed by", Text: "nobody has signed yet", Level: report.Attention},
		},
	}
	d.Sections = append(d.Sections, demoSummary(r), demoCoverage(r), demoPeople(r), demoUnexpected(r), demoFindings(r, 64), demoAnomalies(r),
		report.Section{ID: "denied", Title: "Denied access", Level: report.OK, Lead: "Nobody was denied anything in the period.",
			Tables: []report.Table{{ID: "denied_calls", Title: "Denied calls", Columns: []report.Column{{Name: "actor", Title: "Who", Kind: report.Code}}, Empty: "Nobody was denied."}}})
	return d
}

func demoSummary(r *rand.Rand) report.Section {
	s := report.Section{ID: "summary", Title: "Executive summary", Level: report.Attention,
		Lead: "3 people changed items of 2 protected tables by hand; 1 of them no rule allows. One export left the account. 98.9 % of the table hours are covered by data events.",
		Tiles: []report.Fact{
			{ID: "touches", Name: "Touches", Value: report.CountOf(1_284_551), Text: "1,190,204 calls"},
			{ID: "tables", Name: "Tables covered", Value: report.CountOf(42), Text: "of 43 that were seen", Level: report.Attention},
			{ID: "people", Name: "People", Value: report.CountOf(17), Text: "and 64 workloads"},
			{ID: "manual_changes", Name: "Changes by hand", Value: report.CountOf(31), Text: "1 that no rule allows", Level: report.Alarm},
			{ID: "open_findings", Name: "Open findings", Value: report.CountOf(12), Text: "2 of them critical", Level: report.Alarm},
			{ID: "covered", Name: "Table hours covered", Value: report.ShareOf(30_612, 30_960), Level: report.Attention},
			{ID: "digests", Name: "Digests that hold", Value: report.ShareOf(718, 720), Level: report.Unknown, Text: "2 hours have none"},
			{ID: "cost", Name: "Data events cost", Value: report.MoneyOf(1284.55), Text: "at the prices of 2026-01-01"},
		}}
	p := report.Plot{ID: "findings_by_day", Title: "Findings by day", Kind: report.Stacked, Unit: "findings", Columns: days(30),
		Lead: "Most fell on January 19, the day of the export; the lake has nothing of January 14."}
	for i, name := range []string{"critical", "high", "medium", "low"} {
		row := report.PlotRow{Name: name, Level: []report.Level{report.Alarm, report.Attention, report.Unknown, report.OK}[i]}
		for day := range 30 {
			v := float64(r.IntN(2 + i*2))
			if i == 0 && day != 14 {
				v = 0
			}
			if day == 14 {
				v += 4
			}
			if day == 9 {
				v = math.NaN()
			}
			row.Values = append(row.Values, v)
		}
		p.Rows = append(p.Rows, row)
	}
	t := report.Plot{ID: "incident", Title: "What happened when", Kind: report.Timeline, Lead: "A role was assumed at night, the trail was stopped, a table was exported.",
		Rows: []report.PlotRow{{Name: "Identities"}, {Name: "Trail"}, {Name: "payments-ledger"}, {Name: "customers"}},
		From: firstDay.UnixMicro(), To: firstDay.AddDate(0, 0, 30).UnixMicro()}
	add := func(day int, hour int, lane int, l report.Level, text string) {
		t.Moments = append(t.Moments, report.Moment{Time: firstDay.AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour).UnixMicro(), Lane: lane, Text: text, Level: l})
	}
	add(2, 9, 3, report.OK, "backup made, as every week")
	add(9, 9, 3, report.OK, "backup made, as every week")
	add(13, 23, 0, report.Attention, "alice@example.com assumed Admin without MFA")
	add(14, 1, 0, report.Alarm, "access key made for backup-bot")
	add(14, 2, 1, report.Alarm, "StopLogging")
	add(14, 3, 2, report.Alarm, "exported to a foreign bucket")
	add(14, 4, 2, report.Attention, "3,120 items read by hand")
	add(14, 4, 2, report.Attention, "PITR switched off")
	add(14, 5, 1, report.Unknown, "nothing delivered for 3 hours")
	add(14, 9, 1, report.OK, "StartLogging")
	add(20, 9, 2, report.Plain, "deletion protection switched on")
	add(29, 12, 3, report.Plain, "class changed from internal to confidential")
	s.Plots = []report.Plot{p, t}
	return s
}

func demoCoverage(r *rand.Rand) report.Section {
	s := report.Section{ID: "coverage", Title: "Coverage and blind spots", Level: report.Unknown,
		Lead:  "41 of 43 tables have read and write events for every hour; what TTL deletes no trail can show.",
		Notes: []report.Note{{Level: report.Alarm, Text: "StopLogging on trail org-trail at 2026-01-19 02:14:07: whatever happened until 05:31 cannot be in the lake."}, {Level: report.Unknown, Text: "Items of sessions and carts expire by TTL. CloudTrail does not record that."}, {Text: "Coverage counts hours in which at least one event of its kind arrived or was expected."}}}
	p := report.Plot{ID: "coverage_by_day", Title: "What arrives, by table and day", Kind: report.Matrix, Columns: days(30),
		States: []report.State{{Name: "reads and writes", Sign: "✓", Level: report.OK}, {Name: "writes only", Sign: "w", Level: report.Attention}, {Name: "nothing though expected", Sign: "×", Level: report.Alarm}, {Name: "cannot tell", Sign: "?", Level: report.Unknown}}}
	t := report.Table{ID: "coverage_tables", Title: "Coverage by table", Lead: "Worst first.",
		Columns: []report.Column{{Name: "table_name", Title: "Table", Kind: report.Code}, {Name: "state", Title: "State", Kind: report.Word}, {Name: "since", Title: "Since", Kind: report.Day}, {Name: "hours", Title: "Hours", Kind: report.Count}, {Name: "covered", Title: "Covered", Kind: report.Share}, {Name: "ttl", Title: "TTL", Kind: report.Flag}, {Name: "last_event", Title: "Last event", Kind: report.Time}, {Name: "note", Title: "Note", Kind: report.Text}}}
	for i, name := range tableNames {
		row := report.PlotRow{Name: name}
		for day := range 30 {
			v := 0.0
			switch {
			case i == 3 && day < 4:
				v = 1
			case day == 14 && i < 4:
				v = 2
			case i == 7:
				v = 3
			case i == 8 && day < 12:
				v = math.NaN()
			}
			row.Values = append(row.Values, v)
		}
		p.Rows = append(p.Rows, row)
		state := report.WordOf("covered", report.OK)
		if i == 3 {
			state = report.WordOf("writes only until January 9", report.Attention)
		}
		if i == 7 {
			state = report.WordOf("no data events", report.Unknown)
		}
		t.Add(report.CodeOf(name), state, report.DayOf("2025-11-01"), report.CountOf(720), report.ShareOf(int64(700+i*2), 720), report.FlagOf(i%4 == 0),
			report.TimeOf(firstDay.AddDate(0, 0, 29).Add(time.Duration(r.IntN(86400))*time.Second).UnixMicro()), report.Value{})
	}
	s.Plots, s.Tables = []report.Plot{p}, []report.Table{t}
	return s
}

var tableNames = []string{"payments-ledger", "customers", "orders", "sessions", "carts", "audit-notes", "feature-flags", "loyalty-points", "invoices-eu", "telemetry-2026"}
var people = []string{"alice@example.com", "bob@example.com", "carol@example.com", "dana@example.com", "arn:aws:iam::111122223333:role/app/orders-service", "arn:aws:iam::111122223333:role/batch/nightly-export", "arn:aws:iam::111122223333:user/backup-bot", "root of 111122223333"}

func demoPeople(r *rand.Rand) report.Section {
	s := report.Section{ID: "access-by-person", Title: "Access by person", Level: report.OK, Lead: "8 callers make 97 % of all touches; alice@example.com is the only person who worked at night."}
	bars := report.Plot{ID: "top_actors", Title: "Who touched most", Kind: report.Bars, Unit: "touches", Columns: people, Rows: []report.PlotRow{{Name: "touches"}}}
	heat := report.Plot{ID: "actor_hours", Title: "Actor by hour of day", Kind: report.Heat, Unit: "touches", Lead: "Hours are UTC."}
	for h := range 24 {
		heat.Columns = append(heat.Columns, fmt.Sprintf("%02d", h))
	}
	matrix := report.Plot{ID: "table_ops", Title: "Table by operation", Kind: report.Heat, Unit: "touches", Columns: []string{"read", "range read", "write", "delete", "export", "admin"}}
	for i, who := range people {
		total := 0.0
		row := report.PlotRow{Name: who}
		for h := range 24 {
			v := math.Floor(math.Pow(10, r.Float64()*4) / float64(1+i))
			if i < 4 && (h < 7 || h > 17) && !(i == 0 && h < 4) {
				v = 0
			}
			total += v
			row.Values = append(row.Values, v)
		}
		heat.Rows = append(heat.Rows, row)
		bars.Rows[0].Values = append(bars.Rows[0].Values, total)
	}
	for _, name := range tableNames {
		row := report.PlotRow{Name: name}
		for range matrix.Columns {
			row.Values = append(row.Values, math.Floor(math.Pow(10, r.Float64()*5.5)-1))
		}
		row.Values[4] = 0
		matrix.Rows = append(matrix.Rows, row)
	}
	s.Plots = []report.Plot{bars, heat, matrix}
	return s
}

func demoUnexpected(r *rand.Rand) report.Section {
	s := report.Section{ID: "unexpected", Title: "Changes nobody expected", Level: report.Alarm, Lead: "1 change of a protected table is covered by no rule."}
	t := report.Table{ID: "changes_unexpected", Title: "Changes", Lead: "One row is one call, the newest first.",
		Columns: []report.Column{{Name: "event_time", Title: "When", Kind: report.Time}, {Name: "actor", Title: "Who", Kind: report.Code}, {Name: "table_name", Title: "Table", Kind: report.Code}, {Name: "op", Title: "What", Kind: report.Text}, {Name: "verdict", Title: "Verdict", Kind: report.Word}, {Name: "touches", Title: "Touches", Kind: report.Count}, {Name: "attributes", Title: "Attributes", Kind: report.List}, {Name: "source_ip", Title: "From", Kind: report.Code}, {Name: "event_id", Title: "Event", Kind: report.Code}}}
	for i := range 31 {
		verdict := report.WordOf("allowed", report.OK)
		if i == 0 {
			verdict = report.WordOf("no rule", report.Alarm)
		} else if i%7 == 0 {
			verdict = report.WordOf("rule expired", report.Attention)
		}
		t.Add(report.TimeOf(firstDay.AddDate(0, 0, 29-i%29).Add(time.Duration(r.IntN(86400))*time.Second).UnixMicro()), report.CodeOf(people[i%len(people)]), report.CodeOf(tableNames[i%3]),
			report.TextOf([]string{"UpdateItem", "DeleteItem", "PutItem"}[i%3]), verdict, report.CountOf(int64(1+r.IntN(40))), report.ListOf([]string{"status", "amount", "iban"}[:1+i%3]),
			report.CodeOf(fmt.Sprintf("203.0.113.%d", r.IntN(255))), report.CodeOf(fmt.Sprintf("%08x-1c2d-4e3f-8a9b-%012x", r.Uint32(), r.Uint64()>>16)))
	}
	s.Tables = []report.Table{t}
	return s
}

func demoFindings(r *rand.Rand, n int) report.Section {
	s := report.Section{ID: "findings", Title: "Findings", Level: report.Alarm, Lead: fmt.Sprintf("%d findings, 2 of them critical and open.", n)}
	t := report.Table{ID: "findings", Title: "Findings", Lead: "The most severe first.",
		Columns: []report.Column{{Name: "id", Title: "Finding", Kind: report.Code}, {Name: "severity", Title: "Severity", Kind: report.Word}, {Name: "title", Title: "Title", Kind: report.Text}, {Name: "first", Title: "First", Kind: report.Time}, {Name: "count", Title: "Times", Kind: report.Count}, {Name: "score", Title: "Score", Kind: report.Real}, {Name: "open", Title: "Open", Kind: report.Flag}, {Name: "reviewer", Title: "Reviewer", Kind: report.Text}}}
	for i := range n {
		l := []report.Level{report.Alarm, report.Attention, report.Unknown, report.OK}[min(i/2, 3)]
		t.Add(report.CodeOf(fmt.Sprintf("fnd_%010x", r.Uint64()>>24)), report.WordOf([]string{"critical", "high", "medium", "low"}[min(i/2, 3)], l), report.TextOf("Table exported to a bucket outside the organisation"),
			report.TimeOf(firstDay.Add(time.Duration(i)*time.Minute).UnixMicro()), report.CountOf(int64(i)), report.RealOf(r.Float64()*100), report.FlagOf(i < 12), report.Value{})
	}
	s.Tables = []report.Table{t}
	return s
}

func demoAnomalies(r *rand.Rand) report.Section {
	s := report.Section{ID: "anomalies", Title: "Anomalies", Level: report.Attention, Lead: "Of 1,204 series 5 left the band of what was expected."}
	p := report.Plot{ID: "anomaly_lines", Title: "Series that left their band", Kind: report.Lines, Unit: "touches", Columns: days(30)}
	for i := range 5 {
		row := report.PlotRow{Name: people[i] + " on " + tableNames[i]}
		for day := range 30 {
			base := 100 * float64(1+i) * (1 + 0.3*math.Sin(float64(day)))
			v := math.Floor(base * (0.8 + 0.4*r.Float64()))
			if day == 14 {
				v *= 4
			}
			if day == 9 {
				v = math.NaN()
			}
			row.Values = append(row.Values, v)
			row.Low, row.High = append(row.Low, math.Floor(base*0.6)), append(row.High, math.Ceil(base*1.5))
		}
		p.Rows = append(p.Rows, row)
	}
	s.Plots = []report.Plot{p}
	return s
}

// hostileTexts are what a log may have in its texts.
var hostileTexts = []string{
	`<script>document.title='owned';alert(1)</script>`,
	`</title></style></svg><img src=x onerror="document.title='owned'">`,
	`"><svg onload=alert(1)>`, `' onfocus='alert(1)' autofocus='`, `{{.Title}} {{template "page"}}`, `javascript:alert(1)`,
	"\u202egnp.exe\u202c \u2066rtl\u2069 \u200fabc", "שלום עולם مرحبا", "\x1b[31mred\x1b[0m\x00\x07\r\nnext", `=HYPERLINK("http://127.0.0.1:9/x","y")`, "]]><!--", "--><!doctype html>",
	"\xff\xfe not UTF-8", strings.Repeat("A", 4000), strings.Repeat("漢字", 300), strings.Repeat("word ", 400), "&lt;b&gt; &amp; &#x3c;",
}
