package main

import (
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries"
)

// addArgument takes the table, or members of the key.
func addArgument(w *queries.Who, arg string) error {
	if strings.HasPrefix(arg, "{") {
		members, err := queries.ParseKey(arg)
		if err != nil {
			return usagef("%v", err)
		}
		w.Key = append(w.Key, members...)
		return nil
	}
	name, value, isMember := strings.Cut(arg, "=")
	switch {
	case isMember && name == "":
		return usagef("%q names no key member: write name=value", arg)
	case isMember:
		w.Key = append(w.Key, queries.Member{Name: name, Value: value})
	case w.Table != "":
		return usagef("%q and %q: only one table, and key members as name=value", w.Table, arg)
	case arg == "":
		return usagef("the table's name is empty")
	default:
		w.Table = arg
	}
	return nil
}

// addTimes reads the time asked about.
func addTimes(w *queries.Who, from, to string, now time.Time, zone *time.Location) (err error) {
	if from != "" {
		if w.From, _, err = queries.ParseTimeIn(from, now, zone); err != nil {
			return usagef("--from: %v", err)
		}
	}
	if to != "" {
		if _, w.To, err = queries.ParseTimeIn(to, now, zone); err != nil {
			return usagef("--to: %v", err)
		}
	}
	if w.From != 0 && w.To != 0 && w.From >= w.To {
		return usagef("--from %s is after --to %s", from, to)
	}
	return nil
}

// parseEach parses the values of a flag that may be repeated.
func parseEach(flag string, texts []string, parse func(string) (string, error)) (values []string, err error) {
	for _, s := range texts {
		v, err := parse(s)
		if err != nil {
			return nil, usagef("%s: %v", flag, err)
		}
		values = append(values, v)
	}
	return values, nil
}
