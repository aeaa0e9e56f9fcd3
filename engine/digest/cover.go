package digest

import (
	"slices"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// cover works out what time the chain's digests cover, and what is missing from it.
func (c *chain) cover() {
	here := map[string]bool{}
	for _, d := range c.digests {
		here[d.info.Key] = true
	}
	var last *digest
	for _, d := range c.digests {
		c.Digests++
		if d.state == bad {
			continue
		}
		if d.state == sound {
			c.Sound++
		} else {
			c.Unsigned++
		}
		switch {
		case d.prevKey != "" && !here[d.prevKey] && last == nil:
			c.Before = d.prevKey
		case d.prevKey != "" && !here[d.prevKey] && !c.window.has(object.ParseKey(d.prevKey).Day):
			// Not looked for: the trail was silent for more than a day.
		case d.prevKey != "" && !here[d.prevKey]:
			c.Problems = append(c.Problems, Problem{Kind: BadMissing, Digest: d.prevKey, Count: 1, From: c.To, To: d.start,
				Detail: d.info.Key + " names it as the one before"})
		case last != nil && !c.Backfill && d.start.After(c.To):
			c.gap(d)
		}
		if last == nil || d.start.Before(c.From) {
			c.From = d.start
		}
		if d.end.After(c.To) {
			c.To = d.end
		}
		last = d
	}
}

// gap reports that no digest covers the time before d, unless the digest that did
// is here and a problem already.
func (c *chain) gap(d *digest) {
	switch {
	case d.prevSignature == nil:
		c.Gaps = append(c.Gaps, Gap{c.To, d.start, "the chain begins anew: validation was off, or the trail was stopped or deleted"})
	case d.prevKey == "":
		c.Gaps = append(c.Gaps, Gap{c.To, d.start, "the digest before lies in another place, s3://" + d.doc.PrevBucket + "/" + d.doc.PrevObject})
	case c.present[d.prevKey] != nil && c.present[d.prevKey].state != bad:
		c.Gaps = append(c.Gaps, Gap{c.To, d.start, "two digests follow each other that do not meet in time"})
	}
}

const (
	// border is how much earlier a log's name may say it was delivered than the
	// digest that names it begins.
	border = 15 * time.Minute
	// late is how long a log may wait for its digest, which comes hourly.
	late = 2 * time.Hour
)

// span is a time with both ends.
type span struct{ from, to time.Time }

// timeline is what the digests of all trails of an area cover.
type timeline struct {
	spans []span // in order, apart; without backfill digests, which come anytime
	whole span   // from the first to the last
	any   bool   // there is some digest, of whatever kind
	last  *chain // that covers the end
}

func newTimeline(chains []*chain) *timeline {
	t := &timeline{}
	var all []span
	for _, c := range chains {
		t.any = t.any || c.Digests > 0
		if c.Backfill || c.To.IsZero() {
			continue
		}
		if t.last == nil || c.To.After(t.last.To) {
			t.last = c
		}
		for _, d := range c.digests {
			if d.state != bad {
				all = append(all, span{d.start, d.end})
			}
		}
	}
	slices.SortFunc(all, func(a, b span) int { return a.from.Compare(b.from) })
	for _, s := range all {
		if n := len(t.spans); n > 0 && !s.from.After(t.spans[n-1].to) {
			if s.to.After(t.spans[n-1].to) {
				t.spans[n-1].to = s.to
			}
			continue
		}
		t.spans = append(t.spans, s)
	}
	if n := len(t.spans); n > 0 {
		t.whole = span{t.spans[0].from, t.spans[n-1].to}
	}
	return t
}

// unnamed says what it means that no digest names a log delivered at a time.
func (t *timeline) unnamed(at time.Time) (reason string, planted bool) {
	if !t.any {
		return "there is no digest of its account and Region", false
	}
	for _, s := range t.spans {
		if !at.Before(s.from) && !at.Add(border).After(s.to) {
			return "no digest names it, though digests cover its time: it was put there, or by a trail without validation", true
		}
	}
	switch {
	case len(t.spans) == 0 || at.Before(t.whole.from):
		return "it is older than the digests that are here", false
	case at.Add(border).After(t.whole.to):
		return "it is newer than the digests that are here", false
	}
	return "no good digest covers its time", false
}

// stopped reports the gap that is still open when logs go on after the last digest.
func (t *timeline) stopped(newest time.Time) {
	if t.last != nil && newest.After(t.last.To.Add(late)) {
		t.last.Gaps = append(t.last.Gaps, Gap{t.last.To, newest, "logs go on, and digests do not: validation is off, or the newest digests are missing"})
	}
}
