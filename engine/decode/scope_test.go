package decode

import (
	"strings"
	"testing"
)

func TestScope(t *testing.T) {
	const (
		tableARN = `"arn:aws:dynamodb:eu-west-1:111122223333:table/orders"`
		out      = "out"
	)
	for _, c := range []struct{ want, members string }{ // want: plane, or "out"
		{"data", `"eventSource":"dynamodb.amazonaws.com","eventName":"GetItem"`},
		{"data", `"eventSource":"DynamoDB.amazonaws.com.cn","eventName":"Scan","managementEvent":true`},
		{"data", `"eventSource":"streams.dynamodb.amazonaws.com","eventName":"GetRecords"`},
		{"data", `"eventSource":"dynamodb","eventName":"NewThing","managementEvent":false`},
		{"data", `"eventSource":"dynamodb","eventName":"NewThing","eventCategory":"Data"`},
		{"control", `"eventSource":"dynamodb","eventName":"NewThing"`},
		{"control", `"EVENTSOURCE":"dynamodb.amazonaws.com","eventname":"DescribeTable"`},
		{"control", `"eventSource":"dax.amazonaws.com","eventName":"CreateCluster"`},
		{out, `"eventSource":"dynamodbx.amazonaws.com","eventName":"GetItem"`},
		{out, `"eventSource":"streams.kinesis.amazonaws.com","eventName":"GetRecords"`},
		{out, `"eventSource":"streams","eventName":"GetRecords"`},
		{out, `"eventSource":"s3.amazonaws.com","eventName":"GetObject","resources":[{"ARN":` + tableARN + `}]`},

		{out, `"eventSource":"dynamodb.amazonaws.com","eventName":"GetItem","eventCategory":"NetworkActivity"`},
		{out, `"eventSource":"dynamodb.amazonaws.com","eventName":"GetItem","eventCategory":"Aggregated"`},
		{out, `"eventSource":"dynamodb.amazonaws.com","eventName":"GetItem","eventType":"AwsVpceEvents"`},
		{out, `"eventSource":"dynamodb.amazonaws.com","eventName":"GetItem","eventType":"AwsVpceEvent"`},
		{out, `"eventSource":"dynamodb.amazonaws.com","eventName":"GetItem","eventType":"AwsAggregatedEvent"`},

		{"insight", `"insightDetails":{"eventSource":"dynamodb.amazonaws.com","eventName":"Scan"}`},
		{"insight", `"insightDetails":{"eventSource":"dax.amazonaws.com","eventName":"CreateCluster"}`},
		{out, `"insightDetails":{"eventSource":"ec2.amazonaws.com","eventName":"RunInstances"}`},
		{out, `"eventType":"AwsCloudTrailInsight","eventSource":"dynamodb.amazonaws.com"`},

		{"kms", `"eventSource":"kms.amazonaws.com","eventName":"Decrypt","userIdentity":{"invokedBy":"dynamodb.amazonaws.com"}`},
		{"kms", `"eventSource":"kms.amazonaws.com","eventName":"DescribeKey","sourceIPAddress":"dynamodb.amazonaws.com"`},
		{"kms", `"eventSource":"kms.amazonaws.com","eventName":"Decrypt","requestParameters":{"encryptionContext":{"aws:dynamodb:tableName":"orders"}}`},
		{"kms", `"eventSource":"kms.amazonaws.com","eventName":"CreateGrant","requestParameters":{"constraints":{"encryptionContextSubset":{"aws:dynamodb:tableName":"orders"}}}`},
		{"kms", `"eventSource":"kms.amazonaws.com","eventName":"CreateGrant","requestParameters":{"constraints":{"encryptionContextEquals":{"aws:dynamodb:tableName":"orders"}}}`},
		{"kms", `"eventSource":"kms.amazonaws.com","eventName":"CreateGrant","requestParameters":{"granteePrincipal":"dynamodb.eu-west-1.amazonaws.com"}`},
		{"kms", `"eventSource":"kms.amazonaws.com","eventName":"CreateGrant","requestParameters":{"retiringPrincipal":"dynamodb.eu-west-1.amazonaws.com"}`},
		{out, `"eventSource":"kms.amazonaws.com","eventName":"Decrypt","requestParameters":{"encryptionContext":{"aws:s3:arn":"x"}}`},

		{"autoscaling", `"eventSource":"autoscaling.amazonaws.com","eventName":"RegisterScalableTarget","requestParameters":{"serviceNamespace":"DynamoDB"}`},
		{"autoscaling", `"eventSource":"application-autoscaling.amazonaws.com","eventName":"PutScalingPolicy","requestParameters":{"resourceId":"table/orders"}`},
		{"autoscaling", `"eventSource":"application-autoscaling.amazonaws.com","eventName":"DescribeScalableTargets","requestParameters":{"resourceIds":["service/x","table/orders"]}`},
		{out, `"eventSource":"autoscaling.amazonaws.com","eventName":"SetDesiredCapacity","requestParameters":{"resourceId":"service/x"}`},

		{"control", `"eventSource":"backup.amazonaws.com","eventName":"StartBackupJob","requestParameters":{"resourceArn":` + tableARN + `}`},
		{"control", `"eventSource":"backup.amazonaws.com","eventName":"BackupJobCompleted","serviceEventDetails":{"a":[{"b":` + tableARN + `}]}`},
		{"control", `"eventSource":"backup.amazonaws.com","eventName":"x","responseElements":["\u0061rn:aws:\u0064ynamodb:eu-west-1:1:table\/t"]`},
		{"control", `"eventSource":"backup.amazonaws.com","eventName":"x","resources":[{"ARN":` + tableARN + `}]`},
		{out, `"eventSource":"backup.amazonaws.com","eventName":"StartBackupJob","requestParameters":{` + tableARN + `:1,"x":"see ` + strings.Trim(tableARN, `"`) + `","y":"\"arn:aws:dynamodb:eu-west-1:1:table/t\""}`},
		{out, `"eventSource":"backup.amazonaws.com","eventName":"StartBackupJob","requestParameters":{"x":"arn:aws:rds:eu-west-1:1:db:x"}`},

		{"config", `"eventSource":"config.amazonaws.com","eventName":"PutEvaluations","requestParameters":{"evaluations":[{"complianceResourceType":"AWS::DynamoDB::Table","complianceResourceId":"orders"}]}`},
		{"config", `"eventSource":"config.amazonaws.com","eventName":"GetResourceConfigHistory","requestParameters":{"resourceType":"AWS::DynamoDB::Table","resourceName":"orders"}`},
		{"config", `"eventSource":"config.amazonaws.com","eventName":"BatchGetResourceConfig","requestParameters":{"resourceKeys":[{"resourceType":"AWS::DynamoDB::Table","resourceId":"orders"}]}`},
		{"config", `"eventSource":"config.amazonaws.com","eventName":"x","requestParameters":{"x":{"y":` + tableARN + `}}`},
		{out, `"eventSource":"config.amazonaws.com","eventName":"PutEvaluations","requestParameters":{"evaluations":[{"complianceResourceType":"AWS::S3::Bucket","complianceResourceId":"orders"}]}`},
		{out, `"eventSource":"config.amazonaws.com","eventName":"PutEvaluations","requestParameters":{"resourceType":"AWS::DynamoDB::Table"}`},

		{"sts", `"eventSource":"sts.amazonaws.com","eventName":"AssumeRole"`},
		{"sts", `"eventSource":"STS.amazonaws.com.cn","eventName":"AssumeRoleWithWebIdentity"`},
		{"sts", `"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn"`},
		{"sts", `"eventSource":"sso.amazonaws.com","eventName":"GetRoleCredentials","eventType":"AwsServiceEvent"`},
		{out, `"eventSource":"sts.amazonaws.com","eventName":"GetCallerIdentity"`},
		{out, `"eventSource":"sts.amazonaws.com","eventName":"AssumeRole","eventCategory":"NetworkActivity"`},
		{out, `"eventSource":"sts.amazonaws.com","eventName":"assumerole"`},
		{out, `"eventSource":"signin.amazonaws.com","eventName":"CheckMfa"`},
		{out, `"eventSource":"iam.amazonaws.com","eventName":"AssumeRole"`},

		{"trail", `"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging"`},
		{"trail", `"eventSource":"cloudtrail.amazonaws.com","eventName":"DeleteTrail"`},
		{"trail", `"eventSource":"cloudtrail.amazonaws.com","eventName":"CreateTrail"`},
		{"trail", `"eventSource":"cloudtrail.amazonaws.com","eventName":"StopEventDataStoreIngestion"`},
		{out, `"eventSource":"cloudtrail.amazonaws.com","eventName":"LookupEvents"`},
		{out, `"eventSource":"cloudtrail.amazonaws.com","eventName":"stoplogging"`},

		{"kms", `"eventSource":"kms.amazonaws.com","eventName":"ScheduleKeyDeletion"`},
		{"kms", `"eventSource":"kms.amazonaws.com","eventName":"CreateGrant","requestParameters":{"granteePrincipal":"arn:aws:iam::2:role/r"}`},
		{out, `"eventSource":"kms.amazonaws.com","eventName":"CreateGrant","userIdentity":{"invokedBy":"ec2.amazonaws.com"}`},
		{out, `"eventSource":"kms.amazonaws.com","eventName":"EnableKey"`},
		{"control", `"eventSource":"backup.amazonaws.com","eventName":"DeleteBackupVault"`},
		{out, `"eventSource":"backup.amazonaws.com","eventName":"CreateBackupVault"`},
		{"config", `"eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder"`},
		{out, `"eventSource":"config.amazonaws.com","eventName":"StartConfigurationRecorder"`},

		{"iam", `"eventSource":"iam.amazonaws.com","eventName":"AttachRolePolicy"`},
		{"iam", `"eventSource":"iam.amazonaws.com","eventName":"SetDefaultPolicyVersion"`},
		{out, `"eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey"`},
		{out, `"eventSource":"iam.amazonaws.com","eventName":"attachrolepolicy"`},

		{"storage", `"eventSource":"s3.amazonaws.com","eventName":"DeleteBucketReplication"`},
		{"storage", `"eventSource":"s3.amazonaws.com","eventName":"PutBucketLifecycleConfiguration"`},
		{"storage", `"eventSource":"s3.amazonaws.com","eventName":"DeleteObjects"`},
		{"storage", `"eventSource":"s3.amazonaws.com","eventName":"DeleteObject","requestParameters":{"key":"x/AWSLogs/o-1/1/CloudTrail-Digest/y"}`},
		{out, `"eventSource":"s3.amazonaws.com","eventName":"PutObject","userIdentity":{"invokedBy":"cloudtrail.amazonaws.com"},"requestParameters":{"key":"AWSLogs/1/CloudTrail/y"}`},
		{out, `"eventSource":"s3.amazonaws.com","eventName":"PutObject","requestParameters":{"key":"AWSLogs/1/vpcflowlogs/y"}`},
		{out, `"eventSource":"s3.amazonaws.com","eventName":"DeleteObject","requestParameters":{"key":"images/CloudTrail/y"}`},
		{"storage", `"eventSource":"s3.amazonaws.com","eventName":"GetObject","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/u"},"requestParameters":{"key":"AWSLogs/1/CloudTrail/y"}`},
		{"storage", `"eventSource":"s3.amazonaws.com","eventName":"GetObject","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/u"},"requestParameters":{"key":"touches/table_name=t/day=2026-01-05/part-00.parquet"}`},
		{out, `"eventSource":"s3.amazonaws.com","eventName":"GetObject","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/u"},"requestParameters":{"key":"images/y"}`},
		{out, `"eventSource":"s3.amazonaws.com","eventName":"GetObject","userIdentity":{"type":"AWSService","invokedBy":"athena.amazonaws.com"},"requestParameters":{"key":"AWSLogs/1/CloudTrail/y"}`},
		{out, `"eventSource":"s3.amazonaws.com","eventName":"PutBucketTagging"`},
		{out, `"eventSource":"s3.amazonaws.com","eventName":"PutBucketPolicy","eventCategory":"NetworkActivity"`},

		{"other", `"eventSource":"lambda.amazonaws.com","eventName":"CreateEventSourceMapping20150331","requestParameters":{"eventSourceArn":"arn:aws:dynamodb:eu-west-1:1:table/t/stream/2026"}`},
		{out, `"eventSource":"lambda.amazonaws.com","eventName":"CreateEventSourceMapping20150331","requestParameters":{"eventSourceArn":"arn:aws:sqs:eu-west-1:1:q"}`},
		{out, `"eventSource":"lambda.amazonaws.com","eventName":"Invoke","requestParameters":{"eventSourceArn":` + tableARN + `}`},
		{"other", `"eventSource":"glue.amazonaws.com","eventName":"CreateIntegration","requestParameters":{"sourceArn":` + tableARN + `}`},
		{out, `"eventSource":"rds.amazonaws.com","eventName":"CreateIntegration","requestParameters":{"sourceArn":` + tableARN + `}`},
		{"other", `"eventSource":"tagging.amazonaws.com","eventName":"TagResources","requestParameters":{"resourceARNList":["arn:aws:s3:::b",` + tableARN + `]}`},
		{out, `"eventSource":"tagging.amazonaws.com","eventName":"TagResources","requestParameters":{"resourceARNList":"arn:aws:dynamodb:eu-west-1:1:table/t"}`},
		{"other", `"eventSource":"guardduty.amazonaws.com","eventName":"UpdateDetector"`},
		{out, `"eventSource":"guardduty.amazonaws.com","eventName":"ListFindings"`},
	} {
		k, s := mustDecode(t, `{"Records":[{"eventTime":"2026-01-05T08:01:02Z",`+c.members+`}]}`)
		got := out
		if s.InScope > 0 {
			got = k.touches[0].Plane
		}
		if got != c.want || s.Quarantined > 0 {
			t.Errorf("%s\nis %s, want %s (%q)", c.members, got, c.want, k.quarantined)
		}
	}
}

// Out of scope, a record's other members do not matter; not even its time.
func TestOutOfScopeIsNotLookedAt(t *testing.T) {
	_, s := mustDecode(t, `{"Records":[{"eventSource":"s3.amazonaws.com","eventTime":"yesterday","requestParameters":7}]}`)
	if s.OutOfScope != 1 {
		t.Errorf("%+v", s)
	}
}
