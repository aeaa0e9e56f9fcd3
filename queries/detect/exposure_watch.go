package detect

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// tagParams are of controlTagChanged.
type tagParams struct {
	ControlTags []string `yaml:"control_tags"` // keys of the tags that policies, backup plans or classes hang on
}

var controlTagChanged = define(Detection{
	ID: "DDB-SEC-006", Version: 1, Title: "Tag that controls something changed", Severity: schema.SeverityMedium, Kind: schema.FindingEvent,
	Needs: []Need{NeedControl, NeedParams}, Attack: []string{"T1562.001"}, AttackNext: []string{"T1685"},
	Looks: "a tag set on a table, or taken off, whose key is listed under control_tags: classes of data, backup plans and permissions hang on tags, " +
		"and with the tag a table silently leaves them",
	FalseAlarms: "jobs that keep tags in order; give their role a rule",
	Advice:      "set the tag back; then check that the table is in its backup plan and that nobody gained access by the tag",
}, tagParams{ControlTags: []string{
	"classification", "data-classification", "dataclassification", "confidentiality", "backup", "backup-plan", "backupplan",
}}, func(r *Run, p *tagParams) Watcher {
	if len(p.ControlTags) == 0 {
		return notToday(r, "the setting control_tags lists none")
	}
	return watch(func(e *Event) {
		if !e.OK() || !e.Is("dynamodb", "TagResource", "UntagResource") && !e.Is("tagging", "TagResources", "UntagResources") {
			return
		}
		keys := tagKeys(e.Request())
		if len(keys) == 0 {
			r.NotEvaluated("the record does not say which tags")
			return
		}
		for _, key := range keys {
			if slices.ContainsFunc(p.ControlTags, func(c string) bool { return strings.EqualFold(c, key) }) {
				r.Found(Hit{Event: e, Explain: "tag " + shown(key) + " of " + e.table() + verb(e), About: []string{key}})
			}
		}
	})
})

func verb(e *Event) string {
	if strings.HasPrefix(e.EventName, "Untag") {
		return " was taken off"
	}
	return " was set"
}

// tagKeys are the keys of the tags that a request sets, listed or as names, or removes.
func tagKeys(request Value) []string {
	tags := request.At("tags")
	all := tags.Names()
	slices.Sort(all)
	for _, tag := range tags.List() {
		if key := tag.At("key").Text(); key != "" {
			all = append(all, key)
		}
	}
	for _, key := range request.At("tagKeys").List() {
		all = append(all, key.Text())
	}
	return all
}

// tableType is what AWS Config calls tables.
const tableType = "AWS::DynamoDB::Table"

var configWeakened = event(Detection{
	ID: "DDB-SEC-007", Version: 1, Title: "AWS Config weakened", Severity: schema.SeverityHigh,
	Needs: []Need{NeedConfig}, Attack: []string{"T1562.001", "T1562.008"}, AttackNext: []string{"T1685", "T1685.002"},
	Looks:       "the recorder of AWS Config stopped, deleted, or told to leave out tables; its delivery, a rule or a conformance pack deleted",
	FalseAlarms: "accounts that are being set up, or a recorder that is replaced",
	Advice:      "start the recorder again; changes of tables in between are in CloudTrail only, so look there for what it did not see",
}, plain{}, func(r *Run, _ *plain, e *Event) string {
	switch {
	case !e.OK():
	case e.Is("config", "StopConfigurationRecorder", "DeleteConfigurationRecorder", "DeleteDeliveryChannel", "DeleteConfigRule", "DeleteConformancePack"):
		return "AWS Config was weakened by " + e.EventName + " in " + shown(e.AWSRegion)
	case e.Is("config", "PutConfigurationRecorder"):
		recorder := e.Request().At("configurationRecorder")
		if !recorder.Exists() {
			r.NotEvaluated("the record does not hold the recorder's settings")
		} else if leavesOutTables(recorder.At("recordingGroup")) {
			return "AWS Config was told not to record tables in " + shown(e.AWSRegion)
		}
	}
	return ""
})

// leavesOutTables reports whether a recorder's group has no tables. Without a group all
// types are recorded.
func leavesOutTables(group Value) bool {
	has := func(list Value) bool {
		return slices.ContainsFunc(list.List(), func(v Value) bool { return v.Text() == tableType })
	}
	if has(group.At("exclusionByResourceTypes", "resourceTypes")) {
		return true
	}
	if len(group.At("exclusionByResourceTypes", "resourceTypes").List()) > 0 {
		return false
	}
	all, known := group.At("allSupported").Bool()
	picked := len(group.At("resourceTypes").List()) > 0 || group.At("recordingStrategy", "useOnly").Text() == "INCLUSION_BY_RESOURCE_TYPES"
	return (known && !all || !known && picked) && !has(group.At("resourceTypes"))
}
