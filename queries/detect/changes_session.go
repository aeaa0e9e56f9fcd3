package detect

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

var breakGlassUsed = define(Detection{
	ID: "DDB-CHG-004", Version: 1, Title: "Break-glass role used", Severity: schema.SeverityHigh, Kind: schema.FindingSequence,
	Always: true, KeepsLevel: true, Needs: []Need{NeedBreakGlass}, Attack: []string{"T1078.004"},
	Looks:       "any call by a role that the policy keeps for emergencies: one finding for each session, with what was done in it",
	FalseAlarms: "drills, which should be announced",
	Advice:      "match it with an incident or a drill; go through the session's calls with whoever opened it",
}, plain{}, func(r *Run, _ *plain) Watcher {
	return &sessions{run: r, of: map[roleSession]*sessionCalls{}}
})

// sessions are those of break-glass roles.
type sessions struct {
	run *Run
	of  map[roleSession]*sessionCalls
}

type roleSession struct{ actor, name, key string }

// sessionCalls is what was done in one session.
type sessionCalls struct {
	first    *Event
	last     int64
	count    int64
	did      map[string]int64 // calls by what they did
	evidence []schema.Evidence
}

// sessionRoom bounds the sessions that are told apart, and the acts of each.
const sessionRoom = 1000

func (s *sessions) Touch(e *Event) {
	if !s.run.Policy.IsBreakGlass(e.Touch) {
		return
	}
	key := roleSession{e.Actor, e.SessionName, e.AccessKeyID}
	calls := s.of[key]
	if calls == nil {
		if len(s.of) >= sessionRoom {
			s.run.NotEvaluated(fmt.Sprintf("more than %d sessions of break-glass roles", sessionRoom))
			return
		}
		key = roleSession{strings.Clone(key.actor), strings.Clone(key.name), strings.Clone(key.key)}
		calls = &sessionCalls{did: map[string]int64{}}
		s.of[key] = calls
	}
	calls.add(s.run, e)
}

func (c *sessionCalls) add(r *Run, e *Event) {
	if c.first == nil || e.EventTime < c.first.EventTime || e.EventTime == c.first.EventTime && compareTouches(e.Touch, c.first.Touch) < 0 {
		c.first = e.Clone()
	}
	c.last = max(c.last, e.EventTime)
	c.evidence = mergeEvidence(c.evidence, e.Evidence())
	if r.seen.add("session", e.id()) {
		c.count++
	}
	did := fmt.Sprintf("%s on %s", e.EventName, tableLabel(e))
	if !e.OK() {
		did += " (" + e.Outcome + ")"
	}
	_, known := c.did[did]
	if (known || len(c.did) < sessionRoom) && r.seen.add("session "+did, e.id()) {
		c.did[did]++
	}
}

func (s *sessions) End() {
	for key, c := range s.of {
		s.run.Found(Hit{
			Event: withoutTable(c.first), About: []string{key.name, key.key}, Count: c.count, Evidence: c.evidence,
			First: c.first.Time(), Last: timeOf(c.last),
			Explain: fmt.Sprintf("%s used the emergency role %s, session %q: %s", whoDid(c.first), key.actor, key.name, c.timeline()),
		})
	}
}

// timeline is what was done, the most frequent first.
func (c *sessionCalls) timeline() string {
	const most = 8
	acts := slices.SortedFunc(maps.Keys(c.did), func(a, b string) int {
		return cmp.Or(cmp.Compare(c.did[b], c.did[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, did := range acts[:min(len(acts), most)] {
		if n := c.did[did]; n > 1 {
			did = fmt.Sprintf("%s ×%d", did, n)
		}
		parts = append(parts, did)
	}
	if more := len(acts) - most; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more kinds of calls", more))
	}
	return strings.Join(parts, ", ")
}

// withoutTable is an event as one of no table: what is found is about the principal.
func withoutTable(e *Event) *Event {
	c := e.Clone()
	c.TableName, c.TableARN, c.Table = "", "", policy.Table{}
	return c
}
