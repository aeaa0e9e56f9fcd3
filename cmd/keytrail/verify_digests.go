package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/digest"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
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
	// NotAsSigned names those whose were not.
	InLake      int64    `json:"in_lake"`
	NotAsSigned []string `json:"not_as_signed"`
}

type digestSource struct {
	Source string `json:"source"`
	digest.Report
}

// verifyDigests validates the logs of the inputs against their digest files, with
// the public keys in a file, and the hashes in the lake's ledger with them; l may be
// nil. It writes what it found to w, and returns how much of it somebody must look at.
func verifyDigests(ctx context.Context, l *lake.Lake, inputs []engine.Input, publicKeys string, w io.Writer, asJSON bool) (findings int, err error) {
	keys, err := readPublicKeys(publicKeys)
	if err != nil {
		return 0, err
	}
	s := digestSummary{Logs: []digest.Verdict{}, Unproven: map[string]int64{}, NotAsSigned: []string{}}
	for _, in := range inputs {
		ledger := signedLedger{lake: l, url: in.Source.URL()}
		rep, err := digest.Verify(ctx, in.Source, in.Prefix, keys, digest.Options{Each: func(v digest.Verdict) error {
			s.add(v)
			return ledger.compare(ctx, v, &s)
		}})
		if err != nil {
			return 0, fmt.Errorf("verify digests of %s: %w", in.Source.URL()+in.Prefix, err)
		}
		s.Sources = append(s.Sources, digestSource{in.Source.URL() + in.Prefix, rep})
		s.Findings += rep.Findings()
		if len(rep.Chains) == 0 {
			s.Findings++
		}
	}
	s.Findings += len(s.NotAsSigned)
	slices.SortFunc(s.Logs, func(a, b digest.Verdict) int { return cmp.Compare(a.Key, b.Key) })
	slices.Sort(s.NotAsSigned)
	if asJSON {
		return s.Findings, json.NewEncoder(w).Encode(s)
	}
	_, err = io.WriteString(w, s.text())
	return s.Findings, err
}

func readPublicKeys(path string) (*digest.Keys, error) {
	if path == "" {
		return nil, usagef("digests are signed: save the keys of every Region and the whole time with " +
			"\"aws cloudtrail list-public-keys --start-time T --region R >> keys.json\" and name that file with --public-keys")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("public keys: %w", err)
	}
	defer f.Close()
	keys, err := digest.ReadKeys(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
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

// signedLedger compares the ledger's hashes with those of digests.
type signedLedger struct {
	lake *lake.Lake
	url  string
	days map[string]map[string][]string // delivery day, object: hashes of the versions read
}

// daysKept bounds the ledger days in memory. Verdicts come nearly in order.
const daysKept = 16

func (l *signedLedger) compare(ctx context.Context, v digest.Verdict, s *digestSummary) error {
	if l.lake == nil || v.SHA256 == "" {
		return nil
	}
	day := object.ParseKey(v.Key).Day
	objects, ok := l.days[day]
	if !ok {
		entries, err := l.lake.Ledger(ctx, day)
		if err != nil {
			return err
		}
		objects = map[string][]string{}
		for i := range entries {
			if e := &entries[i]; e.Status == lake.Done {
				objects[e.Source+e.SourceObject] = append(objects[e.Source+e.SourceObject], e.SHA256)
			}
		}
		if l.days == nil || len(l.days) >= daysKept {
			l.days = map[string]map[string][]string{}
		}
		l.days[day] = objects
	}
	hashes := objects[l.url+v.Key]
	switch {
	case len(hashes) == 0:
	case slices.ContainsFunc(hashes, func(h string) bool { return h != v.SHA256 }):
		s.NotAsSigned = append(s.NotAsSigned, v.Key)
	default:
		s.InLake++
	}
	return nil
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
