package detect

import (
	"fmt"

	"github.com/keytrail/keytrail/schema"
)

// bulk reports whether a touch is a read of any item: a Scan or a SELECT without a key.
func (e *Event) bulk() bool { return e.Op == schema.OpReadBulk && e.Plane == schema.PlaneData }

type classParams struct {
	Class string `yaml:"class"` // of tables, this one and those that need more care
}

// cares reports whether the event's table is of a class, or needs more care. A table
// without a class could be of any: then the detection is not evaluated.
func (r *Run) cares(e *Event, class string) bool {
	if e.Table.Class == "" {
		r.NotEvaluated("the policy gives the table no class")
		return false
	}
	return e.Table.AtLeast(class)
}

var manualFullRead = event(Detection{
	ID: "DDB-EXF-003", Version: 1, Title: "Table read in bulk by a person", Severity: schema.SeverityHigh,
	Needs: []Need{NeedData, NeedClasses}, Attack: []string{"T1213.006"},
	Looks:       "a Scan, a SELECT without a key or an export by a human, root or somebody unknown, of a table of class confidential or above",
	FalseAlarms: "an engineer who opened the console's item explorer, which scans the first page",
	Advice:      "ask what was looked for, and whether a Query would not have done; many calls in a row are a whole table, see DDB-EXF-005",
}, classParams{"confidential"}, func(r *Run, p *classParams, e *Event) string {
	if e.Op != schema.OpReadBulk || !e.OK() || !e.Person() || !r.cares(e, p.Class) {
		return ""
	}
	return fmt.Sprintf("%s, a table of class %s, was read in bulk by hand (%s)", e.table(), e.Table.Class, e.action())
})

var firstScan = event(Detection{
	ID: "DDB-EXF-004", Version: 1, Title: "Scan by someone who never scanned the table", Severity: schema.SeverityMedium,
	Needs: []Need{NeedData, NeedHistory}, Attack: []string{"T1213.006", "T1530"},
	Looks:       "a Scan by a principal that has not scanned this table in the last 30 days; the table must be known for 14",
	FalseAlarms: "a new deployment, or the second role of a blue/green one",
	Advice:      "see whether the principal's program was changed that day; if not, look what else it read (keytrail who)",
}, plain{}, func(r *Run, _ *plain, e *Event) string {
	if !e.Is("dynamodb", "Scan") || !e.OK() || !r.newTo(e, ByEvent, "Scan") {
		return ""
	}
	return fmt.Sprintf("%s was scanned by a principal that has not scanned it in %d days", e.table(), forgotten)
})

type parallelParams struct {
	Segments float64 `yaml:"segments"` // as many or more are parallel
}

var parallelScan = define(Detection{
	ID: "DDB-EXF-006", Version: 1, Title: "Parallel scan", Severity: schema.SeverityMedium, Kind: schema.FindingEvent,
	Needs: []Need{NeedData}, Attack: []string{"T1119"},
	Looks:       "a Scan that is cut into 4 segments or more, as programs do that want a whole table fast. Whether CloudTrail logs the number of segments is not certain: where no record of the day has it, the day is not evaluated",
	FalseAlarms: "connectors of Glue, EMR and Spark",
	Advice:      "find the program by its user agent; allow the role if it is a known job",
}, parallelParams{4}, func(r *Run, p *parallelParams) Watcher { return &parallel{run: r, params: p} })

type parallel struct {
	run    *Run
	params *parallelParams
	scans  bool // some were seen
	logged bool // one of them said its segments
}

func (w *parallel) Touch(e *Event) {
	if !e.Is("dynamodb", "Scan") {
		return
	}
	w.scans = true
	n, ok := e.Request().At("totalSegments").Number()
	if !ok {
		return
	}
	w.logged = true
	if n >= w.params.Segments {
		w.run.Found(Hit{Event: e, Explain: fmt.Sprintf("%s is scanned in %.0f segments at once", e.table(), n)})
	}
}

func (w *parallel) End() {
	if w.scans && !w.logged {
		w.run.NotEvaluated("no Scan of the day says in how many segments it reads")
	}
}
