package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keytrail/keytrail/schema"
)

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// whenConditions is one condition at most: days and hours belong together where hours go
// over midnight.
func whenConditions(w *When, zone *time.Location) []condition {
	if len(w.Days) == 0 && w.Hours == "" {
		return nil
	}
	var days [7]bool
	for i, name := range weekdays {
		days[i] = len(w.Days) == 0 || slices.Contains(w.Days, name)
	}
	from, to := 0, 24*60
	if w.Hours != "" {
		from, to, _ = parseHours(w.Hours)
	}
	var want []string
	if len(w.Days) > 0 {
		want = append(want, strings.Join(w.Days, " "))
	}
	if w.Hours != "" {
		want = append(want, w.Hours)
	}
	return []condition{{"when", strings.Join(append(want, zone.String()), ", "), func(t *schema.Touch) bool {
		at := time.UnixMicro(t.EventTime).In(zone)
		return inHours(at, &days, from, to)
	}, func(t *schema.Touch) string {
		return time.UnixMicro(t.EventTime).In(zone).Format("Mon 15:04:05 MST")
	}}}
}

// inHours judges by the clock on the wall: an hour that a change of the clocks repeats is
// in twice, one that it leaves out never comes. What goes over midnight belongs to the
// day it began on.
func inHours(at time.Time, days *[7]bool, from, to int) bool {
	now, today := at.Hour()*60+at.Minute(), int(at.Weekday())
	if from < to {
		return days[today] && from <= now && now < to
	}
	return now >= from && days[today] || now < to && days[(today+6)%7]
}

// parseHours reads 08:00-18:00 as minutes of a day.
func parseHours(text string) (from, to int, ok bool) {
	first, last, cut := strings.Cut(text, "-")
	from, fromOK := parseClock(first)
	to, toOK := parseClock(last)
	return from, to, cut && fromOK && toOK && from != to && from < 24*60
}

// parseClock reads 18:00. 24:00 is the end of a day.
func parseClock(text string) (minutes int, ok bool) {
	if strings.TrimSpace(text) == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", strings.TrimSpace(text))
	return t.Hour()*60 + t.Minute(), err == nil
}

// parseLength reads 365d, 12w or 36h.
func parseLength(text string) (time.Duration, bool) {
	units := map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if text == "" || units[text[len(text)-1]] == 0 {
		return 0, false
	}
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 16)
	return time.Duration(n) * units[text[len(text)-1]], err == nil
}
