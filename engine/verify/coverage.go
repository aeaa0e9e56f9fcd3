package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

// coverage is the summary of the ledger.
type coverage struct {
	lake.Coverage
	current map[string]bool // days on which readers go by it
	there   bool
	behind  int // days on which it says something else, and readers do not go by it
}

// openCoverage reads the summary. A lake need not have one.
func (c *check) openCoverage(ctx context.Context, found *listing) error {
	if !found.coverage {
		return nil
	}
	stored, current, err := c.lake.StoredCoverage(ctx)
	switch {
	case errors.Is(err, object.ErrNotExist):
	case errors.Is(err, lake.ErrCorrupt):
		c.add(KindCoverage, coverageKey, "%v", err)
	case err != nil:
		return err
	default:
		c.coverage = coverage{Coverage: stored, current: current, there: true}
	}
	return nil
}

// compareCoverage holds the summary of a day against what was counted.
func (c *check) compareCoverage(day string, found *areaCount) {
	if !c.coverage.there || len(found.areas) == 0 {
		return
	}
	var wrong []string
	if said := c.coverage.Day(day); said == nil {
		wrong = []string{"it is not there"}
	} else {
		wrong = found.differs(said)
	}
	if len(wrong) > 0 && !c.coverage.current[day] {
		c.coverage.behind++
		return
	}
	for _, what := range wrong {
		c.add(KindCoverage, coverageKey, "%s: %s", cmp.Or(day, "objects without a delivery day"), what)
	}
}

// noteBehind says so when the summary misleads nobody, and yet is of no use.
func (c *check) noteBehind() {
	if n := c.coverage.behind; n > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("the summary of the ledger (%s) is behind it on %d of its delivery days: "+
			"answers read the ledger of those, which takes longer; the next ingest brings it up to date", coverageKey, n))
	}
}

const (
	// maxAreas is how many areas the summary tells apart on a day: the first in the
	// order of the ledger. The rest is counted as of none.
	maxAreas = 4096
	// maxAreaText is the longest name of an account or a Region that it has.
	maxAreaText = 32
)

// areaCount counts the objects of one delivery day as the summary should have them.
type areaCount struct {
	areas  map[lake.Area]*lake.Counts
	folded bool
}

func (a *areaCount) enter(e *lake.Entry) {
	of := lake.Area{Account: e.AccountID, Region: e.AWSRegion}
	if max(len(of.Account), len(of.Region)) > maxAreaText {
		of = lake.Area{}
	}
	if a.areas[of] == nil && len(a.areas) >= maxAreas && of != (lake.Area{}) {
		of, a.folded = lake.Area{}, true
	}
	if a.areas[of] == nil {
		a.areas[of] = &lake.Counts{}
	}
	add(a.areas[of], e)
}

// add counts an object, by what became of it.
func add(n *lake.Counts, e *lake.Entry) {
	log := slices.Contains([]string{"", "cloudtrail", "insight"}, e.Kind)
	if e.Kind == configKind {
		n.Other++ // none of the log
		return
	}
	switch e.Status {
	case lake.Done:
		n.Done++
		n.Records += e.Records
		n.InScope += e.InScope
		n.OutOfScope += e.OutOfScope
		n.Quarantined += e.Quarantined
		n.Touches += e.Touches
		n.FirstEvent = earliest(n.FirstEvent, e.FirstEventTime)
		if e.LastEventTime.After(n.LastEvent) {
			n.LastEvent = e.LastEventTime
		}
	case lake.Failed:
		if e.DigestVerdict == "missing" {
			n.Missing++
		} else {
			n.Failed++
		}
	case lake.Skipped:
		switch {
		case e.Kind == "digest":
			n.Digests++
		case log && e.Error != "":
			n.Archived++
		default:
			n.Other++
		}
	}
}

// earliest is the earlier of two times, of which a zero one is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// differs says where a summary counts something else.
func (a *areaCount) differs(said *lake.DeliveryDay) (wrong []string) {
	if said.Folded != a.folded {
		wrong = append(wrong, fmt.Sprintf("that areas are left out is %t, and it says %t", a.folded, said.Folded))
	}
	all := map[lake.Area][2]*lake.Counts{} // as said, as found
	for i := range said.Areas {
		all[said.Areas[i].Area] = [2]*lake.Counts{&said.Areas[i].Counts, a.areas[said.Areas[i].Area]}
	}
	for of, n := range a.areas {
		all[of] = [2]*lake.Counts{all[of][0], n}
	}
	for of, n := range all {
		if what := differ(n[0], n[1]); what != "" {
			wrong = append(wrong, fmt.Sprintf("account %q, Region %q: %s", of.Account, of.Region, what))
		}
	}
	slices.Sort(wrong)
	return wrong
}

// differ says where two counts of an area are not the same.
func differ(said, found *lake.Counts) string {
	if said == nil || found == nil {
		return fmt.Sprintf("that it has objects is %t, and it says %t", found != nil, said != nil)
	}
	var wrong []string
	a, b := figures(said), figures(found)
	for i := range a {
		if a[i] != b[i] {
			wrong = append(wrong, fmt.Sprintf("%s: %s, and %s in the ledger", figureNames[i], a[i], b[i]))
		}
	}
	return strings.Join(wrong, "; ")
}

var figureNames = [...]string{
	"objects done", "failed", "missing", "archived", "digests", "others",
	"records", "in scope", "out of scope", "in quarantine", "touches", "first event", "last event",
}

// figures are all that a count says, in the order of figureNames.
func figures(n *lake.Counts) (out [len(figureNames)]string) {
	for i, v := range []int64{
		n.Done, n.Failed, n.Missing, n.Archived, n.Digests, n.Other,
		n.Records, n.InScope, n.OutOfScope, n.Quarantined, n.Touches,
	} {
		out[i] = strconv.FormatInt(v, 10)
	}
	for i, t := range []time.Time{n.FirstEvent, n.LastEvent} {
		out[len(out)-2+i] = "none"
		if !t.IsZero() {
			out[len(out)-2+i] = t.Format(time.RFC3339Nano)
		}
	}
	return out
}
