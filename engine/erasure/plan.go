package erasure

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// Plan is what has to be changed in a lake to forget somebody.
type Plan struct {
	Rows        int64       `json:"rows"`     // looked at: all
	Named       int64       `json:"named"`    // rows that name the subject
	Scrubbed    int64       `json:"scrubbed"` // others, texts of which hold its values
	Files       int64       `json:"files"`
	Tables      []TablePlan `json:"tables"`
	Quarantined int64       `json:"quarantined"` // records in quarantine that hold its values
	Findings    int64       `json:"findings"`    // findings whose sentences do
	Resumed     int64       `json:"resumed"`     // partitions that a killed run left to be done
	InKeys      int64       `json:"in_keys"`     // rows whose keys have the values in longer ones: their keys stay
	Callers     int64       `json:"callers"`     // rows whose caller is called like the subject: that stays
	Held        []HeldPlan  `json:"held,omitempty"`

	parts      []schema.Partition
	quarantine []string // days
	findings   []string
}

// TablePlan is what has to be changed of one table.
type TablePlan struct {
	TableName string `json:"table_name"` // empty: rows of no table
	Days      int64  `json:"days"`
	FirstDay  string `json:"first_day"`
	LastDay   string `json:"last_day"`
	Named     int64  `json:"named"`
	Scrubbed  int64  `json:"scrubbed"`
}

// HeldPlan is what may not be erased yet.
type HeldPlan struct {
	By       string `json:"by"` // whom, until when and why
	FirstDay string `json:"first_day"`
	LastDay  string `json:"last_day"`
	Days     int64  `json:"table_days"`
}

// Nothing reports whether the lake has nothing of the subject.
func (p *Plan) Nothing() bool {
	return len(p.parts) == 0 && p.Quarantined == 0 && p.Findings == 0
}

// columns are what is read of a row to tell whether it has to be changed.
var columns = func() (numbers []int) {
	for _, name := range []string{
		"table_arn", "item_key", "key_values", "statement", "error_message", "request_parameters",
		"response_elements", "additional_event_data", "resources",
		"actor", "actor_name", "session_name", "principal_arn", "source_identity", "user_agent",
	} {
		numbers = append(numbers, schema.ColumnIndex(name))
	}
	slices.Sort(numbers)
	return numbers
}()

// plan looks at every row of the lake: what is said of an item may stand in the text of
// any other row of its event, and such texts have no index. of is the request that it is
// for; what killed runs left of others is in the plan, too.
func plan(ctx context.Context, l *lake.Lake, all *list, of *entry, held func(schema.Partition) string) (*Plan, error) {
	p := &Plan{Tables: []TablePlan{}}
	by := newRewriter(all)
	stays := newRewriter(&list{Salt: all.Salt, Entries: []entry{*of}})
	for _, e := range all.Entries {
		for _, at := range e.Pending {
			part, err := at.partition()
			if err != nil {
				return nil, err
			}
			p.parts = append(p.parts, part)
			p.Resumed++
		}
	}
	_, err := reader.Scan(ctx, l, reader.Query{Columns: columns}, func(rec arrow.Record, part schema.Partition) error {
		p.look(by, stays, rec, part)
		return nil
	})
	if err != nil {
		return nil, err
	}
	p.parts = slices.Compact(sortedParts(p.parts))
	p.hold(held)
	if err := p.countFiles(ctx, l); err != nil {
		return nil, err
	}
	if err := p.lookInQuarantine(ctx, l, by); err != nil {
		return nil, err
	}
	return p, p.lookInFindings(ctx, l, by)
}

// look counts the rows of a record that have to be changed, and those that will say
// something of the subject all the same.
func (p *Plan) look(by, stays *rewriter, rec arrow.Record, part schema.Partition) {
	before := [...]int64{by.named + by.removed, by.scrubbed}
	var t schema.Touch
	for row := range int(rec.NumRows()) {
		t = schema.Touch{}
		if part.Table != schema.NoTable {
			t.TableName = part.Table
		}
		for i, col := range rec.Columns() {
			set(&t, columns[i], col, row)
		}
		if by.Rewrite(&t) {
			p.countStaying(stays, &t)
		}
	}
	p.Rows += rec.NumRows()
	named, scrubbed := by.named+by.removed-before[0], by.scrubbed-before[1]
	if named+scrubbed == 0 {
		return
	}
	p.Named += named
	p.Scrubbed += scrubbed
	name := part.Table
	if name == schema.NoTable {
		name = ""
	}
	if n := len(p.Tables); n == 0 || p.Tables[n-1].TableName != name {
		p.Tables = append(p.Tables, TablePlan{TableName: name, FirstDay: part.DayString()})
	}
	t0 := &p.Tables[len(p.Tables)-1]
	t0.Named += named
	t0.Scrubbed += scrubbed
	if day := part.DayString(); t0.LastDay != day {
		t0.LastDay = day
		t0.Days++
	}
	p.parts = append(p.parts, part)
}

// countStaying counts a row as it will be, if it says something of the subject.
func (p *Plan) countStaying(r *rewriter, t *schema.Touch) {
	if r.anyOf(t, t.ItemKey) {
		p.InKeys++
	}
	if r.anyOf(t, t.Actor, t.ActorName, t.SessionName, t.PrincipalARN, t.SourceIdentity, t.UserAgent) {
		p.Callers++
	}
}

// hold finds out what of the plan somebody holds.
func (p *Plan) hold(held func(schema.Partition) string) {
	if held == nil {
		return
	}
	for _, part := range p.parts {
		by, day := held(part), part.DayString()
		if by == "" {
			continue
		}
		at := slices.IndexFunc(p.Held, func(h HeldPlan) bool { return h.By == by })
		if at < 0 {
			at, p.Held = len(p.Held), append(p.Held, HeldPlan{By: by, FirstDay: day, LastDay: day})
		}
		h := &p.Held[at]
		h.FirstDay, h.LastDay = min(h.FirstDay, day), max(h.LastDay, day)
		h.Days++
	}
}

// heldBy names all who hold something of the plan.
func (p *Plan) heldBy() string {
	var all []string
	for _, h := range p.Held {
		all = append(all, h.By)
	}
	return strings.Join(all, "; ")
}

// set sets one column of a touch.
func set(t *schema.Touch, column int, col arrow.Array, row int) {
	if col.IsNull(row) {
		return
	}
	switch a := col.(type) {
	case *array.String:
		*schema.Columns[column].Text(t) = a.Value(row)
	case *array.List:
		items := a.ListValues().(*array.String)
		var list []string
		for from, to := a.ValueOffsets(row); from < to; from++ {
			list = append(list, items.Value(int(from)))
		}
		*schema.Columns[column].List(t) = list
	}
}

// countFiles counts the files of the partitions.
func (p *Plan) countFiles(ctx context.Context, l *lake.Lake) error {
	wanted := map[schema.Partition]bool{}
	for _, part := range p.parts {
		wanted[part] = true
	}
	if len(wanted) == 0 {
		return nil
	}
	return l.TouchFiles(ctx, "", "", "", func(f lake.TouchFile) error {
		if wanted[f.Partition] {
			p.Files++
		}
		return nil
	})
}

func (p *Plan) lookInQuarantine(ctx context.Context, l *lake.Lake, by *rewriter) error {
	days, err := l.QuarantineDays(ctx)
	if err != nil {
		return err
	}
	for _, day := range days {
		records, err := l.Quarantine(ctx, day)
		if err != nil {
			return err
		}
		before := p.Quarantined
		for i := range records {
			if reason, raw := by.Quarantined(records[i].Reason, records[i].Raw); reason != records[i].Reason || raw != records[i].Raw {
				p.Quarantined++
			}
		}
		if p.Quarantined > before {
			p.quarantine = append(p.quarantine, day)
		}
	}
	return nil
}

func (p *Plan) lookInFindings(ctx context.Context, l *lake.Lake, by *rewriter) error {
	days, err := l.FindingDays(ctx)
	if err != nil {
		return err
	}
	for _, day := range days {
		all, err := l.Findings(ctx, day)
		if err != nil {
			return err
		}
		n := by.findings(all)
		if p.Findings += n; n > 0 {
			p.findings = append(p.findings, day)
		}
	}
	return nil
}

// findings takes what is to be forgotten out of the sentences of findings, and counts
// those that it changed.
func (r *rewriter) findings(all []schema.Finding) (n int64) {
	for i := range all {
		f := &all[i]
		title, explain := r.scrub(f.Title), r.scrub(f.Explain)
		if title != f.Title || explain != f.Explain {
			f.Title, f.Explain = title, explain
			n++
		}
	}
	return n
}

func sortedParts(parts []schema.Partition) []schema.Partition {
	slices.SortFunc(parts, func(a, b schema.Partition) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Day, b.Day))
	})
	return parts
}
