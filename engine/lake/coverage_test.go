package lake

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object/objecttest"
)

// chance draws a ledger entry of any kind that a run or a validation may leave.
func chance(rng *rand.Rand, day string) Entry {
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	e := entry(fmt.Sprintf("AWSLogs/%02d/%s etag%d %s", rng.IntN(40), day, rng.IntN(3), pick(Done, Done, Done, Skipped, Failed)))
	e.AccountID = pick("111111111111", "222222222222", "", "\x1b[2J"+strings.Repeat("9", 40))
	e.AWSRegion = pick("eu-west-1", "us-east-1", "ap-southeast-3", "", strings.Repeat("r", 33))
	e.Kind = pick("cloudtrail", "cloudtrail", "", "insight", "digest", "network", "foreign")
	e.DigestVerdict = pick("", "", "proven", "missing")
	switch {
	case e.Status != Done:
		e.Error = pick("", "archived in GLACIER: restore the object, then run again")
	case rng.IntN(4) == 0: // nothing in scope
		e.Records, e.InScope, e.Touches = 4, 0, 0
		e.FirstEventTime, e.LastEventTime = time.Time{}, time.Time{}
	default:
		e.InScope = 1 + rng.Int64N(1<<rng.IntN(40))
		e.Records, e.Touches = e.InScope+4, e.InScope+rng.Int64N(9)
		e.FirstEventTime = noon.Add(-time.Duration(rng.Int64N(1 << 55)))
		if rng.IntN(2) == 0 {
			e.FirstEventTime = e.FirstEventTime.Truncate(time.Second)
		}
		e.LastEventTime = e.FirstEventTime.Add(time.Duration(rng.IntN(1e6)) * time.Second)
	}
	return e
}

// plainCoverage counts the whole ledger, object by object, with no more than a map.
func plainCoverage(t *testing.T, l *Lake) map[string]map[Area]map[string]int64 {
	t.Helper()
	all := map[string]map[Area]map[string]int64{}
	days, err := l.LedgerDays(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range days {
		rows, err := l.Ledger(t.Context(), day)
		if err != nil {
			t.Fatal(err)
		}
		all[day] = map[Area]map[string]int64{}
		for _, e := range rows {
			a := Area{e.AccountID, e.AWSRegion}
			if len(a.Account) > 32 || len(a.Region) > 32 {
				a = Area{}
			}
			if all[day][a] == nil {
				all[day][a] = map[string]int64{}
			}
			n := all[day][a]
			log := e.Kind == "cloudtrail" || e.Kind == "insight" || e.Kind == ""
			switch {
			case e.Status == Failed && e.DigestVerdict == "missing":
				n["missing"]++
			case e.Status == Skipped && e.Kind == "digest":
				n["digests"]++
			case e.Status == Skipped && log && e.Error != "":
				n["archived"]++
			case e.Status == Skipped:
				n["other"]++
			default:
				n[e.Status]++
			}
			if e.Status != Done {
				continue
			}
			for name, v := range map[string]int64{"records": e.Records, "in": e.InScope, "out": e.OutOfScope, "quarantined": e.Quarantined, "touches": e.Touches} {
				n[name] += v
			}
			if e.InScope > 0 {
				first, last := e.FirstEventTime.UnixMicro(), e.LastEventTime.UnixMicro()
				if at, ok := n["first"]; !ok || first < at {
					n["first"] = first
				}
				if at, ok := n["last"]; !ok || last > at {
					n["last"] = last
				}
			}
		}
	}
	return all
}

// plainly puts a coverage in the form of [plainCoverage].
func plainly(t *testing.T, c Coverage) map[string]map[Area]map[string]int64 {
	t.Helper()
	if !slices.IsSortedFunc(c.Days, func(a, b DeliveryDay) int { return compareDays(a.Day, b.Day) }) {
		t.Errorf("days out of order: %+v", c.Days)
	}
	all := map[string]map[Area]map[string]int64{}
	for _, d := range c.Days {
		all[d.Day] = map[Area]map[string]int64{}
		var sum Counts
		for i, a := range d.Areas {
			if i > 0 && compareAreas(d.Areas[i-1].Area, a.Area) >= 0 {
				t.Errorf("%s: areas out of order", d.Day)
			}
			sum.Add(&a.Counts)
			n := map[string]int64{
				"done": a.Done, "failed": a.Failed, "missing": a.Missing, "archived": a.Archived, "digests": a.Digests, "other": a.Other,
				"records": a.Records, "in": a.InScope, "out": a.OutOfScope, "quarantined": a.Quarantined, "touches": a.Touches,
			}
			maps.DeleteFunc(n, func(name string, v int64) bool { return v == 0 && (a.Done == 0 || name != "in" && name != "touches") })
			if !a.FirstEvent.IsZero() {
				n["first"], n["last"] = a.FirstEvent.UnixMicro(), a.LastEvent.UnixMicro()
			}
			all[d.Day][a.Area] = n
		}
		if sum != d.Counts || d.Broken != "" || d.Folded {
			t.Errorf("%s: %+v is not the sum of its areas", d.Day, d.Counts)
		}
	}
	return all
}

func coverage(t *testing.T, l *Lake) Coverage {
	t.Helper()
	c, err := l.Coverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func recordCoverage(t *testing.T, l *Lake, merged ...LedgerDay) {
	t.Helper()
	if err := l.RecordCoverage(t.Context(), merged); err != nil {
		t.Fatal(err)
	}
}

// Random ledgers, with summaries of any age: the coverage is what a slow and obvious
// count comes to.
func TestCoverageAgainstPlainCount(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		rng := rand.New(rand.NewPCG(5, 5))
		l := create(t, s)
		if c := coverage(t, l); len(c.Days) != 0 {
			t.Errorf("an empty lake has %+v", c)
		}
		days := []string{"2024-03-09", "2024-03-10", "2024-03-12", ""}
		var merged []LedgerDay // not recorded yet
		for range 40 {
			day := days[rng.IntN(len(days))]
			var rows []Entry
			for range 1 + rng.IntN(12) {
				rows = append(rows, chance(rng, day))
			}
			d, err := l.MergeLedgerDay(t.Context(), day, rows)
			if err != nil {
				t.Fatal(err)
			}
			merged = append(merged, d)
			if rng.IntN(3) == 0 { // with what is known of some days, which may have changed again
				recordCoverage(t, l, merged[rng.IntN(len(merged)):]...)
				merged = nil
				upToDate(t, l)
			}
			if got, want := plainly(t, coverage(t, l)), plainCoverage(t, l); !reflect.DeepEqual(got, want) {
				t.Fatalf("got  %v\nwant %v", got, want)
			}
		}
	})
}

// upToDate fails unless the summary is that of the ledger as it is.
func upToDate(t *testing.T, l *Lake) {
	t.Helper()
	stored, current, err := l.StoredCoverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for day, ok := range current {
		if !ok {
			t.Errorf("the summary is not that of %q", day)
		}
	}
	if got := coverage(t, l); !reflect.DeepEqual(got, stored) {
		t.Errorf("the summary says %+v, the ledger %+v", stored, got)
	}
}

// covered is a lake of two days, and its coverage.
func covered(t *testing.T, s Store) (*Lake, Coverage) {
	t.Helper()
	l := create(t, s)
	rng := rand.New(rand.NewPCG(6, 6))
	for _, day := range []string{"2024-03-09", "2024-03-10"} {
		for range 5 {
			if err := l.MergeLedger(t.Context(), day, []Entry{chance(rng, day)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	recordCoverage(t, l)
	return l, coverage(t, l)
}

// A day whose ledger cannot be read does not keep the others from being known, and is
// known for what it is.
func TestCoverageOfBrokenLedger(t *testing.T) {
	s := objecttest.NewMem()
	l, before := covered(t, s)
	key := ledgerDir + before.Days[0].Day + smallFile
	good := get(t, s, key)
	put(t, s, key, good[:len(good)-9])
	for range 2 { // before and after a commit
		got := coverage(t, l)
		if d := got.Days[0]; !d.Trouble() || !strings.Contains(d.Broken, key) || d.Objects() != 0 || d.Areas != nil {
			t.Errorf("%+v", d)
		}
		if !reflect.DeepEqual(got.Days[1], before.Days[1]) || len(got.Trouble()) == 0 {
			t.Errorf("%+v, want %+v", got.Days[1], before.Days[1])
		}
		recordCoverage(t, l)
	}
	if stored, _, err := l.StoredCoverage(t.Context()); err != nil || len(stored.Days) != 1 {
		t.Errorf("summary: %+v, %v", stored, err)
	}
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if got := coverage(t, l); len(got.Days) != 1 {
		t.Errorf("%+v", got)
	}
}

// However many areas somebody makes up, those of a day stay few, and nothing is lost
// from its sums.
func TestCoverageFoldsAreas(t *testing.T) {
	var rows []Entry
	for i := range maxAreas + 5 {
		e := entry(fmt.Sprintf("object-%06d e1 %s", i, Done))
		e.AccountID = fmt.Sprintf("%012d", i)
		rows = append(rows, e)
	}
	l := create(t, objecttest.NewMem())
	merge(t, l, rows...)
	recordCoverage(t, l)
	upToDate(t, l)
	c := coverage(t, l)
	d := c.Day(day)
	if !d.Folded || len(d.Areas) != maxAreas+1 || d.Done != maxAreas+5 || d.Areas[0].Done != 5 || d.Areas[0].Area != (Area{}) {
		t.Errorf("%d areas, folded: %t, %+v; the first: %+v", len(d.Areas), d.Folded, d.Counts, d.Areas[0])
	}
	merge(t, l, rows[0]) // changes nothing
	merge(t, l, entries("object-000000 e2 failed")...)
	c = coverage(t, l)
	if d := c.Day(day); !d.Folded || d.Failed != 1 {
		t.Errorf("%+v", d.Counts)
	}
}
