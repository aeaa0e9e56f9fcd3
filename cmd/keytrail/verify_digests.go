package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/engine/custody"
	"github.com/keytrail/keytrail/engine/digest"
)

// What bounds a summary: the logs that are named one by one, all being counted, and
// the reasons that are kept apart.
const (
	maxListed  = 1000
	maxReasons = 200
)

// digestSummary is what --json prints of a validation.
type digestSummary struct {
	Sources  []digestSource   `json:"sources"`
	Findings int              `json:"findings"`
	Logs     []digest.Verdict `json:"logs"`     // those altered, missing or planted; at most 1,000
	Unproven map[string]int64 `json:"unproven"` // by reason
	// InLake counts the ledger's objects whose bytes were those that a digest names;
	// NotAsSigned names those whose were not, at most 1,000 of each source.
	InLake      int64    `json:"in_lake"`
	NotAsSigned []string `json:"not_as_signed"`
	notAsSigned int64    // all of them
	// Recorded counts the ledger's rows that have another verdict now, or are new; Note
	// says why none could be written.
	Recorded int64  `json:"recorded"`
	Note     string `json:"note,omitempty"`
	// TableDays says of which rows of the lake that proves what.
	TableDays []custody.TableDay `json:"table_days,omitempty"`
}

type digestSource struct {
	Source string `json:"source"`
	digest.Report
}

// verifyDigests validates the logs of the job's inputs against their digest files, and
// what the lake holds with them. It writes what it found to w, and returns how much of
// it somebody must look at.
func verifyDigests(ctx context.Context, j *digestJob, w io.Writer, asJSON bool) (findings int, err error) {
	s, err := j.run(ctx)
	if err != nil {
		return 0, err
	}
	if s.TableDays, err = custody.Summary(ctx, j.lake); err != nil {
		return 0, err
	}
	if asJSON {
		return s.Findings, writeJSON(w, s)
	}
	_, err = io.WriteString(w, s.text())
	return s.Findings, err
}

func (s *digestSummary) add(v digest.Verdict) {
	switch {
	case v.Found():
		if len(s.Logs) < maxListed {
			s.Logs = append(s.Logs, v)
		}
	case v.Status == digest.Unproven:
		reason := v.Reason
		if _, known := s.Unproven[reason]; !known && len(s.Unproven) >= maxReasons {
			reason = "other reasons"
		}
		s.Unproven[reason]++
	}
}

// text is what a person reads.
func (s *digestSummary) text() string {
	var b strings.Builder
	for i := range s.Sources {
		s.Sources[i].text(&b)
	}
	for i := range s.Logs {
		v := &s.Logs[i]
		kind := string(v.Status)
		if v.Planted {
			kind = "planted?"
		}
		fmt.Fprintf(&b, "%-10s %s\n%-10s %s\n", strings.ToUpper(kind), oneLine(v.Key), "", oneLine(v.Reason))
	}
	for _, key := range s.NotAsSigned {
		fmt.Fprintf(&b, "%-10s %s\n%-10s %s\n", "LAKE", oneLine(key), "", "rows of the lake come from other bytes than a digest names")
	}
	for _, reason := range slices.Sorted(maps.Keys(s.Unproven)) {
		fmt.Fprintf(&b, "%-10s %s: %s\n", "Unproven", count(s.Unproven[reason], "log"), oneLine(reason))
	}
	listed := int64(len(s.Logs))
	for i := range s.Sources {
		r := &s.Sources[i].Report
		listed -= r.Logs.Altered + r.Logs.Missing + r.Planted
	}
	if listed < 0 {
		fmt.Fprintf(&b, "%-10s and %s\n", "", count(-listed, "more log")+" altered, missing or planted")
	}
	if s.Recorded > 0 {
		fmt.Fprintf(&b, "%-10s %s in the ledger written\n", "Recorded", count(s.Recorded, "verdict"))
	}
	if s.Note != "" {
		fmt.Fprintf(&b, "%-10s %s\n", "Note", oneLine(s.Note))
	}
	tableDays(&b, s.TableDays)
	if s.InLake > 0 {
		fmt.Fprintf(&b, "%-10s %s read from the very bytes that digests name\n", "Lake", count(s.InLake, "object"))
	}
	fmt.Fprintf(&b, "%-10s %s\n", "Findings", humanize.Comma(int64(s.Findings)))
	return b.String()
}

func (s *digestSource) text(b *strings.Builder) {
	fmt.Fprintf(b, "%-10s %s\n", "Source", oneLine(s.Source))
	line := func(head, format string, a ...any) {
		fmt.Fprintf(b, "  %-8s %s\n", head, oneLine(fmt.Sprintf(format, a...)))
	}
	line("Logs", "%s", tally(s.Report.Logs))
	if len(s.Chains) == 0 {
		line("Digests", "none: nothing can be proven. Is validation on for the trail?")
	}
	for i := range s.Chains {
		c := &s.Chains[i]
		kind := "trail"
		if c.Backfill {
			kind = "backfill of trail"
		}
		line("Chain", "%s %s %s %s (%s): %s, %s sound, %s unsigned; %s to %s", c.Account, c.Region, kind, c.Trail, c.HomeRegion,
			count(c.Digests, "digest"), humanize.Comma(c.Sound), humanize.Comma(c.Unsigned), moment(c.From), moment(c.To))
		line("", "%s", tally(c.Logs))
		if isBucket(s.Source) && c.Origin != "" && !strings.HasPrefix(s.Source, c.Origin) && !strings.HasPrefix(c.Origin, s.Source) {
			line("Copy", "the digests were written to %s", c.Origin)
		}
		if c.Before != "" {
			line("Begins", "with a digest that names one before it, which is not here: %s", c.Before)
		}
		for _, g := range c.Gaps {
			line("GAP", "%s to %s: %s", moment(g.From), moment(g.To), g.Reason)
		}
		for _, p := range c.Problems {
			more := ""
			if p.Count > 1 {
				more = fmt.Sprintf(" (and %s more like it)", humanize.Comma(p.Count-1))
			}
			if !p.To.IsZero() {
				more = fmt.Sprintf(" (it covered %s to %s)", moment(p.From), moment(p.To))
			}
			line("DIGEST", "%s: %s: %s%s", p.Kind, p.Digest, p.Detail, more)
		}
	}
}

func tally(t digest.Tally) string {
	return fmt.Sprintf("%s proven, %s unproven, %s altered, %s missing", humanize.Comma(t.Proven), humanize.Comma(t.Unproven),
		humanize.Comma(t.Altered), humanize.Comma(t.Missing))
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "?"
	}
	return t.UTC().Format(time.RFC3339)
}
