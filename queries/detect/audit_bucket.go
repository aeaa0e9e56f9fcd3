package detect

import (
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// bucketParams are of logBucketTampered.
type bucketParams struct {
	LogBuckets    []string `yaml:"log_buckets"`    // globs, beside the buckets that trails were set to
	RetentionDays int      `yaml:"retention_days"` // how long the log must be kept
}

var logBucketTampered = define(Detection{
	ID: "DDB-AUD-004", Version: 1, Title: "Bucket of the log tampered with", Severity: schema.SeverityHigh, Kind: schema.FindingEvent,
	KeepsLevel: true, Needs: []Need{NeedOther}, Attack: []string{"T1562.008", "T1485.001"}, AttackNext: []string{"T1685.002", "T1485.001"},
	Looks: "on a bucket that a trail delivers to: files of the log deleted, or the bucket or its settings (critical); files of the log overwritten, a lifecycle that deletes them before retention_days, " +
		"a new bucket policy, versions suspended, a lock that holds for less, copies to an account that is not ours. Buckets are known from calls that set a trail, and from log_buckets",
	FalseAlarms: "whoever tunes lifecycles or keeps bucket policies as code; give the role a rule",
	Advice:      "put the setting back, and see with `keytrail verify --digests` which files are missing or changed; fetch them from versions or copies",
}, bucketParams{RetentionDays: 365}, func(r *Run, p *bucketParams) Watcher {
	return &logBuckets{run: r, params: p, logs: knownBuckets{run: r}}
})

// knownBuckets are the buckets that trails were set to.
type knownBuckets struct {
	run  *Run
	past bool // the history has been read
	set  few
}

func (k *knownBuckets) learn(e *Event) {
	if !setsTrail(e) || !e.OK() {
		return
	}
	if k.set == nil {
		k.set = few{}
	}
	for _, v := range []Value{e.Request(), e.Response()} {
		k.set.add(strings.Clone(v.At("s3BucketName").Text()))
	}
}

// has reports whether a bucket is one of the log; known is false where none is known.
func (k *knownBuckets) has(bucket string, listedToo []string) (is, known bool) {
	if !k.past {
		k.past = true
		k.run.past(setsTrail, k.learn)
	}
	_, is = k.set[bucket]
	return is || listed(listedToo, bucket), len(k.set)+len(listedToo) > 0
}

type logBuckets struct {
	run    *Run
	params *bucketParams
	logs   knownBuckets
	shelf  shelf
}

func (b *logBuckets) Touch(e *Event) {
	b.logs.learn(e)
	if e.Service() != "s3" || e.EventName == "GetObject" {
		return
	}
	bucket := e.Request().At("bucketName").Text()
	if bucket == "" {
		b.run.NotEvaluated("the record does not say which bucket")
		return
	}
	if is, _ := b.logs.has(bucket, b.params.LogBuckets); is {
		b.found(e, bucket)
		return
	}
	b.shelf.put(b.run, e) // a trail may be set to it later that day
}

func (b *logBuckets) End() {
	for _, e := range b.shelf.events {
		bucket := e.Request().At("bucketName").Text()
		switch is, known := b.logs.has(bucket, b.params.LogBuckets); {
		case is:
			b.found(e, bucket)
		case !known:
			b.run.NotEvaluated("no bucket of the log is known: no call that set a trail's is in the log, and the setting log_buckets lists none")
		}
	}
}

// found finds what a call on a bucket of the log is, if it is anything.
func (b *logBuckets) found(e *Event, bucket string) {
	why, how := b.judge(e)
	if why == "" {
		return
	}
	if !e.OK() {
		why += ", which was tried only"
	}
	b.run.Found(Hit{Event: e, Severity: how, About: []string{bucket, e.EventName}, Explain: "the log's bucket " + shown(bucket) + ": " + why})
}

func (b *logBuckets) judge(e *Event) (why string, how schema.Severity) {
	q := e.Request()
	switch name := e.EventName; {
	case name == "PutObject" || name == "DeleteObject" || name == "DeleteObjects":
		return objectChanged(e)
	case strings.HasPrefix(name, "DeleteBucket"):
		return shown(name), schema.SeverityCritical
	case strings.HasPrefix(name, "PutBucketLifecycle"):
		return b.expires(q.At("LifecycleConfiguration")), 0
	case name == "PutBucketPolicy":
		return "a new bucket policy", 0
	case name == "PutBucketVersioning":
		if q.At("VersioningConfiguration", "Status").Text() == "Suspended" {
			return "suspending versions", 0
		}
	case name == "PutBucketReplication":
		return b.copied(e), 0
	case strings.HasSuffix(name, "ObjectLockConfiguration"):
		return b.unlocked(q.At("ObjectLockConfiguration")), 0
	}
	return "", 0
}

// objectChanged judges calls on objects. CloudTrail and other services deliver there; of
// several objects deleted at once the record has no keys.
func objectChanged(e *Event) (string, schema.Severity) {
	if e.ActorKind == schema.ActorAWS {
		return "", 0
	}
	key := e.Request().At("key").Text()
	switch {
	case e.EventName == "DeleteObjects":
		return "deleting several objects", schema.SeverityCritical
	case !strings.Contains(key, "AWSLogs/"):
		return "", 0
	case e.EventName == "DeleteObject":
		return "deleting " + shown(key), schema.SeverityCritical
	}
	return "overwriting " + shown(key), 0
}

// oneOrMore is a list of XML's elements: one of them is no list.
func (v Value) oneOrMore() []Value {
	if all := v.List(); len(all) > 0 || !v.Exists() {
		return all
	}
	return []Value{v}
}

func (b *logBuckets) expires(lifecycle Value) string {
	if !lifecycle.Exists() {
		b.run.NotEvaluated("the record does not hold the lifecycle")
		return ""
	}
	for _, rule := range lifecycle.At("Rule").oneOrMore() {
		if rule.At("Status").Text() == "Disabled" {
			continue
		}
		expiry := rule.At("Expiration")
		if days, known := expiry.At("Days").Number(); known && days < float64(b.params.RetentionDays) {
			return "a lifecycle that deletes after " + expiry.At("Days").Text() + " days"
		}
		if date := expiry.At("Date").Text(); date != "" {
			return "a lifecycle that deletes on " + shown(date)
		}
	}
	return ""
}

func (b *logBuckets) copied(e *Event) string {
	rules := e.Request().At("ReplicationConfiguration", "Rule").oneOrMore()
	if len(rules) == 0 {
		b.run.NotEvaluated("the record does not hold the replication")
	}
	for _, rule := range rules {
		account := rule.At("Destination", "Account").Text()
		if account == "" || account == e.RecipientAccountID {
			continue
		}
		foreign, known := b.run.outsider(account)
		if !known {
			b.run.NotEvaluated(unknownAccounts)
		}
		if known && foreign {
			return "copies to account " + shown(account)
		}
	}
	return ""
}

func (b *logBuckets) unlocked(lock Value) string {
	if !lock.Exists() {
		b.run.NotEvaluated("the record does not hold the lock")
		return ""
	}
	held := lock.At("Rule", "DefaultRetention")
	days, inDays := held.At("Days").Number()
	if years, inYears := held.At("Years").Number(); inYears && !inDays {
		days = years * 365
	}
	if days < float64(b.params.RetentionDays) {
		return "a lock that holds for less than it must"
	}
	return ""
}
