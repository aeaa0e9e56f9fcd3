package compliance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/tables"
	"github.com/keytrail/keytrail/schema"
)

// change is a line of the change log.
type change struct {
	at                     int64
	table, arn             string
	setting, before, after string
	detail                 string
	event, id              string
	caller                 *caller
	call                   *settingCall // nil: the scan did not see the call
}

// settingsSection tells what was set on tables, from what to what and by whom.
func (a *access) settingsSection() *report.Section {
	catalogue := a.frame.Catalogue
	changes := append(a.catalogued(catalogue), a.uncatalogued()...)
	slices.SortFunc(changes, compareChanges)
	log, calls, weaker, surprising := a.changeTable(changes)
	conflicts := a.conflicts(catalogue)
	s := &report.Section{Title: "Settings of tables", Tables: []report.Table{log, conflicts}, Plots: []report.Plot{a.settingsPlot(changes)}}
	found := int64(len(conflicts.Rows))
	s.Tiles = []report.Fact{
		tile("setting_changes", "Calls that changed settings", calls, report.Plain, ""),
		tile("setting_changes_weaker", "Weaker afterwards", weaker, alertIf(weaker, report.Attention), "changes that protect less, or open a way out"),
		tile("setting_changes_unexpected", "Without a rule", surprising, alertIf(surprising, report.Attention), "changes"),
		tile("setting_conflicts", "Found otherwise", found, alertIf(found, report.Attention), "settings that changed without a call in the log"),
	}
	s.Lead = fmt.Sprintf("%s changed settings of tables; ", counted(calls, "call", "calls"))
	switch weaker {
	case 0:
		s.Lead += "none protects a table less than before, or opens a way out of it."
	case 1:
		s.Lead += "one change protects a table less than before, or opens a way out of it."
	default:
		s.Lead += counted(weaker, "changes") + " protect a table less than before, or open a way out of it."
	}
	if calls == 0 {
		s.Level, s.Lead = a.frame.none(), "No setting of a table is known to have been changed."
		a.frame.noneNote(s)
	}
	if a.frame.Unexpected == nil {
		s.Tiles[2].Value, s.Tiles[2].Level = report.Value{}, report.Unknown
	} else if surprising > 0 {
		s.Lead += fmt.Sprintf(" No rule allows %s.", counted(surprising, "change", "changes"))
	}
	if weaker+surprising+found > 0 {
		s.Level = report.Attention
	}
	if found > 0 {
		s.Lead += fmt.Sprintf(" %s found otherwise than the log tells.", counted(found, "setting was", "settings were"))
	}
	a.tellLowered(s)
	if catalogue.ConfigItems == 0 {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: "There are no items of AWS Config: what was set before the log begins is not known, and changes that the log lacks cannot be found."})
	}
	if left := catalogue.Left + a.settings.left; left > 0 {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: fmt.Sprintf("There are more changes than can be kept: %s left out.", counted(left, "is", "are"))})
	}
	return s
}

// maxLowered bounds how many lowered classes are told one by one.
const maxLowered = 10

// tellLowered tells of tags that took care from a table: the class that it had before is the
// one that the report goes by.
func (a *access) tellLowered(s *report.Section) {
	n := 0
	for i := range a.frame.Catalogue.Tables {
		t := &a.frame.Catalogue.Tables[i]
		for j := range t.Lowered {
			one := &t.Lowered[j]
			if one.At < a.frame.From || one.At >= a.frame.To || !a.frame.inScope(&schema.Touch{TableName: t.Name, TableARN: t.ARN}) {
				continue
			}
			if n++; n <= maxLowered {
				s.Notes = append(s.Notes, report.Note{Level: report.Alarm, Text: t.Name + ": " + one.String()})
			}
		}
	}
	if n > maxLowered {
		s.Notes = append(s.Notes, report.Note{Level: report.Alarm, Text: fmt.Sprintf("%s more were lowered by tags: keytrail tables tells which.", counted(int64(n-maxLowered), "class", "classes"))})
	}
	if n > 0 {
		s.Level = s.Level.Worse(report.Alarm)
	}
}

// catalogued are the changes of which the catalogue knows what was before.
func (a *access) catalogued(c *tables.Catalogue) (all []change) {
	for i := range c.Tables {
		t := &c.Tables[i]
		if !a.frame.inScope(&schema.Touch{TableName: t.Name, TableARN: t.ARN}) {
			continue
		}
		for j := range t.History {
			now := &t.History[j]
			if !now.Changed || now.Source.Kind != tables.FromEvent || now.From < a.frame.From || now.From >= a.frame.To {
				continue
			}
			if strings.HasPrefix(now.Setting, tables.RulePrefix) {
				continue // what a rule of AWS Config found is no change
			}
			one := change{at: now.From, table: t.Name, arn: t.ARN, setting: now.Setting, after: now.Value, detail: now.Detail, event: now.Source.EventName, id: now.Source.EventID}
			if j > 0 && t.History[j-1].Setting == now.Setting && t.History[j-1].To == now.From {
				one.before = t.History[j-1].Value
			}
			if one.before == "" && byBirth(now) {
				continue // what a new table has anyway: the line of its making says so
			}
			a.caused(&one, now)
			all = append(all, one)
		}
	}
	return all
}

// byBirth reports a setting that a table was made with and that is worth no line: off, or
// what DynamoDB gives every table.
func byBirth(i *tables.Interval) bool {
	switch i.Value {
	case tables.Off, tables.None, tables.AWSOwned, "PROVISIONED", "STANDARD":
		return strings.HasPrefix(i.Source.EventName, "CreateTable") || strings.HasPrefix(i.Source.EventName, "Restore") || i.Source.EventName == "ImportTable"
	}
	return false
}

// caused says who made a change: the call that the scan saw, or what the catalogue has of it.
func (a *access) caused(one *change, i *tables.Interval) {
	for _, key := range []tableKey{{one.arn, one.table}, {one.arn, ""}} {
		if n, known := a.tables.of[key]; known {
			if call := a.settings.of[settingKey{one.id, n}]; call != nil {
				call.told = true
				one.call, one.caller = call, a.callers.list[call.caller]
				return
			}
		}
	}
	one.caller = &caller{callerKey: callerKey{i.Source.Actor, i.Source.ActorKind}, name: i.Source.ActorName}
}

// uncatalogued are the calls that the catalogue does not know, and throughput.
func (a *access) uncatalogued() (all []change) {
	for key, call := range a.settings.of {
		t := a.tables.list[key.table]
		one := change{at: call.at, table: t.label, arn: t.arn, event: call.event, id: key.event, caller: a.callers.list[call.caller], call: call}
		switch {
		case call.after != "":
			one.setting, one.before, one.after = "throughput", call.before, call.after
		case call.told:
			continue
		default:
			one.setting, one.detail = "other", call.asked
		}
		all = append(all, one)
	}
	return all
}

func compareChanges(x, y change) int {
	return cmp.Or(cmp.Compare(y.weaker(), x.weaker()), cmp.Compare(x.at, y.at), strings.Compare(x.arn, y.arn), strings.Compare(x.setting, y.setting),
		strings.Compare(x.id, y.id), strings.Compare(x.after, y.after))
}

// Effects of a change.
const (
	otherwise = iota
	opening
	weakening
)

var changeEffects = []report.Value{
	otherwise: report.WordOf("changed", report.Plain), opening: report.WordOf("opens a way out", report.Attention), weakening: report.WordOf("protects less", report.Attention),
}

// weaker says whether a table is less protected after a change, or seen by more.
func (c *change) weaker() int {
	switch c.setting {
	case tables.PITR, tables.DeletionProtection:
		if c.after == tables.Off {
			return weakening
		}
	case tables.Encryption:
		if c.after == tables.AWSOwned {
			return weakening
		}
	case tables.TTL:
		if c.after == tables.On {
			return weakening
		}
	case tables.Existence:
		if c.after == tables.Deleted {
			return weakening
		}
	case tables.ResourcePolicy, tables.StreamPolicy:
		if c.after == tables.Set {
			return opening
		}
	case tables.Stream:
		if c.after == tables.On {
			return opening
		}
	case tables.Kinesis, tables.Replicas:
		if grew(c.before, c.after) {
			return opening
		}
	}
	return otherwise
}

// grew reports whether a list has something that it had not before.
func grew(before, after string) bool {
	had := strings.Fields(before)
	return after != tables.None && slices.ContainsFunc(strings.Fields(after), func(one string) bool { return !slices.Contains(had, one) })
}

func (a *access) changeTable(changes []change) (t report.Table, calls, weaker, surprising int64) {
	t = report.Table{ID: "setting_changes", Shown: 30, Title: "What was set", Empty: "No setting was changed.",
		Lead: "What protects less or opens a way out comes first, then by time. Before is empty where it is not known. Values and details are as the call has them.",
		Columns: join([]report.Column{col("time", "When", report.Time)}, tableColumns,
			[]report.Column{col("setting", "Setting", report.Text), col("before", "Before", report.Text), col("after", "After", report.Text), col("effect", "Effect", report.Word), col("detail", "Detail", report.Text)},
			callerColumns, []report.Column{col("event_name", "Call", report.Code)}, verdictColumns, []report.Column{col("event_id", "Event", report.Code)})}
	ids := map[string]struct{}{}
	for i := range changes {
		c := &changes[i]
		ids[c.id] = struct{}{}
		if c.weaker() != otherwise {
			weaker++
		}
		verdict := []report.Value{{}, {}}
		if c.call != nil {
			verdict = a.verdictValues(c.call.verdict)
			if a.frame.Unexpected != nil && !isAllowed(c.call.verdict) {
				surprising++
			}
		}
		row := []report.Value{report.TimeOf(c.at), report.TextOf(c.table), report.CodeOf(c.arn), report.TextOf(c.setting), report.TextOf(c.before), report.TextOf(c.after),
			changeEffects[c.weaker()], report.TextOf(c.detail)}
		row = append(append(row, c.caller.values()...), report.CodeOf(c.event))
		t.Add(append(append(row, verdict...), report.CodeOf(c.id))...)
	}
	return t, int64(len(ids)), weaker, surprising
}
