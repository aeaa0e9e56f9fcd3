package anomalies

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

// witness gathers the touches of one hit.
type witness struct {
	hit         *hit
	people      map[string]int64 // touches by principal
	first, last time.Time
	main        *schema.Touch // of the principal with most, so far
	most        int64
	evidence    []schema.Evidence // the earliest, sorted
	signs       map[sign]*schema.Touch
}

// sign is a network or a program that a principal came with.
type sign struct {
	family           detect.Family
	principal, value string
}

// maxSigns is how many of a hit are looked at.
const maxSigns = 256

func (w *witness) see(t *schema.Touch) {
	h := w.hit
	key := schema.PrincipalKey(t)
	if h.role != "" && key != h.actor || h.op != "" && t.Op != h.op || len(h.newOps) > 0 && !slices.Contains(h.newOps, t.Op) ||
		h.id == Denied && t.Outcome != schema.OutcomeDenied {
		return
	}
	at := time.UnixMicro(t.EventTime).UTC()
	if w.first.IsZero() || at.Before(w.first) {
		w.first = at
	}
	if at.After(w.last) {
		w.last = at
	}
	n, ok := w.people[key]
	if !ok {
		key = strings.Clone(key)
	}
	if w.people[key] = n + 1; n+1 > w.most {
		if w.most = n + 1; w.main == nil || schema.PrincipalKey(w.main) != key {
			w.main = t.Clone()
		}
	}
	w.note(sign{detect.ByNetwork, key, queries.Network(t.VPCEndpointID, t.SourceIP)}, t)
	w.note(sign{detect.ByAgent, key, queries.Program(t.UserAgent)}, t)
	w.keep(schema.Evidence{EventID: t.EventID, EventTime: at, EventName: t.EventName, SourceObject: t.SourceObject, SourceIndex: t.SourceIndex})
}

func (w *witness) note(s sign, t *schema.Touch) {
	if _, ok := w.signs[s]; !ok && s.value != "" && len(w.signs) < maxSigns {
		c := t.Clone()
		s.principal, s.value = strings.Clone(s.principal), strings.Clone(s.value)
		w.signs[s] = c
	}
}

// keep keeps the earliest calls, each once.
func (w *witness) keep(e schema.Evidence) {
	at, there := slices.BinarySearchFunc(w.evidence, e, func(a, b schema.Evidence) int {
		return cmp.Or(a.EventTime.Compare(b.EventTime), strings.Compare(a.EventID, b.EventID))
	})
	if there || at == schema.MaxEvidence {
		return
	}
	for _, s := range []*string{&e.EventID, &e.EventName, &e.SourceObject} {
		*s = strings.Clone(*s)
	}
	w.evidence = slices.Insert(w.evidence, at, e)
	w.evidence = w.evidence[:min(len(w.evidence), schema.MaxEvidence)]
}

func (w *witness) about(j *judging) about {
	a := about{first: w.first, last: w.last, evidence: w.evidence, people: len(w.people)}
	if w.hit.id == Silence {
		a.first, a.last, a.evidence = time.Time{}, time.Time{}, nil // they are of another day
	}
	if w.main == nil {
		return a
	}
	if s, ok := w.newSign(j); ok {
		w.main, a.alsoNew = w.signs[s], signWords[s.family]
	}
	a.Touch, a.verdict = *w.main, j.policy.Judge(w.main)
	return a
}

var signWords = map[detect.Family]string{
	detect.ByNetwork: "from a network it was never seen in", detect.ByAgent: "with a program it was never seen with",
}

// newSign is the first one that is new, networks before programs.
func (w *witness) newSign(j *judging) (sign, bool) {
	signs := slices.SortedFunc(maps.Keys(w.signs), func(a, b sign) int {
		return cmp.Or(cmp.Compare(a.family, b.family), strings.Compare(a.principal, b.principal), strings.Compare(a.value, b.value))
	})
	at := slices.IndexFunc(signs, func(s sign) bool { return j.isNew(s) })
	if at < 0 {
		return sign{}, false
	}
	return signs[at], true
}

// isNew reports whether a principal that is known did not come with a sign for a month, on
// any table. To one that nobody knows everything is new.
func (j *judging) isNew(s sign) bool {
	if j.history == nil || !j.isKnown(s.principal) {
		return false
	}
	day, ok := j.history.LastSeen(s.family, "", s.principal, s.value)
	return !ok || day < j.day(j.today())-newAfter
}

// isKnown reports whether a principal did anything in the month before.
func (j *judging) isKnown(principal string) bool {
	return slices.ContainsFunc(j.history.Touched(newAfter, "", principal, "", ""), func(n int64) bool { return n > 0 })
}
