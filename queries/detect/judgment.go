package detect

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// Judgment is what came of judging one day. It depends on the day's rows, what is known
// of the days before, and the settings; not on the order in which rows are read.
type Judgment struct {
	Day      string           // YYYY-MM-DD
	Findings []schema.Finding // by detection, then by id
	// States says of every detection of the catalogue, in its order, whether the day
	// could be judged by it.
	States []State
	// Silenced counts, by detection, calls that would have been found but for a rule that
	// allows them. Skipped says what could not be judged, and why, with how often.
	Silenced map[string]int64
	Skipped  map[string]map[string]int64
	// Beyond counts, by detection, findings that are not among Findings, since a
	// detection makes MaxFindings at most.
	Beyond map[string]int64
	// Notes are sentences about the judgment as a whole, clean text: among them one for
	// each detection in Beyond.
	Notes []string
	Rows  int64 // judged
	Read  reader.Stats
}

// MaxFindings is how many findings a detection makes of a day, the worst first.
const MaxFindings = 500

func (j *judging) judgment() *Judgment {
	all := &Judgment{
		Day: schema.DayString(j.run.Day), Rows: j.dayRows.rows,
		Silenced: j.run.silenced, Skipped: j.run.skipped, Beyond: map[string]int64{},
	}
	for _, t := range j.tallies {
		id := t.detection.ID
		findings, beyond := t.findings(&j.run.seen)
		all.Findings = append(all.Findings, findings...)
		if beyond > 0 {
			all.Beyond[id] = beyond
			all.Notes = append(all.Notes, fmt.Sprintf("%s found too much: the %d worst are told, %d more are not; narrow it with its params or a rule", id, len(findings), beyond))
		}
		all.States = append(all.States, j.state(t))
	}
	if j.run.seen.full {
		all.Notes = append(all.Notes, fmt.Sprintf("more than %d calls were found: beyond them a call of several items may be counted more than once", j.run.seen.room))
	}
	slices.SortFunc(all.Findings, func(a, b schema.Finding) int {
		return cmp.Or(cmp.Compare(a.Detection, b.Detection), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// findings are those of one detection, and how many more there are.
func (t *tally) findings(seen *eventSet) (all []schema.Finding, beyond int64) {
	all = t.all(seen)
	if !t.detection.Always {
		all = group(all)
	}
	slices.SortFunc(all, func(a, b schema.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.ID, b.ID))
	})
	if more := len(all) - MaxFindings; more > 0 {
		return all[:MaxFindings], t.beyond + int64(more)
	}
	return all, t.beyond
}
