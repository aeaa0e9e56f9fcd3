package detect

import (
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// cloneBare is [Event.Clone] less the item and the raw parts of the record: what is left
// says who did what to which table, from where, and takes little room.
func (e *Event) cloneBare() *Event {
	t := *e.Touch
	t.ItemKey, t.KeyValues, t.Attributes, t.Statement = "", nil, nil, ""
	t.RequestParameters, t.ResponseElements, t.AdditionalEventData, t.Resources = "", "", "", ""
	bare := *e
	bare.Touch = &t
	return bare.Clone()
}

// before is the order of events in time; those of one moment are ordered by id, so that
// it does not depend on the order in which they are seen.
func (e *Event) before(o *Event) bool {
	switch {
	case e.EventTime != o.EventTime:
		return e.EventTime < o.EventTime
	case e.EventID != o.EventID:
		return e.EventID < o.EventID
	}
	return e.TouchIndex < o.TouchIndex
}

// call names the call that an event tells of. The copies that the accounts of caller
// and table each get of one call share it.
func (e *Event) call() string {
	if e.SharedEventID != "" {
		return e.SharedEventID
	}
	return e.EventID
}

// hand is who is behind an event, whichever role it was done with: the name of a person,
// the source identity of a session, the principal otherwise.
func (e *Event) hand() string {
	switch {
	case e.ActorKind == schema.ActorHuman && e.ActorName != "":
		return e.ActorName
	case e.SourceIdentity != "":
		return e.SourceIdentity
	}
	return e.Principal
}

// action is the API call's name, safe to show.
func (e *Event) action() string { return queries.Clean(e.EventName) }

// request is what a call asked for; ok is false, and the detection not evaluated, where
// the record does not have it.
func (r *Run) request(e *Event) (request Value, ok bool) {
	request = e.Request()
	if omitted, _ := request.At("omitted").Bool(); omitted || !request.Exists() {
		r.NotEvaluated("the record does not have the request")
		return Value{}, false
	}
	return request, true
}

// expected counts a hit that a rule of the policy allows, for detections that decide by
// themselves whether a rule silences them.
func (r *Run) expected() { r.silenced[r.detection.ID]++ }

// graded adds a detection that judges each touch by itself, like event, and says how bad
// it is: 0 is as bad as the detection says.
func graded[P any](d Detection, params P, is func(*Run, *P, *Event) (why string, how schema.Severity)) Detection {
	d.Kind = schema.FindingEvent
	return define(d, params, func(r *Run, p *P) Watcher {
		return watch(func(e *Event) {
			if why, how := is(r, p, e); why != "" {
				r.Found(Hit{Event: e, Explain: why, Severity: how})
			}
		})
	})
}

// apart adds a detection that judges each touch by itself, like event, and says besides what
// the call is about: those about different things are findings of their own.
func apart[P any](d Detection, params P, is func(*Run, *P, *Event) (why, about string)) Detection {
	d.Kind = schema.FindingEvent
	return define(d, params, func(r *Run, p *P) Watcher {
		return watch(func(e *Event) {
			if why, about := is(r, p, e); why != "" {
				r.Found(Hit{Event: e, Explain: why, About: []string{about}})
			}
		})
	})
}
