package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/evidence"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
)

// verifyEvidence checks a directory of evidence, and holds it against the lake and the logs
// that are named.
func verifyEvidence(ctx context.Context, f verifyFlags, stdout, stderr io.Writer) error {
	o := evidence.CheckOptions{Extract: func(path string) (lake.Store, error) { return dir.Open(path) }}
	var err error
	if f.lake != "" {
		if o.Lake, err = openLake(ctx, f.lake); err != nil {
			return err
		}
	}
	for _, url := range f.sources {
		in, err := openInput(ctx, url)
		if err != nil {
			return err
		}
		o.Inputs = append(o.Inputs, evidence.Input{Source: in.Source, Prefix: in.Prefix})
	}
	var stop func()
	o.Progress, stop = showPartitions(stderr)
	c, err := evidence.Check(ctx, f.evidence, o)
	stop()
	if err != nil {
		return fmt.Errorf("--evidence: %w", err)
	}
	if f.json {
		if err := writeJSON(stdout, c); err != nil {
			return err
		}
	} else if err := printEvidence(stdout, c); err != nil {
		return err
	}
	if c.Total > 0 {
		return errFindings
	}
	return nil
}

func printEvidence(w io.Writer, c *evidence.Checked) error {
	out := bufio.NewWriter(w)
	line := func(head, format string, a ...any) {
		fmt.Fprintf(out, "%-10s %s\n", head, oneLine(fmt.Sprintf(format, a...)))
	}
	for _, p := range c.Problems {
		line("PROBLEM", "%s: %s", p.Where, p.What)
	}
	if more := c.Total - len(c.Problems); more > 0 {
		line("", "and %s more", count(int64(more), "problem"))
	}
	m := c.Manifest
	line("Evidence", "of %s to %s, made by %s", m.From, m.To, m.Tool)
	line("", "manifest SHA-256 %s", c.ManifestSHA256)
	line("Files", "%s of the pack are as its manifest says", count(int64(c.Files), "file"))
	if c.Commits > 0 {
		line("Journal", "%s that follow from each other, up to %s", count(int64(c.Commits), "commit"), headShown(m.Journal))
	}
	if c.Touches > 0 || len(m.Touches) == 0 {
		line("Lake", "%d of %s are those of the report, with %s", c.Touches, count(int64(len(m.Touches)), "touches file"), count(c.Rows, "row"))
	}
	if c.Objects > 0 {
		line("Logs", "%s read of %d", count(int64(c.Objects), "log"), m.Objects)
	}
	line("Digests", "%s", verdicts(c.Verdicts))
	for _, note := range c.Notes {
		line("Not done", "%s", note)
	}
	if c.Total == 0 {
		line("Result", "what was checked holds")
	} else {
		line("Result", "%s: this evidence does not hold", count(int64(c.Total), "problem"))
	}
	return out.Flush()
}

// verdicts are counts of what CloudTrail's digests say of logs.
func verdicts(counts map[string]int) string {
	if len(counts) == 0 {
		return "no log has rows in those days"
	}
	var list []string
	for _, v := range slices.Sorted(maps.Keys(counts)) {
		name := v
		if v == "" {
			name = "not held against CloudTrail's digests"
		}
		list = append(list, fmt.Sprintf("%s %s", count(int64(counts[v]), "log"), name))
	}
	return strings.Join(list, ", ")
}
