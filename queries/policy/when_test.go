package policy

import (
	"testing"
	"time"

	"github.com/keytrail/keytrail/schema"
)

func TestWhen(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	day := &When{Hours: "08:00-18:00"}
	night := &When{Days: []string{"mon"}, Hours: "22:00-06:00"}
	for _, c := range []struct {
		when *When
		at   string
		want bool
	}{
		{day, "2026-08-03T06:00:00Z", true}, // 08:00 in summer
		{day, "2026-08-03T05:59:59Z", false},
		{day, "2026-12-03T06:59:59Z", false},
		{day, "2026-12-03T07:00:00Z", true}, // 08:00 in winter
		{day, "2026-12-03T17:00:00Z", false},
		{night, "2026-08-03T20:00:00Z", true}, // Monday, 22:00
		{night, "2026-08-04T03:59:59Z", true}, // Tuesday, 05:59: still Monday's night
		{night, "2026-08-04T04:00:00Z", false},
		{night, "2026-08-03T02:00:00Z", false}, // Monday, 04:00: Sunday's night
		{night, "2026-08-04T21:00:00Z", false},
		// On 2026-10-25 the hour from 02:00 comes twice, on 2026-03-29 it does not come.
		{&When{Hours: "02:00-03:00"}, "2026-10-25T00:30:00Z", true},
		{&When{Hours: "02:00-03:00"}, "2026-10-25T01:30:00Z", true},
		{&When{Hours: "02:00-03:00"}, "2026-10-25T02:00:00Z", false},
		{&When{Hours: "02:00-03:00"}, "2026-03-29T00:59:59Z", false},
		{&When{Hours: "02:00-03:00"}, "2026-03-29T01:00:00Z", false},
		{&When{Hours: "18:00-24:00"}, "2026-12-03T22:59:59Z", true},
		{&When{Hours: "00:00-24:00"}, "2026-12-03T22:59:59Z", true},
		{&When{Days: []string{"thu"}}, "2026-12-02T23:00:00Z", true},
	} {
		touch := schema.Touch{EventTime: micros(t, c.at)}
		if got := whenConditions(c.when, zone)[0].is(&touch); got != c.want {
			t.Errorf("%v at %s: %v", *c.when, c.at, got)
		}
	}
	for _, bad := range []string{"", "8-18", "08:00", "08:00-08:00", "24:00-08:00", "08:00-25:00", "-08:00"} {
		if _, _, ok := parseHours(bad); ok {
			t.Errorf("%q are hours", bad)
		}
	}
}

func TestParseLength(t *testing.T) {
	for text, want := range map[string]time.Duration{"365d": 365 * 24 * time.Hour, "2w": 14 * 24 * time.Hour, "36h": 36 * time.Hour, "": -1, "7": -1, "-7d": -1, "d": -1, "7 d": -1} {
		if got, ok := parseLength(text); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %v %v", text, got, ok)
		}
	}
}

// A rule ends with its last day, also where the clocks leave out the midnight before or
// after that.
func TestEndOf(t *testing.T) {
	for _, c := range []struct{ zone, last, end string }{
		{"UTC", "2026-12-31", "2027-01-01T00:00:00Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-30T00:00:00+02:00"},
		{"Africa/Cairo", "2026-04-23", "2026-04-24T01:00:00+03:00"},
		{"Africa/Cairo", "2026-04-24", "2026-04-25T00:00:00+03:00"},
		{"America/Santiago", "2026-09-05", "2026-09-06T01:00:00-03:00"},
		{"America/Santiago", "2026-09-06", "2026-09-07T00:00:00-03:00"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := time.UnixMicro(endOf(c.last, zone)).In(zone).Format(time.RFC3339); got != c.end {
			t.Errorf("%s in %s ends at %s, not %s", c.last, c.zone, got, c.end)
		}
	}
}
