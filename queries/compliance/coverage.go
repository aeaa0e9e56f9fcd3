package compliance

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/tables"
	"github.com/keytrail/keytrail/schema"
)

// covered makes the section on coverage: what the log has of each table and day, and what
// no log shows.
type covered struct {
	books  *books
	tables map[tableID]*tableSeen
	last   *tableSeen // of the touch before: rows come table by table
	trail  []schema.Touch
	gaps   []lake.Gap // of deliveries
	logs   *logging
	config int64 // items of AWS Config that were read
}

// tableSeen is what the period's touches come to, of one table.
type tableSeen struct {
	tableID
	account, region string
	care            policy.Table
	touches         int64
	last            int64   // microseconds since 1970
	byDay           []int64 // data events, by day of the period
	// Of touches on items: how many there are, how many say which item, how many were
	// logged without their parameters.
	items, keyed, omitted int64
	settings              *tables.Table // what its settings were; nil where nothing is known
	label                 string        // what a report calls the table
	past                  tablePast
}

func newCovered(b *books) *covered { return &covered{books: b, tables: map[tableID]*tableSeen{}} }

func (c *covered) touch(e *detect.Event) {
	if detect.IsTrailSetting(e.Touch) {
		c.trail = append(c.trail, *e.Touch.Clone())
	}
	if e.TableARN == "" && e.TableName == "" {
		return
	}
	t := c.table(e)
	t.touches++
	t.last = max(t.last, e.EventTime)
	if e.Plane != schema.PlaneData {
		return
	}
	day := int(e.EventTime / dayLong)
	for len(t.byDay) <= day-c.first() {
		t.byDay = append(t.byDay, 0)
	}
	t.byDay[day-c.first()]++
	t.item(e)
}

// first is the period's first day, which books know before the first touch.
func (c *covered) first() int { return c.books.first }

func (c *covered) table(e *detect.Event) *tableSeen {
	if c.last != nil && c.last.arn == e.TableARN && c.last.name == e.TableName {
		return c.last
	}
	t := c.tables[tableID{e.TableARN, e.TableName}]
	if t == nil {
		id := tableID{strings.Clone(e.TableARN), strings.Clone(e.TableName)}
		t = newTableSeen(id, e.Table)
		c.tables[id] = t
	}
	c.last = t
	return t
}

func newTableSeen(id tableID, care policy.Table) *tableSeen {
	t := &tableSeen{tableID: id, care: care}
	if arn, ok := schema.ParseTableARN(id.arn); ok {
		t.account, t.region = arn.Account, arn.Region
	}
	return t
}

// item counts a touch on an item by what it says of the item.
func (t *tableSeen) item(e *detect.Event) {
	t.items++
	switch {
	case e.ItemKey != "" || len(e.KeyValues) > 0:
		t.keyed++
	case e.KeyScope == schema.ScopeUnknown:
		t.omitted++
	}
}

func (c *covered) write(ctx context.Context, f *Frame, made sections) error {
	if err := c.readTrails(ctx, f); err != nil {
		return err
	}
	c.catalogue(f)
	c.known(f)
	c.gaps = f.Coverage.Gaps()
	tables := c.sorted()
	label(tables)
	s := &report.Section{Title: "Coverage and blind spots"}
	w := coverageWriter{covered: c, f: f, s: s, tables: tables}
	w.write()
	made[Coverage] = s
	return nil
}

// catalogue adds tables that calls on their settings, or AWS Config, tell of, and what was
// set.
func (c *covered) catalogue(f *Frame) {
	list := f.Catalogue
	c.config = list.ConfigItems
	for i := range list.Tables {
		of := &list.Tables[i]
		gone, ok := of.At(tables.Existence, f.From)
		if !f.about(of.ARN, of.Name) || ok && gone.Value == tables.Deleted && of.Touches == 0 {
			continue
		}
		id := tableID{of.ARN, of.Name}
		t := c.tables[id]
		if t == nil {
			t = newTableSeen(id, f.Policy.TableOf(of.ARN))
			c.tables[id] = t
		}
		t.settings = of
		t.care.Class, t.care.Protected, t.care.Owner = of.Class.Value, of.Protected, of.Owner.Value
	}
}

// known adds tables that were touched before the period, and those that the policy names,
// and says of all since when they are seen.
func (c *covered) known(f *Frame) {
	for id, past := range c.books.past.tables {
		t := c.tables[id]
		if t == nil {
			t = newTableSeen(id, f.Policy.TableOf(id.arn))
			c.tables[id] = t
		}
		t.past = *past
	}
	if f.Policy == nil {
		return
	}
	for _, named := range f.Policy.Tables {
		arn, ok := schema.ParseTableARN(named.Match)
		if ok && !strings.ContainsAny(named.Match, "*?[{") && !c.has(named.Match) && f.about(named.Match, arn.Table) {
			id := tableID{named.Match, arn.Table}
			c.tables[id] = newTableSeen(id, named)
		}
	}
}

func (c *covered) has(arn string) bool {
	for id := range c.tables {
		if id.arn == arn {
			return true
		}
	}
	return false
}

// sorted are the tables, those that need most care first.
func (c *covered) sorted() []*tableSeen {
	return slices.SortedFunc(maps.Values(c.tables), func(a, b *tableSeen) int {
		return cmp.Or(-cmp.Compare(rankOf(a.care), rankOf(b.care)), cmp.Compare(a.name, b.name), cmp.Compare(a.arn, b.arn))
	})
}

// rankOf is how much care a table needs, by the policy.
func rankOf(t policy.Table) int {
	rank := slices.Index(policy.Classes, t.Class) + 1
	if t.Protected {
		rank += len(policy.Classes) + 1
	}
	return rank
}

// label gives tables their labels: where several have a name, with account and Region.
func label(tables []*tableSeen) {
	count := map[string]int{}
	for _, t := range tables {
		count[t.name]++
	}
	for _, t := range tables {
		t.label = cmp.Or(t.name, t.arn)
		if count[t.name] > 1 && t.account != "" {
			t.label = t.name + " (" + t.account + ", " + t.region + ")"
		}
	}
}
