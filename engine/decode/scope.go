package decode

import (
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// family is how a record is taken apart.
type family uint8

const (
	famNone family = iota // not about DynamoDB
	famInsight
	famDynamoDB
	famDAX
	famKMS
	famScaling
	famBackup
	famConfig
	famTrail
	famSession
)

// inScope decides whether the record says anything about DynamoDB, or who was given
// the credentials that a call on a table may be signed with, and sets its family,
// plane, name and, for DynamoDB's own, operation. The first rule that applies
// decides; for most records that takes one look at eventSource.
func (d *Decoder) inScope() bool {
	r := &d.rec
	source := r.text(envEventSource)
	r.family = serviceFamily(source)
	if r.at(envInsightDetails) == 0 && r.family == famNone {
		return false
	}
	r.name = r.text(envEventName)
	if r.at(envInsightDetails) == 0 && r.family == famSession && !schema.GivesSession(r.name) {
		return false // most calls of STS only ask who one is
	}
	eventType, category := r.text(envEventType), r.text(envEventCategory)

	details := r.at(envInsightDetails)
	if r.t.isObject(details) || eventType == "AwsCloudTrailInsight" {
		about := r.t.memberText(details, "eventSource")
		r.family, r.plane = famInsight, schema.PlaneInsight
		return isDynamoDB(about) || equalFold(firstLabel(about), "dax")
	}
	switch {
	case category == "NetworkActivity", category == "Aggregated",
		eventType == "AwsVpceEvents", eventType == "AwsVpceEvent", eventType == "AwsAggregatedEvent":
		return false // they repeat or sum up calls that have records of their own
	}
	if r.family == famTrail {
		r.plane = schema.PlaneTrail
		switch r.name {
		case "StopLogging", "PutEventSelectors", "UpdateTrail", "DeleteTrail":
			return true
		}
		return false
	}
	if r.family == famSession {
		r.plane = schema.PlaneSTS
		return schema.GivesSession(r.name)
	}
	r.t.fill(r.at(envRequestParameters), paramNames, r.rp[:])
	switch r.family {
	case famDynamoDB:
		r.op = schema.Classify(r.name)
		r.plane = schema.PlaneControl
		if r.op.Data || r.t.tri(r.at(envManagementEvent)) == schema.False || category == "Data" {
			r.plane = schema.PlaneData
		}
		return true
	case famDAX:
		r.op = schema.Classify(r.name)
		r.plane = schema.PlaneControl
		return true
	case famKMS:
		r.plane = schema.PlaneKMS
		return d.keyForDynamoDB()
	case famScaling:
		r.plane = schema.PlaneAutoscaling
		return equalFold(r.paramText(paramServiceNamespace), "dynamodb") || d.namesScalable()
	case famBackup:
		r.plane = schema.PlaneControl
		return d.namesBackedUp()
	case famConfig:
		r.plane = schema.PlaneConfig
		return d.namesEvaluated()
	}
	return false
}

// serviceFamily judges by the first label of a service's name, whatever follows:
// dynamodb.amazonaws.com, dynamodb.amazonaws.com.cn, streams.dynamodb.amazonaws.com.
func serviceFamily(source string) family {
	label := firstLabel(source)
	if len(label) == len("streams") && equalFold(label, "streams") && len(source) > len(label) {
		if equalFold(firstLabel(source[len(label)+1:]), "dynamodb") {
			return famDynamoDB
		}
		return famNone
	}
	switch {
	case len(label) == 3 && equalFold(label, "dax"):
		return famDAX
	case len(label) == 3 && equalFold(label, "kms"):
		return famKMS
	case len(label) == 3 && (equalFold(label, "sts") || equalFold(label, "sso")), len(label) == 6 && equalFold(label, "signin"):
		return famSession
	case len(label) == 6 && equalFold(label, "backup"):
		return famBackup
	case len(label) == 6 && equalFold(label, "config"):
		return famConfig
	case len(label) == 8 && equalFold(label, "dynamodb"):
		return famDynamoDB
	case len(label) == 10 && equalFold(label, "cloudtrail"):
		return famTrail
	case equalFold(label, "autoscaling"), equalFold(label, "application-autoscaling"):
		return famScaling
	}
	return famNone
}

func firstLabel(s string) string {
	if i := strings.IndexByte(s, '.'); i >= 0 {
		return s[:i]
	}
	return s
}

// isDynamoDB reports whether a text that names a service means DynamoDB.
func isDynamoDB(service string) bool { return equalFold(firstLabel(service), "dynamodb") }

// keyForDynamoDB reports whether a KMS call was made for a table.
func (d *Decoder) keyForDynamoDB() bool {
	r := &d.rec
	if isDynamoDB(r.invokedBy()) ||
		isDynamoDB(r.text(envSourceIP)) ||
		isDynamoDB(r.paramText(paramGranteePrincipal)) ||
		isDynamoDB(r.paramText(paramRetiringPrincipal)) {
		return true
	}
	for _, context := range d.encryptionContexts() {
		if r.t.member(context, contextTable) != 0 {
			return true
		}
	}
	return false
}

// Members of the encryption context that DynamoDB passes to KMS; DynamoDB
// Developer Guide, encryption at rest.
const (
	contextTable = "aws:dynamodb:tableName"
	contextOwner = "aws:dynamodb:subscriberId"
)

// encryptionContexts are the places of a KMS request that may hold one.
func (d *Decoder) encryptionContexts() [3]int {
	r := &d.rec
	constraints := r.param(paramConstraints)
	return [3]int{
		r.param(paramEncryptionContext),
		r.t.member(constraints, "encryptionContextSubset"),
		r.t.member(constraints, "encryptionContextEquals"),
	}
}
