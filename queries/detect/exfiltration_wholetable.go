package detect

import (
	"fmt"
	"math"

	"github.com/keytrail/keytrail/schema"
)

type wholeTableParams struct {
	Share      float64         `yaml:"share"`       // of the calls that a whole table takes
	MinCalls   int64           `yaml:"min_calls"`   // smaller tables are read whole by everybody
	TableSizes map[string]Size `yaml:"table_sizes"` // by name or glob of ARNs, where the log tells none
}

var wholeTableScanned = define(Detection{
	ID: "DDB-EXF-005", Version: 1, Title: "As many scan calls as a whole table takes", Severity: schema.SeverityHigh, Kind: schema.FindingAggregate,
	Needs: []Need{NeedData}, Attack: []string{"T1213.006", "T1119"},
	Looks:       "a principal whose Scans of a table in one day are 80 % or more of the calls that reading all of it takes, at 1 MiB a call. Fewer cannot have read everything; as many may have, unless they repeated a part or read an index. The size is what DynamoDB last told in answer to a change of the table, or table_sizes",
	FalseAlarms: "the nightly job that scans, until a rule allows it; scans of an index, and those with small pages",
	Advice:      "see where the principal sent it: look for S3 writes and traffic of the host at that time; take the number of items from the table's description for the report",
}, wholeTableParams{Share: 0.8, MinCalls: 20}, func(r *Run, p *wholeTableParams) Watcher {
	return &wholeTable{windows: newWindows(r), params: p, sizes: sizes{}}
})

type wholeTable struct {
	*windows
	params *wholeTableParams
	sizes  sizes
}

func (w *wholeTable) Touch(e *Event) {
	switch {
	case e.Plane == schema.PlaneControl && e.OK():
		w.sizes.learn(e)
	case e.bulk() && e.OK() && !e.Allowed():
		w.count(windowOf(e).day(), e, hashOf(e.call()))
	}
}

func (w *wholeTable) End() {
	if len(w.groups) == 0 {
		return
	}
	w.run.past(func(e *Event) bool { return e.Plane == schema.PlaneControl && e.OK() }, w.sizes.learn)
	w.each(func(_ window, g *windowed) {
		calls := g.things.count()
		if calls < w.params.MinCalls {
			return
		}
		size, known := w.sizes.of(g.event, w.params.TableSizes)
		if !known {
			w.run.NotEvaluated("nobody has told the table's size: see table_sizes")
			return
		}
		whole := scanCalls(size)
		if whole < w.params.MinCalls || calls < int64(math.Ceil(w.params.Share*float64(whole))) {
			return
		}
		w.run.Found(g.hit(fmt.Sprintf("%s has %s, which takes %d calls to scan; this principal made %s%d in a day",
			g.event.table(), size, whole, g.things.about(), calls)))
	})
}
