package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/unexpected"
	"github.com/keytrail/keytrail/schema"
)

// parsePeriod reads a year, a quarter, a month or a day: 2026, 2026-Q1, 2026-03, 2026-03-02.
func parsePeriod(s string) (from, to string, err error) {
	first, months, days := time.Time{}, 0, 0
	year, quarter, isQuarter := strings.Cut(s, "-Q")
	switch n, qerr := strconv.Atoi(quarter); {
	case isQuarter && qerr == nil && n >= 1 && n <= 4 && len(quarter) == 1:
		first, err = time.Parse("2006", year)
		first, months = first.AddDate(0, 3*(n-1), 0), 3
	case isQuarter:
		err = fmt.Errorf("no such quarter")
	case len(s) == len("2006"):
		first, err = time.Parse("2006", s)
		months = 12
	case len(s) == len("2006-01"):
		first, err = time.Parse("2006-01", s)
		months = 1
	default:
		first, err = time.Parse(time.DateOnly, s)
		days = 1
	}
	if err != nil {
		return "", "", fmt.Errorf("%q is no period: write 2026-03-02, 2026-03, 2026-Q1 or 2026", s)
	}
	return first.Format(time.DateOnly), first.AddDate(0, months, days-1).Format(time.DateOnly), nil
}

// usualDays is how many days a report is about that nobody named a period for.
const usualDays = 30

// lastDays are the last days of a lake, [usualDays] at most.
func lastDays(ctx context.Context, l *lake.Lake) (from, to string, err error) {
	span, err := unexpected.LastDays(ctx, l, "", usualDays, 0)
	if err != nil {
		return "", "", err
	}
	first := ""
	err = l.TouchFiles(ctx, "", "", "", func(f lake.TouchFile) error {
		if day := f.Partition.DayString(); first == "" || day < first {
			first = day
		}
		return nil
	})
	if err != nil {
		return "", "", err
	}
	if first == "" {
		return "", "", fmt.Errorf("the lake has no touch yet: keytrail ingest SOURCE --lake LAKE fills it")
	}
	const day = int64(24 * time.Hour / time.Microsecond)
	return max(first, schema.DayString(int32(span.From/day))), schema.DayString(int32((span.To - 1) / day)), nil
}
