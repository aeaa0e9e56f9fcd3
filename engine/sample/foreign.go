package sample

// Calls that are not about DynamoDB, as every trail is full of. The first
// commonForeign of them are the most of it. Those that give a session are in the lake
// all the same: some day a session of that kind touches a table.
var foreignKinds = []kind{
	{service: "s3", name: "GetObject", data: true, read: true, make: s3Object},
	{service: "s3", name: "PutObject", data: true, make: s3Object},
	{service: "sts", name: "AssumeRole", read: true, make: assumeRole},
	{service: "lambda", name: "Invoke", data: true, make: invoke},
	{service: kms, name: "Decrypt", read: true, make: foreignDecrypt},
	{service: "logs", name: "CreateLogStream", make: logStream},
	{service: "ec2", name: "DescribeInstances", read: true, make: describeInstances},
	{service: "s3", name: "ListObjects", read: true, data: true, make: s3Object},
	{service: "sts", name: "GetCallerIdentity", read: true, make: func(*gen) {}},
	{service: "iam", name: "ListRoles", read: true, make: func(*gen) {}},
	{service: "iam", name: "GetRole", read: true, make: iamRole},
	{service: "iam", name: "UpdateAssumeRolePolicy", make: iamRole},
	{service: "ec2", name: "RunInstances", make: describeInstances},
	{service: kms, name: "GenerateDataKey", read: true, make: foreignDecrypt},
	{service: "cloudtrail", name: "LookupEvents", read: true, make: lookup},
	{service: "config", name: "DescribeConfigRules", read: true, make: func(*gen) {}},
	{service: "application-autoscaling", name: "DescribeScalableTargets", read: true, make: ecsTargets},
}

const commonForeign = 7

// foreign starts a call of another service.
func (g *gen) foreign(at int64) {
	n := commonForeign
	if g.oneIn(10) {
		n = len(foreignKinds)
	}
	who := g.somebody()
	for who.form == linked { // those have one task, on tables
		who = g.somebody()
	}
	g.begin(&foreignKinds[g.intn(n)], at, who, g.intn(who.fleet))
}

func s3Object(g *gen) {
	bucket := g.acct.alias + "-" + pick(g.rng, []string{"uploads", "datalake-raw", "assets", "logs"})
	object := string(g.appendHex(nil, 2)) + "/" + string(g.appendUUID(nil)) + ".json"
	g.call.params.open('{').member("bucketName", bucket).member("Host", bucket, ".s3.", g.regionName(), ".amazonaws.com").member("key", object).close('}')
	w := g.call.extra.open('{').member("SignatureVersion", "SigV4").member("AuthenticationMethod", "AuthHeader").key("bytesTransferredOut").num(g.intn(90_000))
	w.key("x-amz-id-2").bytes(g.appendFrom(nil, base62, 76)).close('}')
	r := &g.call.resources
	r.open('{').member("type", "AWS::S3::Object").member("ARN", "arn:aws:s3:::", bucket, "/", object).close('}')
	r.open('{').member("accountId", g.acct.id).member("type", "AWS::S3::Bucket").member("ARN", "arn:aws:s3:::", bucket).close('}')
}

func assumeRole(g *gen) {
	name := pick(g.rng, []string{"checkout-api-role", "break-glass", "analytics-reader", "batch-runner"})
	role, session := "arn:aws:iam::"+g.acct.id+":role/"+name, string(g.appendFrom(nil, base62, 12))
	g.call.params.open('{').member("roleArn", role).member("roleSessionName", session).key("durationSeconds").num(3600).close('}')
	w := g.call.response.open('{').key("credentials").open('{').key("accessKeyId").bytes(g.appendFrom([]byte("ASIA"), base32, 16))
	w.key("sessionToken").bytes(g.appendFrom(nil, base62, 200)).member("expiration", locale(g.call.at+3600)).close('}')
	w.key("assumedRoleUser").open('{').member("assumedRoleId", "AROAEXAMPLE:", session).member("arn", "arn:aws:sts::", g.acct.id, ":assumed-role/", name, "/", session).close('}').close('}')
	g.call.resources.open('{').member("accountId", g.acct.id).member("type", "AWS::IAM::Role").member("ARN", role).close('}')
}

func iamRole(g *gen) {
	g.call.params.open('{').member("roleName", pick(g.rng, []string{"checkout-api-role", "break-glass", "dynamodb-admin", "batch-runner"})).close('}')
}

func describeInstances(g *gen) {
	g.call.params.open('{').key("instancesSet").open('{').key("items").open('[').open('{').key("instanceId").bytes(g.appendHex([]byte("i-0"), 16)).
		close('}').close(']').close('}').key("filterSet").open('{').close('}').close('}')
}

func foreignDecrypt(g *gen) {
	g.call.params.open('{').key("encryptionContext").open('{').member("aws:s3:arn", "arn:aws:s3:::", g.acct.alias, "-uploads").close('}').member("encryptionAlgorithm", "SYMMETRIC_DEFAULT").close('}')
	g.call.resources.open('{').member("accountId", g.acct.id).member("type", "AWS::KMS::Key").member("ARN", keyARN(g)).close('}')
}

func invoke(g *gen) {
	g.call.params.open('{').member("functionName", "arn:aws:lambda:", g.regionName(), ":", g.acct.id, ":function:", pick(g.rng, []string{"checkout-api", "dynamodb-export", "thumbnailer"})).member("invocationType", "Event").close('}')
}

func logStream(g *gen) {
	g.call.params.open('{').member("logGroupName", "/aws/lambda/", pick(g.rng, []string{"checkout-api", "customer-events", "click-ingest"})).
		key("logStreamName").bytes(g.appendHex([]byte("2026/03/03/[$LATEST]"), 32)).close('}')
}

// lookup is somebody looking for DynamoDB calls in the trail: not one itself.
func lookup(g *gen) {
	g.call.params.open('{').key("lookupAttributes").open('[').open('{').member("attributeKey", "EventSource").member("attributeValue", "dynamodb.amazonaws.com").close('}').close(']').close('}')
}

func ecsTargets(g *gen) {
	g.call.params.open('{').member("serviceNamespace", "ecs").key("resourceIds").strs("service/shop/storefront").close('}')
}
