package sample

// Calls of other services that are about a table: keys, scaling, backups,
// compliance, DAX and the trail itself.
var serviceKinds = []kind{
	{service: kms, name: "Decrypt", read: true, make: decrypt},
	{service: kms, name: "GenerateDataKey", read: true, make: dataKey},
	{service: kms, name: "CreateGrant", make: createGrant},
	{service: kms, name: "DescribeKey", read: true, make: describeKey},
	{service: kms, name: "RetireGrant", make: retireGrant},
	{service: "application-autoscaling", name: "RegisterScalableTarget", make: scalable},
	{service: "application-autoscaling", name: "PutScalingPolicy", make: scalable},
	{service: "application-autoscaling", name: "DescribeScalableTargets", read: true, make: scalables},
	{service: "autoscaling", name: "DeregisterScalableTarget", make: scalable},
	{service: "backup", name: "StartBackupJob", make: startBackup},
	{service: "backup", name: "StartRestoreJob", make: startRestore},
	{service: "backup", name: "DeleteRecoveryPoint", make: deletePoint},
	{service: "config", name: "PutEvaluations", make: putEvaluations},
	{service: "config", name: "GetResourceConfigHistory", read: true, make: configHistory},
	{service: "dax", name: "CreateCluster", make: cluster},
	{service: "dax", name: "DescribeClusters", read: true, make: cluster},
	{service: "dax", name: "RebootNode", make: cluster},
	{service: "cloudtrail", name: "StopLogging", make: trail},
	{service: "cloudtrail", name: "UpdateTrail", make: trail},
	{service: "cloudtrail", name: "DeleteTrail", make: trail},
	{service: "cloudtrail", name: "PutEventSelectors", make: eventSelectors},
}

func keyARN(g *gen) string {
	return "arn:aws:kms:" + g.regionName() + ":" + g.acct.id + ":key/" + string(hashedUUID(nil, hash(g.acct.id+g.regionName())))
}

// forDynamoDB makes the call one that DynamoDB made: its address is the service's.
func (g *gen) forDynamoDB() {
	c := &g.call
	c.ip, c.agent = "dynamodb.amazonaws.com", "dynamodb.amazonaws.com"
	c.session.via = "dynamodb.amazonaws.com"
	c.console, c.vpce = false, false
	c.resources.open('{').member("accountId", g.acct.id).member("type", "AWS::KMS::Key").member("ARN", keyARN(g)).close('}')
}

func (g *gen) encryptionContext(w *text) *text {
	return w.open('{').member("aws:dynamodb:tableName", g.table.name).member("aws:dynamodb:subscriberId", g.acct.id).close('}')
}

func decrypt(g *gen) {
	g.forDynamoDB()
	w := g.call.params.open('{').key("encryptionContext")
	g.encryptionContext(w).member("encryptionAlgorithm", "SYMMETRIC_DEFAULT").close('}')
}

func dataKey(g *gen) {
	g.forDynamoDB()
	g.call.session.who = &dynamodbItself
	g.call.shared = true
	w := g.call.params.open('{').member("keyId", keyARN(g)).member("keySpec", "AES_256").key("encryptionContext")
	g.encryptionContext(w).close('}')
}

func createGrant(g *gen) {
	g.forDynamoDB()
	service := "dynamodb." + g.regionName() + ".amazonaws.com"
	w := g.call.params.open('{').member("keyId", keyARN(g)).member("granteePrincipal", service).member("retiringPrincipal", service)
	w.key("operations").strs("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "DescribeKey", "RetireGrant")
	w.key("constraints").open('{').key("encryptionContextSubset")
	g.encryptionContext(w).close('}').close('}')
	g.call.response.open('{').key("grantId").bytes(hashed(nil, hexDigits, 64, uint64(g.call.at))).close('}')
}

func describeKey(g *gen) {
	g.forDynamoDB()
	g.call.params.open('{').member("keyId", keyARN(g)).close('}')
}

func retireGrant(g *gen) {
	g.forDynamoDB()
	g.call.session.who = &dynamodbItself
}

// scalable names the table, or an index of it, as a scalable target.
func scalable(g *gen) {
	w := g.call.params.open('{').member("serviceNamespace", dynamodb)
	if len(g.table.indexes) > 0 && g.oneIn(2) {
		w.member("resourceId", "table/", g.table.name, "/index/", g.table.indexes[0].name).member("scalableDimension", "dynamodb:index:ReadCapacityUnits")
	} else {
		w.member("resourceId", "table/", g.table.name).member("scalableDimension", "dynamodb:table:WriteCapacityUnits")
	}
	w.key("minCapacity").num(50).key("maxCapacity").num(4000).close('}')
}

func scalables(g *gen) {
	g.call.params.open('{').member("serviceNamespace", dynamodb).key("resourceIds").strs("table/" + g.table.name).close('}')
}

func startBackup(g *gen) {
	g.call.params.open('{').member("backupVaultName", "gold").member("resourceArn", g.arn(g.table)).member("iamRoleArn", "arn:aws:iam::", g.acct.id, ":role/service-role/AWSBackupDefaultServiceRole").close('}')
	w := g.call.response.open('{').key("backupJobId").bytes(g.appendUUID(nil))
	w.member("recoveryPointArn", g.arn(g.table), "/backup/01772420000000-0badcafe").close('}')
}

func startRestore(g *gen) {
	w := g.call.params.open('{').member("recoveryPointArn", g.arn(g.table), "/backup/01772420000000-0badcafe")
	w.key("metadata").open('{').member("targetTableName", g.table.name, "-drill").close('}').member("resourceType", "DynamoDB").close('}')
}

func deletePoint(g *gen) {
	g.call.params.open('{').member("backupVaultName", "gold").member("recoveryPointArn", g.arn(g.table), "/backup/01772420000000-0badcafe").close('}')
}

func putEvaluations(g *gen) {
	w := g.call.params.open('{').key("evaluations").open('[')
	for i, t := range g.acct.tables[:2] {
		w.open('{').member("complianceResourceType", "AWS::DynamoDB::Table").member("complianceResourceId", t.name)
		w.member("complianceType", []string{"COMPLIANT", "NON_COMPLIANT"}[i]).member("orderingTimestamp", locale(g.call.at-30)).close('}')
	}
	w.close(']').member("resultToken", "***").key("testMode").bool(false).close('}')
}

func configHistory(g *gen) {
	g.call.params.open('{').member("resourceType", "AWS::DynamoDB::Table").member("resourceId", g.table.name).key("limit").num(10).close('}')
}

func cluster(g *gen) {
	g.call.params.open('{').member("clusterName", "shop-cache").member("nodeType", "dax.r7i.large").key("replicationFactor").num(3).close('}')
}

func trail(g *gen) {
	g.call.params.open('{').member("name", "arn:aws:cloudtrail:", g.regionName(), ":", g.acct.id, ":trail/scratch-trail").close('}')
}

func eventSelectors(g *gen) { g.selectors("scratch-trail") }

// selectors replaces a trail's event selectors by ones with the data events of tables
// whose ARNs begin so, of none without any.
func (g *gen) selectors(name string, tables ...string) {
	write := func(w *text) {
		w.open('{').member("trailName", name).key("eventSelectors").open('[').open('{').member("readWriteType", "All").
			key("includeManagementEvents").bool(true).key("dataResources").open('[')
		if len(tables) > 0 {
			w.open('{').member("type", "AWS::DynamoDB::Table").key("values").strs(tables...).close('}')
		}
		w.close(']').close('}').close(']').close('}')
	}
	write(&g.call.params)
	write(&g.call.response)
}
