package queries

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// ranking reads the rest of what there is to say about the values with the largest
// counts, and ranks them.
func (c *counter) ranking(ctx context.Context, l reader.Lake) (*Ranking, error) {
	r := &Ranking{
		Question: c.Top, Total: c.total, Outside: c.outside,
		Distinct: int64(len(c.counts.held)), DistinctExact: c.counts.exact(), Entropy: math.NaN(),
		Undecided: c.undecidedTables(), namesakes: c.tables.namesakes(),
	}
	counts := make([]int64, 0, len(c.counts.held))
	for _, v := range c.counts.held {
		counts = append(counts, v.count)
	}
	slices.Sort(counts)
	if c.counts.exact() {
		r.Entropy = evenness(counts)
	}
	best, bound := c.best(counts)
	r.UnlistedAtMost = bound
	rows, err := c.detail(ctx, l, best)
	if err != nil {
		return nil, err
	}
	r.order(rows)
	return r, nil
}

// best are the groups that may be among those asked for, and what the counts of all
// others are at most where that is not certain. sorted are all counts.
func (c *counter) best(sorted []int64) (groups []groupKey, bound int64) {
	n := max(c.Limit, 10) // the share of ten is told
	if !c.counts.exact() {
		n = 4*n + 100 // their order will be another when they are counted
	}
	n = min(n, len(sorted))
	if n == 0 {
		return nil, 0
	}
	least := sorted[len(sorted)-n]
	held := slices.DeleteFunc(slices.Clone(c.counts.held), func(v heavyCount) bool { return v.count < least })
	slices.SortFunc(held, func(a, b heavyCount) int {
		return cmp.Or(cmp.Compare(b.count, a.count), c.compareGroups(a.groupKey, b.groupKey))
	})
	for _, v := range held[:n] {
		groups = append(groups, v.groupKey)
	}
	if !c.counts.exact() {
		bound = c.counts.floor
		if n < len(sorted) {
			bound = max(bound, sorted[len(sorted)-n-1])
		}
	}
	return groups, bound
}

func (c *counter) compareGroups(a, b groupKey) int {
	x, y := c.owner(a), c.owner(b)
	return cmp.Or(cmp.Compare(x.name, y.name), cmp.Compare(x.arn, y.arn), cmp.Compare(a.value, b.value))
}

// owner is the table that a group is of, if it is of one.
func (c *counter) owner(g groupKey) tableID {
	if c.perTable() {
		return c.tables.list[g.table]
	}
	return tableID{}
}

// perTable reports whether the same value of two tables is two rows.
func (c *counter) perTable() bool {
	return c.Subject == TopKeys || c.Subject == TopPartitionKeys || c.Subject == TopTables
}

// detailed is what is gathered of one group.
type detailed struct {
	Tally
	hours, minutes, seconds peak
	actors, names           *heavy // touches by actor, by name
	distinctFull            bool
}

// leastNames are the bytes that each group has for its actors, however many groups
// there are: enough for a few dozen.
const leastNames = 8 << 10

// detail reads the touches of some groups again, with all that is told of them.
func (c *counter) detail(ctx context.Context, l reader.Lake, groups []groupKey) ([]Ranked, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	share := max(c.pairsBytes()/2/int64(len(groups)), leastNames)
	of := make(map[groupKey]*detailed, len(groups))
	for _, g := range groups {
		of[g] = &detailed{
			Tally: Tally{Events: -1, Keys: -1}, actors: newHeavy(share), names: newHeavy(share),
			hours: peak{unit: hourMicros}, minutes: peak{unit: minuteMicros}, seconds: peak{unit: secondMicros},
		}
	}
	columns := append(c.groupColumns(), timeAndOp...)
	if c.countsKeys() {
		columns = append(columns, colTableARN, colItemKey)
	}
	if c.Subject == TopActors {
		columns = append(columns, topColumn.kind)
	}
	keys := newPairSet(c.pairsBytes())
	c.events.clear()
	err := c.scan(ctx, l, columns, c.narrowed(groups), func(v *view, p schema.Partition, i int) error {
		g, ok := c.group(v, p, i)
		d := of[g]
		if !ok || d == nil {
			return nil
		}
		c.gather(d, v, i)
		if c.countsKeys() {
			c.gatherKey(d, g, keys, v, p, i)
		}
		if c.ByEvents {
			return c.gatherEvent(d, g, v, p, i)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows := make([]Ranked, 0, len(groups))
	for _, g := range groups {
		rows = append(rows, c.ranked(g, of[g]))
	}
	return rows, nil
}

var timeAndOp = []int{colTime, colOp, colOutcome, topColumn.code, colActor, colActorName}

// countsKeys reports whether rows of the ranking have items to tell apart.
func (c *counter) countsKeys() bool { return c.Subject != TopKeys }

func (c *counter) gather(d *detailed, v *view, i int) {
	at, op := v.time(i), v.text(colOp, i)
	d.seen(at)
	d.count(op, v.text(colOutcome, i), 1)
	switch code := v.text(topColumn.code, i); {
	case isThrottle(code):
		d.Throttled++
	case code == "ConditionalCheckFailedException":
		d.Unmet++
	}
	d.hours.add(at, op, 1)
	if c.ofKeys() {
		d.minutes.add(at, op, 1)
		d.seconds.add(at, op, 1)
	}
	d.actors.add(groupKey{value: v.text(colActor, i)}, 1)
	if c.Subject == TopActors {
		d.names.add(groupKey{value: v.text(colActorName, i)}, 1)
		if d.Kind == "" {
			d.Kind = strings.Clone(v.text(topColumn.kind, i))
		}
	}
}

// ofKeys reports whether rows are keys, whose busiest second matters.
func (c *counter) ofKeys() bool { return c.Subject == TopKeys || c.Subject == TopPartitionKeys }

func (c *counter) gatherKey(d *detailed, g groupKey, keys *pairSet, v *view, p schema.Partition, i int) {
	d.Keys = max(d.Keys, 0)
	key := v.text(colItemKey, i)
	if key == "" {
		return
	}
	n := c.tables.of(p, v.text(colTableARN, i))
	fresh, ok := keys.add(g, strconv.Itoa(int(n))+key)
	if fresh {
		d.Keys++
	}
	d.distinctFull = d.distinctFull || !ok
}

func (c *counter) gatherEvent(d *detailed, g groupKey, v *view, p schema.Partition, i int) error {
	d.Events = max(d.Events, 0)
	if p.Day != c.day {
		c.day = p.Day
		c.events.clear()
	}
	id := v.text(topColumn.event, i)
	if id == "" {
		d.Events++
		return nil
	}
	fresh, ok := c.events.add(g, id)
	if fresh {
		d.Events++
	}
	if !ok {
		return errTooMany
	}
	return nil
}

// ranked is a group as a row.
func (c *counter) ranked(g groupKey, d *detailed) Ranked {
	for _, p := range []*peak{&d.hours, &d.minutes, &d.seconds} {
		p.fold()
	}
	t := c.owner(g)
	r := Ranked{TableName: t.name, TableARN: t.arn, Value: g.value, Tally: d.Tally}
	r.Hour, r.Minute, r.Second = d.hours.Peak, d.minutes.Peak, d.seconds.Peak
	r.KeysAtLeast = d.distinctFull
	r.MainActor, r.Actors, r.MainActorShare = commonest(d.actors, r.Touches)
	r.Names = -1
	if c.Subject == TopActors {
		r.MainActor, r.Actors = "", -1
		r.Name, r.Names, _ = commonest(d.names, r.Touches)
	}
	if c.Subject == TopPartitionKeys {
		r.Member = c.member(g.table)
	}
	r.Count = r.Touches
	if c.ByEvents {
		r.Count = r.Events
	}
	return r
}

// commonest is the value with the most of all, the number of values and the share.
// Where not all could be counted nothing is said.
func commonest(h *heavy, of int64) (value string, distinct int64, part float64) {
	if !h.exact() {
		return "", -1, 0
	}
	var best heavyCount
	for _, v := range h.held {
		if v.count > best.count || v.count == best.count && v.value < best.value {
			best = v
		}
	}
	return best.value, int64(len(h.held)), share(best.count, of)
}
