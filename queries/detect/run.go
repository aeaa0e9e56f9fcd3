package detect

import (
	"slices"
	"time"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Run is the judging of one event day.
type Run struct {
	Day     int32 // as in schema.Partition
	Policy  *policy.Policy
	History History

	clock  time.Time        // what time it is
	judged map[string]int64 // see [JudgeOptions]

	// Of the detection whose watcher is being asked.
	detection *Detection
	tally     *tally

	silenced map[string]int64 // by detection: calls that a rule allows
	skipped  map[string]map[string]int64
	seen     eventSet
	did      map[string]bool // answers of succeeded
	key      []byte          // room for a finding's key
}

// Found takes a hit: it is left out where a rule allows it, its severity adjusted by who
// did it, to which table and how it ended. Rows of one call, and copies of it that
// other accounts have, count once.
func (r *Run) Found(h Hit) {
	d, e := r.detection, h.Event
	if e.Verdict.Effect == policy.Allowed && !d.Always && d.Kind == schema.FindingEvent {
		if r.seen.add(d.ID, e.id()) {
			r.silenced[d.ID]++
		}
		return
	}
	f := r.findingOf(&h, r.severity(&h))
	if f == nil {
		return
	}
	switch {
	case h.Count > 0:
		f.Count += h.Count
	case r.seen.add(f.Fingerprint, e.id()):
		f.Count++
	}
	f.add(&h)
}

// findingOf is the finding that a hit of a severity is part of; nil where the detection
// has too many.
func (r *Run) findingOf(h *Hit, s schema.Severity) *found {
	d, t, e := r.detection, r.tally, h.Event
	l := &t.levels[s]
	r.key = appendTexts(r.key[:0], e.TableARN, e.Principal)
	r.key = appendTexts(r.key, h.About...)
	if f := l.found[string(r.key)]; f != nil {
		return f
	}
	fp := schema.Fingerprint(d.ID, append([]string{e.TableARN, e.Principal}, h.About...)...)
	if !t.makeRoom(&r.seen, s, fp) {
		return nil
	}
	f := &found{}
	f.Severity = s
	f.ID, f.Fingerprint, f.Day = schema.FindingID(fp, schema.DayString(r.Day)), fp, schema.DayString(r.Day)
	f.Detection, f.Version, f.Title = d.ID, d.Version, d.Title
	f.Kind, f.DryRun = d.Kind, r.tally.setting.Mode == DryRun
	f.Attack, f.AttackNext = d.Attack, d.AttackNext
	if len(f.AttackNext) == 0 {
		f.AttackNext = f.Attack
	}
	if l.found == nil {
		l.found = map[string]*found{}
	}
	l.found[string(r.key)] = f
	return f
}

// NotEvaluated counts that a detection could not judge a call, since a field is missing.
func (r *Run) NotEvaluated(why string) {
	if r.skipped[r.detection.ID] == nil {
		r.skipped[r.detection.ID] = map[string]int64{}
	}
	r.skipped[r.detection.ID][why]++
}

// Unfit says that a detection cannot judge the day at all, and why: a file that its
// settings name cannot be read, say. More than one reason may be given.
func (r *Run) Unfit(why string) {
	if !slices.Contains(r.tally.unfit, why) {
		r.tally.unfit = append(r.tally.unfit, why)
	}
}

// raising are the operations that are worse when root does them.
var raising = []string{schema.OpWriteItem, schema.OpDeleteItem, schema.OpDestroy, schema.OpShare, schema.OpProtect}

// severity is the detection's or the hit's, and a step more or less for what it is about.
func (r *Run) severity(h *Hit) schema.Severity {
	d, e := r.detection, h.Event
	s := d.Severity
	if h.Severity != 0 {
		s = h.Severity
	}
	if r.tally.setting.Severity != 0 {
		s = r.tally.setting.Severity
	}
	if s == schema.SeverityInfo {
		return s
	}
	if e.Table.Class == "restricted" || e.Table.Protected {
		s = s.Raise(1)
	}
	if e.ActorKind == schema.ActorRoot && slices.Contains(raising, e.Op) {
		s = s.Raise(1)
	}
	if !e.OK() && !d.KeepsLevel && d.Kind == schema.FindingEvent {
		s = s.Raise(-1)
	}
	return s
}
