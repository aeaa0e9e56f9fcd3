package anomalies

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// trailCall is a call that sets what a trail logs, an hour of a day, so many days before
// the incident.
func (r *trail) trailCall(back int, hour time.Duration, name, request string) {
	r.touches = append(r.touches, schema.Touch{
		EventTime: dayTime(r.day - int32(back)).Add(hour * time.Hour).UnixMicro(), EventID: fmt.Sprint("trail-", len(r.touches)), EventName: name,
		EventSource: "cloudtrail.amazonaws.com", EventCategory: "Management", Plane: schema.PlaneTrail, Op: schema.OpAudit, Outcome: schema.OutcomeOK,
		AWSRegion: "eu-central-1", RecipientAccountID: account, Actor: support, ActorName: "alice@example.com", ActorKind: schema.ActorHuman,
		RequestParameters: request, TouchCount: 1, Mutates: true, SourceObject: "AWSLogs/" + account + "/CloudTrail/eu-central-1/log.json.gz",
	})
}

// selectorsBut log calls on the items of all tables but those whose ARNs are given.
func selectorsBut(arns ...string) string {
	but := ""
	if len(arns) > 0 {
		but = `,{"field":"resources.ARN","notEquals":["` + strings.Join(arns, `","`) + `"]}`
	}
	return `{"trailName":"main","advancedEventSelectors":[{"fieldSelectors":[{"field":"eventCategory","equals":["Management"]}]},` +
		`{"fieldSelectors":[{"field":"eventCategory","equals":["Data"]},{"field":"resources.type","equals":["AWS::DynamoDB::Table"]}` + but + `]}]}`
}

// without leaves out calls on a table from so many days before the incident on, for as long
// as there are days.
func (r *trail) without(table string, back, days int) {
	r.touches = slices.DeleteFunc(r.touches, func(t schema.Touch) bool {
		day := schema.DayOf(t.EventTime)
		return t.TableARN == table && day >= r.day-int32(back) && day < r.day-int32(back-days)
	})
}

// A table that the trail's selectors leave out is not silent: it is not logged. Whether the
// trail was known to log it before, or logs the others only, is the same.
func TestLeftOutOfTheLog(t *testing.T) {
	for name, set := range map[string]func(*trail){
		"known before": func(r *trail) {
			r.trailCall(20, 9, "PutEventSelectors", selectorsBut())
			r.trailCall(1, 9, "PutEventSelectors", selectorsBut(orders))
		},
		"set before the history": func(r *trail) { r.trailCall(1, 9, "PutEventSelectors", selectorsBut(orders)) },
		"that morning":           func(r *trail) { r.trailCall(0, 3, "PutEventSelectors", selectorsBut(orders)) },
		"no trail at all": func(r *trail) {
			r.trailCall(20, 9, "PutEventSelectors", selectorsBut())
			r.trailCall(0, 3, "StopLogging", `{"name":"main"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := quiet(t)
			r.without(orders, 0, 1)
			set(r)
			l := r.lake(t)
			got := ask(t, l, Question{Day: incidentDay, History: kept(l)})
			if slices.ContainsFunc(got.Findings, func(f schema.Finding) bool { return f.Detection == Silence }) {
				t.Errorf("silence is told:\n%s", brief(got.Findings))
			}
			if !slices.ContainsFunc(got.NotEvaluated, func(why string) bool { return strings.Contains(why, "orders") }) {
				t.Errorf("not evaluated: %q", got.NotEvaluated)
			}
		})
	}
}

// Silence is silence where the trail logs the table, does so again, was off for minutes
// only, or where calls come in spite of what is known of it.
func TestSilenceThatIsLogged(t *testing.T) {
	for name, set := range map[string]func(*trail){
		"nothing known": func(*trail) {},
		"logged":        func(r *trail) { r.trailCall(20, 9, "PutEventSelectors", selectorsBut()) },
		"another left out": func(r *trail) {
			r.trailCall(20, 9, "PutEventSelectors", selectorsBut())
			r.trailCall(1, 9, "PutEventSelectors", selectorsBut(customers))
		},
		"logged again": func(r *trail) {
			r.trailCall(20, 9, "PutEventSelectors", selectorsBut())
			r.trailCall(10, 9, "PutEventSelectors", selectorsBut(orders))
			r.trailCall(8, 9, "PutEventSelectors", selectorsBut())
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := quiet(t)
			r.without(orders, 0, 1)
			set(r)
			l := r.lake(t)
			got := ask(t, l, Question{Day: incidentDay, History: kept(l)})
			if !slices.ContainsFunc(got.Findings, func(f schema.Finding) bool { return f.Detection == Silence && f.TableARN == orders }) {
				t.Errorf("no silence of orders; not evaluated: %q\n%s", got.NotEvaluated, brief(got.Findings))
			}
		})
	}
}

// Days on which calls came although no known trail logs them are days like others.
func TestLoggedByAnUnknownTrail(t *testing.T) {
	r := quiet(t)
	r.trailCall(10, 9, "PutEventSelectors", selectorsBut())
	r.trailCall(9, 9, "PutEventSelectors", selectorsBut(orders))
	l := r.lake(t)
	got := ask(t, l, Question{Day: incidentDay, History: kept(l)})
	if got.States[NotCovered] > 0 || got.Tested == 0 || len(got.Findings) > 0 {
		t.Errorf("states %v\n%s", got.States, brief(got.Findings))
	}
}
