package verify

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// checkFindings reads what was found about each day.
func (c *check) checkFindings(ctx context.Context, found *listing) error {
	for _, day := range found.findings {
		if err := c.checkFound(ctx, day); err != nil {
			return err
		}
	}
	for _, day := range found.told {
		if !slices.Contains(found.findings, day) {
			c.add(KindFindings, linesKey(day), "there are no findings of that day beside it")
		}
	}
	return nil
}

// linesKey is the key of a day's findings as JSON Lines.
func linesKey(day string) string { return findingsDir + day + findingsLines }

// checkFound holds the findings about a day against what keytrail writes for them.
func (c *check) checkFound(ctx context.Context, day string) error {
	key := tableKey(findingsDir, day)
	rows, err := c.lake.Findings(ctx, day)
	if errors.Is(err, lake.ErrCorrupt) {
		c.add(KindFindings, key, "%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	aside := newScratch()
	err = c.writeFindings(ctx, aside, day, rows)
	if err != nil {
		c.add(KindFindings, key, "its rows are none that keytrail writes: %v", err)
		return nil
	}
	if err := c.sameFile(ctx, aside, key); err != nil {
		return err
	}
	return c.sameFile(ctx, aside, linesKey(day))
}

// writeFindings writes findings in a lake that is thrown away. A day of which all findings
// were taken back has a file without any.
func (c *check) writeFindings(ctx context.Context, aside *scratch, day string, rows []schema.Finding) error {
	l, err := lake.Create(ctx, aside)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		passing := schema.Finding{ID: "passing", Fingerprint: "passing", Detection: "passing", Day: day, Severity: schema.SeverityInfo}
		rows = append(rows, passing)
		if err := l.MergeFindings(ctx, day, func([]schema.Finding) []schema.Finding { return rows }); err != nil {
			return err
		}
		rows = nil
	}
	return l.MergeFindings(ctx, day, func([]schema.Finding) []schema.Finding { return rows })
}

// sameFile compares a file with the one of the same name in aside.
func (c *check) sameFile(ctx context.Context, aside *scratch, key string) error {
	want := aside.files[key]
	got, err := readWhole(ctx, c.store, key, maxTable)
	if errors.Is(err, object.ErrNotExist) {
		c.add(KindFindings, key, "it is missing: the findings of that day are told to programs and not to people")
		return nil
	}
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		c.addBytes(KindFindings, key, int64(samePrefix(got, want)), int64(len(got)))
	}
	return nil
}
