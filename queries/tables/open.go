package tables

import (
	"cmp"
	"context"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Lake is what a catalogue asks of a lake: [lake.Lake] is one.
type Lake interface {
	reader.Lake
	ConfigDays(ctx context.Context) ([]string, error)
	ConfigItems(ctx context.Context, day string) ([]schema.ConfigItem, error)
	RollupDays(ctx context.Context) ([]string, error)
	EachCount(ctx context.Context, days []string, fn func(day int, counts []lake.Count) error) error
}

// Open reads what the lake knows of tables: those with touches in [from, to),
// microseconds since 1970 and 0 for no bound, and those that a setting is known of in that
// time. What was set before counts too, so calls that change settings are read from the
// lake's beginning; of all others nothing but hourly counts is.
//
// p may be nil: then no table has a class. Two bounds that are alike in all but p cost the
// same; a catalogue takes some 200 MB at most ([Catalogue.Left]).
func Open(ctx context.Context, l Lake, p *policy.Policy, from, to int64) (*Catalogue, error) {
	o := opening{lake: l, catalogue: &Catalogue{From: from, To: to}, facts: newFacts(), seen: map[string]*seen{}}
	if err := o.settings(ctx, calls); err != nil {
		return nil, err
	}
	if err := o.config(ctx); err != nil {
		return nil, err
	}
	if err := o.counts(ctx); err != nil {
		return nil, err
	}
	o.make()
	o.catalogue.classify(p)
	return o.catalogue, nil
}

// tagged is a catalogue of nothing but tags.
func tagged(ctx context.Context, l Lake, to int64) (*Catalogue, error) {
	o := opening{lake: l, catalogue: &Catalogue{To: to}, facts: newFacts()}
	tagCalls := maps.Clone(calls)
	maps.DeleteFunc(tagCalls, func(name string, _ func(*call)) bool { return !slices.Contains(tagging, name) })
	if err := o.settings(ctx, tagCalls); err != nil {
		return nil, err
	}
	if err := o.config(ctx); err != nil {
		return nil, err
	}
	o.make()
	return o.catalogue, nil
}

// tagging are the calls that tags come and go with: those of a table that is made anew
// begin anew.
var tagging = []string{
	"TagResource", "TagResources", "UntagResource", "UntagResources", "ListTagsOfResource",
	"CreateTable", "DeleteTable", "ImportTable", "RestoreTableFromBackup", "RestoreTableToPointInTime", "RestoreTableFromAwsBackup",
}

// opening is one call of [Open].
type opening struct {
	lake      Lake
	catalogue *Catalogue
	facts     *facts
	seen      map[string]*seen
}

// seen is when a table was touched.
type seen struct {
	touches     int64
	days        int
	lastDay     int // of those counted
	first, last int64
}

// columns are what calls are read by.
var columns = func() (all []int) {
	for _, name := range strings.Fields(`event_id event_time event_source event_name op outcome table_arn actor actor_name actor_kind
		request_parameters response_elements source_object source_index`) {
		all = append(all, schema.ColumnIndex(name))
	}
	return all
}()

// ops are the classes of all calls that tell of settings: what rows are passed over by
// first.
var ops = []string{
	schema.OpSchema, schema.OpProtect, schema.OpShare, schema.OpCopy, schema.OpDestroy, schema.OpTag, schema.OpEvaluate,
	schema.OpMetaRead, schema.OpWriteItem, // the last one for ImportTable
}

// settings reads the calls that tell of settings, until the end of the time asked about.
func (o *opening) settings(ctx context.Context, calls map[string]func(*call)) error {
	q := reader.Query{To: o.catalogue.To, Columns: columns, Where: []reader.Condition{
		{Column: schema.ColumnIndex("event_name"), AnyOf: slices.Sorted(maps.Keys(calls))},
		{Column: schema.ColumnIndex("op"), AnyOf: ops},
		{Column: schema.ColumnIndex("outcome"), AnyOf: []string{schema.OutcomeOK}},
	}}
	_, err := queries.EachTouch(ctx, o.lake, q, func(t *schema.Touch, _ schema.Partition) error {
		if _, ok := schema.ParseTableARN(t.TableARN); !ok {
			o.catalogue.Unplaced++
			return nil
		}
		o.facts.read(t)
		return nil
	})
	return err
}

// config reads what AWS Config recorded.
func (o *opening) config(ctx context.Context) error {
	days, err := o.lake.ConfigDays(ctx)
	if err != nil {
		return err
	}
	to := o.catalogue.To
	for _, day := range days {
		if to != 0 && day > schema.DayString(schema.DayOf(to-1)) {
			continue
		}
		items, err := o.lake.ConfigItems(ctx, day)
		if err != nil {
			return err
		}
		for i := range items {
			if to == 0 || items[i].CapturedAt < to {
				o.facts.item(&items[i])
				o.catalogue.ConfigItems++
			}
		}
	}
	return nil
}

// counts reads when tables were touched.
func (o *opening) counts(ctx context.Context) error {
	from, to := o.catalogue.From, o.catalogue.To
	days, err := o.lake.RollupDays(ctx)
	if err != nil {
		return err
	}
	days = slices.DeleteFunc(days, func(day string) bool {
		return day == "" || from != 0 && day < schema.DayString(schema.DayOf(from)) || to != 0 && day > schema.DayString(schema.DayOf(to-1))
	})
	return o.lake.EachCount(ctx, days, func(day int, counts []lake.Count) error {
		for i := range counts {
			at := counts[i].Hour.UnixMicro()
			if arn := counts[i].TableARN; arn != "" && at >= from && (to == 0 || at < to) {
				o.note(arn, day, at, counts[i].Count)
			}
		}
		return nil
	})
}

func (o *opening) note(arn string, day int, at, n int64) {
	s := o.seen[arn]
	if s == nil {
		s = &seen{lastDay: -1, first: at}
		o.seen[strings.Clone(arn)] = s
	}
	if s.lastDay != day {
		s.lastDay = day
		s.days++
	}
	sum, carry := bits.Add64(uint64(s.touches), uint64(n), 0)
	if carry == 0 && sum <= forever {
		s.touches = int64(sum)
	}
	s.first, s.last = min(s.first, at), max(s.last, at)
}

// make makes the catalogue of what was read.
func (o *opening) make() {
	c := o.catalogue
	c.Left = o.facts.left
	names := maps.Clone(o.seen)
	if names == nil {
		names = map[string]*seen{}
	}
	for arn := range o.facts.tables {
		if names[arn] == nil {
			names[arn] = nil
		}
	}
	for arn, s := range names {
		parsed, ok := schema.ParseTableARN(arn)
		if !ok {
			continue
		}
		t := Table{ARN: arn, Name: parsed.Table, Account: parsed.Account, Region: parsed.Region, History: []Interval{}}
		if s != nil {
			t.Touches, t.Days, t.First, t.Last = s.touches, s.days, s.first, s.last
		}
		if list := o.facts.tables[arn]; list != nil {
			h := newHistory(*list)
			t.History = slices.DeleteFunc(h.intervals, func(i Interval) bool { return i.To != 0 && i.To <= c.From })
			t.Conflicts = slices.DeleteFunc(h.conflicts, func(f Conflict) bool { return f.At < c.From })
		}
		if s != nil || len(t.History) > 0 {
			c.Tables = append(c.Tables, t)
		}
	}
	slices.SortFunc(c.Tables, func(a, b Table) int { return cmp.Compare(a.ARN, b.ARN) })
}

// classify says what policy and tags have to say of each table.
func (c *Catalogue) classify(p *policy.Policy) {
	for i := range c.Tables {
		t := &c.Tables[i]
		told := p.TableTold(t.ARN, t.TagsAt(c.end()))
		t.Class, t.Owner = Told{told.Class, told.By["class"]}, Told{told.Owner, told.By["owner"]}
		t.Protected, t.Protecting = told.Protected, told.By["protected"]
		t.Frameworks, t.FramedBy = told.Frameworks, told.By["frameworks"]
		if p.ByTag() {
			t.Lowered = lowerings(t.states(p))
		}
	}
}
