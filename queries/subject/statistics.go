package subject

import (
	"fmt"
	"time"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// manyDays is from how many days on accesses are drawn by the week.
const manyDays = 60

// statistics draws the accesses over time.
func (a *answer) statistics() report.Section {
	s := report.Section{ID: "statistics", Title: "Over time"}
	t := report.Table{
		ID: "by_category", Title: "Accesses by who it was, in kind", Empty: "There is none.",
		Columns: []report.Column{{Name: "category", Title: "By", Kind: report.Text}, {Name: "touches", Title: "Accesses", Kind: report.Count}, {Name: "share", Title: "Share", Kind: report.Share},
			{Name: "days", Title: "On days", Kind: report.Count}},
	}
	for _, c := range categories {
		var n, days int64
		for _, of := range a.hits.byDay {
			if of[c] > 0 {
				n += of[c]
				days++
			}
		}
		if n > 0 {
			t.Add(report.TextOf(c), report.CountOf(n), report.ShareOf(n, a.hits.count), report.CountOf(days))
		}
	}
	s.Lead = fmt.Sprintf("%s on %s.", plural(a.hits.count, "access that named it", "accesses that named it"), plural(int64(len(a.hits.byDay)), "day", "days"))
	s.Tables, s.Plots = []report.Table{t}, []report.Plot{a.plot()}
	return s
}

// plot is the accesses per day, or per week where there are many days, by category.
func (a *answer) plot() report.Plot {
	p := report.Plot{ID: "accesses_over_time", Title: "Accesses per day", Kind: report.Stacked, Unit: "accesses",
		Lead: fmt.Sprintf("%s by category, days in UTC.", plural(a.hits.count, "access", "accesses"))}
	if a.hits.count == 0 {
		return p
	}
	first, last := schema.DayOf(a.hits.first), schema.DayOf(a.hits.last)
	step := int32(1)
	if last-first >= manyDays {
		p.Title, step = "Accesses per week, which begin on Mondays", 7
		first -= int32(time.UnixMicro(int64(first)*dayMicros).UTC().Weekday()+6) % 7
	}
	for day := first; day <= last; day += step {
		p.Columns = append(p.Columns, schema.DayString(day))
	}
	for _, c := range categories {
		row := report.PlotRow{Name: c, Values: make([]float64, len(p.Columns))}
		any := false
		for day, of := range a.hits.byDay {
			if n := of[c]; n > 0 {
				d, _ := schema.ParseDay(day) // DayString made it
				row.Values[(d-first)/step] += float64(n)
				any = true
			}
		}
		if any {
			p.Rows = append(p.Rows, row)
		}
	}
	return p
}
