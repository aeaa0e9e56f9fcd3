package queries

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/schema"
)

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Colours say nothing that the text does not: without them it is the same, and what
// the log has can make none.
func TestColoursChangeNothingElse(t *testing.T) {
	w := itemAsked
	w.CouldHave = true
	for _, touches := range [][]schema.Touch{history(t), {hostileTouch(t)}} {
		for _, who := range []Who{w, {Table: "customers"}} {
			a := ask(t, who, touches)
			a.Gaps = GapsOf(&who, coverage(), nil)
			for _, width := range []int{0, 60, 100, 160} {
				look := Look{Width: width, Colour: true}
				coloured := rendered(t, a, look)
				look.Colour = false
				plain := rendered(t, a, look)
				if escapes.ReplaceAllString(coloured, "") != plain {
					t.Errorf("width %d: without its colours\n%s\nplain\n%s", width, escapes.ReplaceAllString(coloured, ""), plain)
				}
				if strings.Contains(plain, "\x1b") || a.DeleteCount > 0 && !strings.Contains(coloured, "\x1b[1;31m") {
					t.Errorf("width %d: %q", width, coloured)
				}
			}
		}
	}
}

// What a person sees, at the widths of terminals.
func TestLooksGolden(t *testing.T) {
	w := itemAsked
	w.CouldHave = true
	a := ask(t, w, history(t))
	a.Gaps = GapsOf(&w, coverage(), []Area{{"111122223333", "eu-west-1"}})
	for _, width := range []int{80, 120, 160} {
		golden.Check(t, fmt.Sprintf("queries/look-%d", width), rendered(t, a, Look{Width: width}))
	}
	golden.Check(t, "queries/look-colours", strings.ReplaceAll(rendered(t, a, Look{Width: 160, Colour: true, Zone: time.FixedZone("+05:30", 19800)}), "\x1b", "<ESC>"))
}

func rendered(t *testing.T, a *Answer, look Look) string {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, a, Table, look); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What a table shows of a time, the command line takes.
func TestTimesInTablesCanBeAskedFor(t *testing.T) {
	at := micros(t, "2026-03-29T01:30:00Z")
	oslo, err := ParseZone("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	east, err := ParseZone("+05:30")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		zone          *time.Location
		name, written string
	}{
		{nil, "UTC", "2026-03-29 01:30:00Z"},
		{time.UTC, "UTC", "2026-03-29 01:30:00Z"},
		{oslo, "Europe/Oslo", "2026-03-29 03:30:00+02:00"},
		{east, "+05:30", "2026-03-29 07:00:00+05:30"},
	} {
		look := Look{Zone: c.zone}
		if look.time(at) != c.written || look.zone() != c.name {
			t.Errorf("%s: %s", look.zone(), look.time(at))
		}
		from, to, err := ParseTime(look.time(at), time.Time{})
		if err != nil || from != at || to != at+second {
			t.Errorf("%s is taken for %d to %d, %v", look.time(at), from, to, err)
		}
	}
	if _, err := ParseZone("Oslo"); err == nil {
		t.Error("Oslo was taken for a zone")
	}
}

func TestEveryCellOfACSVIsGuarded(t *testing.T) {
	for _, s := range []string{"=1", "+1", "-1", "@x", "\t=1", "\r=1", "'x", "|x", "%x", "＝1"} {
		got := guard(s)
		if s != "＝1" && got[0] != '\'' {
			t.Errorf("%q is written as %q", s, got)
		}
	}
}
