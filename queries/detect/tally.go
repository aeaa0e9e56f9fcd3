package detect

import (
	"cmp"
	"maps"
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// tally is what one detection has found so far.
type tally struct {
	detection *Detection
	setting   *Setting
	levels    [schema.SeverityCritical + 1]level // by how bad each hit was
	beyond    int64                              // findings that there was no room for
	unfit     []string                           // why the day cannot be judged by it
}

// level holds what was found of one severity. Each has room of its own: whoever floods
// a detection with small findings does not drive the grave ones out.
type level struct {
	found map[string]*found // by table, principal and what else it is about
	last  string            // once there were too many: fingerprints beyond it are not kept
}

// foundRoom is how many findings of a detection are kept of each severity. Which ones
// depends on their fingerprints alone, and so not on the order of the rows.
const foundRoom = 2000

// makeRoom reports whether a finding of a severity, which has that fingerprint and is
// new there, may be among those kept.
func (t *tally) makeRoom(seen *eventSet, s schema.Severity, fp string) bool {
	l := &t.levels[s]
	if len(l.found) >= 2*foundRoom {
		t.trim(seen, l)
	}
	if l.last == "" || fp < l.last {
		return true
	}
	t.drop(seen, fp)
	return false
}

// trim drops all but the findings with the least fingerprints.
func (t *tally) trim(seen *eventSet, l *level) {
	if len(l.found) <= foundRoom {
		return
	}
	keys := slices.SortedFunc(maps.Keys(l.found), func(a, b string) int {
		return cmp.Compare(l.found[a].Fingerprint, l.found[b].Fingerprint)
	})
	for _, key := range keys[foundRoom:] {
		t.drop(seen, l.found[key].Fingerprint)
		delete(l.found, key)
	}
	l.last = l.found[keys[foundRoom-1]].Fingerprint
}

// drop counts a finding that is not kept, once.
func (t *tally) drop(seen *eventSet, fp string) {
	if seen.add(t.detection.ID+" beyond", eventID{id: fp}) {
		t.beyond++
	}
}

// all are the findings kept. What was found of one thing with several severities is one,
// as bad as the worst.
func (t *tally) all(seen *eventSet) (all []schema.Finding) {
	joined := map[string]*found{}
	for i := range t.levels {
		t.trim(seen, &t.levels[i])
		for key, f := range t.levels[i].found {
			if had := joined[key]; had != nil {
				f.join(had)
			}
			joined[key] = f
		}
	}
	for _, f := range joined {
		all = append(all, f.Finding)
		if t.beyond > 0 && !seen.add(t.detection.ID+" beyond", eventID{id: f.Fingerprint}) {
			t.beyond-- // kept after all, of another severity
		}
	}
	return all
}

// any reports whether there is a finding.
func (t *tally) any() bool {
	return slices.ContainsFunc(t.levels[:], func(l level) bool { return len(l.found) > 0 })
}
