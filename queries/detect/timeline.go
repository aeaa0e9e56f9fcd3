package detect

import (
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// maxTimeline is how many calls of one day a timeline keeps. DynamoDB lets an account
// change settings a few times a second, so more are hardly possible. Calls that failed,
// of which more are, take half of the room at most.
const maxTimeline = 20_000

// timeline is a watcher for detections that must know what was set before. Touches come
// in no order, so it keeps the day's calls that are of interest; at the end it goes
// through those of the days before, then through the day's, in order of time.
type timeline struct {
	run    *Run
	of     func(*Event) bool
	step   func(e *Event, today bool)
	calls  []*Event
	failed int // of them
}

// inOrder adds a detection that looks at the calls that of picks, in order of time. Those
// before the day only tell what was set then.
func inOrder[P any](d Detection, params P, of func(*Event) bool, start func(*Run, *P) func(e *Event, today bool)) Detection {
	return define(d, params, func(r *Run, p *P) Watcher {
		return &timeline{run: r, of: of, step: start(r, p)}
	})
}

func (t *timeline) Touch(e *Event) {
	switch {
	case !t.of(e):
	case len(t.calls) >= maxTimeline, e.Failed() && t.failed >= maxTimeline/2:
		t.run.NotEvaluated("too many changes of settings in one day to put them in order")
	default:
		if e.Failed() {
			t.failed++
		}
		t.calls = append(t.calls, e.Clone())
	}
}

func (t *timeline) End() {
	if len(t.calls) == 0 {
		return
	}
	t.run.past(t.of, func(e *Event) { t.step(e, false) })
	slices.SortFunc(t.calls, func(a, b *Event) int {
		switch last := isDeletion(a); {
		case a.EventTime == b.EventTime && last != isDeletion(b):
			if last { // what is done to a table in the second of its end was done before
				return 1
			}
			return -1
		case a.before(b):
			return -1
		}
		return 1
	})
	for _, e := range t.calls {
		t.step(e, true)
	}
}

// past calls fn with those of the history's settings that of picks, in order of time.
func (r *Run) past(of func(*Event) bool, fn func(*Event)) {
	r.History.Settings(func(touch *schema.Touch) {
		if e := (&Event{Touch: touch, Principal: schema.PrincipalKey(touch)}); of(e) {
			fn(e)
		}
	})
}

func isDeletion(e *Event) bool { return e.Is("dynamodb", "DeleteTable") }
