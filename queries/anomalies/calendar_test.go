package anomalies

import (
	"strings"
	"testing"
)

func TestCalendar(t *testing.T) {
	c, err := ParseCalendar("calendar.yaml", []byte(`# days that are not like others
holidays: [2026-12-25, 2026-12-24..2026-12-26]
month_ends: [last weekday, 2026-03-03]
releases: [2026-03-04]
incidents: ["2026-02-11 .. 2026-02-13"]
`))
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]dayType{
		"2026-03-02": workday, "2026-03-03": workday, "2026-03-07": dayOff, "2026-12-24": dayOff, "2026-12-28": workday,
	} {
		if got := c.typeOf(dayOf(t, day)); got != want {
			t.Errorf("%s is one of %v, want %v", day, got, want)
		}
	}
	for day, want := range map[string]bool{"2026-02-27": true, "2026-02-28": false, "2026-03-03": true, "2026-05-29": true, "2026-05-31": false} {
		if c.monthEnd(dayOf(t, day)) != want {
			t.Errorf("%s is a month end: %v", day, !want)
		}
	}
	for day, want := range map[string]bool{"2026-03-03": true, "2026-03-04": true, "2026-02-10": false, "2026-02-11": true, "2026-02-13": true, "2026-02-14": false} {
		if c.unlike(dayOf(t, day)) != want {
			t.Errorf("%s is part of baselines: %v", day, want)
		}
	}
	if !c.release(dayOf(t, "2026-03-04")) || c.release(dayOf(t, "2026-02-11")) {
		t.Error("a release is not an incident")
	}
}

func TestMonthly(t *testing.T) {
	for text, days := range map[string][2]string{ // one that it is, one that it is not
		"first day": {"2026-03-01", "2026-03-02"}, "last day": {"2026-02-28", "2026-02-27"},
		"first weekday": {"2026-03-02", "2026-03-01"}, "last weekday": {"2026-02-27", "2026-02-28"},
	} {
		s, err := parseDays(text)
		if err != nil || !s.has(dayOf(t, days[0])) || s.has(dayOf(t, days[1])) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestBadCalendars(t *testing.T) {
	for text, says := range map[string]string{
		"holidays: [25.12.2026]":             "2026-12-24..2026-12-26",
		"month_ends: [last friday]":          "last weekday",
		"incidents: [2026-02-14..2026-02-1]": "no day",
		"releases: [2026-02-14..2026-02-10]": "no day",
		"holiday: [2026-12-25]":              "calendar.yaml:1:1: unknown key \"holiday\" (did you mean holidays?)",
		"releases: [2026-03-03, tomorrow]":   "calendar.yaml:1:24: releases: \"tomorrow\" is no day",
		"releases: [soon]\nincidents: [now]": "calendar.yaml:2:13: incidents: \"now\" is no day",
		"holidays: {":                        "calendar.yaml",
	} {
		_, err := ParseCalendar("calendar.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "calendar.yaml:1:") {
			t.Errorf("%s: %v, want something about %q", text, err, says)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"alice*", "alice@example.com", true}, {"*", "", true}, {"a?c", "abc", true}, {"a?c", "ac", false}, {"*b*b", "abab", true},
		{"*B", "ab", true}, {"", "a", false}, {"a*b*c", "aXbYbZc", true}, {"ab", "abc", false}, {"?", "é", true}, {"***", "x", true},
	} {
		if glob(c.pattern, c.s) != c.want {
			t.Errorf("glob(%q, %q) is not %v", c.pattern, c.s, c.want)
		}
	}
}

func TestSparkline(t *testing.T) {
	for _, c := range []struct {
		series []float64
		most   int
		want   string
	}{
		{[]float64{0, 1, 7}, 9, "▁▂█"}, {[]float64{-1, -1, 7, -1, 7}, 9, "█·█"}, {[]float64{5, 0, 7}, 2, "▁█"}, {[]float64{0, 0}, 9, "▁▁"}, {nil, 9, ""},
	} {
		if got := sparkline(c.series, c.most); got != c.want {
			t.Errorf("%v: %s, want %s", c.series, got, c.want)
		}
	}
}
