package compliance

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/retention"
	"github.com/keytrail/keytrail/queries/report"
)

// horizonTable says of which days the lake takes no rows any more.
func horizonTable(f *Frame, horizons []retention.Horizon) report.Table {
	t := report.Table{ID: "horizons", Title: "Days that stay out", Empty: "Rows of every day are taken.",
		Lead:    "Pruned days of tables: late objects and new ingests do not bring their rows back.",
		Columns: []report.Column{col("table_name", "Table", report.Text), col("from", "From", report.Day), col("to", "To", report.Day), col("in_period", "In the period", report.Flag)}}
	for _, h := range horizons {
		if f.named(h.Table) {
			t.Add(report.TextOf(shownTable(h.Table)), report.DayOf(h.From), report.DayOf(h.To), report.FlagOf(h.To >= f.Question.From && h.From <= f.Question.To))
		}
	}
	return t
}

// holdTable has the legal holds, those in force first.
func holdTable(f *Frame) report.Table {
	t := report.Table{ID: "legal_holds", Title: "Legal holds", Empty: "No retention file went into this report, or it has no legal hold.",
		Lead:    "What they match is not pruned while they are in force. In force is as of the end of the period.",
		Columns: []report.Column{col("match", "Tables", report.Code), col("state", "State", report.Word), col("from", "From", report.Day), col("to", "To", report.Day), col("expires", "Until", report.Day), col("owner", "Owner", report.Text), col("reason", "Reason", report.Text)}}
	if f.Limits == nil {
		return t
	}
	over := func(h *retention.Hold) bool { return h.Expires < f.Question.To }
	holds := slices.Clone(f.Limits.LegalHolds)
	slices.SortStableFunc(holds, func(a, b retention.Hold) int {
		return cmp.Or(compareFlags(!over(&a), !over(&b)), strings.Compare(a.Expires, b.Expires), strings.Compare(a.Match, b.Match))
	})
	for i := range holds {
		h := &holds[i]
		t.Add(report.CodeOf(h.Match), yesNo(over(h), report.WordOf("over", report.Attention), report.WordOf("in force", report.OK)),
			report.DayOf(h.From), report.DayOf(h.To), report.DayOf(h.Expires), report.TextOf(h.Owner), report.TextOf(h.Reason))
	}
	return t
}
