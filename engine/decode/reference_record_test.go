package decode_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// refRecord is one record and what its touches have in common.
type refRecord struct {
	node   *node
	source string // first label of eventSource, lower case
	name   string
	plane  string
	rp     *node // requestParameters
	common schema.Touch
}

// record takes one record.
func (r *refDecoder) record(n *node) error {
	if !n.is(kindObject) {
		return r.notAnObject(n.raw)
	}
	r.sawRecords = true
	s := &r.out.summary
	if s.AccountID == "" {
		s.AccountID = n.get("recipientAccountId").str()
	}
	if s.Region == "" {
		s.Region = n.get("awsRegion").str()
	}
	insight := n.get("insightDetails").is(kindObject)
	if insight {
		r.insights++
	} else {
		r.others++
	}
	if n.get("eventSource").str() == "" && !insight {
		return r.quarantine("no eventSource", n.raw)
	}
	rec := &refRecord{node: n, rp: n.get("requestParameters")}
	if !rec.inScope() {
		s.Records++
		s.OutOfScope++
		r.next++
		return nil
	}
	at, ok := refTime(n.get("eventTime").str())
	if !ok {
		text := n.get("eventTime").str()
		raw := n.raw
		if rec.plane == schema.PlaneSTS {
			raw = []byte(n.withoutSecrets())
		}
		return r.quarantine("no readable eventTime: "+strconv.Quote(text[:min(len(text), 64)]), raw)
	}
	rec.envelope()
	touches := rec.touches()
	if len(touches) > r.limits.Touches {
		return r.quarantine("too many touches", n.raw)
	}
	if s.InScope == 0 || at < s.First {
		s.First = at
	}
	if s.InScope == 0 || at > s.Last {
		s.Last = at
	}
	s.Records++
	s.InScope++
	s.Touches += int64(len(touches))
	for i := range touches {
		t := &touches[i]
		t.EventTime = at
		t.TouchIndex, t.TouchCount = int32(i), int32(len(touches))
		t.SourceObject, t.SourceIndex = r.object, r.next
	}
	r.out.touches = append(r.out.touches, touches...)
	r.next++
	return nil
}

var refTimes = []struct {
	form   *regexp.Regexp
	layout string
}{
	{regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`), time.RFC3339Nano},
	{regexp.MustCompile(`^\d{8}T\d{6}Z$`), "20060102T150405Z"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$`), "2006-01-02 15:04:05.999999999"},
}

func refTime(text string) (int64, bool) {
	for _, f := range refTimes {
		if !f.form.MatchString(text) {
			continue
		}
		t, err := time.Parse(f.layout, text)
		if year := t.UTC().Year(); err != nil || year < 1970 || year > 9999 {
			return 0, false
		}
		return t.UnixMicro(), true
	}
	return 0, false
}

func firstLabel(s string) string {
	label, _, _ := strings.Cut(s, ".")
	return lower(label)
}

// inScope decides whether the record says anything about DynamoDB and sets source,
// name and plane.
func (rec *refRecord) inScope() bool {
	n := rec.node
	rec.name = n.get("eventName").str()
	rec.source = firstLabel(n.get("eventSource").str())
	eventType, category := n.get("eventType").str(), n.get("eventCategory").str()

	if details := n.get("insightDetails"); details.is(kindObject) || eventType == "AwsCloudTrailInsight" {
		rec.plane = schema.PlaneInsight
		label := firstLabel(details.get("eventSource").str())
		return details.is(kindObject) && (label == "dynamodb" || label == "dax")
	}
	if category == "NetworkActivity" || category == "Aggregated" {
		return false
	}
	if eventType == "AwsVpceEvents" || eventType == "AwsVpceEvent" || eventType == "AwsAggregatedEvent" {
		return false
	}
	if rest, ok := strings.CutPrefix(lower(n.get("eventSource").str()), "streams."); ok && firstLabel(rest) == "dynamodb" {
		rec.source = "dynamodb"
	}
	switch rec.source {
	case "sts", "signin", "sso":
		rec.plane = schema.PlaneSTS
		return slices.Contains(refSessions, rec.name)
	case "dynamodb":
		rec.plane = schema.PlaneControl
		if schema.Classify(rec.name).Data || n.get("managementEvent").tri() == schema.False || category == "Data" {
			rec.plane = schema.PlaneData
		}
		return true
	case "dax":
		rec.plane = schema.PlaneControl
		return true
	case "kms":
		rec.plane = schema.PlaneKMS
		grant := rec.name == "CreateGrant" && n.get("userIdentity", "invokedBy").str() == ""
		return grant || slices.Contains(refKeyChanges, rec.name) || rec.keyForDynamoDB()
	case "autoscaling", "application-autoscaling":
		rec.plane = schema.PlaneAutoscaling
		return lower(rec.rp.get("serviceNamespace").str()) == "dynamodb" || len(rec.scalables()) > 0
	case "backup":
		rec.plane = schema.PlaneControl
		return slices.Contains(refVaults, rec.name) || len(rec.backedUp()) > 0
	case "config":
		rec.plane = schema.PlaneConfig
		return slices.Contains(refRecorders, rec.name) || len(rec.evaluated()) > 0
	case "cloudtrail":
		rec.plane = schema.PlaneTrail
		return slices.Contains(refTrails, rec.name)
	case "iam":
		rec.plane = schema.PlaneIAM
		return slices.Contains(refGrants, rec.name)
	case "s3":
		rec.plane = schema.PlaneStorage
		if rec.name == "GetObject" {
			whole := *rec
			whole.envelope()
			key := rec.rp.get("key").str()
			return (refLogKey.MatchString(key) || strings.Contains(key, "touches/table_name=")) && whole.common.ActorKind == schema.ActorHuman
		}
		if rec.name == "PutObject" || rec.name == "DeleteObject" {
			return refLogKey.MatchString(rec.rp.get("key").str()) && firstLabel(n.get("userIdentity", "invokedBy").str()) != "cloudtrail"
		}
		return refBucketCalls.MatchString(rec.name)
	case "guardduty":
		rec.plane = schema.PlaneOther
		return rec.name == "UpdateDetector" || rec.name == "DeleteDetector"
	case "lambda", "glue", "redshift", "tagging":
		rec.plane = schema.PlaneOther
		return len(rec.reached()) > 0
	}
	return false
}

// What is in scope of services that are not DynamoDB's, by name.
var (
	refTrails = strings.Fields(`CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging PutEventSelectors PutInsightSelectors
		CreateEventDataStore UpdateEventDataStore DeleteEventDataStore RestoreEventDataStore StartEventDataStoreIngestion StopEventDataStoreIngestion`)
	refGrants = strings.Fields(`PutRolePolicy PutUserPolicy PutGroupPolicy CreatePolicy CreatePolicyVersion AttachRolePolicy AttachUserPolicy AttachGroupPolicy
		SetDefaultPolicyVersion AddUserToGroup DetachRolePolicy DetachUserPolicy DeleteRolePolicy DeleteUserPolicy
		DeleteRolePermissionsBoundary DeleteUserPermissionsBoundary`)
	refKeyChanges = strings.Fields("DisableKey ScheduleKeyDeletion DeleteImportedKeyMaterial PutKeyPolicy DisableKeyRotation")
	refVaults     = strings.Fields("DeleteBackupVault DeleteBackupVaultLockConfiguration")
	refRecorders  = strings.Fields(`PutConfigurationRecorder StopConfigurationRecorder DeleteConfigurationRecorder
		DeleteDeliveryChannel DeleteConfigRule DeleteConformancePack`)
	refBucketCalls = regexp.MustCompile(`^(PutBucket(Lifecycle(Configuration)?|Policy|Versioning|Replication|ObjectLockConfiguration)|PutObjectLockConfiguration|DeleteObjects)$|^DeleteBucket`)
	refLogKey      = regexp.MustCompile(`(?s)AWSLogs/.*/CloudTrail`)
)

// refSessions are the events that give somebody a session.
var refSessions = strings.Fields(`AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot GetFederationToken GetSessionToken
	ConsoleLogin SwitchRole RenewRole GetSigninToken GetRoleCredentials Federate`)

// keyForDynamoDB reports whether a KMS call was made for a DynamoDB table.
func (rec *refRecord) keyForDynamoDB() bool {
	for _, n := range []*node{
		rec.node.get("userIdentity", "invokedBy"), rec.node.get("sourceIPAddress"),
		rec.rp.get("granteePrincipal"), rec.rp.get("retiringPrincipal"),
	} {
		if firstLabel(n.str()) == "dynamodb" {
			return true
		}
	}
	for _, context := range rec.encryptionContexts() {
		if context.get("aws:dynamodb:tableName") != nil {
			return true
		}
	}
	return false
}

func (rec *refRecord) encryptionContexts() []*node {
	return []*node{
		rec.rp.get("encryptionContext"),
		rec.rp.get("constraints", "encryptionContextSubset"),
		rec.rp.get("constraints", "encryptionContextEquals"),
	}
}

// envelope fills the columns that all touches of the record share.
func (rec *refRecord) envelope() {
	n, t := rec.node, &rec.common
	t.EventID = n.get("eventID").str()
	t.RequestID = n.get("requestID").str()
	t.SharedEventID = n.get("sharedEventID").str()
	t.EventSource = n.get("eventSource").str()
	t.EventName = rec.name
	t.Plane = rec.plane
	t.ErrorCode = n.get("errorCode").str()
	t.ErrorMessage = n.get("errorMessage").str()
	t.Outcome = refOutcome(t.ErrorCode, t.ErrorMessage)
	t.ReadOnly = n.get("readOnly").tri()
	t.EventVersion = n.get("eventVersion").str()
	t.EventType = n.get("eventType").str()
	t.EventCategory = rec.category()
	t.AWSRegion = n.get("awsRegion").str()
	t.RecipientAccountID = n.get("recipientAccountId").str()
	t.SourceIP = n.get("sourceIPAddress").str()
	t.UserAgent = n.get("userAgent").str()
	t.VPCEndpointID = n.get("vpcEndpointId").str()
	t.TLSVersion = n.get("tlsDetails", "tlsVersion").str()
	t.RequestParameters = rec.rp.canonical()
	t.ResponseElements = n.get("responseElements").canonical()
	t.AdditionalEventData = n.get("additionalEventData").canonical()
	t.Resources = n.get("resources").canonical()
	if rec.plane == schema.PlaneSTS {
		t.RequestParameters = rec.rp.withoutSecrets()
		if !rec.rp.present() {
			t.RequestParameters = n.get("serviceEventDetails").withoutSecrets()
		}
		t.ResponseElements = n.get("responseElements").withoutSecrets()
		t.AdditionalEventData = n.get("additionalEventData").withoutSecrets()
	}
	if rec.plane == schema.PlaneInsight {
		details := n.get("insightDetails")
		t.EventSource = details.get("eventSource").str()
		t.EventName = details.get("eventName").str()
		t.RequestParameters = details.canonical()
		t.ErrorCode, t.ErrorMessage, t.Outcome = "", "", schema.OutcomeOK
	}
	rec.identity()
}

func refOutcome(code, message string) string {
	switch code {
	case "":
		if message != "" {
			return schema.OutcomeFailed
		}
		return schema.OutcomeOK
	case "AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "UnauthorizedOperation", "VpceAccessDenied":
		return schema.OutcomeDenied
	}
	return schema.OutcomeFailed
}

func (rec *refRecord) category() string {
	if logged := rec.node.get("eventCategory").str(); logged != "" {
		return logged
	}
	switch management := rec.node.get("managementEvent").tri(); {
	case rec.plane == schema.PlaneInsight:
		return "Insight"
	case management == schema.True:
		return "Management"
	case management == schema.False:
		return "Data"
	case rec.source == "dynamodb" && schema.Classify(rec.name).Data:
		return "Data"
	}
	return "Management"
}

func (rec *refRecord) identity() {
	n, t := rec.node.get("userIdentity"), &rec.common
	session, issuer := n.get("sessionContext"), n.get("sessionContext", "sessionIssuer")
	inScopeOf := n.get("inScopeOf", "credentialsIssuedTo").str()
	if inScopeOf == "" {
		inScopeOf = n.get("inScopeOf", "sourceArn").str()
	}
	t.PrincipalType = n.get("type").str()
	t.PrincipalID = n.get("principalId").str()
	t.PrincipalARN = n.get("arn").str()
	t.PrincipalAccountID = n.get("accountId").str()
	t.IssuerARN = issuer.get("arn").str()
	t.UserName = n.get("userName").str()
	t.AccessKeyID = n.get("accessKeyId").str()
	t.SourceIdentity = session.get("sourceIdentity").str()
	t.InvokedBy = n.get("invokedBy").str()
	t.OnBehalfOf = n.get("onBehalfOf", "userId").str()
	t.InScopeOf = inScopeOf
	t.MFA = session.get("attributes", "mfaAuthenticated").tri()
	t.Console = rec.node.get("sessionCredentialFromConsole").tri()
	p := schema.ResolvePrincipal(&schema.Identity{
		Type: t.PrincipalType, PrincipalID: t.PrincipalID, ARN: t.PrincipalARN, AccountID: t.PrincipalAccountID,
		AccessKeyID: t.AccessKeyID, UserName: t.UserName, InvokedBy: t.InvokedBy, CredentialID: n.get("credentialId").str(),
		IssuerType: issuer.get("type").str(), IssuerARN: t.IssuerARN, IssuerUserName: issuer.get("userName").str(),
		IssuerAccountID: issuer.get("accountId").str(), IssuerPrincipalID: issuer.get("principalId").str(),
		SourceIdentity: t.SourceIdentity, OnBehalfOf: t.OnBehalfOf, IdentityStore: n.get("onBehalfOf", "identityStoreArn").str(),
		InScopeOf: inScopeOf, InScopeOfType: n.get("inScopeOf", "issuerType").str(),
		IdentityProvider:  n.get("identityProvider").str(),
		FederatedProvider: session.get("webIdFederationData", "federatedProvider").str(),
		UserAgent:         t.UserAgent, SourceIP: t.SourceIP, RecipientAccountID: t.RecipientAccountID, Console: t.Console,
	})
	t.Actor, t.ActorName, t.ActorKind, t.SessionName = p.Actor, p.Name, p.Kind, p.SessionName
}
