package reader

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

// column is a column of a record that has only some.
func column(rec arrow.Record, i int) arrow.Array {
	at := rec.Schema().FieldIndices(schema.Columns[i].Name)
	return rec.Column(at[0])
}

// Key attributes, also such as nobody would name them, and values: most begin like
// others for longer than bounds are.
var (
	long      = strings.Repeat("x", 150)
	keyShapes = [][]string{{"pk", "sk"}, {"pk", "sk"}, {"pk"}, {"id"}, {"a\"b", "pk", "z\\"}, {"sk", "é"}}
)

func keyText(r *rand.Rand) string {
	v := strconv.Itoa(r.IntN(60))
	return []string{v, long + v, "\n" + v, `","sk":"` + v, "é" + v}[r.IntN(5)]
}

// keyed makes rows of a few partitions with keys of several shapes, long enough to
// fill pages.
func keyed(r *rand.Rand, rows int) (all map[schema.Partition][]schema.Touch, keys [][]schema.KeyMember) {
	all = map[schema.Partition][]schema.Touch{}
	for day := day0; day < day0+4; day++ {
		p := schema.Partition{Table: "orders", Day: day}
		for i := range rows {
			t := schema.Touch{EventID: strconv.Itoa(int(day)) + "-" + strconv.Itoa(i), TouchCount: 1, Op: "read",
				KeyScope: schema.ScopeNone, EventTime: int64(day)*86_400_000_000 + int64(i)}
			if r.IntN(8) > 0 {
				object := map[string]string{}
				var members []schema.KeyMember
				for _, name := range keyShapes[r.IntN(len(keyShapes))] {
					object[name] = keyText(r)
					members = append(members, schema.KeyMember{Name: name, Value: object[name]})
				}
				raw, err := json.Marshal(object)
				if err != nil {
					panic(err)
				}
				t.ItemKey, t.KeyValues, _ = schema.ItemKey(raw)
				t.KeyScope = schema.ScopeItem
				keys = append(keys, members)
			}
			all[p] = append(all[p], t)
		}
		sortTouches(all[p])
	}
	return all, keys
}

// hasKey is the slow, obvious way.
func hasKey(t *schema.Touch, asked []schema.KeyMember) bool {
	var object map[string]string
	if len(asked) > 0 && json.Unmarshal([]byte(t.ItemKey), &object) != nil {
		return false
	}
	for _, m := range asked {
		if v, ok := object[m.Name]; !ok || v != m.Value {
			return false
		}
	}
	return true
}

// wantKey is what [want] says, of the rows with the key.
func wantKey(all map[schema.Partition][]schema.Touch, q Query) []string {
	some := map[schema.Partition][]schema.Touch{}
	for p, rows := range all {
		for _, t := range rows {
			if hasKey(&t, q.Key) {
				some[p] = append(some[p], t)
			}
		}
	}
	return want(some, q)
}

// randomKey asks for some members of a key that is there, or for nearly those.
func randomKey(r *rand.Rand, keys [][]schema.KeyMember) (asked []schema.KeyMember) {
	key := keys[r.IntN(len(keys))]
	for _, m := range key {
		if r.IntN(3) > 0 {
			asked = append(asked, m)
		}
	}
	if r.IntN(6) == 0 {
		asked = append(asked, schema.KeyMember{Name: keyShapes[r.IntN(len(keyShapes))][0], Value: keyText(r)})
	}
	return asked
}

// Whatever members are asked for, the answer is that of looking at every row, in
// partitions of one file and of several.
func TestScanByKey(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	all, keys := keyed(r, 900)
	l := newLake(t, objecttest.NewMem(), all)
	split := schema.Partition{Table: "orders", Day: day0 + 1}
	for bucket := 3; bucket >= 0; bucket-- {
		put(t, l, split, bucket, 4, all[split])
	}
	rows, seen, left := 0, int64(0), int64(0)
	for n := range 200 {
		q := Query{Table: "orders", Key: randomKey(r, keys), Parallel: r.IntN(3)}
		switch r.IntN(5) {
		case 0:
			q.Where = append(q.Where, KeyValue(keyText(r)))
		case 1:
			q.Where = append(q.Where, Condition{schema.ColumnIndex("key_scope"), []string{schema.ScopeItem}})
		case 2:
			q.From = int64(day0)*86_400_000_000 + r.Int64N(2*86_400_000_000)
		}
		got, stats, err := scan(l, q)
		if err != nil {
			t.Fatal(err)
		}
		want := wantKey(all, q)
		slices.Sort(got) // several files have a partition's rows in an order of their own
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%d: %q: %d rows, want %d", n, q.Key, len(got), len(want))
		}
		if stats.RowsLeft < stats.Rows || stats.RowsSeen < stats.RowsLeft {
			t.Fatalf("%+v", stats)
		}
		if len(q.Key) > 0 {
			rows, seen, left = rows+len(got), seen+stats.RowsSeen, left+stats.RowsLeft
		}
	}
	if rows == 0 || left > seen*3/4 {
		t.Errorf("%d rows found; %d of %d looked at", rows, left, seen)
	}
}

// Of sorted keys a beginning is found in a page or two, and what no file has is seen
// from footers, filters and indexes alone.
func TestKeyPruning(t *testing.T) {
	all := map[schema.Partition][]schema.Touch{}
	for day := day0; day < day0+5; day++ {
		p := schema.Partition{Table: "orders", Day: day}
		for i := range 1000 {
			pk, sk := "customer#"+long+strconv.Itoa(1000+i/20), "order#"+strconv.Itoa(100+i%20)
			all[p] = append(all[p], schema.Touch{EventID: strconv.Itoa(i), TouchCount: 1, KeyScope: schema.ScopeItem,
				EventTime: int64(day) * 86_400_000_000, ItemKey: `{"pk":"` + pk + `","sk":"` + sk + `"}`, KeyValues: []string{pk, sk}})
		}
	}
	l := newLake(t, objecttest.NewMem(), all)
	pk, sk := schema.KeyMember{Name: "pk", Value: "customer#" + long + "1030"}, schema.KeyMember{Name: "sk", Value: "order#107"}
	for name, c := range map[string]struct {
		key  []schema.KeyMember
		rows int64
		left int64 // at most, of 5,000
	}{
		"whole":          {[]schema.KeyMember{pk, sk}, 5, 5 * 400},
		"first member":   {[]schema.KeyMember{pk}, 100, 5 * 400},
		"second member":  {[]schema.KeyMember{sk}, 250, 5000},
		"value of other": {[]schema.KeyMember{{Name: "sk", Value: pk.Value}}, 0, 5 * 400},
		"no such value":  {[]schema.KeyMember{pk, {Name: "sk", Value: "order#999"}}, 0, 0},
		"no such name":   {[]schema.KeyMember{{Name: "ak", Value: sk.Value}}, 0, 0},
		"contradiction":  {[]schema.KeyMember{sk, {Name: "sk", Value: "order#108"}}, 0, 0},
	} {
		_, stats, err := scan(l, Query{Table: "orders", Key: c.key})
		if err != nil || stats.Rows != c.rows || stats.RowsLeft > c.left {
			t.Errorf("%s: %+v, %v", name, stats, err)
		}
		if c.left == 0 && (stats.ColumnBytes != 0 || stats.FilesPruned != 5) {
			t.Errorf("%s: %d bytes of columns read, %d files pruned", name, stats.ColumnBytes, stats.FilesPruned)
		}
	}
}

// A file that changes while a key is looked up is asked again.
func TestChangedFileByKey(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	all, keys := keyed(r, 800)
	q := Query{Table: "orders", Key: keys[0]}
	want := wantKey(all, q)
	for nth := 1; ; nth++ {
		store := objecttest.NewFaults(objecttest.NewMem(),
			objecttest.Fault{Op: objecttest.OpReadAt, Key: "day=" + schema.DayString(day0), Nth: nth, Err: object.ErrChanged})
		got, _, err := scan(newLake(t, store, all), q)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("read %d fails: %d rows, want %d; %v", nth, len(got), len(want), err)
		}
		if store.Struck(0) == 0 {
			if nth < 6 {
				t.Errorf("a lookup of %d reads", nth-1)
			}
			return
		}
	}
}

// However little may be held back, and however slow its taker, a scan ends.
func TestHeldBack(t *testing.T) {
	all := sample(600)
	l := newLake(t, objecttest.NewMem(), all)
	n := 0
	_, err := Scan(context.Background(), l, Query{BufferBytes: 1, BatchRows: 50, Parallel: 6}, func(rec arrow.Record, _ schema.Partition) error {
		n += int(rec.NumRows())
		return nil
	})
	if err != nil || n != 9*600 {
		t.Errorf("%d rows, %v", n, err)
	}
	stop := errors.New("stop")
	if _, err := Scan(context.Background(), l, Query{BufferBytes: 1, BatchRows: 50}, func(arrow.Record, schema.Partition) error { return stop }); err != stop {
		t.Errorf("stopped: %v", err)
	}
}
