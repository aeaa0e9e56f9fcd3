package detect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

type browsingParams struct {
	Keys  int64  `yaml:"keys"`  // different ones in an hour; a rule's distinct_keys_per_hour goes before
	Class string `yaml:"class"` // of tables, this one and those that need more care
}

var humanBrowsing = define(Detection{
	ID: "DDB-EXF-009", Version: 1, Title: "Person browsing through items", Severity: schema.SeverityMedium, Kind: schema.FindingAggregate,
	Needs: []Need{NeedData, NeedClasses}, Attack: []string{"T1213.006"},
	Looks:       "50 different keys in one clock hour, got or queried by one person over all tables of class confidential and above. Whom a rule allows to read is not looked at, unless the rule has distinct_keys_per_hour: then that is the limit",
	FalseAlarms: "support staff on a busy day: give their rule the limit of their role",
	Advice:      "ask the person, or their lead, which case it was for; keytrail who lists the items",
}, browsingParams{50, "confidential"}, func(r *Run, p *browsingParams) Watcher {
	return &browsing{r, p, map[int64]*browsed{}}
})

// browsing counts by person and hour, over all tables; apart for each limit that rules set.
type browsing struct {
	run     *Run
	params  *browsingParams
	byLimit map[int64]*browsed
}

type browsed struct {
	keys   *windows // of all tables
	tables *windows
}

func (b *browsing) Touch(e *Event) {
	if e.Op != schema.OpReadPoint && e.Op != schema.OpReadRange || !e.Person() || !e.OK() {
		return
	}
	key, ok := keyHash(e)
	switch {
	case !ok:
		b.run.NotEvaluated(noItem)
		return
	case !b.run.cares(e, b.params.Class):
		return
	}
	limit := b.params.Keys
	if e.Allowed() {
		if limit = int64(e.Verdict.Rule.Limits.DistinctKeysPerHour); limit == 0 {
			return
		}
		limit++ // up to it is allowed
	}
	if b.byLimit[limit] == nil {
		b.byLimit[limit] = &browsed{newWindows(b.run), newWindows(b.run)}
	}
	b.byLimit[limit].count(e, key)
}

func (b *browsed) count(e *Event, key uint64) {
	at := windowOf(e)
	if b.tables.count(at, e, key) != nil {
		b.keys.count(at.anyTable(), e, key)
	}
}

func (b *browsing) End() {
	for _, limit := range slices.Sorted(maps.Keys(b.byLimit)) {
		of := b.byLimit[limit]
		tables := map[window][]*Event{}
		of.tables.each(func(at window, g *windowed) {
			tables[at.anyTable()] = append(tables[at.anyTable()], g.event)
		})
		of.keys.each(func(at window, g *windowed) {
			if g.things.count() >= limit {
				b.run.Found(browsedHit(g, tables[at]))
			}
		})
	}
}

// browsedHit is about no table where there were several; how bad it is depends on the one
// that needs the most care.
func browsedHit(g *windowed, tables []*Event) Hit {
	var names []string
	worst := tables[0]
	for _, e := range tables {
		names = append(names, e.table())
		if e.Table.Protected || e.Table.AtLeast(worst.Table.Class) && !worst.Table.Protected {
			worst = e
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	hit := g.hit(fmt.Sprintf("%s%d different keys were read by hand within an hour, of %s",
		g.things.about(), g.things.count(), strings.Join(names[:min(len(names), 5)], ", ")))
	hit.Event.Table = worst.Table
	if len(tables) > 1 {
		hit.Event.TableName, hit.Event.TableARN, hit.Event.TableAccountID = "", "", ""
	}
	return hit
}
