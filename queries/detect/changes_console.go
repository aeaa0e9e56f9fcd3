package detect

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// pipelineChanges in a row make a table one that is managed as code.
const pipelineChanges = 3

var consoleEdit = define(Detection{
	ID: "DDB-CHG-007", Version: 1, Title: "Console edit of a table that is managed as code", Severity: schema.SeverityMedium, Kind: schema.FindingSequence,
	Needs: []Need{NeedControl, NeedPipelines},
	Looks: fmt.Sprintf("a change of a table's settings, protection or tags in the console, after its last %d changes or more were a pipeline's. "+
		"Changes by AWS services between them do not count", pipelineChanges),
	FalseAlarms: "a hotfix that is brought into the code afterwards",
	Advice:      "bring the change into the code, or the next roll-out undoes it",
}, plain{}, func(r *Run, _ *plain) Watcher {
	return &edits{run: r}
})

// edits are the day's changes of tables.
type edits struct {
	run   *Run
	today []*Event
}

// editRoom bounds the changes of a day that are held.
const editRoom = 20_000

func (w *edits) Touch(e *Event) {
	switch {
	case !isEdit(e.Touch):
	case len(w.today) >= editRoom:
		w.run.NotEvaluated(fmt.Sprintf("more than %d changes of tables", editRoom))
	default:
		w.today = append(w.today, e.Clone())
	}
}

// isEdit reports whether a touch changed the settings of a table.
func isEdit(t *schema.Touch) bool {
	return t.Mutates && t.Outcome == schema.OutcomeOK && t.TableARN != "" && t.ActorKind != schema.ActorAWS &&
		slices.Contains([]string{schema.OpSchema, schema.OpProtect, schema.OpTag}, t.Op)
}

func (w *edits) End() {
	byPipeline := map[string]int{} // changes in a row, by table
	note := func(t *schema.Touch) (before int) {
		before = byPipeline[t.TableARN]
		if w.run.Policy.PipelineOf(t) != nil {
			byPipeline[t.TableARN]++
		} else {
			byPipeline[t.TableARN] = 0
		}
		return before
	}
	w.run.History.Settings(func(t *schema.Touch) {
		if isEdit(t) {
			note(t)
		}
	})
	slices.SortFunc(w.today, func(a, b *Event) int { return compareTouches(a.Touch, b.Touch) })
	for _, e := range w.today {
		if n := note(e.Touch); n >= pipelineChanges && e.Console == schema.True {
			w.run.Found(Hit{Event: e, Explain: fmt.Sprintf("%s did %s of %s in the console; its last %d changes came from a pipeline", whoDid(e), e.EventName, tableLabel(e), n)})
		}
	}
}

// compareTouches is the order of time; what came at once is ordered by event.
func compareTouches(a, b *schema.Touch) int {
	return cmp.Or(cmp.Compare(a.EventTime, b.EventTime), cmp.Compare(a.EventID, b.EventID), cmp.Compare(a.TouchIndex, b.TouchIndex),
		cmp.Compare(a.SourceObject, b.SourceObject), cmp.Compare(a.SourceIndex, b.SourceIndex))
}

func timeOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
