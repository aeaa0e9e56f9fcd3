package anomalies

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/yamlfile"
	"github.com/keytrail/keytrail/schema"
)

// Calendar says which days are not like others. A nil Calendar knows weekends only.
//
//	holidays:   [2026-12-25, 2026-12-26]    like a weekend
//	month_ends: [last day, 2026-10-30]      told where twice as much as on those before, and no baseline
//	releases:   [2026-03-03]                told as no more than low, and no baseline
//	incidents:  [2026-02-11..2026-02-14]    no baseline
//
// A list has days, spans of days with both ends included, and words for a day of
// every month: "first day", "last day", "first weekday", "last weekday".
type Calendar struct {
	holidays, monthEnds, releases, incidents []daySpan
}

type calendarFile struct {
	Holidays  []string `yaml:"holidays"`
	MonthEnds []string `yaml:"month_ends"`
	Releases  []string `yaml:"releases"`
	Incidents []string `yaml:"incidents"`
}

// ParseCalendar reads a calendar file. name is what the file is called in errors, of which
// all are told.
func ParseCalendar(name string, data []byte) (*Calendar, error) {
	var file calendarFile
	read, err := yamlfile.Read(name, data, &file)
	if err != nil {
		return nil, err
	}
	var c Calendar
	var wrong []error
	for _, list := range []struct {
		name  string
		texts []string
		spans *[]daySpan
	}{
		{"holidays", file.Holidays, &c.holidays}, {"month_ends", file.MonthEnds, &c.monthEnds},
		{"releases", file.Releases, &c.releases}, {"incidents", file.Incidents, &c.incidents},
	} {
		for i, text := range list.texts {
			span, err := parseDays(text)
			if err != nil {
				wrong = append(wrong, read.Errorf(fmt.Sprintf("%s[%d]", list.name, i), "%s: %v", list.name, err))
			}
			*list.spans = append(*list.spans, span)
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return &c, nil
}

// daySpan is some days in a row, or one of every month.
type daySpan struct {
	from, to int32
	monthly  string
}

var monthly = []string{"first day", "last day", "first weekday", "last weekday"}

func parseDays(text string) (daySpan, error) {
	text = strings.TrimSpace(text)
	if slices.Contains(monthly, text) {
		return daySpan{monthly: text}, nil
	}
	from, to, isSpan := strings.Cut(text, "..")
	if !isSpan {
		to = from
	}
	first, err := schema.ParseDay(strings.TrimSpace(from))
	last, err2 := schema.ParseDay(strings.TrimSpace(to))
	if err != nil || err2 != nil || last < first {
		return daySpan{}, fmt.Errorf("%q is no day: write 2026-12-25, 2026-12-24..2026-12-26, or one of %q", text, monthly)
	}
	return daySpan{from: first, to: last}, nil
}

func (s daySpan) has(day int32) bool {
	if s.monthly == "" {
		return s.from <= day && day <= s.to
	}
	at := dayTime(day)
	step := 1 // towards the month's middle
	edge := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	if strings.HasPrefix(s.monthly, "last") {
		step, edge = -1, edge.AddDate(0, 1, -1)
	}
	if strings.HasSuffix(s.monthly, "weekday") {
		for weekend(edge) {
			edge = edge.AddDate(0, 0, step)
		}
	}
	return at.Equal(edge)
}

func dayTime(day int32) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

func weekend(at time.Time) bool { return at.Weekday() == time.Saturday || at.Weekday() == time.Sunday }

// dayType is what a day is compared with: others of its type.
type dayType uint8

const (
	workday dayType = iota
	dayOff
)

var dayTypeNames = [...]string{"weekdays", "days of weekends and holidays"}

func (t dayType) String() string { return dayTypeNames[t] }

func (c *Calendar) typeOf(day int32) dayType {
	if weekend(dayTime(day)) || c != nil && listed(c.holidays, day) {
		return dayOff
	}
	return workday
}

// monthEnd reports whether it is a day of jobs that run once a month.
func (c *Calendar) monthEnd(day int32) bool { return c != nil && listed(c.monthEnds, day) }

// release reports whether something was released on the day.
func (c *Calendar) release(day int32) bool { return c != nil && listed(c.releases, day) }

// unlike reports whether a day is no part of any baseline.
func (c *Calendar) unlike(day int32) bool {
	return c != nil && (listed(c.releases, day) || listed(c.incidents, day) || listed(c.monthEnds, day))
}

func listed(spans []daySpan, day int32) bool {
	return slices.ContainsFunc(spans, func(s daySpan) bool { return s.has(day) })
}
