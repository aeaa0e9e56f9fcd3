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
	famIAM
	famStorage
	famMapping     // functions that read streams
	famIntegration // tables copied to a warehouse
	famTagging
	famDetector
	families
)

// inScope decides whether the record says anything about DynamoDB, about who may do
// what or was given the credentials that a call on a table may be signed with, or about
// the log, and sets its family, plane, name and, for DynamoDB's own, operation. The
// first rule that applies decides; for most records that takes one look at eventSource,
// or at eventName besides.
func (d *Decoder) inScope() bool {
	r := &d.rec
	r.family = serviceFamily(r.text(envEventSource))
	if r.at(envInsightDetails) == 0 && r.family == famNone {
		return false
	}
	r.name = r.text(envEventName)
	if r.at(envInsightDetails) == 0 && !mayMatter(r.family, r.name) {
		return false
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
	if !mayMatter(r.family, r.name) {
		return false
	}
	r.plane = planes[r.family]
	switch r.family {
	case famTrail, famSession, famIAM, famDetector:
		return true // the name has said it all
	case famStorage:
		return d.aboutLog()
	}
	r.t.fill(r.at(envRequestParameters), paramNames, r.rp[:])
	switch r.family {
	case famDynamoDB:
		r.op = schema.Classify(r.name)
		if r.op.Data || r.t.tri(r.at(envManagementEvent)) == schema.False || category == "Data" {
			r.plane = schema.PlaneData
		}
		return true
	case famDAX:
		r.op = schema.Classify(r.name)
		return true
	case famKMS:
		return d.keyForDynamoDB() || d.keyChanged()
	case famScaling:
		return equalFold(r.paramText(paramServiceNamespace), "dynamodb") || d.namesScalable()
	case famBackup:
		return d.namesBackedUp() || changesVault(r.name)
	case famConfig:
		return changesRecorder(r.name) || d.namesEvaluated()
	}
	return d.namesReached()
}

// planes are the families' planes; calls on items have one of their own.
var planes = [families]string{
	famDynamoDB: schema.PlaneControl, famDAX: schema.PlaneControl, famBackup: schema.PlaneControl,
	famKMS: schema.PlaneKMS, famScaling: schema.PlaneAutoscaling, famConfig: schema.PlaneConfig,
	famTrail: schema.PlaneTrail, famSession: schema.PlaneSTS, famIAM: schema.PlaneIAM, famStorage: schema.PlaneStorage,
	famMapping: schema.PlaneOther, famIntegration: schema.PlaneOther, famTagging: schema.PlaneOther, famDetector: schema.PlaneOther,
}

// services are those whose records may be in scope, by the first label of their names.
var services = []struct {
	label  string
	family family
}{
	{"dynamodb", famDynamoDB}, {"dax", famDAX}, {"kms", famKMS}, {"backup", famBackup}, {"config", famConfig},
	{"autoscaling", famScaling}, {"application-autoscaling", famScaling},
	{"cloudtrail", famTrail}, {"sts", famSession}, {"signin", famSession}, {"sso", famSession},
	{"iam", famIAM}, {"s3", famStorage},
	{"lambda", famMapping}, {"glue", famIntegration}, {"redshift", famIntegration},
	{"tagging", famTagging}, {"guardduty", famDetector},
}

var serviceNames = func() *dictionary {
	labels := make([]string, len(services))
	for i := range services {
		labels[i] = services[i].label
	}
	return newDictionary(labels)
}()

// serviceFamily judges by the first label of a service's name, whatever follows:
// dynamodb.amazonaws.com, dynamodb.amazonaws.com.cn, streams.dynamodb.amazonaws.com.
func serviceFamily(source string) family {
	label := firstLabel(source)
	if slot, _ := serviceNames.find(label); slot >= 0 {
		return services[slot].family
	}
	if equalFold(label, "streams") && len(source) > len(label) && isDynamoDB(source[len(label)+1:]) {
		return famDynamoDB
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
