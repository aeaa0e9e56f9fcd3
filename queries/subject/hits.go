package subject

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// hit is a touch that named the subject.
type hit struct {
	schema.Touch
	level   level
	verdict policy.Verdict
}

// hits are the newest touches that named the subject, and counts of all.
type hits struct {
	list                []hit // at most 2*maxHits, see sorted
	count, unsuccessful int64
	changes, staff      int64
	purposeless         int64
	byLevel             map[level]int64
	byDay               map[string]map[string]int64 // day, category
	areaSet             map[queries.Area]bool
	first, last         int64
}

// maxHits is how many touches a report lists one by one, the newest.
const maxHits = 50_000

// hitColumns are all but raw JSON and provenance.
var hitColumns = columnsBut("request_parameters", "response_elements", "additional_event_data", "resources", "source_object", "source_index")

func columnsBut(names ...string) (list []int) {
	for i := range schema.Columns {
		if !slices.Contains(names, schema.Columns[i].Name) {
			list = append(list, i)
		}
	}
	return list
}

// findHits reads the touches that name the subject, of whatever outcome.
func (a *answer) findHits(ctx context.Context, l *lake.Lake) error {
	a.hits = hits{byLevel: map[level]int64{}, byDay: map[string]map[string]int64{}, areaSet: map[queries.Area]bool{}}
	q := reader.Query{
		Table: a.Table, From: a.From, To: a.To, Columns: hitColumns,
		Where: []reader.Condition{
			{Column: schema.ColumnIndex("key_values"), AnyOf: a.spelt.values},
			{Column: schema.ColumnIndex("key_scope"), AnyOf: []string{schema.ScopeItem, schema.ScopePartition, schema.ScopeIndex}},
		},
	}
	if arn, ok := schema.ParseTableARN(a.Table); ok {
		q.Table = arn.Table
		q.Where = append(q.Where, reader.Condition{Column: schema.ColumnIndex("table_arn"), AnyOf: []string{arn.ARN}})
	}
	stats, err := queries.EachTouch(ctx, queries.Watch(l, a.Progress), q, func(t *schema.Touch, _ schema.Partition) error {
		a.spelt.read(t)
		if at, ok := a.namer.level(t); ok {
			a.hit(t, at)
		}
		return nil
	})
	a.read.Add(stats)
	a.hits.cut()
	return err
}

// hit takes a touch that names the subject.
func (a *answer) hit(t *schema.Touch, at level) {
	h := hit{*t.Clone(), at, a.Policy.Judge(t)}
	a.hits.add(&h)
	table := a.tables.of(t.TableName)
	table.hits++
	table.arns[h.TableARN] = true
	for _, name := range a.namer.memberNames(h.ItemKey) {
		table.heldIn[name] = true
	}
}

func (s *hits) add(h *hit) {
	s.count++
	s.byLevel[h.level]++
	if h.Outcome != schema.OutcomeOK {
		s.unsuccessful++
	} else if h.Mutates {
		s.changes++
	}
	if h.ActorKind == schema.ActorHuman || h.ActorKind == schema.ActorRoot || h.ActorKind == schema.ActorUnknown {
		s.staff++
	}
	if purpose(h.verdict) == notRecorded {
		s.purposeless++
	}
	day := schema.DayString(schema.DayOf(h.EventTime))
	if s.byDay[day] == nil {
		s.byDay[day] = map[string]int64{}
	}
	s.byDay[day][category(h.ActorKind)]++
	if arn, ok := schema.ParseTableARN(h.TableARN); ok {
		s.areaSet[queries.Area{Account: h.RecipientAccountID, Region: arn.Region}] = true
	}
	if s.first == 0 || h.EventTime < s.first {
		s.first = h.EventTime
	}
	s.last = max(s.last, h.EventTime)
	if s.list = append(s.list, *h); len(s.list) == 2*maxHits {
		s.cut()
	}
}

// cut sorts the touches, the oldest first, and keeps the newest.
func (s *hits) cut() {
	slices.SortFunc(s.list, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.EventTime, b.EventTime), strings.Compare(a.EventID, b.EventID), cmp.Compare(a.TouchIndex, b.TouchIndex),
			strings.Compare(a.RecipientAccountID, b.RecipientAccountID), strings.Compare(a.TableARN, b.TableARN), strings.Compare(a.ItemKey, b.ItemKey))
	})
	if more := len(s.list) - maxHits; more > 0 {
		s.list = slices.Delete(s.list, 0, more)
	}
}

func (s *hits) areas() []queries.Area {
	return slices.SortedFunc(maps.Keys(s.areaSet), func(a, b queries.Area) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region))
	})
}
