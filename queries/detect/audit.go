package detect

import (
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// Audit: the log itself blinded (AUD).
var audit = []Detection{
	trailStopped, trailWeakened, logBucketTampered, logKeyDisabled,
	padded, detectorOff, logRead, activityVanished,
}

var trailStopped = define(Detection{
	ID: "DDB-AUD-001", Version: 1, Title: "Trail stopped or deleted", Severity: schema.SeverityCritical, Kind: schema.FindingEvent,
	Always: true, Needs: []Need{NeedTrail}, Attack: []string{"T1562.008"}, AttackNext: []string{"T1685.002"},
	Looks:       "a trail, or an event data store's intake, that is stopped or deleted; high where it was tried only",
	FalseAlarms: "a trail that is replaced by another: then the other was made before",
	Advice:      "start it again first, ask second. What happened in between is in no log: look at the state of tables, keys and identities themselves",
}, plain{}, func(r *Run, _ *plain) Watcher {
	return watch(func(e *Event) {
		if !e.Is("cloudtrail", "StopLogging", "DeleteTrail", "StopEventDataStoreIngestion", "DeleteEventDataStore") {
			return
		}
		name := e.Request().At("name").Text()
		if name == "" {
			name = e.Request().At("eventDataStore").Text()
		}
		why := e.EventName + " of " + shown(name)
		if !e.OK() {
			why += ", which was tried only"
		}
		r.Found(Hit{Event: e, Explain: why, About: []string{name}})
	})
})

var padded = graded(Detection{
	ID: "DDB-AUD-006", Version: 1, Title: "Request too large to be logged", Severity: schema.SeverityMedium,
	KeepsLevel: true, Needs: []Need{NeedControl}, Attack: []string{"T1562.008"}, AttackNext: []string{"T1685.002"},
	Looks: "a call whose parameters CloudTrail left out since they were too large, so that nobody can see which items it touched; padding a request is a way to hide it. " +
		"High for policies of tables, keys and IAM, which cannot be so large, and for what a trail logs",
	FalseAlarms: "batches with long keys",
	Advice:      "ask the caller for its own log of the request, by its request id; of a policy, read what is in force now",
}, plain{}, func(_ *Run, _ *plain, e *Event) (string, schema.Severity) {
	if !e.omitted() {
		return "", 0
	}
	why := "the parameters of " + e.what() + " are not in the log"
	if slices.Contains(neverPadded, e.EventName) {
		return why, schema.SeverityHigh
	}
	return why, 0
})

// neverPadded are calls whose parameters say who may do what, or what is logged.
var neverPadded = []string{
	"PutResourcePolicy", "PutKeyPolicy", "CreatePolicy", "CreatePolicyVersion", "PutRolePolicy", "PutUserPolicy", "PutGroupPolicy",
	"PutEventSelectors", "UpdateEventDataStore",
}

var detectorOff = define(Detection{
	ID: "DDB-AUD-007", Version: 1, Title: "Insights or GuardDuty switched off", Severity: schema.SeverityMedium, Kind: schema.FindingEvent,
	KeepsLevel: true, Needs: []Need{NeedTrail}, Attack: []string{"T1562"}, AttackNext: []string{"T1685"},
	Looks:       "PutInsightSelectors with none, or with data events only, which takes away those on management events; a GuardDuty detector deleted or disabled",
	FalseAlarms: "somebody saves costs",
	Advice:      "switch it on again; its findings of the time before are kept for 90 days, so read them now",
}, plain{}, func(r *Run, _ *plain) Watcher {
	return watch(func(e *Event) {
		if why := switchedOff(r, e); why != "" {
			if !e.OK() {
				why += ", which was tried only"
			}
			r.Found(Hit{Event: e, Explain: why, About: []string{e.Service()}})
		}
	})
})

func switchedOff(r *Run, e *Event) string {
	switch {
	case e.Is("guardduty", "DeleteDetector"):
		return "deleting GuardDuty's detector in " + shown(e.AWSRegion)
	case e.Is("guardduty", "UpdateDetector"):
		if on, known := e.Request().At("enable").Bool(); known && !on {
			return "disabling GuardDuty's detector in " + shown(e.AWSRegion)
		}
	case e.Is("cloudtrail", "PutInsightSelectors"):
		return insightsOff(r, e)
	}
	return ""
}

func insightsOff(r *Run, e *Event) string {
	selectors := e.Request().At("insightSelectors")
	if !selectors.Exists() {
		r.NotEvaluated("the record does not hold the insight selectors")
		return ""
	}
	trail := shown(e.Request().At("trailName").Text())
	if len(selectors.List()) == 0 {
		return "switching off Insights of trail " + trail
	}
	for _, s := range selectors.List() {
		categories := s.At("eventCategories").List()
		if len(categories) == 0 {
			return "" // without any it is management events
		}
		for _, c := range categories {
			if c.Text() == "Management" {
				return ""
			}
		}
	}
	return "taking management events out of Insights of trail " + trail
}
