package detect

import (
	"strings"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// judging shows the touches of one day to the watchers of all detections.
type judging struct {
	run      Run
	watchers []watcher
	tallies  []*tally // of the whole catalogue, in its order
	dayRows  dayRows
	event    Event

	principals map[caller]string
	tables     map[string]policy.Table
}

type watcher struct {
	*tally
	Watcher
}

// caller is what a principal's key is made of.
type caller struct{ actor, name, kind string }

// memoRoom bounds what is remembered of callers and tables: log text makes them up.
const memoRoom = 1 << 16

func newJudging(day int32, p *policy.Policy, h History, catalogue []Detection, settings map[string]Setting) *judging {
	j := &judging{
		run:        Run{Day: day, Policy: p, History: h, silenced: map[string]int64{}, skipped: map[string]map[string]int64{}, seen: newEventSet(seenRoom)},
		principals: map[caller]string{}, tables: map[string]policy.Table{},
	}
	for i := range catalogue {
		d := &catalogue[i]
		s := settings[d.ID]
		if s.Params == nil {
			s.Params = d.Params
		}
		t := &tally{detection: d, setting: &s}
		j.tallies = append(j.tallies, t)
		if s.Mode == Off {
			continue
		}
		j.enter(t)
		if t.unfit = unfit(d, s.Params, p); len(t.unfit) == 0 {
			j.watchers = append(j.watchers, watcher{t, d.start(&j.run, s.Params)})
		}
	}
	return j
}

// enter has what is found be of a detection from now on.
func (j *judging) enter(t *tally) { j.run.detection, j.run.tally = t.detection, t }

// touch shows one touch to all. t is good during the call.
func (j *judging) touch(t *schema.Touch) {
	j.event = Event{Touch: t, Principal: j.principal(t), Table: j.table(t.TableARN), Verdict: j.run.Policy.Judge(t)}
	j.dayRows.note(&j.event)
	for i := range j.watchers {
		w := &j.watchers[i]
		j.enter(w.tally)
		w.Touch(&j.event)
	}
}

// principal is [schema.PrincipalKey], which is put together once for each caller.
func (j *judging) principal(t *schema.Touch) string {
	if t.ActorKind != schema.ActorHuman {
		return schema.PrincipalKey(t) // of people only it is more than the actor
	}
	c := caller{t.Actor, t.ActorName, t.ActorKind}
	key, ok := j.principals[c]
	if !ok {
		if len(j.principals) >= memoRoom {
			clear(j.principals)
		}
		c.actor, c.name, c.kind = strings.Clone(c.actor), strings.Clone(c.name), strings.Clone(c.kind)
		key = strings.Clone(schema.PrincipalKey(t))
		j.principals[c] = key
	}
	return key
}

// table is what the policy says of a table, looked up once for each.
func (j *judging) table(arn string) policy.Table {
	table, ok := j.tables[arn]
	if !ok {
		if len(j.tables) >= memoRoom {
			clear(j.tables)
		}
		table = j.run.Policy.TableOf(arn)
		j.tables[strings.Clone(arn)] = table
	}
	return table
}

// end has the watchers say what is left to say, and makes the judgment.
func (j *judging) end() *Judgment {
	for i := range j.watchers {
		w := &j.watchers[i]
		j.enter(w.tally)
		w.End()
	}
	return j.judgment()
}
