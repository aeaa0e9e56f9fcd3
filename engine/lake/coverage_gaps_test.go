package lake

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// told shows gaps as "account/Region from..to days digests".
func (g Gap) told() string {
	return fmt.Sprintf("%s/%s %s..%s %d %d", g.Account, g.Region, g.From, g.To, g.Days, g.Digests)
}

// deliveries is a coverage of the days of January 2024 that are named, as "day
// area:counts area:counts". Of counts, l is a log, d a digest, f a log that failed. The
// words broken and folded are those of the day.
func deliveries(days ...string) Coverage {
	var c Coverage
	for _, spec := range days {
		f := strings.Fields(spec)
		d := DeliveryDay{Day: "2024-01-" + f[0]}
		if f[0] == "none" {
			d.Day = ""
		}
		for _, s := range f[1:] {
			switch name, counts, ok := strings.Cut(s, ":"); {
			case ok:
				a := AreaCounts{Area: Area{name, "r"}}
				a.Done = int64(strings.Count(counts, "l"))
				a.Failed = int64(strings.Count(counts, "f"))
				a.Digests = int64(strings.Count(counts, "d"))
				d.Areas = append(d.Areas, a)
			case s == "broken":
				d.Broken = "it is corrupt"
			case s == "folded":
				d.Folded = true
			}
		}
		d.sum()
		c.Days = append(c.Days, d)
	}
	return c
}

func TestCoverageGaps(t *testing.T) {
	for _, c := range []struct {
		name string
		days []string
		want string
	}{
		{"every day", []string{"01 a:l", "02 a:l", "03 a:l"}, ""},
		{"a day without anything", []string{"01 a:l", "03 a:l"}, "a/r 2024-01-02..2024-01-02 1 0"},
		{"others deliver", []string{"01 a:l b:l", "02 b:l", "03 b:l", "04 a:l"}, "a/r 2024-01-02..2024-01-03 2 0"},
		{"digests alone", []string{"01 a:ld", "02 a:dd", "03 a:d", "05 a:ld"}, "a/r 2024-01-02..2024-01-04 3 3"},
		{"a log that failed was delivered", []string{"01 a:l", "02 a:f", "03 a:l"}, ""},
		{"neither before the first nor after the last", []string{"01 b:l", "02 a:l b:l", "03 b:l"}, ""},
		{"digests before the first", []string{"01 a:dd", "03 a:l", "05 a:l"}, "a/r 2024-01-04..2024-01-04 1 0"},
		{"who knows", []string{"01 a:l", "02 broken", "03 folded", "04 a:l"}, ""},
		{"known in part", []string{"01 a:l", "02 a:d", "03 broken", "05 a:l"}, "a/r 2024-01-02..2024-01-02 1 1, a/r 2024-01-04..2024-01-04 1 0"},
		{"folded, and yet known", []string{"01 a:l", "02 a:d folded", "03 a:l"}, "a/r 2024-01-02..2024-01-02 1 1"},
		{"no name", []string{"01 :l", "03 :l", "none a:l"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := deliveries(c.days...)
			var got []string
			for _, g := range all.Gaps() {
				got = append(got, g.told())
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

// Random deliveries: the gaps are what one finds by asking of every day between.
func TestCoverageGapsAgainstPlainSearch(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	gaps := 0
	for range 300 {
		var specs []string
		for day := 1; day < 25; day++ {
			spec := fmt.Sprintf("%02d", day)
			for _, a := range []string{"a", "b", "c"} {
				spec += " " + a + ":" + []string{"l", "f", "d", "dd", ""}[rng.IntN(5)]
			}
			switch rng.IntN(12) {
			case 0:
				spec = spec[:2] + " broken"
			case 1:
				spec = spec[:2] + " b:dl folded"
			case 2:
				continue
			}
			specs = append(specs, spec)
		}
		c := deliveries(specs...)
		var want []Gap
		for _, name := range []string{"a", "b", "c"} {
			want = append(want, plainGaps(t, &c, Area{name, "r"})...)
		}
		if got := c.Gaps(); !slices.Equal(got, want) {
			t.Fatalf("%q:\ngot  %v\nwant %v", specs, got, want)
		}
		gaps += len(want)
	}
	t.Logf("%d gaps", gaps)
}

func plainGaps(t *testing.T, c *Coverage, of Area) (gaps []Gap) {
	t.Helper()
	const log, quiet, unknown = 'l', '-', '?'
	var states []rune
	var digests []int64
	first, err := schema.ParseDay("2024-01-01")
	if err != nil {
		t.Fatal(err)
	}
	for n := range int32(25) {
		state, signed := quiet, int64(0)
		if d := c.Day(schema.DayString(first + n)); d != nil {
			at := slices.IndexFunc(d.Areas, func(a AreaCounts) bool { return a.Area == of })
			switch {
			case at >= 0 && d.Areas[at].Logs() > 0:
				state = log
			case at >= 0:
				signed = d.Areas[at].Digests
			case d.Broken != "" || d.Folded:
				state = unknown
			}
		}
		states, digests = append(states, state), append(digests, signed)
	}
	for i := range states {
		if states[i] != quiet || !slices.Contains(states[:i], log) || !slices.Contains(states[i:], log) {
			continue
		}
		day := schema.DayString(first + int32(i))
		if states[i-1] != quiet {
			gaps = append(gaps, Gap{Area: of, From: day})
		}
		g := &gaps[len(gaps)-1]
		g.To, g.Days, g.Digests = day, g.Days+1, g.Digests+digests[i]
	}
	return gaps
}

func TestCoverageAreas(t *testing.T) {
	c := deliveries("02 b:l", "03 a:d b:l", "07 b:f", "none b:l")
	got := c.Areas()
	if len(got) != 1 || got[0].Account != "b" || got[0].First != "2024-01-02" || got[0].Last != "2024-01-07" || got[0].Days != 3 || len(got[0].Gaps) != 1 {
		t.Errorf("%+v", got)
	}
	if first, last := c.Bounds(); first != "2024-01-02" || last != "2024-01-07" {
		t.Errorf("from %s to %s", first, last)
	}
	if sum := c.Total(); sum.Objects() != 5 || sum.Logs() != 4 || sum.Unread() != 1 || !sum.Trouble() {
		t.Errorf("%+v", sum)
	}
	if first, last := new(Coverage).Bounds(); first != "" || last != "" || new(Coverage).Areas() == nil {
		t.Errorf("of nothing: %q, %q", first, last)
	}
}

// What concerns a span of event time: by the days on which its events come.
func TestCoverageWindow(t *testing.T) {
	c := deliveries("01 a:f", "02 a:l", "04 a:lf", "05 a:l", "06 broken", "08 a:f", "none a:f")
	names := func(days []*DeliveryDay) string {
		var out []string
		for _, d := range days {
			out = append(out, cmp.Or(strings.TrimPrefix(d.Day, "2024-01-"), "none"))
		}
		return strings.Join(out, " ")
	}
	at := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		v, err := time.Parse("2006-01-02T15:04:05.999999Z07:00", "2024-01-"+text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, k := range []struct{ from, to, want string }{
		{"", "", ".. objects 6; trouble 01 04 06 08; late none; gaps 2"},
		{"02T00:00:00Z", "03T00:00:00Z", "02..03 objects 1; trouble ; late 04 06 08 none; gaps 1"},
		{"02T00:00:00Z", "03T00:00:00.000001Z", "02..04 objects 3; trouble 04; late 06 08 none; gaps 1"},
		{"04T23:00:00-02:00", "05T12:00:00Z", "05..06 objects 1; trouble 06; late 08 none; gaps 0"},
		{"05T00:00:00Z", "", "05.. objects 2; trouble 06 08; late none; gaps 1"},
		{"", "01T00:00:00Z", "..01 objects 1; trouble 01; late 04 06 08 none; gaps 0"},
		{"20T00:00:00Z", "21T00:00:00Z", "20..21 objects 0; trouble ; late none; gaps 0"},
	} {
		w := c.Window(at(k.from), at(k.to))
		short := func(day string) string { return strings.TrimPrefix(day, "2024-01-") }
		got := fmt.Sprintf("%s..%s objects %d; trouble %s; late %s; gaps %d",
			short(w.From), short(w.To), w.Usual.Objects(), names(w.Trouble), names(w.Late), len(w.Gaps))
		if got != k.want {
			t.Errorf("[%s, %s):\ngot  %s\nwant %s", k.from, k.to, got, k.want)
		}
		if w.First != "2024-01-01" || w.Last != "2024-01-08" {
			t.Errorf("the lake has %s to %s", w.First, w.Last)
		}
	}
}
