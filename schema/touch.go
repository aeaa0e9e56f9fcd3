package schema

import (
	"slices"
	"strings"
)

// Touch is one row of the lake: one (event, table, item) that one API call
// reached. Empty text, a nil list and [Null] are SQL NULL.
//
// A decoder may hand out a Touch whose strings are views into a buffer that it
// will reuse; whoever keeps one longer than the call copies it.
type Touch struct {
	// Identity.
	EventID       string
	TouchIndex    int32 // position within the event, from 0
	TouchCount    int32 // touches of the event, over all tables
	RequestID     string
	SharedEventID string

	// When: microseconds since 1970-01-01 UTC.
	EventTime int64

	// What.
	EventSource   string
	EventName     string
	Plane         string // one of the Plane constants
	Op            string // one of the Op constants
	Mutates       bool   // the call, had it succeeded, changes data, table or protection
	Outcome       string // one of the Outcome constants
	ErrorCode     string
	ErrorMessage  string
	ReadOnly      Tri
	EventVersion  string
	EventType     string
	EventCategory string

	// Which table. TableName is the name as requested; it becomes a path only
	// through [Partition].
	TableName          string
	TableARN           string
	TableAccountID     string
	AWSRegion          string
	RecipientAccountID string
	IndexName          string

	// Which item.
	ItemKey    string   // see [ItemKey]
	KeyScope   string   // one of the Scope constants
	KeyValues  []string // the key's values, in the order of their names
	Attributes []string // attribute names touched, sorted, each once
	Statement  string   // PartiQL, as logged

	// Who. Touches with the same WhoNumber, if it is not 0, have the same values here,
	// but for AccessKeyID.
	WhoNumber          uint64
	Actor              string
	ActorName          string
	ActorKind          string // one of the Actor constants
	PrincipalType      string
	PrincipalID        string
	PrincipalARN       string
	PrincipalAccountID string
	IssuerARN          string
	SessionName        string
	UserName           string
	AccessKeyID        string
	SourceIdentity     string
	InvokedBy          string
	OnBehalfOf         string
	InScopeOf          string
	MFA                Tri
	Console            Tri

	// From where.
	SourceIP      string
	UserAgent     string
	VPCEndpointID string
	TLSVersion    string

	// Raw: canonical JSON text, see [CanonicalJSON].
	RequestParameters   string
	ResponseElements    string
	AdditionalEventData string
	Resources           string

	// Provenance: where the row was read. Not part of a row's identity.
	SourceObject string
	SourceIndex  int32 // position of the record in its object, from 0
}

// Tri is a boolean that a record may leave out.
type Tri int8

// The three values of a [Tri].
const (
	Null Tri = iota
	False
	True
)

// TriOf is True or False.
func TriOf(b bool) Tri {
	if b {
		return True
	}
	return False
}

// Clone returns a copy that shares no memory with t.
func (t *Touch) Clone() *Touch {
	c := *t
	for i := range Columns {
		switch column := &Columns[i]; {
		case column.Text != nil:
			text := column.Text(&c)
			*text = strings.Clone(*text)
		case column.List != nil:
			list := column.List(&c)
			*list = slices.Clone(*list)
			for j := range *list {
				(*list)[j] = strings.Clone((*list)[j])
			}
		}
	}
	c.TableName = strings.Clone(t.TableName)
	return &c
}
