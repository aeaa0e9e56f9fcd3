package detect

import (
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Event is a touch with what the policy says of it.
type Event struct {
	*schema.Touch
	Principal string // [schema.PrincipalKey]
	Table     policy.Table
	Verdict   policy.Verdict

	service                  string // see Service
	request, response, extra object
}

// Clone is a copy that may be kept.
func (e *Event) Clone() *Event {
	return &Event{Touch: e.Touch.Clone(), Principal: strings.Clone(e.Principal), Table: e.Table, Verdict: e.Verdict}
}

// OK, Denied report how the call ended.
func (e *Event) OK() bool     { return e.Outcome == schema.OutcomeOK }
func (e *Event) Denied() bool { return e.Outcome == schema.OutcomeDenied }

// Failed reports whether the call did nothing, denied or not.
func (e *Event) Failed() bool { return e.Denied() || e.Outcome == schema.OutcomeFailed }

// Allowed reports whether a rule of the policy expects this.
func (e *Event) Allowed() bool { return e.Verdict.Effect == policy.Allowed }

// Service is the event source's first label: dynamodb, kms, cloudtrail.
func (e *Event) Service() string {
	if e.service == "" {
		e.service, _, _ = strings.Cut(e.EventSource, ".")
	}
	return e.service
}

// Is reports whether it is a call of a service with one of some names.
func (e *Event) Is(service string, names ...string) bool {
	if e.Service() != service {
		return false
	}
	for _, n := range names {
		if n == e.EventName {
			return true
		}
	}
	return false
}

// Person reports whether it was done by a human, by root, or by somebody who could be
// either: who is unknown is treated as a human, never as a machine.
func (e *Event) Person() bool {
	return e.ActorKind == schema.ActorHuman || e.ActorKind == schema.ActorRoot || e.ActorKind == schema.ActorUnknown
}

// Time is when it was, UTC.
func (e *Event) Time() time.Time { return time.UnixMicro(e.EventTime).UTC() }

// Request, Response and Extra are what the record says in requestParameters,
// responseElements and additionalEventData. They are there for all but calls on items,
// and of those for Scans and where the request was left out.
func (e *Event) Request() Value  { return e.request.of(e.RequestParameters) }
func (e *Event) Response() Value { return e.response.of(e.ResponseElements) }
func (e *Event) Extra() Value    { return e.extra.of(e.AdditionalEventData) }

// Evidence is where the call stands in the log; it shares no memory with the event.
func (e *Event) Evidence() schema.Evidence {
	return schema.Evidence{
		EventID: strings.Clone(e.EventID), EventTime: e.Time(), EventName: strings.Clone(e.EventName),
		SourceObject: strings.Clone(e.SourceObject), SourceIndex: e.SourceIndex,
	}
}
