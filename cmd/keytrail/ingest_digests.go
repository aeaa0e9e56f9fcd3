package main

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/engine/digest"
)

// digestCounts is what ingest --json says of a validation.
type digestCounts struct {
	digest.Tally
	Planted     int64  `json:"planted"`
	NotAsSigned int64  `json:"not_as_signed"`
	Recorded    int64  `json:"recorded"`
	Findings    int    `json:"findings"`
	Note        string `json:"note,omitempty"`
}

// counts sums up all sources; nil when nothing was validated.
func (s *digestSummary) counts() *digestCounts {
	if s == nil {
		return nil
	}
	c := &digestCounts{NotAsSigned: s.notAsSigned, Recorded: s.Recorded, Findings: s.Findings, Note: s.Note}
	for i := range s.Sources {
		r := &s.Sources[i].Report
		c.Proven += r.Logs.Proven
		c.Unproven += r.Logs.Unproven
		c.Altered += r.Logs.Altered
		c.Missing += r.Logs.Missing
		c.Planted += r.Planted
	}
	return c
}

// digestLines are the end of the summary that a person reads.
func digestLines(s *digestSummary) string {
	c := s.counts()
	if c == nil {
		return ""
	}
	text := fmt.Sprintf("%-10s %s; %s\n", "Digests", tally(c.Tally), count(int64(c.Findings), "finding"))
	if c.Note != "" {
		text += fmt.Sprintf("%-10s %s\n", "", oneLine(c.Note))
	}
	return text
}

// maxDigestWarnings bounds the findings that ingest names; verify --digests has more.
const maxDigestWarnings = 20

// digestWarnings are a line for each of the first findings.
func digestWarnings(s *digestSummary) string {
	if s == nil {
		return ""
	}
	var b strings.Builder
	n := 0
	line := func(format string, a ...any) {
		if n++; n <= maxDigestWarnings {
			fmt.Fprintf(&b, "keytrail: digests: %s\n", oneLine(fmt.Sprintf(format, a...)))
		}
	}
	for i := range s.Sources {
		r := &s.Sources[i]
		if len(r.Chains) == 0 {
			line("there are none in %s: nothing can be proven", r.Source)
		}
		for j := range r.Chains {
			for _, p := range r.Chains[j].Problems {
				line("%s digest: %s: %s", p.Kind, p.Digest, p.Detail)
			}
			for _, g := range r.Chains[j].Gaps {
				line("gap from %s to %s: %s", moment(g.From), moment(g.To), g.Reason)
			}
		}
	}
	for i := range s.Logs {
		v := &s.Logs[i]
		kind := string(v.Status)
		if v.Planted {
			kind = "planted?"
		}
		line("%s: %s: %s", kind, v.Key, v.Reason)
	}
	for _, key := range s.NotAsSigned {
		line("rows of the lake come from other bytes than a digest names: %s", key)
	}
	if more := s.Findings - min(n, maxDigestWarnings); more > 0 {
		fmt.Fprintf(&b, "keytrail: digests: and %s more\n", humanize.Comma(int64(more)))
	}
	return b.String()
}
