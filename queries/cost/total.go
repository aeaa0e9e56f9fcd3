package cost

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// total sums up groups that are told together.
type total struct {
	id      string
	key     key // of one of them, the least
	events  int64
	reads   int64
	writes  int64
	streams int64
	failed  int64
	regions map[string]int64 // events by Region, which prices depend on
	tables  map[string]bool
}

// totals are the sums of groups by what of says, the dearest first. Groups of which of
// says nothing are left out.
func (a *answer) totals(of func(*key) string) []*total {
	sums := map[string]*total{}
	for k, n := range a.groups {
		id := of(&k)
		if id == "" {
			continue
		}
		t := sums[id]
		if t == nil {
			t = &total{id: id, key: k, regions: map[string]int64{}, tables: map[string]bool{}}
			sums[id] = t
		}
		t.add(&k, n)
	}
	return slices.SortedFunc(maps.Values(sums), func(a, b *total) int {
		return cmp.Or(cmp.Compare(b.events, a.events), strings.Compare(a.id, b.id))
	})
}

func (t *total) add(k *key, n int64) {
	if compareKeys(k, &t.key) < 0 {
		t.key = *k
	}
	t.events += n
	t.regions[k.region] += n
	t.tables[k.arn] = true
	switch {
	case k.stream:
		t.streams += n
	case reads(k):
		t.reads += n
	default:
		t.writes += n
	}
	if k.unsuccess {
		t.failed += n
	}
}

// usd is what events of some Regions cost in a month, all copies. It is summed up in one
// order, whatever the map's: sums of fractions depend on it.
func (a *answer) usd(regions map[string]int64) (sum float64) {
	for _, r := range slices.Sorted(maps.Keys(regions)) {
		sum += a.month(regions[r]) * a.Copies * *a.Prices.of(r).DataEvents / 100_000
	}
	return sum
}

// compareKeys makes the key that stands for a total the same in every run.
func compareKeys(a, b *key) int {
	return cmp.Or(strings.Compare(a.table, b.table), strings.Compare(a.arn, b.arn), strings.Compare(a.name, b.name), strings.Compare(a.actor, b.actor),
		strings.Compare(a.kind, b.kind), strings.Compare(a.region, b.region), strings.Compare(a.recipient, b.recipient), strings.Compare(a.event, b.event), strings.Compare(a.op, b.op))
}

// reads reports whether events read items.
func reads(k *key) bool {
	switch k.op {
	case schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk:
		return true
	}
	return false
}

// tableID tells tables apart: by ARN, or by name where the record has none.
func tableID(k *key) string { return cmp.Or(k.arn, k.table, "no table") }
