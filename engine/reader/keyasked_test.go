package reader

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// lakes are of the same rows: in files that say of what names their keys are made, in
// files that do not, as earlier programs wrote them, and in some of either. One day is
// split.
func lakes(t *testing.T, all map[schema.Partition][]schema.Touch) map[string]*lake.Lake {
	made := map[string]*lake.Lake{}
	for name, old := range map[string]func(p schema.Partition) bool{
		"named": func(schema.Partition) bool { return false },
		"old":   func(schema.Partition) bool { return true },
		"mixed": func(p schema.Partition) bool { return p.Day%2 == 0 },
	} {
		l := newLake(t, objecttest.NewMem(), nil)
		for p, rows := range all {
			of := 1
			if p.Day == day0+1 {
				of = 4
			}
			for bucket := of - 1; bucket >= 0; bucket-- {
				putAs(t, l, p, bucket, of, rows, parquetio.WriterOptions{RowGroupRows: 400, OmitKeyNames: old(p)})
			}
		}
		made[name] = l
	}
	return made
}

// uneven are keyed rows of which each day has keys of other names, or of all.
func uneven(r *rand.Rand, rows int) (map[schema.Partition][]schema.Touch, [][]schema.KeyMember) {
	all, keys := keyed(r, rows)
	for p, rows := range all {
		all[p] = slices.DeleteFunc(rows, func(t schema.Touch) bool {
			var object map[string]string
			return p.Day > day0 && json.Unmarshal([]byte(t.ItemKey), &object) == nil && len(object) != int(p.Day-day0)
		})
	}
	for range 20 { // what a number may look like is one text, that of the log
		keys = append(keys, []schema.KeyMember{{Name: "pk", Value: "1.0"}}, []schema.KeyMember{{Name: "pk", Value: "1e0"}})
	}
	return all, keys
}

// The answer is that of looking at every row, whether files say of what names their keys
// are made or not; where they do, no more is looked at, and mostly less.
func TestScanByKeyNames(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 17))
	all, keys := uneven(r, 900)
	made := lakes(t, all)
	found := 0
	left := map[string]int64{}
	for n := range 150 {
		q := Query{Table: "orders", Key: randomKey(r, keys)}
		if n%2 == 0 {
			q.Key = keys[r.IntN(len(keys))]
		}
		want := wantKey(all, q)
		slices.Sort(want)
		found += len(want)
		for name, l := range made {
			got, stats, err := scan(l, q)
			slices.Sort(got)
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("%s: %q: %d rows, want %d; %v", name, q.Key, len(got), len(want), err)
			}
			if name == "old" && stats.GroupsByKey+stats.GroupsByNames > 0 {
				t.Fatalf("%s: %+v", name, stats)
			}
			if len(q.Key) > 0 {
				left[name] += stats.RowsLeft
			}
		}
	}
	if found == 0 || left["named"] >= left["old"]*2/3 || left["named"] >= left["mixed"] || left["mixed"] >= left["old"] {
		t.Errorf("%d found, looked at %v", found, left)
	}
}

// busy has items of a few first members on each of some days, and of some also one whose
// other member no other item has.
func busy(days int32, rows int, rare func(day int32) bool) map[schema.Partition][]schema.Touch {
	all := map[schema.Partition][]schema.Touch{}
	for day := range days {
		p := schema.Partition{Table: "orders", Day: day0 + day}
		for i := range rows {
			pk, sk := "customer#"+strconv.Itoa(i%100), "order#"+strconv.Itoa(i)
			if i == 7 && rare(day) {
				sk = "order#7x"
			}
			all[p] = append(all[p], schema.Touch{EventID: strconv.Itoa(i), TouchCount: 1, KeyScope: schema.ScopeItem, EventTime: int64(p.Day) * 86_400_000_000,
				ItemKey: `{"pk":"` + pk + `","sk":"` + sk + `"}`, KeyValues: []string{pk, sk}})
		}
		sortTouches(all[p])
	}
	return all
}

// Each value of a key is in every file, the key in two: only those two are read.
func TestRequestsForWholeKey(t *testing.T) {
	all := busy(30, 1500, func(day int32) bool { return day%15 == 2 })
	for p := range all { // the value, in another item
		last := &all[p][len(all[p])-1]
		last.ItemKey, last.KeyValues = `{"pk":"customer#99","sk":"order#7x"}`, []string{"customer#99", "order#7x"}
		sortTouches(all[p])
	}
	l := &dearLake{Lake: newLake(t, objecttest.NewMem(), all), tail: 128 << 10}
	q := Query{Table: "orders", Key: []schema.KeyMember{{Name: "pk", Value: "customer#7"}, {Name: "sk", Value: "order#7x"}}}
	got, stats, err := scan(l, q)
	if err != nil || len(got) != 2 || !slices.Equal(got, wantKey(all, q)) {
		t.Errorf("%q, %v", got, err)
	}
	if l.requests > 34 || l.unannounced > 0 || stats.RowsLeft > 2*400 {
		t.Errorf("%d requests, %d of them for reads that were not announced: %+v", l.requests, l.unannounced, stats)
	}
}

// The filter of whole keys may lie before what came with the end of a file: it is
// another request, which those files are spared that the values' own filter denies.
func TestRequestsForFarFilter(t *testing.T) {
	all := busy(3, 35_000, func(day int32) bool { return day == 1 })
	store := newLake(t, objecttest.NewMem(), nil)
	for p, rows := range all {
		putGroups(t, store, p, 0, 1, rows, 0)
	}
	l := &dearLake{Lake: store, tail: tailBytes}
	q := Query{Table: "orders", Key: []schema.KeyMember{{Name: "pk", Value: "customer#7"}, {Name: "sk", Value: "order#7x"}}}
	got, stats, err := scan(l, q)
	if err != nil || len(got) != 1 || l.unannounced > 0 {
		t.Errorf("%q, %v; %d reads were not announced", got, err, l.unannounced)
	}
	if stats.GroupsByFilter != 2 || stats.GroupsByKey != 0 || l.requests > 3+4 {
		t.Errorf("%d requests: %+v", l.requests, stats)
	}
}
