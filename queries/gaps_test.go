package queries

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/engine/lake"
)

// coverage is a lake of March 2 to 9 with every kind of trouble.
func coverage() *lake.Coverage {
	home, away := lake.Area{Account: "111122223333", Region: "eu-west-1"}, lake.Area{Account: "111122223333", Region: "us-east-1"}
	day := func(name string, c lake.Counts, areas ...lake.Area) lake.DeliveryDay {
		d := lake.DeliveryDay{Day: name, Counts: c}
		for i, a := range areas {
			counts := c
			if i > 0 {
				counts = lake.Counts{Done: 1}
			}
			d.Areas = append(d.Areas, lake.AreaCounts{Area: a, Counts: counts})
		}
		return d
	}
	return &lake.Coverage{Days: []lake.DeliveryDay{
		day("2026-03-02", lake.Counts{Done: 9}, home, away),
		day("2026-03-03", lake.Counts{Done: 7, Failed: 3, Records: 50, Quarantined: 12}, home),
		day("2026-03-04", lake.Counts{Done: 7, Archived: 1, Missing: 2}, home, away),
		{Day: "2026-03-06", Broken: "its footer is cut\x1b[2J"},
		day("2026-03-07", lake.Counts{Done: 2, Failed: 1}, home, away),
		day("2026-03-09", lake.Counts{Done: 2}, home, away),
		day("", lake.Counts{Done: 1, Quarantined: 1}, home),
	}}
}

func TestGapsOfGolden(t *testing.T) {
	home := []Area{{"111122223333", "eu-west-1"}}
	var s strings.Builder
	for _, c := range []struct {
		name  string
		who   Who
		areas []Area
	}{
		{"all time, all areas", Who{}, nil},
		{"all time, one area", Who{}, home},
		{"the second, late troubles after it", Who{From: micros(t, "2026-03-02T00:00:00Z"), To: micros(t, "2026-03-02T12:00:00Z")}, home},
		{"more than the lake has", Who{From: micros(t, "2026-02-02T00:00:00Z"), To: micros(t, "2026-03-20T00:00:00Z")}, home},
	} {
		g := GapsOf(&c.who, coverage(), c.areas)
		s.WriteString("## " + c.name + "\n")
		for _, gap := range g {
			s.WriteString(gap.Kind + " " + gap.From + " " + gap.To + ": " + gap.What + "\n")
		}
		s.WriteString(g.String() + "\n")
	}
	golden.Check(t, "queries/gaps", s.String())
}

func TestGapsOfALakeWithoutAny(t *testing.T) {
	whole := &lake.Coverage{Days: []lake.DeliveryDay{{Day: "2026-03-02", Counts: lake.Counts{Done: 1}}}}
	g := GapsOf(&Who{}, whole, nil)
	if g.Incomplete() || g.String() != "no gap is known: the lake has deliveries of 2026-03-02 to 2026-03-02" {
		t.Errorf("%q", g)
	}
	if g := GapsOf(&Who{}, &lake.Coverage{}, nil); !g.Incomplete() || !strings.Contains(g.String(), "the lake has no log") {
		t.Errorf("%q", g)
	}
	unnamed := &lake.Coverage{Days: []lake.DeliveryDay{{Counts: lake.Counts{Done: 1}}}}
	if g := GapsOf(&Who{}, unnamed, nil); g.Incomplete() || !strings.Contains(g.String(), "do not tell when") {
		t.Errorf("%q", g)
	}
	if g := Gaps(nil); g.Incomplete() || g.String() != "" {
		t.Errorf("%q of nothing asked", g)
	}
}

// A hole where nothing was touched is no reason to doubt the answer, and none to be
// silent about it: the only touch there may have been on those days.
func TestGapsElsewhere(t *testing.T) {
	var c lake.Coverage
	day := func(name string, areas ...string) {
		d := lake.DeliveryDay{Day: name, Counts: lake.Counts{Done: int64(len(areas))}}
		for _, region := range areas {
			d.Areas = append(d.Areas, lake.AreaCounts{Area: lake.Area{Account: "111122223333", Region: region}, Counts: lake.Counts{Done: 1}})
		}
		c.Days = append(c.Days, d)
	}
	day("2026-03-02", "eu-west-1", "us-east-1")
	day("2026-03-03", "us-east-1")
	day("2026-03-04", "eu-west-1", "us-east-1")
	for region, want := range map[string]string{
		"eu-west-1": "this answer may be incomplete: no object for 2026-03-03 in account 111122223333, eu-west-1",
		"us-east-1": "no gap is known in the accounts and Regions of these touches: the lake has deliveries of 2026-03-02 to 2026-03-04; 1 stretch of days without an object",
	} {
		got := GapsOf(&Who{}, &c, []Area{{"111122223333", region}})
		if !strings.HasPrefix(got.String(), want) {
			t.Errorf("%s: %s", region, got)
		}
	}
}
