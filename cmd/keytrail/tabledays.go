package main

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/engine/custody"
	"github.com/keytrail/keytrail/schema"
)

// maxTableDays bounds the lines about single tables and days.
const maxTableDays = 50

// tableDays writes the totals, and a line for each table and day whose rows are not
// all proven.
func tableDays(b *strings.Builder, all []custody.TableDay) {
	if len(all) == 0 {
		return
	}
	var total custody.TableDay
	var open []*custody.TableDay
	for i := range all {
		t := &all[i]
		total.Proven += t.Proven
		total.Unproven += t.Unproven
		total.Altered += t.Altered
		total.NotJudged += t.NotJudged
		if t.Proven < t.Rows() {
			open = append(open, t)
		}
	}
	fmt.Fprintf(b, "%-10s %s in %s: %s\n", "Rows", humanize.Comma(total.Rows()), count(int64(len(all)), "table-day"), rowTally(&total))
	for _, t := range open[:min(len(open), maxTableDays)] {
		name := t.Table
		if name == schema.NoTable {
			name = "(no table)"
		}
		fmt.Fprintf(b, "  %-8s %s %s: %s; of %s\n", "", t.Day, oneLine(name), rowTally(t), count(t.Objects, "object"))
	}
	if more := len(open) - maxTableDays; more > 0 {
		fmt.Fprintf(b, "  %-8s and %s not all proven\n", "", count(int64(more), "more table-day"))
	}
}

func rowTally(t *custody.TableDay) string {
	return fmt.Sprintf("%s proven, %s unproven, %s altered, %s not judged", humanize.Comma(t.Proven), humanize.Comma(t.Unproven),
		humanize.Comma(t.Altered), humanize.Comma(t.NotJudged))
}
