package subject

import (
	"fmt"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// column is a column of the accesses: what it is, who may see it, and its value.
type column struct {
	report.Column
	identity bool // it says, or leads to, who acted
	value    func(*hit) report.Value
}

// hitTable are the columns of the accesses, in order.
var hitTable = []column{
	{report.Column{Name: "time", Title: "Time (UTC)", Kind: report.Time}, false, func(h *hit) report.Value { return report.TimeOf(h.EventTime) }},
	{report.Column{Name: "done", Title: "What was done", Kind: report.Text}, false, func(h *hit) report.Value { return report.TextOf(did(&h.Touch)) }},
	{report.Column{Name: "category", Title: "By", Kind: report.Text}, false, func(h *hit) report.Value { return report.TextOf(category(h.ActorKind)) }},
	{report.Column{Name: "actor_name", Title: "Who", Kind: report.Text}, true, func(h *hit) report.Value { return report.TextOf(h.ActorName) }},
	{report.Column{Name: "purpose", Title: "Purpose", Kind: report.Text}, false, func(h *hit) report.Value { return report.TextOf(purpose(h.verdict)) }},
	{report.Column{Name: "outcome", Title: "Outcome", Kind: report.Word}, false, outcomeWord},
	{report.Column{Name: "table", Title: "Table", Kind: report.Text}, false, func(h *hit) report.Value { return report.TextOf(h.TableName) }},
	{report.Column{Name: "origin", Title: "From", Kind: report.Text}, false, func(h *hit) report.Value { return report.TextOf(origin(&h.Touch)) }},
	{report.Column{Name: "named", Title: "Named", Kind: report.Text}, false, func(h *hit) report.Value { return report.TextOf(string(h.level)) }},
	{report.Column{Name: "actor", Title: "As", Kind: report.Code}, true, func(h *hit) report.Value { return report.CodeOf(h.Actor) }},
}

// innerTable are further columns, for investigators alone.
var innerTable = []column{
	{report.Column{Name: "event_name", Title: "Call", Kind: report.Code}, true, func(h *hit) report.Value { return report.CodeOf(h.EventName) }},
	{report.Column{Name: "item_key", Title: "Item", Kind: report.Code}, true, func(h *hit) report.Value { return report.CodeOf(h.ItemKey) }},
	{report.Column{Name: "attributes", Title: "Attributes", Kind: report.List}, true, func(h *hit) report.Value { return report.ListOf(h.Attributes) }},
	{report.Column{Name: "error_code", Title: "Error", Kind: report.Code}, true, func(h *hit) report.Value { return report.CodeOf(h.ErrorCode) }},
	{report.Column{Name: "rule", Title: "Rule", Kind: report.Code}, true, func(h *hit) report.Value { return report.CodeOf(h.verdict.RuleID()) }},
	{report.Column{Name: "verdict", Title: "Policy says", Kind: report.Text}, true, func(h *hit) report.Value { return report.TextOf(string(h.verdict.Effect)) }},
	{report.Column{Name: "session_name", Title: "Session", Kind: report.Code}, true, func(h *hit) report.Value { return report.CodeOf(h.SessionName) }},
	{report.Column{Name: "source_ip", Title: "Address", Kind: report.Code}, true, func(h *hit) report.Value { return report.CodeOf(h.SourceIP) }},
	{report.Column{Name: "user_agent", Title: "Program", Kind: report.Text}, true, func(h *hit) report.Value { return report.TextOf(h.UserAgent) }},
	{report.Column{Name: "table_arn", Title: "Table ARN", Kind: report.Code}, true, func(h *hit) report.Value { return report.CodeOf(h.TableARN) }},
	{report.Column{Name: "event_id", Title: "Event", Kind: report.Code}, true, func(h *hit) report.Value { return report.CodeOf(h.EventID) }},
}

func outcomeWord(h *hit) report.Value {
	level := report.Plain
	if h.Outcome == schema.OutcomeDenied {
		level = report.Attention
	}
	return report.WordOf(outcome(&h.Touch), level)
}

// columns are those that the audience gets.
func (a *answer) columns() (list []column) {
	for _, c := range hitTable {
		if !c.identity || a.identities() {
			list = append(list, c)
		}
	}
	if a.For != Person {
		list = append(list, innerTable...)
	}
	return list
}

// accesses lists the touches that named the subject, newest last.
func (a *answer) accesses() report.Section {
	h := &a.hits
	s := report.Section{ID: "accesses", Title: "Accesses that named it", Tiles: []report.Fact{
		{ID: "touches", Name: "Accesses", Value: report.CountOf(h.count), Text: "that named the key"},
		{ID: "by_staff", Name: "By people", Value: report.CountOf(h.staff), Text: "or callers who may be people"},
		{ID: "changes", Name: "Changes", Value: report.CountOf(h.changes), Text: "that succeeded"},
		{ID: "unsuccessful", Name: "Not done", Value: report.CountOf(h.unsuccessful), Text: "refused or failed"},
		{ID: "purposeless", Name: "Purpose not recorded", Value: report.CountOf(h.purposeless), Text: "no rule of the policy gives one", Level: levelOf(h.purposeless)},
	}}
	columns := a.columns()
	t := report.Table{
		ID: "accesses", Title: "Accesses, oldest first", Empty: "No access that names this key is in the log.",
		Lead: "Direct: the request named this one item. Contained: it named several, this one among them. Partition: it named the first part of the key, and may have returned the item.",
	}
	for _, c := range columns {
		t.Columns = append(t.Columns, c.Column)
	}
	for i := range h.list {
		row := make([]report.Value, len(columns))
		for j := range columns {
			row[j] = columns[j].value(&h.list[i])
		}
		t.Add(row...)
	}
	s.Tables = []report.Table{t}
	a.tellAccesses(&s)
	return s
}

// tellAccesses says in words what the list comes to.
func (a *answer) tellAccesses(s *report.Section) {
	h := &a.hits
	if h.count == 0 {
		s.Level = report.Unknown
		s.Lead = "No access that names this key is in the log. That is as sure as the log is complete: see what cannot be seen."
		return
	}
	s.Lead = fmt.Sprintf("%s between %s and %s: %s named it directly, %s among others, %s by a part of its key. %s by people, or callers who may be.",
		plural(h.count, "access", "accesses"), report.TimeOf(h.first), report.TimeOf(h.last),
		report.CountOf(h.byLevel[direct]), report.CountOf(h.byLevel[contained]), report.CountOf(h.byLevel[partition]), report.CountOf(h.staff))
	if h.purposeless > 0 {
		s.Level = report.Attention
		s.Notes = append(s.Notes, report.Note{Level: report.Attention, Text: fmt.Sprintf("The purpose of %s of %s is not recorded: no rule of the policy says what they are for.",
			report.CountOf(h.purposeless), plural(h.count, "access", "accesses"))})
	}
	if more := h.count - int64(len(h.list)); more > 0 {
		s.Notes = append(s.Notes, report.Note{Level: report.Attention, Text: fmt.Sprintf("%s of these are not listed one by one, the oldest: ask for a shorter time to have them listed.", report.CountOf(more))})
	}
}

// levelOf is how many of something that should be none are to be taken.
func levelOf(n int64) report.Level {
	if n > 0 {
		return report.Attention
	}
	return report.OK
}
