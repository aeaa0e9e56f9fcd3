package detect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Blinding by selectors: what trails log, worked out from all that is known of their
// settings (AUD-002).
var auditSelectors = []Detection{coverageReduced}

var coverageReduced = define(Detection{
	ID: "DDB-AUD-002", Version: 1, Title: "Trail told to log less of the tables", Severity: schema.SeverityCritical, Kind: schema.FindingEvent,
	Always: true, KeepsLevel: true, Needs: []Need{NeedTrail}, Attack: []string{"T1562.008"}, AttackNext: []string{"T1685.002"},
	Looks: "a PutEventSelectors or UpdateEventDataStore after which a protected table, reads or writes of all tables, or management events are " +
		"no longer logged by anything that is known. What was logged before comes from earlier calls, or from a snapshot of the trails",
	FalseAlarms: "logging moved to a trail that the lake knows nothing of: give a snapshot",
	Advice:      "put the selectors back first, then ask; what happened meanwhile is in no log",
}, snapshotParams{}, func(r *Run, p *snapshotParams) Watcher {
	return &selectorChanges{newTrailWatch(r, p)}
})

// trailWatch gathers what says which tables are logged: the day's changes of trails, and
// tables that were touched. A call that failed may name a table that there never was.
type trailWatch struct {
	run      *Run
	coverage *Coverage
	today    []*Event
	tables   map[string]bool // protected ones, by ARN
}

// trailRoom bounds both.
const trailRoom = 10_000

func newTrailWatch(r *Run, p *snapshotParams) *trailWatch {
	w := &trailWatch{run: r, coverage: NewCoverage(), tables: map[string]bool{}}
	if err := w.coverage.learnFiles(p.Snapshot); err != nil {
		r.Unfit("the snapshot of the trails cannot be read: " + err.Error())
	}
	if r.Policy != nil {
		for _, t := range r.Policy.Tables {
			if t.Protected && !strings.ContainsAny(t.Match, "*?") {
				w.tables[t.Match] = true
			}
		}
	}
	return w
}

func (w *trailWatch) Touch(e *Event) {
	if e.OK() && e.Table.Protected && !w.tables[e.TableARN] && len(w.tables) < trailRoom {
		w.tables[strings.Clone(e.TableARN)] = true
	}
	switch {
	case !IsTrailSetting(e.Touch) || !e.OK():
	case len(w.today) >= trailRoom:
		w.run.NotEvaluated(fmt.Sprintf("more than %d changes of trails", trailRoom))
	default:
		w.today = append(w.today, e.Clone())
	}
}

// follow goes through all changes of trails that are known; before each of today's it
// calls fn, which applies it.
func (w *trailWatch) follow(fn func(*Event)) {
	w.run.History.Settings(w.coverage.Apply)
	slices.SortFunc(w.today, func(a, b *Event) int { return compareTouches(a.Touch, b.Touch) })
	for _, e := range w.today {
		fn(e)
	}
}

// candidates are the tables to ask about: protected ones, and those that selectors name
// if they are protected.
func (w *trailWatch) candidates() []string {
	all := maps.Clone(w.tables)
	for _, arn := range w.coverage.tablesNamed() {
		if w.run.Policy.TableOf(arn).Protected {
			all[arn] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

type selectorChanges struct{ *trailWatch }

func (w *selectorChanges) End() { w.follow(w.judge) }

// judge applies one of today's changes and looks at what it took away.
func (w *selectorChanges) judge(e *Event) {
	arn := trailARN(e.Touch, e.Request(), e.Response())
	states := w.coverage.trails[arn]
	w.coverage.Apply(e.Touch)
	if e.EventName != "PutEventSelectors" && e.EventName != "UpdateEventDataStore" {
		return
	}
	if e.omitted() {
		w.run.NotEvaluated("the record does not hold the selectors")
		return
	}
	if len(states) == 0 || !states[len(states)-1].known {
		w.run.NotEvaluated("what the trail logged before is not known: give a snapshot of the trails")
		return
	}
	before := states[len(states)-1].assumed()
	if lost := w.lost(arn, before); len(lost) > 0 {
		w.run.Found(Hit{Event: e, About: []string{arn}, Explain: fmt.Sprintf("%s changed what %s logs, and nothing known logs any more: %s", whoDid(e), trailLabel(arn), strings.Join(lost, "; "))})
	}
}

// anyTable stands for tables that no selector names.
const anyTable = "any-other-table"

// lost is what a trail logged before and what nothing logs now, in words.
func (w *selectorChanges) lost(arn string, before *logState) (lost []string) {
	const most = 5
	after := w.coverage.trails[arn]
	now := after[len(after)-1].assumed()
	tables := append([]string{fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", before.region, before.account, anyTable)}, w.candidates()...)
	wholly := map[LogClass]bool{} // lost for all tables: no need to name them
	for i, table := range tables {
		parsed, ok := schema.ParseTableARN(table)
		if !ok {
			continue
		}
		for _, class := range LogClasses {
			was, is := before.logs(parsed, class), now.logs(parsed, class)
			if was == LoggedPartly && is == LoggedPartly && before.some(parsed, class) != now.some(parsed, class) {
				w.run.NotEvaluated("the trail logs some events only, before and after: which were lost cannot be told")
			}
			if was < LoggedPartly || is >= was || w.coverage.Of(table, class) >= was || wholly[class] {
				continue
			}
			wholly[class] = i == 0
			lost = append(lost, lossOf(class, parsed.Table, is))
		}
	}
	if more := len(lost) - most; more > 0 {
		lost = append(lost[:most], fmt.Sprintf("and %d more", more))
	}
	return lost
}

func lossOf(class LogClass, table string, now Logged) string {
	what := map[LogClass]string{ManagementReads: "management reads", ManagementWrites: "management writes", DataReads: "reads of items", DataWrites: "writes of items"}[class]
	if (class == DataReads || class == DataWrites) && table != anyTable {
		what += " in " + table
	}
	if now == LoggedPartly {
		what += " (some are)"
	}
	return what
}

func trailLabel(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
