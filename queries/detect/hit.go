package detect

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// Hit is something a detection has found. Hits of one day that are about the same are
// one finding.
type Hit struct {
	// Event is the call, or one of them: the finding has its table, who did it and
	// from where.
	Event    *Event
	Severity schema.Severity // 0: the detection's
	Explain  string          // what it is, in a sentence or two
	About    []string        // what tells findings apart beside table and principal
	Count    int64           // 0: one call, counted once however many rows it has
	First    time.Time       // zero: the event's time
	Last     time.Time
	Evidence []schema.Evidence // nil: the event's
	Stat     *schema.Stat
}

// found is a finding on its way. Hits may come in any order: what it says of one call
// is of the first by time, and of those at once of the least.
type found struct {
	schema.Finding
	lead lead
}

// lead is where a hit stands among those of a finding.
type lead struct {
	at      time.Time
	id      eventID
	explain string
}

func (l *lead) before(o *lead) bool {
	return cmp.Or(l.at.Compare(o.at), l.id.compare(&o.id), cmp.Compare(l.explain, o.explain)) < 0
}

// add makes a hit part of a finding.
func (f *found) add(h *Hit) {
	first, last := h.First, h.Last
	if first.IsZero() {
		first, last = h.Event.Time(), h.Event.Time()
	}
	if l := (lead{first, h.Event.id(), h.Explain}); f.First.IsZero() || l.before(&f.lead) {
		f.tell(h, l)
	}
	if last.After(f.Last) {
		f.Last = last
	}
	if h.Evidence == nil {
		if at := h.Event.Time(); len(f.Evidence) < schema.MaxEvidence || !at.After(f.Evidence[schema.MaxEvidence-1].EventTime) {
			f.Evidence = mergeEvidence(f.Evidence, h.Event.Evidence())
		}
		return
	}
	f.Evidence = mergeEvidence(f.Evidence, h.Evidence...)
}

// join makes another finding of the same thing part of this one, which is as bad or worse.
func (f *found) join(o *found) {
	severity, count, evidence := f.Severity, f.Count+o.Count, mergeEvidence(f.Evidence, o.Evidence...)
	last := f.Last
	if o.Last.After(last) {
		last = o.Last
	}
	if o.lead.before(&f.lead) {
		*f = *o
	}
	f.Severity, f.Count, f.Last, f.Evidence = severity, count, last, evidence
}

// tell has the finding say what a hit says.
func (f *found) tell(h *Hit, l lead) {
	e := h.Event
	f.lead = lead{l.at, l.id.clone(), strings.Clone(l.explain)}
	f.First, f.Explain, f.Stat = l.at, sentence(l.explain), h.Stat
	f.Verdict, f.Rule = string(e.Verdict.Effect), e.Verdict.RuleID()
	for _, text := range []struct {
		to   *string
		from string
	}{
		{&f.TableName, e.TableName}, {&f.TableARN, e.TableARN}, {&f.Principal, e.Principal},
		{&f.Actor, e.Actor}, {&f.ActorName, e.ActorName}, {&f.ActorKind, e.ActorKind},
		{&f.SourceIP, e.SourceIP}, {&f.UserAgent, e.UserAgent}, {&f.Region, e.AWSRegion},
	} {
		*text.to = strings.Clone(text.from)
	}
}

// sentence is an explanation made safe to show, and cut where a name in it is endless.
func sentence(s string) string {
	const most = 1500
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strings.Clone(queries.Clean(s))
}

// mergeEvidence adds calls to a list that has the first ones by time, each once.
func mergeEvidence(list []schema.Evidence, more ...schema.Evidence) []schema.Evidence {
	list = append(list, more...)
	slices.SortFunc(list, compareEvidence)
	list = slices.CompactFunc(list, func(a, b schema.Evidence) bool {
		return a.EventID == b.EventID && (a.EventID != "" || a.SourceObject == b.SourceObject && a.SourceIndex == b.SourceIndex)
	})
	return list[:min(len(list), schema.MaxEvidence)]
}

func compareEvidence(a, b schema.Evidence) int {
	return cmp.Or(a.EventTime.Compare(b.EventTime), cmp.Compare(a.EventID, b.EventID),
		cmp.Compare(a.SourceObject, b.SourceObject), cmp.Compare(a.SourceIndex, b.SourceIndex))
}

// appendTexts appends texts so that no two lists of them look the same.
func appendTexts(b []byte, texts ...string) []byte {
	for _, t := range texts {
		b = binary.AppendUvarint(b, uint64(len(t)))
		b = append(b, t...)
	}
	return b
}
