package decode

import (
	"strconv"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Members of a record that are read; CloudTrail User Guide, record contents.
const (
	envEventVersion = iota
	envUserIdentity
	envEventTime
	envEventSource
	envEventName
	envAWSRegion
	envSourceIP
	envUserAgent
	envErrorCode
	envErrorMessage
	envRequestParameters
	envResponseElements
	envAdditionalEventData
	envRequestID
	envEventID
	envEventType
	envManagementEvent
	envReadOnly
	envResources
	envRecipientAccountID
	envServiceEventDetails
	envSharedEventID
	envVPCEndpointID
	envEventCategory
	envConsole
	envTLSDetails
	envInsightDetails
	envAPIVersion // not read, but expected by its name
	envCount
)

var envNames = newDictionary([]string{
	envEventVersion:        "eventVersion",
	envUserIdentity:        "userIdentity",
	envEventTime:           "eventTime",
	envEventSource:         "eventSource",
	envEventName:           "eventName",
	envAWSRegion:           "awsRegion",
	envSourceIP:            "sourceIPAddress",
	envUserAgent:           "userAgent",
	envErrorCode:           "errorCode",
	envErrorMessage:        "errorMessage",
	envRequestParameters:   "requestParameters",
	envResponseElements:    "responseElements",
	envAdditionalEventData: "additionalEventData",
	envRequestID:           "requestID",
	envEventID:             "eventID",
	envEventType:           "eventType",
	envManagementEvent:     "managementEvent",
	envReadOnly:            "readOnly",
	envResources:           "resources",
	envRecipientAccountID:  "recipientAccountId",
	envServiceEventDetails: "serviceEventDetails",
	envSharedEventID:       "sharedEventID",
	envVPCEndpointID:       "vpcEndpointId",
	envEventCategory:       "eventCategory",
	envConsole:             "sessionCredentialFromConsole",
	envTLSDetails:          "tlsDetails",
	envInsightDetails:      "insightDetails",
	envAPIVersion:          "apiVersion",
})

// record is the record being read.
type record struct {
	t    *tape
	root int
	env  [envCount]place
	rp   params // requestParameters' own members
	known

	family family
	plane  string
	name   string // eventName
	op     schema.Operation
}

func (r *record) at(slot int) int      { return r.env[slot].at() }
func (r *record) text(slot int) string { return r.t.text(r.at(slot)) }

// param is a member of requestParameters.
func (r *record) param(slot int) int        { return r.rp.at(slot) }
func (r *record) paramText(slot int) string { return r.t.text(r.param(slot)) }

// record takes the record at root of a tape.
func (d *Decoder) record(t *tape, root int) error {
	d.arena.reset()
	r := &d.rec
	r.t, r.root = t, root
	if !t.isObject(root) {
		return d.notAnObject(t.raw(root))
	}
	t.fill(root, envNames, r.env[:])
	r.known = known{}
	return d.taken()
}

// taken takes the record whose members have been found.
func (d *Decoder) taken() error {
	r := &d.rec
	t, root := r.t, r.root
	d.sawRecords = true
	d.noteOrigin()
	insight := t.isObject(r.at(envInsightDetails))
	if insight {
		d.insights++
	} else {
		d.others++
	}
	if !insight && r.text(envEventSource) == "" {
		return d.quarantine("no eventSource", t.raw(root))
	}
	if !d.inScope() {
		d.sum.Records++
		d.sum.OutOfScope++
		return nil
	}
	logged := r.text(envEventTime)
	at, ok := parseTime(logged)
	if !ok {
		return d.quarantine("no readable eventTime: "+strconv.Quote(logged[:min(len(logged), 64)]), d.shareable(t.raw(root)))
	}
	d.common(at)
	d.reaches, d.texts, d.over = d.reaches[:0], d.texts[:0], false
	d.gather()
	if d.over {
		return d.quarantine("too many touches", t.raw(root))
	}
	return d.emit(at)
}

// noteOrigin keeps the account and Region of the first record that has them: as
// copies, since the summary outlives the object.
func (d *Decoder) noteOrigin() {
	if d.sum.AccountID == "" {
		d.sum.AccountID = strings.Clone(d.rec.text(envRecipientAccountID))
	}
	if d.sum.Region == "" {
		d.sum.Region = strings.Clone(d.rec.text(envAWSRegion))
	}
}

func (d *Decoder) notAnObject(raw []byte) error {
	return d.quarantine("record is not an object", raw)
}

func (d *Decoder) quarantine(reason string, raw []byte) error {
	index := int32(d.sum.Records)
	d.sum.Records++
	d.sum.Quarantined++
	return d.sink.Quarantine(index, reason, raw)
}

// common fills the columns that all touches of the record share.
func (d *Decoder) common(at int64) {
	r, t := &d.rec, &d.touch
	*t = schema.Touch{
		EventID:            r.text(envEventID),
		RequestID:          r.text(envRequestID),
		SharedEventID:      r.text(envSharedEventID),
		EventTime:          at,
		EventSource:        r.text(envEventSource),
		EventName:          r.name,
		Plane:              r.plane,
		ErrorCode:          r.text(envErrorCode),
		ErrorMessage:       r.text(envErrorMessage),
		ReadOnly:           r.t.tri(r.at(envReadOnly)),
		EventVersion:       r.text(envEventVersion),
		EventType:          r.text(envEventType),
		EventCategory:      r.category(),
		AWSRegion:          r.text(envAWSRegion),
		RecipientAccountID: r.text(envRecipientAccountID),
		Console:            r.t.tri(r.at(envConsole)),
		SourceIP:           r.text(envSourceIP),
		UserAgent:          r.text(envUserAgent),
		VPCEndpointID:      r.text(envVPCEndpointID),
		TLSVersion:         r.tlsVersion(),
		SourceObject:       d.object,
		SourceIndex:        int32(d.sum.Records),
	}
	d.dropSecrets = r.family == famSession
	t.RequestParameters = d.canonical(r.at(envRequestParameters))
	t.ResponseElements = d.canonical(r.at(envResponseElements))
	t.AdditionalEventData = d.canonical(r.at(envAdditionalEventData))
	if r.family == famSession && t.RequestParameters == "" {
		t.RequestParameters = d.canonical(r.at(envServiceEventDetails)) // where the portal has them
	}
	d.dropSecrets = false
	t.Resources = d.resourcesText()
	t.Outcome = outcome(t.ErrorCode, t.ErrorMessage)
	if r.family == famInsight {
		// The call it is about stands in the details, with an error code that is
		// what was counted, not what became of a request.
		details := r.at(envInsightDetails)
		t.EventSource = r.t.memberText(details, "eventSource")
		t.EventName = r.t.memberText(details, "eventName")
		t.RequestParameters = d.canonical(details)
		t.ErrorCode, t.ErrorMessage, t.Outcome = "", "", schema.OutcomeOK
	}
	d.identity()
}

// category is eventCategory, which records before version 1.07 lack.
func (r *record) category() string {
	if logged := r.text(envEventCategory); logged != "" {
		return logged
	}
	if r.family == famInsight {
		return "Insight"
	}
	switch r.t.tri(r.at(envManagementEvent)) {
	case schema.True:
		return "Management"
	case schema.False:
		return "Data"
	}
	if r.family == famDynamoDB && r.op.Data {
		return "Data"
	}
	return "Management"
}

// outcome is what became of the request.
func outcome(code, message string) string {
	switch code {
	case "":
		if message == "" {
			return schema.OutcomeOK
		}
	case "AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "UnauthorizedOperation", "VpceAccessDenied":
		return schema.OutcomeDenied
	}
	return schema.OutcomeFailed
}
