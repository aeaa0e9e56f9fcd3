package detect

import (
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// readParams are of logRead.
type readParams struct {
	LogBuckets []string `yaml:"log_buckets"` // globs, beside the buckets that trails were set to
	Lakes      []string `yaml:"lakes"`       // buckets of lakes made from the log
	Readers    []string `yaml:"readers"`     // globs of principals whose duty it is
}

var logRead = define(Detection{
	ID: "DDB-AUD-008", Version: 1, Title: "Log read by a person", Severity: schema.SeverityInfo, Kind: schema.FindingEvent,
	KeepsLevel: true, Needs: []Need{NeedStorage}, Attack: []string{"T1530"},
	Looks:       "objects of the log, or of a lake made from it, read by a person; PCI DSS 10.2.1.3 wants to know. Only where S3 data events of the bucket are logged",
	FalseAlarms: "auditors, who belong under readers",
	Advice:      "nothing by itself: it is evidence of who has read the log",
}, readParams{}, func(r *Run, p *readParams) Watcher {
	return &logReads{run: r, params: p, logs: knownBuckets{run: r}}
})

type logReads struct {
	run    *Run
	params *readParams
	logs   knownBuckets
	shelf  shelf
}

func (l *logReads) Touch(e *Event) {
	l.logs.learn(e)
	if e.ActorKind == schema.ActorHuman && e.Is("s3", "GetObject") && !listed(l.params.Readers, e.Principal, e.ActorName, e.Actor) {
		l.shelf.put(l.run, e)
	}
}

func (l *logReads) End() {
	buckets := slices.Concat(l.params.LogBuckets, l.params.Lakes)
	for _, e := range l.shelf.events {
		bucket := e.Request().At("bucketName").Text()
		is, known := l.logs.has(bucket, buckets)
		if !known {
			l.run.NotEvaluated("no bucket of the log is known: no call that set a trail's is in the log, and the settings list none")
		}
		if is {
			l.run.Found(Hit{Event: e, About: []string{bucket}, Explain: shown(e.ActorName) + " read " + shown(e.Request().At("key").Text()) + " of the log's bucket " + shown(bucket)})
		}
	}
}
