package compliance

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// waysOut tells by which ways data left, or can leave, and whether anybody expected that.
func (a *access) waysOut() *report.Section {
	x := &a.exits
	keys := a.sortedExits()
	s := &report.Section{Title: "Ways out", Tables: []report.Table{a.exitTable(keys)}, Plots: []report.Plot{a.waysPlot(keys)}}
	var foreign, unsure, surprising int64
	for _, k := range keys {
		if k.outcome != succeeded {
			continue
		}
		switch belongs, _ := a.belongs(k); belongs {
		case strangers:
			foreign++
		case notKnown:
			unsure++
		}
		if ways[k.way].opened && a.frame.Unexpected != nil && !isAllowed(k.verdict) {
			surprising++
		}
	}
	s.Tiles = []report.Fact{
		tile("ways_out", "Ways opened", x.opened, alertIf(x.opened, report.Attention), "calls: exports, copies, restores, streams, replicas, policies, integrations"),
		tile("ways_out_foreign", "To strangers", foreign, alertIf(foreign, report.Alarm), "lines that lead out of the organisation"),
		tile("bulk_reads", "Reads in bulk", x.bulk, report.Plain, "Scans and statements without a key"),
	}
	s.Lead = fmt.Sprintf("%s opened a way out of a table; %s tables in bulk.", nobodyOr(x.opened, "call", "calls"), noneOr(x.bulk, "read", "calls read"))
	switch {
	case foreign > 0:
		s.Level = report.Alarm
		s.Lead += fmt.Sprintf(" %s to an account that is neither ours nor a partner's.", counted(foreign, "line leads", "lines lead"))
	case surprising > 0:
		s.Level = report.Attention
	case unsure > 0:
		s.Level = report.Unknown
	case x.opened == 0:
		s.Level = a.frame.none()
		a.frame.noneNote(s)
	}
	if surprising > 0 {
		s.Lead += fmt.Sprintf(" No rule allows %s of the lines of opened ways.", report.CountOf(surprising))
	}
	if unsure > 0 {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: fmt.Sprintf("Of %s it is not known whose account they lead to, or whether it is ours: org_accounts and partners of the policy say that.", counted(unsure, "line", "lines"))})
	}
	s.Notes = append(s.Notes, report.Note{Text: "The log has the call that opens a way and not what goes through it: rows of an export, a replica, a stream or a Scan are not logged."})
	if x.left > 0 {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: fmt.Sprintf("More than %d ways: %s more are not listed.", maxExits, counted(x.left, "touch", "touches"))})
	}
	return s
}

// Whose account a way leads to.
const (
	sameAccount = "the table's account"
	ours        = "ours"
	partners    = "a partner's"
	strangers   = "a stranger's"
	notKnown    = "not known"
)

// belongs says whose account a way leads to; empty for those that lead nowhere else.
func (a *access) belongs(k exitKey) (whose string, level report.Level) {
	e := a.exits.of[k]
	switch {
	case e.stranger != "":
		return strangers, report.Alarm
	case e.unsure != "":
		return notKnown, report.Unknown
	case e.account == "" && k.way == byPolicy:
		return ours, report.Plain
	case e.account == "" && (k.way == byKinesis || k.way == byIntegration || k.way == byBackupCopy):
		return notKnown, report.Unknown
	case e.account == "":
		return "", report.Plain
	case e.account == a.tables.list[k.table].account():
		return sameAccount, report.Plain
	}
	mine, known := a.frame.Policy.Ours(e.account)
	switch {
	case mine:
		return ours, report.Plain
	case a.frame.Policy.PartnerOf(e.account, schema.DayString(schema.DayOf(e.last))) != nil:
		return partners, report.Plain
	case known:
		return strangers, report.Alarm
	}
	return notKnown, report.Unknown
}

func (t *reached) account() string {
	arn, _ := schema.ParseTableARN(t.arn)
	return arn.Account
}

// sortedExits are the lines: those that lead to strangers first, then what succeeded, then
// what no rule allows, then by way.
func (a *access) sortedExits() []exitKey {
	foreign := map[exitKey]bool{}
	for k := range a.exits.of {
		whose, _ := a.belongs(k)
		foreign[k] = whose == strangers
	}
	return slices.SortedFunc(maps.Keys(a.exits.of), func(x, y exitKey) int {
		return cmp.Or(compareFlags(foreign[x], foreign[y]), cmp.Compare(x.outcome, y.outcome), compareFlags(ways[x.way].opened, ways[y.way].opened),
			compareFlags(!isAllowed(x.verdict), !isAllowed(y.verdict)), cmp.Compare(x.way, y.way), a.callers.compare(x.caller, y.caller), a.tables.compare(x.table, y.table),
			strings.Compare(x.to, y.to), strings.Compare(x.verdict.RuleID(), y.verdict.RuleID()), strings.Compare(string(x.verdict.Effect), string(y.verdict.Effect)))
	})
}

func (a *access) exitTable(keys []exitKey) report.Table {
	t := report.Table{ID: "ways_out", Shown: 40, Title: "Ways by which data left, or can leave", Empty: "No way out was opened, used or tried.",
		Lead: "One line for each way, table, principal and target. Those to strangers first, then what succeeded. Backups and restores stay in the account, and make a copy that needs the same care.",
		Columns: join([]report.Column{col("way", "Way", report.Text)}, tableColumns, callerColumns,
			[]report.Column{col("to", "Where to", report.Text), col("to_account", "Account", report.Code), col("belongs", "Whose", report.Word),
				col("outcome", "Outcome", report.Word), col("detail", "Detail", report.Text)}, verdictColumns, traceColumns)}
	for _, k := range keys {
		e := a.exits.of[k]
		whose, level := a.belongs(k)
		row := append([]report.Value{report.TextOf(ways[k.way].name)}, a.tables.list[k.table].values()...)
		row = append(row, a.callers.list[k.caller].values()...)
		row = append(row, report.TextOf(k.to), report.CodeOf(e.account), report.WordOf(whose, level), outcomeWord(k.outcome), report.TextOf(a.exitDetail(k, e)))
		row = append(row, a.verdictValues(k.verdict)...)
		t.Add(append(row, e.values()...)...)
	}
	return t
}

func outcomeWord(o outcome) report.Value {
	switch o {
	case denied:
		return report.WordOf("denied", report.OK)
	case failed:
		return report.WordOf("failed", report.Plain)
	}
	return report.WordOf("succeeded", report.Plain)
}

// exitDetail is what else there is to know of a way.
func (a *access) exitDetail(k exitKey, e *exit) string {
	switch {
	case e.stranger != "":
		return "lets in " + e.stranger
	case e.unsure != "":
		return e.unsure
	case k.way != byScan:
		return e.detail
	}
	most := e.busiestDay()
	whole, known := a.exits.sizes.ScanCalls(a.tables.list[k.table].arn)
	switch {
	case !known:
		return fmt.Sprintf("%s on the busiest day; the table's size is not in the log", counted(most, "call", "calls"))
	case most >= whole:
		return fmt.Sprintf("%s on the busiest day: enough for the whole table, which takes %s", counted(most, "call", "calls"), report.CountOf(whole))
	}
	return fmt.Sprintf("%s on the busiest day; the whole table takes %s", counted(most, "call", "calls"), report.CountOf(whole))
}

// waysPlot is the calls that succeeded by way.
func (a *access) waysPlot(keys []exitKey) report.Plot {
	p := report.Plot{ID: "ways_out_kinds", Title: "Ways out by kind", Kind: report.Bars, Unit: "calls"}
	counts := make([]int64, len(ways))
	order := []int32{}
	for w := range ways {
		order = append(order, int32(w))
	}
	for _, k := range keys {
		if k.outcome == succeeded {
			counts[k.way] += a.exits.of[k].calls
		}
	}
	row := report.PlotRow{Name: "calls"}
	for _, w := range sortedBy(order, func(w int32) int64 { return counts[w] }) {
		if counts[w] > 0 {
			p.Columns = append(p.Columns, ways[w].name)
			row.Values = append(row.Values, float64(counts[w]))
		}
	}
	if len(p.Columns) > 0 {
		p.Rows = []report.PlotRow{row}
		p.Lead = fmt.Sprintf("The most used is: %s.", p.Columns[0])
	}
	return p
}
