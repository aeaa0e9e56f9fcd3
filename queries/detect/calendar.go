package detect

import (
	"fmt"
	"slices"
	"time"
)

// calendar says when people work.
type calendar struct {
	zone     *time.Location
	days     [7]bool // by weekday
	from, to int     // minutes of the day; from after to: over midnight
	holidays []string
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// newCalendar reads one from settings: a time zone by its IANA name, days as mon to sun,
// hours as 08:00-18:00 and holidays as YYYY-MM-DD.
func newCalendar(zone string, days []string, hours string, holidays []string) (*calendar, error) {
	c := &calendar{holidays: holidays}
	var err error
	if c.zone, err = time.LoadLocation(zone); err != nil {
		return nil, fmt.Errorf("timezone: %w", err)
	}
	for _, day := range days {
		at := slices.Index(weekdays, day)
		if at < 0 {
			return nil, fmt.Errorf("days: %q is none of mon, tue, wed, thu, fri, sat, sun", day)
		}
		c.days[at] = true
	}
	var from, to [2]int
	if n, _ := fmt.Sscanf(hours, "%02d:%02d-%02d:%02d", &from[0], &from[1], &to[0], &to[1]); n != 4 || len(hours) != len("08:00-18:00") || !clockTime(from) || !clockTime(to) {
		return nil, fmt.Errorf("hours: %q is not like 08:00-18:00", hours)
	}
	c.from, c.to = from[0]*60+from[1], to[0]*60+to[1]
	for _, holiday := range holidays {
		if _, err := time.Parse(time.DateOnly, holiday); err != nil {
			return nil, fmt.Errorf("holidays: %q is not like 2026-12-25", holiday)
		}
	}
	return c, nil
}

func clockTime(t [2]int) bool {
	return 0 <= t[0] && t[0] <= 24 && 0 <= t[1] && t[1] < 60 && t[0]*60+t[1] <= 24*60
}

// works reports whether people work at a time. A shift over midnight is its first day's.
func (c *calendar) works(at time.Time) bool {
	at = at.In(c.zone)
	minute := at.Hour()*60 + at.Minute()
	if c.from <= c.to {
		return c.from <= minute && minute < c.to && c.workday(at)
	}
	if minute < c.to {
		return c.workday(at.AddDate(0, 0, -1))
	}
	return minute >= c.from && c.workday(at)
}

func (c *calendar) workday(day time.Time) bool {
	return c.days[day.Weekday()] && !slices.Contains(c.holidays, day.Format(time.DateOnly))
}
