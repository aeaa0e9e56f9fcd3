package detect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

var tableKeyDisabled = define(Detection{
	ID: "DDB-DST-010", Version: 1, Title: "KMS key of a table disabled or to be deleted", Severity: schema.SeverityCritical, Kind: schema.FindingEvent, Always: true,
	Needs: []Need{NeedKMS}, Attack: []string{"T1485", "T1490"},
	Looks:       "a KMS key that is disabled, scheduled for deletion or robbed of its imported material: critical when it is known to encrypt a table, high when nobody knows what it encrypts. Which key is whose, calls on tables and DynamoDB's own uses of keys tell",
	FalseAlarms: "a key that was replaced by another; its old backups still need it",
	Advice:      "without its key a table cannot be read, and after seven days DynamoDB archives it: EnableKey or CancelKeyDeletion first, questions afterwards",
}, plain{}, func(r *Run, _ *plain) Watcher { return &keyLosses{run: r, keys: newTableKeys(r)} })

// keyLosses judges at the end, when all of the day has told which key is whose.
type keyLosses struct {
	run   *Run
	keys  *tableKeys
	calls []*Event
}

func (w *keyLosses) Touch(e *Event) {
	w.keys.learn(e)
	if e.Plane != schema.PlaneKMS || !e.Is("kms", "DisableKey", "ScheduleKeyDeletion", "DeleteImportedKeyMaterial") || !e.OK() {
		return
	}
	if len(w.calls) >= maxTimeline {
		w.run.NotEvaluated("too many keys disabled in one day to judge them all")
		return
	}
	w.calls = append(w.calls, e.Clone())
}

func (w *keyLosses) End() {
	for _, e := range w.calls {
		w.judge(e)
	}
}

func (w *keyLosses) judge(e *Event) {
	key := lostKey(e)
	if key == "" {
		w.run.NotEvaluated("the record does not say which key")
		return
	}
	hit := Hit{Event: e, About: []string{key}}
	tables := w.keys.tables(key)
	if len(tables) == 0 {
		hit.Severity = schema.SeverityHigh
		hit.Explain = fmt.Sprintf("%s on key %s; whether it encrypts a table is not known", e.action(), shown(key))
	} else {
		hit.Explain = fmt.Sprintf("%s on key %s, which encrypts %s", e.action(), shown(key), tableNames(tables))
	}
	w.run.Found(hit)
}

// lostKey is the ARN of the key that a call is about, or its id where there is no ARN.
func lostKey(e *Event) string {
	if arns := keyARNs(e.Resources); len(arns) > 0 {
		return arns[0]
	}
	for _, key := range []string{e.Response().At("keyId").Text(), e.Request().At("keyId").Text()} {
		if key != "" {
			return key
		}
	}
	return ""
}

// tableNames are the names in some tables' ARNs, safe to show, not too many.
func tableNames(arns []string) string {
	const few = 5
	var names []string
	for _, s := range arns {
		if arn, ok := schema.ParseTableARN(s); ok {
			names = append(names, queries.Clean(arn.Table))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if more := len(names) - few; more > 0 {
		return fmt.Sprintf("%s and %d more tables", strings.Join(names[:few], ", "), more)
	}
	return strings.Join(names, ", ")
}
