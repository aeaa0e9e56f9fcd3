package decode_test

import "strings"

// growEvents are event names by the first label of the service that logs them.
var growEvents = []struct {
	label string
	names []string
}{
	{"dynamodb", strings.Fields("GetItem PutItem UpdateItem DeleteItem Query Scan SearchVectors")},
	{"dynamodb", strings.Fields("BatchGetItem BatchWriteItem TransactGetItems TransactWriteItems")},
	{"dynamodb", strings.Fields("ExecuteStatement BatchExecuteStatement ExecuteTransaction")},
	{"dynamodb", strings.Fields(`GetRecords GetShardIterator CreateTable UpdateTable DeleteTable UpdateContinuousBackups CreateBackup DeleteBackup
		RestoreTableFromBackup RestoreTableToPointInTime RestoreTableFromAwsBackup ExportTableToPointInTime ImportTable
		PutResourcePolicy TagResource EnableKinesisStreamingDestination CreateGlobalTable DescribeTable ListTables
		PurchaseReservedCapacityOfferings UpdateContributorInsights NewThing GetNewThing BatchGetNewThing getitem`)},
	{"kms", strings.Fields("Decrypt GenerateDataKey CreateGrant DisableKey PutKeyPolicy EnableKey")},
	{"application-autoscaling", strings.Fields("RegisterScalableTarget DescribeScalableTargets DeleteScalingPolicy PutScalingPolicy")},
	{"backup", strings.Fields("StartBackupJob StartRestoreJob StartCopyJob DeleteRecoveryPoint DescribeRecoveryPoint DeleteBackupVault DeleteBackupVaultLockConfiguration")},
	{"config", strings.Fields("PutEvaluations PutExternalEvaluation GetResourceConfigHistory BatchGetResourceConfig StopConfigurationRecorder DeleteConfigRule")},
	{"cloudtrail", strings.Fields("StopLogging DeleteTrail CreateTrail PutInsightSelectors StopEventDataStoreIngestion LookupEvents")},
	{"sts", strings.Fields("AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot GetFederationToken GetSessionToken GetCallerIdentity")},
	{"signin", strings.Fields("ConsoleLogin SwitchRole RenewRole GetSigninToken CheckMfa")},
	{"sso", strings.Fields("GetRoleCredentials Federate ListAccounts")},
	{"iam", strings.Fields("PutRolePolicy AttachUserPolicy CreatePolicyVersion CreateAccessKey")},
	{"s3", strings.Fields("PutObject DeleteObject DeleteObjects GetObject PutBucketPolicy PutBucketLifecycleConfiguration DeleteBucketReplication PutBucketAcl")},
	{"lambda", strings.Fields("CreateEventSourceMapping20150331 CreateEventSourceMapping Invoke")},
	{"glue", strings.Fields("CreateIntegration GetTable")},
	{"redshift", strings.Fields("CreateIntegration")},
	{"tagging", strings.Fields("TagResources UntagResources GetResources")},
	{"guardduty", strings.Fields("DeleteDetector UpdateDetector GetDetector")},
	{"dax", strings.Fields("CreateCluster DescribeClusters TagResource")},
}

func (g *grower) record() {
	group := growEvents[max(0, g.n(len(growEvents)+6)-6)]
	event := group.names[g.n(len(group.names))]
	source := group.label + ".amazonaws.com"
	if g.maybe(6) {
		source = g.one("dynamodb.amazonaws.com.cn", "DynamoDB.amazonaws.com", "streams.dynamodb.amazonaws.com", "streams.other.amazonaws.com", "dynamodb",
			"autoscaling.amazonaws.com", "dax.amazonaws.com", "s3.amazonaws.com", "")
	}
	response, rarely := (*grower).response, 4
	switch group.label {
	case "sts", "signin", "sso":
		response, rarely = (*grower).given, 1
	}
	fields := []field{
		{"eventSource", oneOf(source)},
		{"eventName", oneOf(event)},
		{"eventTime", (*grower).time},
		{"requestParameters", func(g *grower) { g.parameters(event) }},
		{"userIdentity", (*grower).identity},
		{"awsRegion", oneOf("eu-west-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "")},
		{"recipientAccountId", oneOf("111122223333", "444455556666", "")},
		{"resources", func(g *grower) { g.list((*grower).resource) }},
	}
	for _, f := range []field{
		{"responseElements", response},
		{"errorCode", oneOf("AccessDenied", "AccessDeniedException", "VpceAccessDenied", "ThrottlingException", "")},
		{"errorMessage", (*grower).message},
		{"readOnly", (*grower).flag},
		{"managementEvent", (*grower).flag},
		{"eventCategory", oneOf("Data", "Management", "NetworkActivity", "Aggregated", "Insight", "data", "")},
		{"eventType", oneOf("AwsApiCall", "AwsServiceEvent", "AwsVpceEvents", "AwsVpceEvent", "AwsAggregatedEvent", "AwsCloudTrailInsight")},
		{"eventVersion", oneOf("1.11", "5.05")},
		{"eventID", (*grower).word},
		{"requestID", (*grower).word},
		{"sharedEventID", (*grower).word},
		{"sourceIPAddress", (*grower).word},
		{"userAgent", oneOf("aws-cli/2", "Boto3 exec-env/AWS_Lambda_python3.12", "")},
		{"sessionCredentialFromConsole", (*grower).flag},
		{"vpcEndpointId", (*grower).word},
		{"tlsDetails", func(g *grower) { g.object(4, field{"tlsVersion", (*grower).word}) }},
		{"additionalEventData", (*grower).junk},
		{"serviceEventDetails", (*grower).junk},
		{"addendum", (*grower).junk},
		{"insightDetails", (*grower).insight},
	} {
		rare := 4
		switch f.name {
		case "responseElements":
			rare = rarely
		case "insightDetails":
			rare = 48
		case "eventType", "eventCategory":
			rare = 8
		}
		if g.maybe(rare) {
			fields = append(fields, f)
		}
	}
	g.object(24, fields...)
}

func (g *grower) time() {
	if !g.maybe(8) {
		g.text("2026-01-05T08:01:02Z")
		return
	}
	g.text(g.one("2026-01-05T08:01:02.1234567891Z", "2026-01-05T09:01:02+01:00", "20260105T080102Z",
		"2026-01-05 08:01:02", "2026-01-05 08:01:02.5", "2026-02-29T00:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
		"2026-01-05T24:00:00Z", "2026-01-05T08:01:60Z", "2026-01-05t08:01:02z", "2026-01-05T08:01:02", "2026-01-05T08:01:02,5Z", "2026-01-05T8:01:02Z",
		"2026-01-05T08:01:02.Z", "", " 2026-01-05T08:01:02Z", "2026-01-05T08:01:02+24:00", "0000-01-01T00:00:00Z", "2026-1-05T08:01:02Z", "2026-13-01T00:00:00Z",
		"2024-02-29T00:00:00Z", "2000-02-29T23:59:59.9999999Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-00-10T00:00:00Z", "2026-01-00T00:00:00Z", "20260105T080102", "20261305T080102Z"))
}

func (g *grower) insight() {
	g.object(8, field{"state", oneOf("Start", "End")}, field{"eventSource", oneOf("dynamodb.amazonaws.com", "dax.amazonaws.com", "s3.amazonaws.com", "")},
		field{"eventName", oneOf("Scan", "GetItem")}, field{"errorCode", (*grower).word}, field{"insightContext", (*grower).junk})
}

func (g *grower) resource() {
	g.object(12, field{"ARN", (*grower).table}, field{"type", oneOf("AWS::DynamoDB::Table", "AWS::DynamoDB::Table", "AWS::DynamoDB::Stream", "")}, field{"accountId", (*grower).word})
}

func (g *grower) response() {
	g.object(6, field{"tableDescription", func(g *grower) {
		g.object(4, field{"tableArn", (*grower).table}, field{"tableName", (*grower).table})
	}}, field{"x", (*grower).junk}, field{"grantId", (*grower).table})
}

// given is the response of an event that gives credentials.
func (g *grower) given() {
	user := func(g *grower) {
		g.object(6, field{"arn", oneOf("arn:aws:sts::111122223333:assumed-role/app/main", "")})
	}
	g.object(6, field{"credentials", func(g *grower) {
		g.object(6, field{"accessKeyId", oneOf("ASIAEXAMPLE1", "")}, field{"sessionToken", (*grower).word}, field{"secretAccessKey", (*grower).junk}, field{"expiration", (*grower).word})
	}}, field{g.one("assumedRoleUser", "federatedUser"), user}, field{"x", func(g *grower) {
		g.list(func(g *grower) {
			g.object(4, field{g.one("sessionToken", "SESSIONTOKEN", "tokenCode", "tokenKode", "sAMLAssertion"), (*grower).word}, field{"y", (*grower).junk})
		})
	}})
}

func (g *grower) message() {
	g.text(g.one("User: arn:aws:iam::111122223333:user/ann is not authorized to perform: dynamodb:GetItem on resource: ", "", "odd ") +
		g.one(growARN, growARN+"/index/by-state", "arn:aws:dynamodb:eu-west-1:111122223333:table/*", "arn:aws:dynamodb:us-east-1:444455556666:table/customers", "arn:", "") +
		g.one("", " because", `"`, ",", "é"))
}

func (g *grower) identity() {
	g.object(6,
		field{"type", oneOf("AssumedRole", "AssumedRole", "Role", "Root", "IAMUser", "FederatedUser", "AWSAccount", "AWSService", "IdentityCenterUser",
			"SAMLUser", "WebIdentityUser", "Directory", "Unknown", "")},
		field{"principalId", oneOf("AROAEXAMPLE1:main", "AIDAEXAMPLE1", "111122223333", "")},
		field{"arn", oneOf("arn:aws:sts::111122223333:assumed-role/app/main", "arn:aws:sts::111122223333:assumed-role/app/ann@example.com",
			"arn:aws:iam::111122223333:user/ops/ann", "arn:aws:sts::111122223333:federated-user/bob", "arn:aws:iam::111122223333:root",
			"arn:aws-cn:sts::111122223333:assumed-role/AWSReservedSSO_x_0123456789abcdef/ann", "arn:aws:sts::1:assumed-role/AWSServiceRoleForX/y", "x")},
		field{"accountId", oneOf("111122223333", "444455556666", "")},
		field{"accessKeyId", oneOf("ASIAEXAMPLE1", "")},
		field{"userName", (*grower).word}, field{"invokedBy", (*grower).word}, field{"credentialId", (*grower).word},
		field{"identityProvider", oneOf("accounts.google.com", "token.actions.githubusercontent.com")},
		field{"onBehalfOf", func(g *grower) { g.object(4, field{"userId", (*grower).word}) }},
		field{"inScopeOf", func(g *grower) {
			g.object(3, field{"issuerType", (*grower).word}, field{"sourceArn", (*grower).word},
				field{"credentialsIssuedTo", oneOf("arn:aws:lambda:eu-west-1:111122223333:function:fn:live", "")})
		}},
		field{"sessionContext", func(g *grower) {
			g.object(4,
				field{"sessionIssuer", func(g *grower) {
					g.object(4, field{"type", oneOf("Role")}, field{"arn", oneOf("arn:aws:iam::111122223333:role/svc/app", "arn:aws:iam::1:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", "")},
						field{"userName", (*grower).word})
				}},
				field{"sourceIdentity", (*grower).word},
				field{"webIdFederationData", func(g *grower) { g.object(2, field{"federatedProvider", oneOf("x", "oidc.eks.eu")}) }},
				field{"attributes", func(g *grower) { g.object(4, field{"mfaAuthenticated", (*grower).flag}) }})
		}})
}
