package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/verify"
)

// objectsShown is how many of a day's objects a person is shown; --json has all.
const objectsShown = 5

// verifySince prints what has changed in the lake after a point in its journal.
func verifySince(ctx context.Context, f verifyFlags, stdout io.Writer) error {
	point, err := parsePoint(f.since)
	if err != nil {
		return err
	}
	l, err := openLake(ctx, f.lake)
	if err != nil {
		return err
	}
	r, err := verify.Since(ctx, l, point)
	if errors.Is(err, verify.ErrRewritten) || errors.Is(err, lake.ErrCorrupt) {
		return errors.Join(printUnfit(stdout, err, f.json), errFindings)
	}
	if err != nil {
		return err
	}
	if f.json {
		return json.NewEncoder(stdout).Encode(r)
	}
	out := bufio.NewWriter(stdout)
	printRestatement(out, r)
	return out.Flush()
}

// printUnfit says that the journal cannot be what the point was taken from.
func printUnfit(w io.Writer, err error, asJSON bool) error {
	if asJSON {
		return writeJSON(w, map[string]string{"finding": err.Error()})
	}
	_, err = fmt.Fprintf(w, "%-10s %s\n", "FINDING", oneLine(err.Error()))
	return err
}

// parsePoint reads a commit (NUMBER or NUMBER:SHA256), a time or a day, whose end is
// meant.
func parsePoint(s string) (verify.Point, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return verify.Point{Time: t}, nil
	}
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return verify.Point{Time: day.AddDate(0, 0, 1).Add(-time.Microsecond)}, nil
	}
	head, err := lake.ParseHead(s)
	if err != nil {
		return verify.Point{}, usagef("--since %q is neither a commit (12, or 12:SHA256 as verify prints it) nor a time (2026-03-31T23:59:59Z) or day (2026-03-31)", s)
	}
	return verify.Point{Head: head}, nil
}

func printRestatement(w io.Writer, r *verify.Restatement) {
	line := func(head, format string, a ...any) {
		fmt.Fprintf(w, "%-10s %s\n", head, oneLine(fmt.Sprintf(format, a...)))
	}
	restated := 0
	for i := range r.Changes {
		c := &r.Changes[i]
		if !c.Restated {
			continue
		}
		restated++
		line(restatedAs(c), "%s, %s: %s rows became %s, last on %s", tableShown(c.TableName), c.Day, humanize.Comma(c.RowsBefore), humanize.Comma(c.Rows),
			moment(c.LastChange))
		for _, file := range c.Files {
			line("", "%s: %s -> %s", file.File, cmp.Or(file.OldSHA256, "new"), cmp.Or(file.NewSHA256, "removed"))
		}
		for _, cause := range c.Causes {
			line("", "by %s", cause)
		}
		for n, name := range c.SourceObjects {
			if n == objectsShown {
				line("", "by %s more objects", humanize.Comma(int64(len(c.SourceObjects)-n)))
				break
			}
			line("", "by %s", name)
		}
	}
	for i := range r.Changes {
		if c := &r.Changes[i]; !c.Restated {
			line("New", "%s, %s: %s, last on %s", tableShown(c.TableName), c.Day, count(c.Rows, "row"), moment(c.LastChange))
		}
	}
	if len(r.Changes) > 0 {
		fmt.Fprintln(w)
	}
	line("Lake", "%s", r.Lake)
	line("Since", "%s", headShown(r.Since))
	line("Journal", "%s since; the last is %s", count(r.Commits, "commit"), headShown(r.Head))
	line("Changes", "%s restated, %d new", count(int64(restated), "table-day"), len(r.Changes)-restated)
}

// restatedAs is the word for what happened to a day: on purpose, or by late records.
func restatedAs(c *verify.DayChanged) string {
	switch {
	case slices.ContainsFunc(c.Causes, func(cause string) bool { return strings.HasPrefix(cause, lake.Retention) }):
		return "Pruned"
	case len(c.Causes) > 0:
		return "Erased"
	}
	return "Restated"
}

// headShown is an entry of the journal as --since takes it.
func headShown(h lake.Head) string {
	if h.Number == 0 {
		return "the empty lake"
	}
	return strings.TrimSuffix(h.String(), ":")
}

func tableShown(name string) string {
	if name == "" {
		return "(no table)"
	}
	return name
}
