package detect

import (
	"strings"
	"testing"
	"time"
)

func TestCalendar(t *testing.T) {
	day, err := newCalendar("Europe/Berlin", weekdays[1:6], "08:00-18:00", []string{"2026-04-03"})
	if err != nil {
		t.Fatal(err)
	}
	night, err := newCalendar("UTC", []string{"mon"}, "22:00-06:00", []string{"2026-03-23"})
	if err != nil {
		t.Fatal(err)
	}
	always, err := newCalendar("UTC", weekdays, "00:00-24:00", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		of   *calendar
		at   string
		want bool
	}{
		{"first minute", day, "2026-03-20T07:00:00Z", true},
		{"minute before", day, "2026-03-20T06:59:59Z", false},
		{"last minute", day, "2026-03-20T16:59:00Z", true},
		{"minute after", day, "2026-03-20T17:00:00Z", false},
		{"summer time", day, "2026-03-30T06:00:00Z", true},
		{"saturday", day, "2026-03-21T10:00:00Z", false},
		{"holiday", day, "2026-04-03T10:00:00Z", false},
		{"evening of the shift", night, "2026-03-16T23:00:00Z", true},
		{"morning after it", night, "2026-03-17T05:59:00Z", true},
		{"later that morning", night, "2026-03-17T06:00:00Z", false},
		{"next evening", night, "2026-03-17T23:00:00Z", false},
		{"morning before it", night, "2026-03-16T03:00:00Z", false},
		{"morning after a holiday", night, "2026-03-24T03:00:00Z", false},
		{"midnight", always, "2026-03-21T00:00:00Z", true},
		{"minute to midnight", always, "2026-03-21T23:59:59Z", true},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := tt.of.works(at); got != tt.want {
			t.Errorf("%s: works is %v", tt.name, got)
		}
	}
}

func TestCalendarErrors(t *testing.T) {
	for _, tt := range []struct{ zone, day, hours, holiday, want string }{
		{"Europe/Nowhere", "mon", "08:00-18:00", "2026-01-01", "timezone"},
		{"UTC", "monday", "08:00-18:00", "2026-01-01", `days: "monday"`},
		{"UTC", "mon", "8-18", "2026-01-01", `hours: "8-18"`},
		{"UTC", "mon", "08:00-25:00", "2026-01-01", "hours"},
		{"UTC", "mon", "08:00-24:01", "2026-01-01", "hours"},
		{"UTC", "mon", "08:61-18:00", "2026-01-01", "hours"},
		{"UTC", "mon", "08:00-18:00x", "2026-01-01", "hours"},
		{"UTC", "mon", "08:00-18:00", "1.1.2026", "holidays"},
	} {
		if _, err := newCalendar(tt.zone, []string{tt.day}, tt.hours, []string{tt.holiday}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}
