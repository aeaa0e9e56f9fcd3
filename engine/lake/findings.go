package lake

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// Findings returns the findings about one event day, sorted by (Detection, ID); none when
// the day has no file.
func (l *Lake) Findings(ctx context.Context, day string) ([]schema.Finding, error) {
	rows, err := findingTable.read(ctx, l, day)
	for i := range rows {
		rows[i].Day = day
	}
	return rows, err
}

// FindingDays lists the event days that have a file of findings, in order.
func (l *Lake) FindingDays(ctx context.Context) ([]string, error) {
	return findingTable.days(ctx, l)
}

// MergeFindings replaces the findings about one event day by edit's answer to the present
// ones. edit is asked again when they change meanwhile. The result is sorted, and what is
// no text or time that a file can hold is made one. Findings that are of another day, twice
// there or without a name are refused, and nothing is written then. A day that would stay
// the same is not written.
//
// Beside the file of rows, which is what counts, the same findings are put as JSON Lines
// into _findings.jsonl, for people. Its name is one that engines pass over.
func (l *Lake) MergeFindings(ctx context.Context, day string, edit func(present []schema.Finding) []schema.Finding) error {
	if _, err := schema.ParseDay(day); err != nil {
		return fmt.Errorf("findings: %q is no day (YYYY-MM-DD)", day)
	}
	_, err := findingTable.merge(ctx, l, day, func(present *cursor[schema.Finding, findingRow], emit func(schema.Finding) error) error {
		var rows []schema.Finding
		err := present.each(func(f schema.Finding) error {
			f.Day = day
			rows = append(rows, f)
			return nil
		})
		if err != nil {
			return err
		}
		if rows, err = sortedFindings(day, edit(rows)); err != nil {
			return err
		}
		for i := range rows {
			if err := emit(rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return l.tellFindings(ctx, day)
}

// sortedFindings are the findings as they come back from disk.
func sortedFindings(day string, findings []schema.Finding) ([]schema.Finding, error) {
	rows := make([]schema.Finding, len(findings))
	for i := range findings {
		rows[i] = normalFinding(&findings[i])
	}
	slices.SortFunc(rows, compareFindings)
	for i := range rows {
		if rows[i].Day != day {
			return nil, fmt.Errorf("finding %s is of day %q, not %s", rows[i].ID, rows[i].Day, day)
		}
	}
	return rows, checkFindings(rows)
}

// tellFindings brings _findings.jsonl up to date. Whoever writes it has seen which one was
// there before he read the rows, so that what is there in the end is of the last rows.
func (l *Lake) tellFindings(ctx context.Context, day string) error {
	for try := 0; ; try++ {
		err := l.tellFindingsOnce(ctx, day)
		if !errors.Is(err, object.ErrCondition) && !errors.Is(err, object.ErrNotExist) || try == maxTries {
			return err
		}
		if err := backoff(ctx, try); err != nil {
			return err
		}
	}
}

func (l *Lake) tellFindingsOnce(ctx context.Context, day string) error {
	key := findingsDir + day + findingsLines
	present, info, err := l.readAll(ctx, key, maxTable, "")
	if unlessAbsent(err) != nil {
		return err
	}
	rows, err := l.Findings(ctx, day)
	if err != nil {
		return err
	}
	next, err := findingLines(rows)
	if err != nil {
		return err
	}
	if bytes.Equal(next, present) && (info.ETag != "" || len(rows) == 0) {
		return nil
	}
	cond := object.Condition{IfMatch: info.ETag, IfAbsent: info.ETag == ""}
	if _, err := l.store.Put(ctx, key, bytes.NewReader(next), int64(len(next)), cond); err != nil {
		return fmt.Errorf("write the findings of %s as JSON Lines: %w", day, err)
	}
	return nil
}

var findingTable = table[schema.Finding, findingRow]{
	dir:    findingsDir,
	encode: encodeFinding,
	decode: decodeFinding,
	check:  checkFindings,
	weigh:  func(r *findingRow) int { return 600 + len(r.Explain) + len(r.Evidence) + len(r.UserAgent) },
	hint: func(day string) string {
		return "move this file out of the lake and judge " + day + " again; the copy beside it, _findings.jsonl, may still say what was found, " +
			"and which findings were new"
	},
}

// checkFindings says why rows are none of ours.
func checkFindings(rows []schema.Finding) error {
	for i := range rows {
		f := &rows[i]
		switch {
		case f.ID == "" || f.Detection == "" || f.Fingerprint == "":
			return fmt.Errorf("finding %d has no id, fingerprint or detection", i)
		case !slices.Contains(schema.Severities, f.Severity):
			return fmt.Errorf("finding %s is of severity %d, of which there is none", f.ID, f.Severity)
		case f.Stat != nil && !finite(f.Stat):
			return fmt.Errorf("finding %s is worked out from what is no number", f.ID)
		case f.Version < 0 || f.Version > 1<<31-1:
			return fmt.Errorf("finding %s is of version %d of its detection", f.ID, f.Version)
		}
	}
	return inOrder(rows, compareFindings)
}

func compareFindings(a, b schema.Finding) int {
	return cmp.Or(cmp.Compare(a.Detection, b.Detection), cmp.Compare(a.ID, b.ID))
}
