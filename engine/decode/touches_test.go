package decode

import (
	"testing"
)

const (
	ordersARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	otherARN  = "arn:aws:dynamodb:us-east-1:444455556666:table/orders"
)

func TestItemCalls(t *testing.T) {
	for _, c := range []struct{ event, parameters, want string }{
		{"GetItem", `{"tableName":"orders","key":{"pk":"a","sk":"b"}}`, `orders READ_POINT item key={"pk":"a","sk":"b"} values=a|b`},
		{"GetItem", `{"TableName":"orders","Key":{"sk":"b","pk":"a"}}`, `orders READ_POINT item key={"pk":"a","sk":"b"} values=a|b`},
		{"GetItem", `{"tableName":"orders","key":{"pk" : "a"}}`, `orders READ_POINT item key={"pk":"a"} values=a`},
		{"GetItem", `{"tableName":"orders","key":{"pk":"x","pk":"a"}}`, `orders READ_POINT item key={"pk":"a"} values=a`},
		{"GetItem", `{"tableName":"orders","key":{"pk":1.50,"b":true,"z":null}}`, `orders READ_POINT item key={"b":"true","pk":"1.50","z":"null"} values=true|1.50|null`},
		{"GetItem", `{"tableName":"orders","key":{"pk":{"S":"a"},"sk":{"n":7},"t":{"B":"AA=="}}}`, `orders READ_POINT item key={"pk":"a","sk":"7","t":"AA=="} values=a|7|AA==`},
		{"GetItem", `{"tableName":"orders","key":{"pk":{"SS":"a"},"q":{"S":["x", 1]},"r":{"S":"a","N":"1"},"s":[2, {"b":1,"a":2}]}}`, `orders READ_POINT item key={"pk":"{\"SS\":\"a\"}","q":"{\"S\":[\"x\",1]}","r":"{\"N\":\"1\",\"S\":\"a\"}","s":"[2,{\"a\":2,\"b\":1}]"} values={"SS":"a"}|{"S":["x",1]}|{"N":"1","S":"a"}|[2,{"a":2,"b":1}]`},
		{"GetItem", `{"tableName":"orders","key":{"\u0070k":"q\"\u00e9\/"}}`, `orders READ_POINT item key={"pk":"q\"é/"} values=q"é/`},
		{"GetItem", `{"tableName":"orders","key":{}}`, `orders READ_POINT unknown`},
		{"GetItem", `{"tableName":"orders","key":["a"]}`, `orders READ_POINT unknown`},
		{"GetItem", `{"tableName":"orders"}`, `orders READ_POINT unknown`},
		{"GetItem", `null`, ` READ_POINT unknown`},
		{"PutItem", `{"tableName":"orders","key":{"pk":"a"},"items":["t","pk"]}`, `orders WRITE_ITEM item mutates key={"pk":"a"} values=a attrs=pk|t`},
		{"UpdateItem", `{"tableName":"orders","key":{"pk":"a"},"updateExpression":"SET t = :t"}`, `orders WRITE_ITEM item mutates key={"pk":"a"} values=a attrs=t`},
		{"DeleteItem", `{"tableName":"orders","key":{"pk":"a"}}`, `orders DELETE_ITEM item mutates key={"pk":"a"} values=a`},
		{"Query", `{"tableName":"orders","key":{"pk":"a"}}`, `orders READ_RANGE partition values=a`},
		{"Query", `{"tableName":"orders","key":{"state":"open"},"indexName":"by-state"}`, `orders READ_RANGE index index=by-state values=open`},
		{"Query", `{"tableName":"orders","keyConditions":{"pk":{}}}`, `orders READ_RANGE unknown`},
		{"Scan", `{"tableName":"orders","limit":50}`, `orders READ_BULK table`},
		{"Scan", `{"tableName":"orders","indexName":"by-state","key":{"x":"y"}}`, `orders READ_BULK index index=by-state`},
		{"Scan", `{"omitted":true,"reason":"too large","tableName":"orders"}`, `orders READ_BULK unknown`},
		{"SearchVectors", `{"tableName":"orders"}`, `orders READ_RANGE table`},
		{"SearchVectors", `{"tableName":"orders","indexName":"v"}`, `orders READ_RANGE index index=v`},
	} {
		got := rowsOf(t, c.event, `"requestParameters":`+c.parameters)
		if len(got) != 1 || got[0] != c.want {
			t.Errorf("%s %s\n got %q\nwant %s", c.event, c.parameters, got, c.want)
		}
	}
}

func TestBatches(t *testing.T) {
	const (
		a = `READ_POINT item key={"pk":"a"} values=a`
		b = `READ_POINT item key={"pk":"b"} values=b`
	)
	for _, c := range []struct {
		name, event, parameters string
		want                    []string
	}{
		{"as documented", "TransactWriteItems",
			`{"requestItems":[{"operation":"Put","tableName":"orders","key":{"pk":"a"},"items":["pk","t"]},{"operation":"ConditionCheck","TableName":"customers","Key":{"pk":"a"},"ConditionExpression":"attribute_exists(pk)"},
			{"operation":"Update","tableName":"orders","key":{"pk":"b"},"updateExpression":"SET #x = :y","ExpressionAttributeNames":{"#x":"total"}},{"operation":"Delete","tableName":"orders","key":{"pk":"c"}},{"tableName":"orders","key":{"pk":"d"}}]}`,
			[]string{`orders WRITE_ITEM item mutates key={"pk":"a"} values=a attrs=pk|t`, "customers " + a, `orders WRITE_ITEM item mutates key={"pk":"b"} values=b attrs=total`,
				`orders DELETE_ITEM item mutates key={"pk":"c"} values=c`, `orders WRITE_ITEM item mutates key={"pk":"d"} values=d`}},
		{"several keys", "BatchGetItem", `{"requestItems":[{"tableName":"orders","keys":[{"pk":"b"},{"pk":"a"},7],"projectionExpression":"t"}]}`,
			[]string{"orders " + b + " attrs=t", "orders " + a + " attrs=t", "orders READ_POINT unknown attrs=t"}},
		{"map of keys", "BatchGetItem", `{"requestItems":{"orders":{"keys":[{"pk":"b"},{"pk":"a"}],"projectionExpression":"t"},"customers":{"Keys":[{"pk":"a"}]},"` + otherARN + `":{"keys":[]}}}`,
			[]string{"orders READ_POINT unknown", "customers " + a, "orders " + b + " attrs=t", "orders " + a + " attrs=t"}},
		{"map of requests", "BatchWriteItem", `{"requestItems":{"orders":[{"putRequest":{"item":{"pk":{"S":"a"},"t":{"N":"1"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"b"}}}},{"putRequest":{"key":{"pk":"c"},"items":["pk"]}}],"customers":[],"x":7}}`,
			[]string{"customers WRITE_ITEM unknown mutates", "orders WRITE_ITEM unknown mutates attrs=pk|t", `orders DELETE_ITEM item mutates key={"pk":"b"} values=b`,
				`orders WRITE_ITEM item mutates key={"pk":"c"} values=c attrs=pk`, "x WRITE_ITEM unknown mutates"}},
		{"wrapped actions", "TransactWriteItems", `{"transactItems":[{"Put":{"TableName":"orders","Item":{"pk":{"S":"a"}}}},{"Update":{"tableName":"orders","key":{"pk":"a"},"updateExpression":"REMOVE r"}},{"conditionCheck":{"tableName":"orders","key":{"pk":"a"}}},{"Delete":{"tableName":"orders","key":{"pk":"a"}}}]}`,
			[]string{"orders WRITE_ITEM unknown mutates attrs=pk", `orders WRITE_ITEM item mutates key={"pk":"a"} values=a attrs=r`, "orders " + a, `orders DELETE_ITEM item mutates key={"pk":"a"} values=a`}},
		{"wrapped reads", "TransactGetItems", `{"transactItems":[{"Get":{"tableName":"orders","key":{"pk":"a"}}},{"get":{"tableName":"` + ordersARN + `","key":{"pk":"b"}}}]}`,
			[]string{"orders " + a, "orders " + b}},
		{"operations by request name", "BatchWriteItem", `{"requestItems":[{"operation":"PutRequest","tableName":"orders","key":{"pk":"a"}},{"operation":"deleterequest","tableName":"orders","key":{"pk":"a"}}]}`,
			[]string{`orders WRITE_ITEM item mutates key={"pk":"a"} values=a`, `orders DELETE_ITEM item mutates key={"pk":"a"} values=a`}},
		{"a table but no key", "TransactGetItems", `{"requestItems":[{"tableName":"orders"},{},7]}`, []string{"orders READ_POINT unknown"}},
		{"a key but no table", "TransactGetItems", `{"requestItems":[{"tableName":"orders","key":{"pk":"b"}},{"key":{"pk":"a"}}]}`, []string{
			`orders READ_POINT item key={"pk":"b"} values=b`,
			` READ_POINT item key={"pk":"a"} values=a`,
		}},
		{"keys and no table at all", "BatchGetItem", `{"requestItems":[{"keys":[{"pk":"a"},{"pk":"b"}]}]}`, []string{
			` READ_POINT item key={"pk":"a"} values=a`,
			` READ_POINT item key={"pk":"b"} values=b`,
		}},
		{"nothing to read", "BatchGetItem", `{"requestItems":[7]}`, []string{" READ_POINT unknown"}},
		{"too large to log", "BatchWriteItem", `{"omitted":true}`, []string{" WRITE_ITEM unknown mutates"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			expectRows(t, rowsOf(t, c.event, `"requestParameters":`+c.parameters), c.want...)
		})
	}
}

func TestUnknownShapeGoesByResources(t *testing.T) {
	const resources = `"resources":[{"type":"AWS::DynamoDB::Stream","ARN":"arn:aws:dynamodb:eu-west-1:1:table/zzz/stream/1"},{"type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:eu-west-1:1:table/orders"},
		{"type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:eu-west-1:1:table/customers"},{"type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:eu-west-1:1:table/orders/index/i"}]`
	expectRows(t, rowsOf(t, "BatchGetItem", resources), "customers READ_POINT unknown", "orders READ_POINT unknown")
	expectRows(t, rowsOf(t, "DescribeTable", resources), "customers META_READ none", "orders META_READ none")
	expectRows(t, rowsOf(t, "ListTables", ""), " META_READ none")
}

func TestStatements(t *testing.T) {
	expectRows(t, rowsOf(t, "ExecuteStatement", `"readOnly":false,"requestParameters":{"statement":"SELECT total FROM orders WHERE pk = 'a' AND x = ***(Redacted)"}`),
		"orders READ_RANGE partition values=a attrs=total")
	expectRows(t, rowsOf(t, "BatchExecuteStatement", `"requestParameters":{"requestItems":[{"statement":"SELECT * FROM \"orders\".\"by-state\" WHERE state = 'open'"},{"Statement":"SELECT * FROM orders WHERE pk = ?"},
		{"statement":"SELECT * FROM orders.i"},{"statement":"SELECT * FROM orders"},"DELETE FROM orders WHERE pk = 'a' AND sk = 1",{"statement":""},{"x":1},7]}`),
		"orders READ_RANGE index index=by-state values=open", "orders READ_RANGE unknown", "orders READ_BULK index index=i", "orders READ_BULK table",
		`orders DELETE_ITEM item mutates key={"pk":"a","sk":"1"} values=a|1`)
	expectRows(t, rowsOf(t, "ExecuteTransaction", `"requestParameters":{"transactStatements":[{"statement":"EXISTS(SELECT * FROM orders WHERE pk = 'a')"},{"statement":"UPDATE orders SET t = 1 WHERE pk = 'it''s \"a\"'"},{"statement":"INSERT INTO orders VALUE {'pk': ***(Redacted)}"}]}`),
		`orders READ_POINT item key={"pk":"a"} values=a`, `orders WRITE_ITEM item mutates key={"pk":"it's \"a\""} values=it's "a" attrs=t`, "orders WRITE_ITEM unknown mutates attrs=pk")
	expectRows(t, rowsOf(t, "ExecuteStatement", `"requestParameters":{"statement":"what is this"},"resources":[{"type":"AWS::DynamoDB::Table","ARN":"`+ordersARN+`"}]`), "orders OTHER unknown mutates")
	expectRows(t, rowsOf(t, "ExecuteStatement", ``), " OTHER unknown mutates")
}

func TestRestoreNamesBothTables(t *testing.T) {
	expectRows(t, rowsOf(t, "RestoreTableToPointInTime", `"requestParameters":{"sourceTableArn":"`+ordersARN+`","targetTableName":"copy"}`), "copy COPY table mutates", "orders COPY table")
	expectRows(t, rowsOf(t, "RestoreTableFromBackup", `"requestParameters":{"backupArn":"`+ordersARN+`/backup/0123","targetTableName":"copy"}`), "copy COPY table mutates", "orders COPY table")
	expectRows(t, rowsOf(t, "RestoreTableToPointInTime", `"requestParameters":{"targetTableName":"copy"},"resources":[{"type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:eu-west-1:1:table/copy"},{"type":"AWS::DynamoDB::Table","ARN":"`+ordersARN+`"}]`), "copy COPY table mutates", "orders COPY table")
	expectRows(t, rowsOf(t, "RestoreTableFromAwsBackup", `"requestParameters":{"targetTableName":"copy"}`), "copy COPY table mutates")
}

func TestTableOfATouch(t *testing.T) {
	const built = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	for _, c := range []struct{ name, event, members, table, arn, account string }{
		{"by name", "GetItem", `"requestParameters":{"tableName":"orders"}`, "orders", built, "111122223333"},
		{"by ARN", "GetItem", `"requestParameters":{"tableName":"` + otherARN + `"}`, "orders", otherARN, "444455556666"},
		{"by ARN of an index", "GetItem", `"requestParameters":{"tableName":"` + otherARN + `/index/i"}`, "orders", otherARN, "444455556666"},
		{"resources know where", "GetItem", `"requestParameters":{"tableName":"orders"},"resources":[{"ARN":"arn:aws:dynamodb:x:1:table/o"},{"ARN":"` + otherARN + `/stream/1"}]`, "orders", otherARN, "444455556666"},
		{"response knows where", "UpdateTable", `"requestParameters":{"tableName":"orders"},"responseElements":{"tableDescription":{"tableArn":"` + otherARN + `"}}`, "orders", otherARN, "444455556666"},
		{"request says nothing", "UpdateTable", `"responseElements":{"tableDescription":{"tableName":"orders"}}`, "orders", built, "111122223333"},
		{"denied, only the message tells", "GetItem", `"errorCode":"AccessDenied","errorMessage":"User: arn:aws:iam::1:user/u is not authorized to perform: dynamodb:GetItem on resource: ` + otherARN + ` because","requestParameters":null`, "orders", otherARN, "444455556666"},
		{"denied by name", "Query", `"errorCode":"AccessDeniedException","errorMessage":"... on resource: ` + otherARN + `/index/i","requestParameters":{"tableName":"orders"}`, "orders", otherARN, "444455556666"},
		{"stream iterator", "GetRecords", `"requestParameters":{"shardIterator":"` + otherARN + `/stream/2026|1|AAAA"}`, "orders", otherARN, "444455556666"},
		{"stream", "DescribeStream", `"requestParameters":{"streamArn":"` + otherARN + `/stream/2026"}`, "orders", otherARN, "444455556666"},
		{"Kinesis stream", "EnableKinesisStreamingDestination", `"requestParameters":{"streamArn":"arn:aws:kinesis:eu-west-1:1:stream/s","tableName":"orders"}`, "orders", built, "111122223333"},
		{"export", "ExportTableToPointInTime", `"requestParameters":{"tableArn":"` + otherARN + `"}`, "orders", otherARN, "444455556666"},
		{"import", "ImportTable", `"requestParameters":{"tableCreationParameters":{"tableName":"orders"}}`, "orders", built, "111122223333"},
		{"policy", "PutResourcePolicy", `"requestParameters":{"resourceArn":"` + otherARN + `"}`, "orders", otherARN, "444455556666"},
		{"global table", "CreateGlobalTable", `"requestParameters":{"globalTableName":"orders"}`, "orders", built, "111122223333"},
		{"not a legal name", "GetItem", `"requestParameters":{"tableName":"../../x"}`, "../../x", "arn:aws:dynamodb:eu-west-1:111122223333:table/../../x", "111122223333"},
		{"nothing", "ListTables", `"requestParameters":{"limit":5}`, "", "", ""},
	} {
		k, _ := mustDecode(t, recordOf(c.event, c.members))
		got := k.touches[0]
		if len(k.touches) != 1 || got.TableName != c.table || got.TableARN != c.arn || got.TableAccountID != c.account {
			t.Errorf("%s: %q %q %q, want %q %q %q", c.name, got.TableName, got.TableARN, got.TableAccountID, c.table, c.arn, c.account)
		}
	}
}

func TestRelatedServices(t *testing.T) {
	record := func(source, event, members string) string {
		return `{"eventSource":"` + source + `.amazonaws.com","eventTime":"2026-01-05T08:01:02Z","awsRegion":"eu-west-1","recipientAccountId":"1","eventName":"` + event + `",` + members + `}`
	}
	for _, c := range []struct {
		data string
		want []string
	}{
		{record("kms", "CreateGrant", `"requestParameters":{"encryptionContext":{"aws:dynamodb:tableName":"orders","aws:dynamodb:subscriberId":"2"},"constraints":{"encryptionContextSubset":{"aws:dynamodb:tableName":"orders"},"encryptionContextEquals":{"aws:dynamodb:tableName":"x"}}}`),
			[]string{"orders KEY none arn:aws:dynamodb:eu-west-1:2:table/orders", "x KEY none arn:aws:dynamodb:eu-west-1:1:table/x"}},
		{record("kms", "DescribeKey", `"sourceIPAddress":"dynamodb.amazonaws.com"`), []string{" KEY none "}},
		{record("application-autoscaling", "RegisterScalableTarget", `"requestParameters":{"serviceNamespace":"dynamodb","resourceId":"table/orders/index/by-state"}`), []string{"orders SCALE none mutates index=by-state arn:aws:dynamodb:eu-west-1:1:table/orders"}},
		{record("application-autoscaling", "DescribeScalableTargets", `"requestParameters":{"serviceNamespace":"dynamodb","resourceIds":["table/a","service/x","table/a","table/b"]}`), []string{"a META_READ none arn:aws:dynamodb:eu-west-1:1:table/a", "b META_READ none arn:aws:dynamodb:eu-west-1:1:table/b"}},
		{record("application-autoscaling", "DescribeScalingPolicies", `"requestParameters":{"serviceNamespace":"dynamodb"}`), []string{" META_READ none "}},
		{record("backup", "StartRestoreJob", `"requestParameters":{"recoveryPointArn":"arn:aws:dynamodb:eu-west-1:1:table/b/backup/1","x":"arn:aws:dynamodb:eu-west-1:1:table/a"},"responseElements":{"y":"arn:aws:dynamodb:eu-west-1:1:table/b"}`), []string{"a COPY table mutates arn:aws:dynamodb:eu-west-1:1:table/a", "b COPY table mutates arn:aws:dynamodb:eu-west-1:1:table/b"}},
		{record("backup", "DeleteRecoveryPoint", `"requestParameters":{"recoveryPointArn":"arn:aws:dynamodb:eu-west-1:1:table/b/backup/1"}`), []string{"b DESTROY table mutates arn:aws:dynamodb:eu-west-1:1:table/b"}},
		{record("config", "PutEvaluations", `"requestParameters":{"evaluations":[{"complianceResourceType":"AWS::DynamoDB::Table","complianceResourceId":"b"},{"complianceResourceType":"AWS::S3::Bucket","complianceResourceId":"c"},{"complianceResourceType":"AWS::DynamoDB::Table","complianceResourceId":"`+otherARN+`"}]}`),
			[]string{"b EVALUATE none arn:aws:dynamodb:eu-west-1:1:table/b", "orders EVALUATE none " + otherARN}},
		{record("config", "GetResourceConfigHistory", `"requestParameters":{"resourceType":"AWS::DynamoDB::Table","resourceId":"orders"}`), []string{"orders META_READ none arn:aws:dynamodb:eu-west-1:1:table/orders"}},
		{record("cloudtrail", "StopLogging", `"requestParameters":{"name":"t"}`), []string{" AUDIT none "}},
		{record("sts", "AssumeRole", `"responseElements":{"credentials":{"accessKeyId":"ASIA1"},"assumedRoleUser":{"arn":"arn:r"}}`), []string{" SESSION none values=ASIA1|arn:r "}},
		{record("sts", "GetFederationToken", `"responseElements":{"credentials":{"accessKeyId":"ASIA1"},"federatedUser":{"arn":"arn:f"}}`), []string{" SESSION none values=ASIA1|arn:f "}},
		{record("sts", "AssumeRole", `"errorCode":"AccessDenied","userIdentity":{"arn":"arn:u"}`), []string{" SESSION none "}},
		{record("signin", "SwitchRole", `"userIdentity":{"arn":"arn:u"},"responseElements":{"SwitchRole":"Success"}`), []string{" SESSION none values=arn:u "}},
		{record("signin", "ConsoleLogin", `"userIdentity":{"arn":"arn:u"},"errorMessage":"Failed authentication"`), []string{" SESSION none "}},
		{record("sso", "GetRoleCredentials", `"userIdentity":{"arn":"arn:u"}`), []string{" SESSION none "}},
		{record("cloudtrail", "CreateEventDataStore", `"requestParameters":{}`), []string{" AUDIT none "}},
		{record("kms", "PutKeyPolicy", `"requestParameters":{"keyId":"k"}`), []string{" KEY none mutates "}},
		{record("kms", "CreateGrant", `"requestParameters":{"keyId":"k"}`), []string{" KEY none "}},
		{record("backup", "StartCopyJob", `"requestParameters":{"recoveryPointArn":"arn:aws:dynamodb:eu-west-1:1:table/b/backup/1"}`), []string{"b COPY table mutates arn:aws:dynamodb:eu-west-1:1:table/b"}},
		{record("backup", "DeleteBackupVault", `"requestParameters":{}`), []string{" DESTROY none mutates "}},
		{record("backup", "DeleteBackupVaultLockConfiguration", `"requestParameters":{}`), []string{" PROTECT none mutates "}},
		{record("config", "PutConfigurationRecorder", `"requestParameters":{"x":"`+ordersARN+`"}`), []string{" AUDIT none "}},
		{record("iam", "PutUserPolicy", `"requestParameters":{"policyDocument":"{}"}`), []string{" GRANT none "}},
		{record("s3", "PutBucketPolicy", `"requestParameters":{"bucketName":"b"}`), []string{" OTHER none "}},
		{record("s3", "DeleteObjects", `"requestParameters":{"bucketName":"b"}`), []string{" OTHER none "}},
		{record("s3", "DeleteObject", `"requestParameters":{"key":"AWSLogs/1/CloudTrail/x"}`), []string{" AUDIT none "}},
		{record("guardduty", "DeleteDetector", `"requestParameters":{}`), []string{" AUDIT none "}},
		{record("lambda", "CreateEventSourceMapping20150331", `"requestParameters":{"eventSourceArn":"`+otherARN+`/stream/2026"}`), []string{"orders SHARE none mutates " + otherARN}},
		{record("redshift", "CreateIntegration", `"requestParameters":{"sourceArn":"`+otherARN+`"}`), []string{"orders SHARE none mutates " + otherARN}},
		{record("tagging", "UntagResources", `"requestParameters":{"resourceARNList":["`+otherARN+`","arn:aws:s3:::b","`+ordersARN+`","`+otherARN+`/index/i"]}`),
			[]string{"orders TAG none mutates " + ordersARN, "orders TAG none mutates " + otherARN}},
		{record("dax", "CreateCluster", `"requestParameters":{"clusterName":"c"}`), []string{" SCHEMA none mutates "}},
		{`{"eventTime":"2026-01-05T08:01:02Z","insightDetails":{"eventSource":"dynamodb.amazonaws.com","eventName":"Scan","errorCode":"x"}}`, []string{" INSIGHT none "}},
	} {
		k, _ := mustDecode(t, c.data)
		var got []string
		for i := range k.touches {
			got = append(got, row(&k.touches[i])+" "+k.touches[i].TableARN)
		}
		expectRows(t, got, c.want...)
	}
}

func TestTouchesAreNumbered(t *testing.T) {
	k, s := mustDecode(t, `{"Records":[{"eventSource":"s3"},`+recordOf("BatchGetItem", `"requestParameters":{"requestItems":[{"tableName":"orders","keys":[{"pk":"a"},{"pk":"b"},{"pk":"c"}]}]}`)+`]}`)
	for i, touch := range k.touches {
		if touch.TouchIndex != int32(i) || touch.TouchCount != 3 || touch.SourceIndex != 1 {
			t.Errorf("touch %d: index %d of %d in record %d", i, touch.TouchIndex, touch.TouchCount, touch.SourceIndex)
		}
	}
	if s.Touches != 3 {
		t.Errorf("%+v", s)
	}
}
