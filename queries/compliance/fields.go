package compliance

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// fields makes the section on whether each entry says what an auditor wants an entry to
// say: the elements of PCI DSS 10.2.2.
type fields struct {
	months  map[fieldMonth]*fieldCounts
	reasons least[fieldGap, fieldReason]
	last    *fieldCounts
	lastID  fieldMonth
}

// fieldMonth is a table's calendar month: months since 1970.
type fieldMonth struct {
	tableID
	month int32
}

// fieldCounts are the touches of a table's month, and how many lack each element.
type fieldCounts struct {
	all   int64
	lacks [len(elements)]int64
}

// elements are what an entry has to say.
var elements = [...]struct{ name, title string }{
	{"user", "User"}, {"type", "Type of event"}, {"time", "Date and time"}, {"outcome", "Success or failure"}, {"origin", "Origination"}, {"affected", "Affected data"},
}

// Elements by number.
const (
	ofUser = iota
	ofType
	ofTime
	ofOutcome
	ofOrigin
	ofAffected
)

// fieldGap is why an element is missing.
type fieldGap struct {
	tableID
	element int
	why     string
}

type fieldReason struct {
	touches int64
	event   string // the least id of them
}

// maxFieldGaps bounds the reasons that are told apart.
const maxFieldGaps = 10000

func newFields() *fields {
	return &fields{months: map[fieldMonth]*fieldCounts{}, reasons: least[fieldGap, fieldReason]{
		max: maxFieldGaps, compare: compareGaps, merge: (*fieldReason).merge,
		clone: func(g fieldGap) fieldGap {
			g.arn, g.name = strings.Clone(g.arn), strings.Clone(g.name)
			return g
		},
	}}
}

func compareGaps(a, b fieldGap) int {
	return cmp.Or(compareTables(a.tableID, b.tableID), cmp.Compare(a.element, b.element), strings.Compare(a.why, b.why))
}

func (r *fieldReason) merge(o *fieldReason) { r.touches += o.touches }

func (p *fields) touch(e *detect.Event) {
	c := p.counts(e)
	c.all++
	for element := range elements {
		why := lacking(e, element)
		if why == "" {
			continue
		}
		c.lacks[element]++
		p.because(e, element, why)
	}
}

func (p *fields) counts(e *detect.Event) *fieldCounts {
	id := fieldMonth{tableID{e.TableARN, e.TableName}, monthOf(e.EventTime)}
	if p.last != nil && id == p.lastID {
		return p.last
	}
	c := p.months[id]
	id.arn, id.name = strings.Clone(id.arn), strings.Clone(id.name)
	if c == nil {
		c = &fieldCounts{}
		p.months[id] = c
	}
	p.last, p.lastID = c, id
	return c
}

// monthOf is the number of a time's calendar month since year 0.
func monthOf(micros int64) int32 {
	year, month, _ := time.UnixMicro(micros).UTC().Date()
	return int32(year*12 + int(month) - 1)
}

// lacking is why an entry does not say an element; empty when it does.
func lacking(e *detect.Event, element int) string {
	switch element {
	case ofUser:
		switch {
		case e.Actor == "":
			return "the record names nobody"
		case e.ActorKind == schema.ActorUnknown:
			return "who is behind the identity is not known"
		}
	case ofType:
		if e.EventName == "" || e.Op == "" {
			return "the record names no call"
		}
	case ofTime:
		if e.EventTime <= 0 {
			return "the record has no time"
		}
	case ofOutcome:
		if e.Outcome == "" {
			return "the record does not say how the call ended"
		}
	case ofOrigin:
		if e.SourceIP == "" && e.VPCEndpointID == "" && e.InvokedBy == "" {
			return "the record has no address"
		}
	case ofAffected:
		return unaffected(e)
	}
	return ""
}

// unaffected is why an entry does not say what was affected: the table, and of calls on
// single items the item.
func unaffected(e *detect.Event) string {
	switch {
	case e.Plane == schema.PlaneData && e.TableARN == "" && e.TableName == "":
		return "the record names no table"
	case e.Plane == schema.PlaneData && e.KeyScope == schema.ScopeItem && e.ItemKey == "" && len(e.KeyValues) == 0:
		return "the item's key is not kept"
	case e.Plane == schema.PlaneData && e.KeyScope == schema.ScopeUnknown:
		return "the record does not say which item: parameters left out, or of an unknown form"
	}
	return ""
}

func (p *fields) because(e *detect.Event, element int, why string) {
	r := p.reasons.at(fieldGap{tableID{e.TableARN, e.TableName}, element, why})
	r.touches++
	if r.touches == 1 || e.EventID < r.event {
		r.event = strings.Clone(e.EventID)
	}
}

func (p *fields) write(_ context.Context, _ *Frame, made sections) error {
	s := &report.Section{Title: "What each entry says", Level: report.OK}
	var sum fieldCounts
	for _, c := range p.months {
		sum.all += c.all
		for i := range c.lacks {
			sum.lacks[i] += c.lacks[i]
		}
	}
	var lacking []string
	for i, e := range elements {
		have := sum.all - sum.lacks[i]
		s.Tiles = append(s.Tiles, report.Fact{ID: "complete_" + e.name, Name: e.title, Value: report.ShareOf(have, sum.all), Level: shareLevel(have, sum.all, 0)})
		if sum.lacks[i] > 0 {
			s.Level = s.Level.Worse(report.Attention)
			lacking = append(lacking, fmt.Sprintf("%s in %s", strings.ToLower(e.title), report.CountOf(sum.lacks[i])))
		}
	}
	s.Lead = fmt.Sprintf("Of %s, every one says user, type, time, outcome, origination and what was affected.", many(sum.all, "entry"))
	if len(lacking) > 0 {
		s.Lead = fmt.Sprintf("Of %s, some do not say all that an entry should: %s.", many(sum.all, "entry"), strings.Join(lacking, ", "))
	}
	if sum.all == 0 {
		s.Lead, s.Level = "There are no entries.", report.Unknown
	}
	if p.reasons.trim(); p.reasons.full() {
		s.Notes = append(s.Notes, report.Note{Level: report.Attention, Text: fmt.Sprintf("There are more reasons than %s: those of the first tables by name are listed, and the others are %s. The shares by table are of all.", report.CountOf(maxFieldGaps), many(p.reasons.rest.touches, "missing element"))})
	}
	s.Tables = append(s.Tables, p.monthTable(), p.reasonTable())
	made[Fields] = s
	return nil
}

func compareTables(a, b tableID) int {
	return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.arn, b.arn))
}

func (p *fields) monthTable() report.Table {
	t := report.Table{ID: "fields", Title: "Completeness by table and month", Empty: "There are no entries.", Lead: "The share of touches that say each element of PCI DSS 10.2.2. Rows of no table are calls on trails, keys, sessions and the like.",
		Columns: []report.Column{col("table_name", "Table", report.Text), col("table_arn", "ARN", report.Code), col("month", "Month", report.Text), col("touches", "Touches", report.Count)}}
	for _, e := range elements {
		t.Columns = append(t.Columns, col(e.name, e.title, report.Share))
	}
	for _, id := range slices.SortedFunc(maps.Keys(p.months), func(a, b fieldMonth) int {
		return cmp.Or(compareTables(a.tableID, b.tableID), cmp.Compare(a.month, b.month))
	}) {
		c := p.months[id]
		row := []report.Value{report.TextOf(cmp.Or(id.name, id.arn, "(no table)")), report.CodeOf(id.arn), report.TextOf(fmt.Sprintf("%04d-%02d", id.month/12, id.month%12+1)), report.CountOf(c.all)}
		for i := range elements {
			row = append(row, report.ShareOf(c.all-c.lacks[i], c.all))
		}
		t.Add(row...)
	}
	return t
}

func (p *fields) reasonTable() report.Table {
	t := report.Table{ID: "fields_missing", Title: "What is missing, and why", Empty: "Nothing.", Lead: "With the id of one of the calls: \"keytrail who\" shows it.",
		Columns: []report.Column{
			col("table_name", "Table", report.Text), col("table_arn", "ARN", report.Code), col("element", "Element", report.Text), col("why", "Why", report.Text), col("touches", "Touches", report.Count), col("event_id", "One of them", report.Code),
		}}
	reasons := p.reasons.of
	for _, g := range slices.SortedFunc(maps.Keys(reasons), func(a, b fieldGap) int {
		return cmp.Or(-cmp.Compare(reasons[a].touches, reasons[b].touches), compareGaps(a, b))
	}) {
		r := reasons[g]
		t.Add(report.TextOf(cmp.Or(g.name, g.arn, "(no table)")), report.CodeOf(g.arn), report.TextOf(elements[g.element].title), report.TextOf(g.why), report.CountOf(r.touches), report.CodeOf(r.event))
	}
	return t
}
