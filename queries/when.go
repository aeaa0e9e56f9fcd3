package queries

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Forms of a point in time, with how long each is: "2026-03-03" is a whole day.
var timeForms = []struct {
	layout string
	length time.Duration
}{
	{time.DateOnly, 24 * time.Hour},
	{"2006-01-02 15:04", time.Minute},
	{"2006-01-02T15:04", time.Minute},
	{time.DateTime, time.Second},
	{"2006-01-02T15:04:05", time.Second},
	{"2006-01-02T15:04Z07:00", time.Minute},
	{time.RFC3339, time.Second},
}

var ages = map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

// ParseTime reads a point in time as people write one: a day, a minute or a second
// in UTC, RFC 3339 with any offset, or an age such as 24h, 7d, 90m or 2w before
// now. It returns the first microsecond of what was named and the first one
// after it.
func ParseTime(s string, now time.Time) (from, to int64, err error) {
	s = strings.TrimSpace(s)
	for _, form := range timeForms {
		t, err := time.Parse(form.layout, s)
		if err != nil {
			continue
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
