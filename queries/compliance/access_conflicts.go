package compliance

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/tables"
	"github.com/keytrail/keytrail/schema"
)

// conflicts are the settings that were found otherwise than the log tells.
func (a *access) conflicts(c *tables.Catalogue) report.Table {
	t := report.Table{ID: "setting_conflicts", Title: "Settings found otherwise", Empty: "Nothing was found set otherwise than the log tells.",
		Lead: "AWS Config, or an answer of DynamoDB, found a value that no call of the log set.",
		Columns: join([]report.Column{col("time", "Found", report.Time)}, tableColumns,
			[]report.Column{col("setting", "Setting", report.Text), col("was", "Was", report.Text), col("found", "Found", report.Text), col("since", "Last known", report.Time), col("source_object", "Said by", report.Code)})}
	for i := range c.Tables {
		table := &c.Tables[i]
		for _, one := range table.Conflicts {
			if one.At >= a.frame.From && one.At < a.frame.To && a.frame.inScope(&schema.Touch{TableName: table.Name, TableARN: table.ARN}) {
				t.Add(report.TimeOf(one.At), report.TextOf(table.Name), report.CodeOf(table.ARN), report.TextOf(one.Setting), report.TextOf(one.Was), report.TextOf(one.Found), report.TimeOf(one.Since), report.CodeOf(one.Source.Object))
			}
		}
	}
	return t
}

// settingsPlot is the changes by setting and day.
func (a *access) settingsPlot(changes []change) report.Plot {
	p := report.Plot{ID: "setting_days", Title: "Changes of settings by day", Kind: report.Stacked, Unit: "changes", Columns: a.frame.Days}
	if len(changes) == 0 {
		p.Lead = "There are none."
		return p
	}
	at := map[string]int{}
	for i, day := range p.Columns {
		at[day] = i
	}
	rows := map[string][]float64{}
	days := map[string]int64{}
	for i := range changes {
		setting, _, _ := strings.Cut(changes[i].setting, ":") // tags, and rules of AWS Config, are one each
		if rows[setting] == nil {
			rows[setting] = make([]float64, len(p.Columns))
		}
		day := schema.DayString(schema.DayOf(changes[i].at))
		rows[setting][at[day]]++
		days[day]++
	}
	for _, setting := range slices.Sorted(maps.Keys(rows)) {
		p.Rows = append(p.Rows, report.PlotRow{Name: setting, Values: rows[setting]})
	}
	most := slices.MaxFunc(slices.Sorted(maps.Keys(days)), func(x, y string) int { return cmp.Compare(days[x], days[y]) })
	p.Lead = fmt.Sprintf("The most were on %s: %s.", most, counted(days[most], "change", "changes"))
	return p
}
