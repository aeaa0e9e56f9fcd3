package compliance

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// logSystem makes the section on what was done to the log itself: trails, buckets, keys,
// and what else keeps watch; and who read it.
type logSystem struct {
	changes []logChange
	left    int64 // changes beyond maxLogChanges
	failed  int64 // of all changes, those that did nothing
	readers least[logReader, logReads]
}

// logChange is a call that changed what keeps watch.
type logChange struct {
	time                                    int64
	service, name, about, outcome, effect   string
	actor, actorName, actorKind, ip, region string
	event                                   string
}

// logReader is who read the log by which call.
type logReader struct{ actor, name, call string }

type logReads struct {
	kind        string
	calls       int64
	first, last int64
	event       string // of the first
}

// maxLogChanges bounds the calls that are kept one by one, and maxReaders the readers.
const (
	maxLogChanges = 5000
	maxReaders    = 5000
)

func newLogSystem() *logSystem {
	return &logSystem{readers: least[logReader, logReads]{
		max: maxReaders, merge: (*logReads).merge,
		compare: func(a, b logReader) int {
			return cmp.Or(strings.Compare(a.actor, b.actor), strings.Compare(a.name, b.name), strings.Compare(a.call, b.call))
		},
		clone: func(r logReader) logReader {
			return logReader{strings.Clone(r.actor), strings.Clone(r.name), strings.Clone(r.call)}
		},
	}}
}

func (l *logSystem) touch(e *detect.Event) {
	if e.TouchIndex > 0 || e.Plane == schema.PlaneData {
		return
	}
	switch {
	case changesLog(e):
		l.change(e)
	case readsLog(e):
		l.read(e)
	}
}

// changesLog reports whether a call changes what is logged, how long it is kept, or who
// watches. Calls that only look are none, nor is one on a key that leaves it as it is.
func changesLog(e *detect.Event) bool {
	switch {
	case e.Plane == schema.PlaneControl, e.Plane == schema.PlaneSTS, e.Plane == schema.PlaneIAM:
		return false
	case effectOf(e.EventName) != "":
		return true
	}
	return e.Op == schema.OpAudit && !readsLog(e) && !looksOnly(e.EventName)
}

// looksOnly reports whether a call's name says that it changes nothing.
func looksOnly(name string) bool {
	for _, verb := range []string{"Get", "List", "Describe", "Lookup", "Search"} {
		if strings.HasPrefix(name, verb) {
			return true
		}
	}
	return false
}

// readsLog reports whether somebody read the log: events by CloudTrail's own means, or
// objects where it lies.
func readsLog(e *detect.Event) bool {
	switch e.EventName {
	case "LookupEvents", "StartQuery", "GetQueryResults", "GenerateQuery", "GetInsightEvents":
		return e.Plane == schema.PlaneTrail
	case "GetObject", "SelectObjectContent", "ListObjects", "ListObjectVersions":
		return e.Plane == schema.PlaneStorage && e.ActorKind != schema.ActorAWS
	}
	return false
}

func (l *logSystem) change(e *detect.Event) {
	if !e.OK() {
		l.failed++
	}
	if len(l.changes) >= 2*maxLogChanges {
		l.trim()
	}
	l.changes = append(l.changes, logChange{
		time: e.EventTime, service: strings.Clone(e.Service()), name: strings.Clone(e.EventName), about: strings.Clone(logSubject(e)),
		outcome: strings.Clone(e.Outcome), effect: effectOf(e.EventName), actor: strings.Clone(e.Actor), actorName: strings.Clone(e.ActorName),
		actorKind: strings.Clone(e.ActorKind), ip: strings.Clone(e.SourceIP), region: strings.Clone(e.AWSRegion), event: strings.Clone(e.EventID),
	})
}

// trim keeps the changes that come first in the section, however they were read.
func (l *logSystem) trim() {
	slices.SortFunc(l.changes, func(a, b logChange) int {
		return cmp.Or(cmp.Compare(rankOfChange(&a), rankOfChange(&b)), cmp.Compare(a.time, b.time), cmp.Compare(a.event, b.event), cmp.Compare(a.about, b.about))
	})
	l.changes = slices.Compact(l.changes)
	if len(l.changes) > maxLogChanges {
		l.left += int64(len(l.changes) - maxLogChanges)
		l.changes = l.changes[:maxLogChanges]
	}
}

// rankOfChange puts what has an effect that we know of first.
func rankOfChange(c *logChange) int {
	switch {
	case c.effect != "" && c.outcome == schema.OutcomeOK:
		return 0
	case c.effect != "":
		return 1
	}
	return 2
}

func (l *logSystem) read(e *detect.Event) {
	r := l.readers.at(logReader{e.Actor, e.ActorName, e.EventName})
	if r.kind == "" || e.ActorKind < r.kind { // of several the first by name, however rows come
		r.kind = strings.Clone(e.ActorKind)
	}
	one := logReads{calls: 1, first: e.EventTime, last: e.EventTime, event: e.EventID}
	if r.calls == 0 || r.after(&one) {
		one.event = strings.Clone(e.EventID)
	}
	r.merge(&one)
}

// after reports whether another was earlier.
func (r *logReads) after(o *logReads) bool {
	return o.first < r.first || o.first == r.first && o.event < r.event
}

func (r *logReads) merge(o *logReads) {
	if r.calls == 0 || r.after(o) {
		r.first, r.event = o.first, o.event
	}
	r.last = max(r.last, o.last)
	r.calls += o.calls
}

// logSubject is the trail, bucket, key or detector that a call is about.
func logSubject(e *detect.Event) string {
	r := e.Request()
	for _, name := range []string{"name", "trailName", "eventDataStore", "bucketName", "keyId", "configurationRecorderName", "deliveryChannelName", "detectorId", "configRuleName"} {
		if text := r.At(name).Text(); text != "" {
			return text
		}
	}
	return ""
}

// keyChanges are calls that can take a key, and with it the log or the tables, away.
var keyChanges = map[string]string{
	"DisableKey": "what the key encrypts cannot be read or written", "ScheduleKeyDeletion": "what the key encrypts is lost once it is deleted",
	"CancelKeyDeletion": "the key stays", "EnableKey": "the key works again", "PutKeyPolicy": "others may use the key, or none",
	"DisableKeyRotation": "the key's material is not renewed", "EnableKeyRotation": "the key's material is renewed", "DeleteImportedKeyMaterial": "what the key encrypts cannot be read",
}

// effects are what calls on the log do, in a few words.
var effects = map[string]string{
	"StopLogging": "the trail logs nothing until it is started", "StartLogging": "the trail logs", "DeleteTrail": "the trail is gone", "CreateTrail": "a new trail",
	"UpdateTrail": "bucket, key, validation or Regions of the trail", "PutEventSelectors": "which events the trail logs", "PutInsightSelectors": "which unusual activity is told",
	"UpdateEventDataStore": "which events the store takes", "DeleteEventDataStore": "the store and its events are gone", "StopEventDataStoreIngestion": "the store takes nothing", "StartEventDataStoreIngestion": "the store takes events",
	"PutBucketPolicy": "who may reach the bucket", "DeleteBucketPolicy": "who may reach the bucket", "PutBucketLifecycle": "how long the bucket keeps objects", "PutBucketLifecycleConfiguration": "how long the bucket keeps objects",
	"PutBucketVersioning": "whether versions of objects are kept", "PutObjectLockConfiguration": "whether objects can be deleted", "DeleteBucket": "the bucket is gone", "DeleteObject": "an object is gone", "DeleteObjects": "objects are gone",
	"PutObject": "an object was written", "PutBucketReplication": "where copies of the bucket go", "PutBucketEncryption": "how objects are encrypted", "PutPublicAccessBlock": "whether the bucket can be opened to all", "DeletePublicAccessBlock": "the bucket can be opened to all",
	"PutBucketAcl": "who may reach the bucket", "PutBucketLogging": "whether access to the bucket is logged",
	"StopConfigurationRecorder": "settings of tables are not recorded", "StartConfigurationRecorder": "settings of tables are recorded", "DeleteConfigurationRecorder": "settings of tables are not recorded", "PutConfigurationRecorder": "which settings are recorded",
	"DeleteDeliveryChannel": "recorded settings go nowhere", "PutDeliveryChannel": "where recorded settings go", "DeleteConfigRule": "a rule is not checked any more",
	"DeleteDetector": "GuardDuty is off", "UpdateDetector": "what GuardDuty watches", "CreateDetector": "GuardDuty is on", "DisassociateFromMasterAccount": "GuardDuty's findings are not passed on",
	"CreateIPSet": "addresses that GuardDuty trusts", "UpdateIPSet": "addresses that GuardDuty trusts",
}

func effectOf(call string) string { return cmp.Or(effects[call], keyChanges[call]) }

func (l *logSystem) write(_ context.Context, _ *Frame, made sections) error {
	l.trim()
	s := &report.Section{Title: "The log itself: changes and access", Level: report.OK}
	people := map[string]bool{}
	for i := range l.changes {
		c := &l.changes[i]
		if c.effect != "" && c.outcome == schema.OutcomeOK {
			s.Level = s.Level.Worse(report.Attention)
		}
		people[c.actor] = true
	}
	all := int64(len(l.changes)) + l.left
	readers := map[string]bool{}
	l.readers.trim()
	for who := range l.readers.of {
		readers[who.actor+who.name] = true
	}
	s.Lead = fmt.Sprintf("%s of trails, log buckets, keys and detectors by %s; %s had no effect. %s the log, as far as the log tells.",
		many(all, "change"), many(int64(len(people)), "caller"), noneOr(l.failed, "of them", "of them"), nobodyOr(int64(len(readers)), "caller read", "callers read"))
	if all == 0 && len(l.readers.of) == 0 {
		s.Lead = "Nobody changed or read the log, as far as the log tells."
	}
	s.Tiles = []report.Fact{
		{ID: "log_changes", Name: "Changes", Value: report.CountOf(all)},
		{ID: "log_changes_failed", Name: "Failed or denied", Value: report.CountOf(l.failed)},
		{ID: "log_readers", Name: "Readers", Value: report.CountOf(int64(len(readers)))},
	}
	s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: "Reads of objects in the log bucket are seen only where S3 data events of that bucket are logged; changes of buckets and keys only where their events come into this lake."})
	if l.left > 0 {
		s.Notes = append(s.Notes, report.Note{Level: report.Attention, Text: fmt.Sprintf("%s more are not listed one by one.", many(l.left, "change"))})
	}
	if l.readers.full() {
		s.Notes = append(s.Notes, report.Note{Level: report.Attention, Text: fmt.Sprintf("There are more than %s and calls of theirs: those that come first by name are listed, and the last line sums up the others.", many(maxReaders, "reader"))})
	}
	s.Tables = append(s.Tables, l.changeTable(), l.readerTable())
	made[LogSystem] = s
	return nil
}

func (l *logSystem) changeTable() report.Table {
	t := report.Table{ID: "log_changes", Title: "Changes", Empty: "None.", Lead: "Those with a known effect first, then by time.",
		Columns: []report.Column{
			col("time", "Time", report.Time), col("actor", "Who", report.Text), col("actor_kind", "Kind", report.Text), col("actor_arn", "ARN", report.Code), col("service", "Service", report.Code),
			col("event_name", "Call", report.Code), col("about", "About", report.Code), col("outcome", "Outcome", report.Word), col("effect", "Effect", report.Text),
			col("source_ip", "From", report.Code), col("aws_region", "Region", report.Code), col("event_id", "Event", report.Code),
		}}
	for i := range l.changes {
		c := &l.changes[i]
		t.Add(report.TimeOf(c.time), report.TextOf(c.actorName), report.TextOf(c.actorKind), report.CodeOf(c.actor), report.CodeOf(c.service), report.CodeOf(c.name),
			report.CodeOf(c.about), outcomeState(c.outcome), report.TextOf(c.effect), report.CodeOf(c.ip), report.CodeOf(c.region), report.CodeOf(c.event))
	}
	return t
}

func (l *logSystem) readerTable() report.Table {
	t := report.Table{ID: "log_readers", Title: "Access to the log", Empty: "Nobody read the log, as far as the log tells.",
		Columns: []report.Column{
			col("actor", "Who", report.Text), col("actor_kind", "Kind", report.Text), col("actor_arn", "ARN", report.Code), col("event_name", "Call", report.Code),
			col("calls", "Calls", report.Count), col("first", "First", report.Time), col("last", "Last", report.Time), col("event_id", "First event", report.Code),
		}}
	readers := l.readers.of
	for _, who := range slices.SortedFunc(maps.Keys(readers), func(a, b logReader) int {
		return cmp.Or(-cmp.Compare(readers[a].calls, readers[b].calls), l.readers.compare(a, b))
	}) {
		r := readers[who]
		t.Add(report.TextOf(who.name), report.TextOf(r.kind), report.CodeOf(who.actor), report.CodeOf(who.call), report.CountOf(r.calls), report.TimeOf(r.first), report.TimeOf(r.last), report.CodeOf(r.event))
	}
	if r := &l.readers.rest; r.calls > 0 {
		t.Add(report.TextOf("(others)"), report.Value{}, report.Value{}, report.Value{}, report.CountOf(r.calls), report.TimeOf(r.first), report.TimeOf(r.last), report.CodeOf(r.event))
	}
	return t
}
