package queries

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Forms of a point in time, with how long each is.
var timeForms = []struct {
	layout string
	length time.Duration
}{
	{time.DateOnly, 0}, // as long as the day
	{"2006-01-02 15:04", time.Minute},
	{"2006-01-02T15:04", time.Minute},
	{time.DateTime, time.Second},
	{"2006-01-02T15:04:05", time.Second},
	{"2006-01-02T15:04Z07:00", time.Minute},
	{time.RFC3339, time.Second},
	{"2006-01-02 15:04Z07:00", time.Minute},
	{"2006-01-02 15:04:05Z07:00", time.Second}, // as tables have it
}

var ages = map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

// ParseTime is [ParseTimeIn] for UTC.
func ParseTime(s string, now time.Time) (from, to int64, err error) {
	return ParseTimeIn(s, now, time.UTC)
}

// ParseTimeIn reads a point in time as people write one: a day, a minute or a second
// of a zone, either of these with an offset from UTC of its own, or an age such as
// 24h, 7d, 90m or 2w before now. It returns the first microsecond of what was named
// and the first one after it.
func ParseTimeIn(s string, now time.Time, zone *time.Location) (from, to int64, err error) {
	s = strings.TrimSpace(s)
	for _, form := range timeForms {
		t, err := time.ParseInLocation(form.layout, s, zone)
		if err != nil {
			continue
		}
		if form.layout == time.DateOnly { // it may have 23 hours, or 25
			return t.UnixMicro(), t.AddDate(0, 0, 1).UnixMicro(), nil
		}
		length := form.length
		if t.Nanosecond() != 0 {
			length = time.Microsecond
		}
		return t.UnixMicro(), t.Add(length).UnixMicro(), nil
	}
	if n := len(s); n > 1 && ages[s[n-1]] != 0 {
		count, err := strconv.ParseUint(s[:n-1], 10, 16)
		if err == nil {
			at := now.Add(-time.Duration(count) * ages[s[n-1]]).UnixMicro()
			return at, at + 1, nil
		}
	}
	return 0, 0, fmt.Errorf("%q is no time: write 2026-03-03, \"2026-03-03 03:12\", 2026-03-03T03:12:07Z, 24h or 7d", s)
}

// ParseZone reads the name of a zone: utc, local, one of the time zone database, or
// an offset such as +02:00.
func ParseZone(s string) (*time.Location, error) {
	switch strings.ToLower(s) {
	case "utc", "z":
		return time.UTC, nil
	case "local":
		return time.Local, nil
	case "":
	default:
		if t, err := time.Parse("-07:00", s); err == nil {
			_, offset := t.Zone()
			return time.FixedZone(s, offset), nil
		}
		if zone, err := time.LoadLocation(s); err == nil {
			return zone, nil
		}
	}
	return nil, fmt.Errorf("%q is no time zone: write utc, local, a name such as Europe/Oslo, or an offset such as +02:00", s)
}
