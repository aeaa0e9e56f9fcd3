package detect

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

var trailWeakened = inOrder(Detection{
	ID: "DDB-AUD-003", Version: 1, Title: "Trail weakened", Severity: schema.SeverityHigh, Kind: schema.FindingEvent,
	KeepsLevel: true, Needs: []Need{NeedTrail}, Attack: []string{"T1562.008"}, AttackNext: []string{"T1685.002"},
	Looks: "an UpdateTrail that switches off validation of log files, other Regions, global services or other accounts, sends the log to another bucket, prefix or key, " +
		"or takes away its log group. What a call says is compared with what was set before, since the console sends every field",
	FalseAlarms: "a log that moves to another account",
	Advice:      "set the trail back; if the bucket or key is another, see whose it is and fetch what was delivered there",
}, plain{}, setsTrail, func(r *Run, _ *plain) func(*Event, bool) {
	states := trailStates{}
	return func(e *Event, today bool) {
		if !e.OK() {
			return
		}
		before, after := states.take(e)
		if !today || e.EventName != "UpdateTrail" {
			return
		}
		weaker, unsure := weakened(before, after)
		if len(weaker) > 0 {
			r.Found(Hit{Event: e, About: []string{trailName(e)}, Explain: "trail " + shown(trailName(e)) + ": " + strings.Join(weaker, ", ")})
		} else if unsure {
			r.NotEvaluated("how the trail was set before is not in the log")
		}
	}
})

// weakened says what became weaker; unsure is whether something may have, since what it
// was before is not known.
func weakened(before, after trailState) (weaker []string, unsure bool) {
	for name, what := range map[string]string{
		"logFileValidationEnabled": "log files are not validated any more", "isMultiRegionTrail": "other Regions are left out",
		"includeGlobalServiceEvents": "global services are left out", "isOrganizationTrail": "other accounts are left out",
	} {
		if on, known := after[name].Bool(); !known || on {
			continue
		}
		was, known := before[name].Bool()
		unsure = unsure || !known && !before[name].Exists()
		if was {
			weaker = append(weaker, what)
		}
	}
	for name, what := range map[string]string{"s3BucketName": "bucket", "s3KeyPrefix": "prefix", "kmsKeyId": "key", "cloudWatchLogsLogGroupArn": "log group"} {
		had, has := before[name].Text(), after[name].Text()
		switch {
		case !before[name].Exists():
			unsure = unsure || after[name].Exists()
		case name == "kmsKeyId" && keyName(had, "", "") == keyName(has, "", ""), had == has, name == "cloudWatchLogsLogGroupArn" && has != "":
		case has == "":
			weaker = append(weaker, "it has no "+what+" any more")
		default:
			weaker = append(weaker, "its "+what+" is "+shown(has)+" now")
		}
	}
	slices.Sort(weaker)
	return weaker, unsure
}

// logKeyParams are of logKeyDisabled.
type logKeyParams struct {
	Keys []string `yaml:"keys"` // globs of ARNs, or ids, of keys that encrypt the log, beside those that trails were set to
}

var logKeyDisabled = define(Detection{
	ID: "DDB-AUD-005", Version: 1, Title: "Key of the log disabled", Severity: schema.SeverityCritical, Kind: schema.FindingEvent,
	KeepsLevel: true, Always: true, Needs: []Need{NeedKMS}, Attack: []string{"T1562.008"}, AttackNext: []string{"T1685.002"},
	Looks: "the KMS key that a trail's log is encrypted with is disabled, scheduled for deletion or loses its material: from then on nothing is delivered, " +
		"and what was cannot be read. Keys are known from calls that set a trail, and from the settings",
	FalseAlarms: "a key that was replaced, after the trail was set to the new one and the old log was copied",
	Advice:      "enable the key, or cancel its deletion: there are 7 days at least. Then start delivery and see what was done in between",
}, logKeyParams{}, func(r *Run, p *logKeyParams) Watcher {
	return &logKeys{run: r, params: p}
})

type logKeys struct {
	run    *Run
	params *logKeyParams
	set    []string // keys that trails were set to today
	shelf  shelf
}

func (k *logKeys) Touch(e *Event) {
	switch {
	case setsTrail(e) && e.OK():
		k.learn(e)
	case e.OK() && e.Is("kms", "DisableKey", "ScheduleKeyDeletion", "DeleteImportedKeyMaterial"):
		k.shelf.put(k.run, e)
	}
}

// learn notes the key of a trail.
func (k *logKeys) learn(e *Event) {
	for _, v := range []Value{e.Request(), e.Response()} {
		if key := keyName(v.At("kmsKeyId").Text(), e.AWSRegion, e.RecipientAccountID); key != "" && !slices.Contains(k.set, key) && len(k.set) < manyRoom {
			k.set = append(k.set, strings.Clone(key))
		}
	}
}

func (k *logKeys) End() {
	if len(k.shelf.events) == 0 {
		return
	}
	k.run.past(setsTrail, func(e *Event) {
		if e.OK() {
			k.learn(e)
		}
	})
	for _, e := range k.shelf.events {
		key := calledKey(e)
		name := keyName(key, "", "")
		switch {
		case key == "":
			k.run.NotEvaluated("the record does not say which key")
		case slices.Contains(k.set, name), listed(k.params.Keys, key, name):
			k.run.Found(Hit{Event: e, Explain: "the log's key " + shown(name) + ": " + e.EventName, About: []string{name}})
		case len(k.set) == 0 && len(k.params.Keys) == 0:
			k.run.NotEvaluated("no key of the log is known: no call that set a trail's is in the log, and the setting keys lists none")
		}
	}
}
