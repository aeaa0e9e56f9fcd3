package detect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Coverage: what the log itself lacks (COV).
var coverage = []Detection{digestHourMissing, logAltered, logMissing, tableNotLogged, parseLoss, judgedDayChanged, dayNotDelivered}

// lakeHit is a hit that is about the log as a whole, or about a table, and no call.
func (r *Run) lakeHit(table, region, explain string, about ...string) Hit {
	t := &schema.Touch{TableARN: table, AWSRegion: region, Outcome: schema.OutcomeOK, EventTime: int64(r.Day) * dayMicros}
	if arn, ok := schema.ParseTableARN(table); ok {
		t.TableName = arn.Table
	}
	return Hit{
		Event: &Event{Touch: t}, Explain: explain, About: about,
		Evidence: []schema.Evidence{}, Count: 1, First: timeOf(t.EventTime), Last: timeOf(t.EventTime + dayMicros - 1),
	}
}

const dayMicros = 24 * 3600 * 1_000_000

var tableNotLogged = define(Detection{
	ID: "DDB-COV-004", Version: 1, Title: "Protected table that no trail logs", Severity: schema.SeverityHigh, Kind: schema.FindingCoverage,
	Needs: []Need{NeedProtected},
	Looks: "a table that the policy protects and of which some events are not logged at the end of the day by any trail, as far as the trails' " +
		"settings are known from earlier calls or a snapshot. A table whose logging is not known is reported as not evaluated",
	FalseAlarms: "a new table that is not named in the selectors yet, where they name tables one by one",
	Advice:      "add the table to the data event selectors of the trail, or have them log all tables",
}, snapshotParams{}, func(r *Run, p *snapshotParams) Watcher {
	return &notLogged{newTrailWatch(r, p)}
})

type notLogged struct{ *trailWatch }

func (w *notLogged) End() {
	w.follow(func(e *Event) { w.coverage.Apply(e.Touch) })
	for _, table := range w.candidates() {
		lacking := map[string]bool{}
		unknown := false
		for _, class := range LogClasses {
			switch logged := w.coverage.Of(table, class); logged {
			case LoggedNo, LoggedPartly:
				lacking[lossOf(class, anyTable, logged)] = true
			case LoggedUnknown:
				unknown = true
			}
		}
		if len(lacking) > 0 {
			arn, _ := schema.ParseTableARN(table)
			w.run.Found(w.run.lakeHit(table, arn.Region, fmt.Sprintf("no trail that is known logs all of %s: %s", arn.Table, strings.Join(slices.Sorted(maps.Keys(lacking)), ", "))))
		} else if unknown {
			w.run.NotEvaluated("what the trails log of a protected table is not known: give a snapshot of the trails")
		}
	}
}
