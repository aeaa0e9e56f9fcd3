package detect

import (
	"strings"
)

// trailState is what a trail was set to last, as far as the log tells. A setting that no
// call told of is the zero Value.
type trailState map[string]Value

// trailSettings are those that matter, by the names of answers and of requests.
var trailSettings = map[string]string{
	"logFileValidationEnabled":   "enableLogFileValidation",
	"isMultiRegionTrail":         "isMultiRegionTrail",
	"includeGlobalServiceEvents": "includeGlobalServiceEvents",
	"isOrganizationTrail":        "isOrganizationTrail",
	"s3BucketName":               "s3BucketName",
	"s3KeyPrefix":                "s3KeyPrefix",
	"kmsKeyId":                   "kmsKeyId",
	"cloudWatchLogsLogGroupArn":  "cloudWatchLogsLogGroupArn",
}

// setsTrail picks the calls that say how a trail is set.
func setsTrail(e *Event) bool { return e.Is("cloudtrail", "CreateTrail", "UpdateTrail") }

// trailName is what a call's trail is known by: its account and name. Names are given
// as such or as ARN.
func trailName(e *Event) string {
	arn := e.Response().At("trailARN").Text()
	if arn == "" {
		arn = e.Request().At("name").Text()
	}
	account := e.RecipientAccountID
	if in := accountIn(arn); in != "" {
		account = in
	}
	return account + "/" + arn[strings.LastIndexByte(arn, '/')+1:]
}

// after is the state after a call: the answer says all, the request what was asked for.
// Of an answer that came, a setting that is missing was not set.
func (s trailState) after(e *Event) trailState {
	next := trailState{}
	for name, asked := range trailSettings {
		next[name] = s[name]
		for _, v := range []Value{e.Request().At(asked), e.Response().At(name)} {
			if v.Exists() {
				next[name] = v
			}
		}
		if answered := e.Response().At("trailARN").Exists() || e.EventName == "CreateTrail"; answered && !next[name].Exists() {
			next[name] = Value{""}
		}
	}
	return next
}

// trailStates knows the state of every trail.
type trailStates map[string]trailState

// take moves a trail on by a call that succeeded, and returns the states before and after.
func (t trailStates) take(e *Event) (before, after trailState) {
	name := trailName(e)
	before = t[name]
	after = before.after(e)
	t[name] = after
	return before, after
}
