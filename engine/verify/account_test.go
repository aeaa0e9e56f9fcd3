package verify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

func TestIndex(t *testing.T) {
	var x index[account]
	for i := range int64(5000) {
		x.add(digestOf(fmt.Sprint(i%3000)), account{1, i})
	}
	x.sort()
	for i := range int64(3000) {
		found := x.find(digestOf(fmt.Sprint(i)))
		if want := 1 + max(0, min(1, 2000-i)); int64(len(found)) != want {
			t.Fatalf("%d: %d elements, not %d", i, len(found), want)
		}
		for _, a := range found {
			if a.value.live%3000 != i {
				t.Fatalf("%d: found %d", i, a.value.live)
			}
		}
	}
	if found := x.find(digestOf("3000")); len(found) != 0 {
		t.Errorf("found %v", found)
	}
	if digestOf("ab", "c") != digestOf("abc") || digestOf("ab") == digestOf("abc") {
		t.Error("a digest is not that of the texts one after the other")
	}
}

// An object of two delivery days, which the places it was found in tell, has one
// account.
func TestCombine(t *testing.T) {
	for _, c := range []struct{ parts, want []int64 }{
		{[]int64{3}, []int64{3}},
		{[]int64{noneDone}, []int64{noneDone}},
		{[]int64{3, 4}, []int64{7}},
		{[]int64{noneDone, 4, noneDone}, []int64{4}},
		{[]int64{0, noneDone}, []int64{0}},
		{[]int64{noneDone, noneDone}, []int64{noneDone}},
	} {
		var x index[account]
		x.add(digestOf("other"), account{9, 0})
		for _, n := range c.parts {
			x.add(digestOf("name"), account{n, 0})
		}
		combine(&x)
		var got []int64
		for _, a := range x.find(digestOf("name")) {
			got = append(got, a.value.touches)
		}
		if other := x.find(digestOf("other")); !slices.Equal(got, c.want) || len(other) != 1 || other[0].value.touches != 9 {
			t.Errorf("%v became %v, not %v; other %v", c.parts, got, c.want, other)
		}
	}
}

// However many objects the ledger does not have, as many are named as findings are
// kept, and all are counted.
func TestStrangersAreBounded(t *testing.T) {
	c := &check{Report: &Report{Counts: map[Kind]int64{}}, strangers: newStrangers()}
	for range 2 {
		f := &fileRows{strangers: newStrangers()}
		for i := range maxFindings + 500 {
			name := fmt.Sprint("object", i)
			f.strangers.add(digestOf(name), name, 2)
		}
		c.addLive(f)
	}
	c.addStrangers()
	if c.Total != maxFindings+500 || len(c.Findings) != maxFindings {
		t.Errorf("%d findings of %d", len(c.Findings), c.Total)
	}
	for _, f := range c.Findings {
		if !strings.HasPrefix(f.Where, "object") || !strings.HasPrefix(f.What, "4 rows ") {
			t.Fatalf("%+v", f)
		}
	}
}

// A ledger that makes no sense from some row on is one finding, and what it said
// before does not make others.
func TestLedgerCorruptInTheMiddle(t *testing.T) {
	src, m := objecttest.NewMem(), objecttest.NewMem()
	for i := range 150 {
		put(t, src, strings.Replace(objectA, "aaaaaaaaaaaaaaaa", fmt.Sprintf("%016d", i), 1),
			gzipped([]string{record(i, "orders", fmt.Sprint("order#", i%20), "2026-03-02")}))
	}
	ingest(t, engine.Engine{}, src, m)
	all := files(t, m)
	delete(all, leaseKey)
	key := all.only(t, "ledger")
	for _, at := range []int{70, 127, 128, 149} {
		edited(t, all, key, func(r []entryRow) []entryRow { r[at], r[at-1] = r[at-1], r[at]; return r })
		rep := look(t, all.mem(t), Input{Source: src})
		if rep.Total != 1 || !rep.has(KindLedger, key) || rep.Objects >= 150 {
			t.Errorf("at row %d: %d objects\n%s", at, rep.Objects, rep.text())
		}
		edited(t, all, key, func(r []entryRow) []entryRow { r[at], r[at-1] = r[at-1], r[at]; return r })
	}
}

// Rows that are all well, but that keytrail would not leave beside each other, are
// found although their bytes are as keytrail writes them.
func TestLedgerOfVersionsNotDone(t *testing.T) {
	f := small(t, engine.Engine{})
	key := f.only(t, "ledger", "2026-03-02")
	again := func(etags ...string) *Report {
		edited(t, f, key, func(r []entryRow) []entryRow {
			r = r[:1]
			for _, etag := range etags {
				r = append(r, entryRow{SourceObject: r[0].SourceObject, Source: r[0].Source, ETag: etag, Status: lake.Failed, Error: "no", Attempts: 1})
			}
			return r
		})
		return look(t, f.mem(t))
	}
	if rep := again(); !rep.Clean() {
		t.Errorf("%s", rep.text())
	}
	if rep := again("~1"); !rep.Clean() {
		t.Errorf("one that failed after one that was read: %s", rep.text())
	}
	if rep := again("~1", "~2"); rep.Total != 1 || !strings.Contains(rep.text(), "not done") {
		t.Errorf("two that failed: %s", rep.text())
	}
}
