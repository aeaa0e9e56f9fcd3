package detect

import (
	"context"

	"github.com/keytrail/keytrail/schema"
)

// Detection is one thing to look for. The catalogue has them all ([Catalogue]).
type Detection struct {
	ID       string // stable for ever: DDB-EXF-001
	Version  int    // of what it looks for and its thresholds; findings carry it
	Title    string
	Severity schema.Severity
	Kind     string // one of the Finding kinds of package schema

	// Always: a rule of the policy that allows it does not silence it.
	Always bool
	// KeepsLevel: an attempt that failed is as bad as one that did not.
	KeepsLevel bool

	Needs       []Need   // what it cannot do without
	Attack      []string // ATT&CK techniques, v18
	AttackNext  []string // the same in v19; empty: the same names
	Looks       string   // what it looks for, for people
	FalseAlarms string   // what often looks alike
	Advice      string   // what to do about a finding

	// Params are the settings a user may change, a pointer to a struct with yaml names
	// whose values are the defaults; nil when there are none.
	Params any

	start func(*Run, any) Watcher
}

// Need is something without which a detection cannot find what it is for. One that is
// missing makes it "not evaluated", which is said, and never taken for "nothing found".
type Need string

const (
	NeedData     Need = "data events"       // rows of calls on items
	NeedControl  Need = "management events" // rows of calls on tables
	NeedKMS      Need = "KMS events"
	NeedTrail    Need = "CloudTrail events"
	NeedSessions Need = "STS and sign-in events"
	NeedBackup   Need = "AWS Backup events"
	NeedConfig   Need = "AWS Config events"
	NeedIAM      Need = "IAM events"
	NeedOther    Need = "events of other services" // Lambda, Glue, S3, tagging
	NeedStreams  Need = "data events of streams"
	NeedStorage  Need = "S3 events"
	NeedHistory  Need = "14 days of history"
	NeedClasses  Need = "classes of tables in the policy"
	NeedAccounts Need = "org_accounts in the policy"
	NeedParams   Need = "its settings" // one at least of the lists and texts that only the user knows
	NeedDigests  Need = "digest verdicts"

	NeedPolicy     Need = "a policy"
	NeedProtected  Need = "protected tables in the policy"
	NeedPipelines  Need = "pipelines in the policy"
	NeedBreakGlass Need = "break_glass roles in the policy"
)

// Watcher looks at the touches of one day. It is asked from one goroutine.
type Watcher interface {
	// Touch is called with every touch of the day, in no particular order. The event is
	// good during the call only: whoever keeps it takes a [Event.Clone].
	Touch(e *Event)
	// End is called once, after the last.
	End()
}

// A lakeWatcher looks at more of the lake than the day's touches. Look is called once,
// after the last touch and before End; an error ends the judging.
type lakeWatcher interface {
	Watcher
	Look(ctx context.Context, l Lake) error
}

// watch makes a Watcher of one function, for detections that one event is enough for.
type watch func(*Event)

func (w watch) Touch(e *Event) { w(e) }
func (watch) End()             {}

// lookAt makes a Watcher of a function that looks at the lake alone.
type lookAt func(ctx context.Context, l Lake) error

func (lookAt) Touch(*Event)                             {}
func (lookAt) End()                                     {}
func (f lookAt) Look(ctx context.Context, l Lake) error { return f(ctx, l) }

// define adds a detection to the catalogue. params are its defaults, and start makes the
// watcher of a day with the settings in force.
func define[P any](d Detection, params P, start func(*Run, *P) Watcher) Detection {
	d.Params = &params
	d.start = func(r *Run, p any) Watcher { return start(r, p.(*P)) }
	return d
}

// event adds a detection that judges each touch by itself: is says why it is one, or
// has an empty text.
func event[P any](d Detection, params P, is func(*Run, *P, *Event) string) Detection {
	d.Kind = schema.FindingEvent
	return define(d, params, func(r *Run, p *P) Watcher {
		return watch(func(e *Event) {
			if why := is(r, p, e); why != "" {
				r.Found(Hit{Event: e, Explain: why})
			}
		})
	})
}

// plain are the settings of a detection without any.
type plain struct{}
