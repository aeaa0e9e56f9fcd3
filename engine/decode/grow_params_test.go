package decode_test

// parameters writes requestParameters, mostly such as the event has.
func (g *grower) parameters(event string) {
	fields := []field{
		{"tableName", (*grower).table}, {"key", (*grower).key}, {"indexName", oneOf("by-state", "")},
		{"items", (*grower).attributeList}, {"item", (*grower).attributeList}, {"updateExpression", (*grower).updateExpression},
		{"projectionExpression", (*grower).projection}, {"filterExpression", (*grower).filter}, {"expressionAttributeNames", (*grower).attributeNames},
		{"attributesToGet", (*grower).attributeList}, {"attributeUpdates", (*grower).key},
	}
	tables := []field{{"tableName", (*grower).table}, {"targetTableName", (*grower).table}, {"sourceTableName", (*grower).table}, {"sourceTableArn", (*grower).table},
		{"backupArn", (*grower).table}, {"tableArn", (*grower).table}, {"resourceArn", (*grower).table}, {"streamArn", (*grower).table}, {"shardIterator", (*grower).table},
		{"exportArn", (*grower).table}, {"importArn", (*grower).table}, {"globalTableName", (*grower).table}, {"deletionProtectionEnabled", (*grower).flag}, {"indexName", (*grower).word},
		{"tableCreationParameters", func(g *grower) { g.object(6, field{"tableName", (*grower).table}) }}}
	often := 3
	switch event {
	case "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "SearchVectors":
	case "BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems":
		fields = []field{{g.one("requestItems", "requestItems", "transactItems"), (*grower).requestItems}, {"tableName", (*grower).table}}
		often = 8
	case "ExecuteStatement":
		fields, often = []field{{"statement", (*grower).statement}}, 12
	case "BatchExecuteStatement", "ExecuteTransaction":
		fields = []field{{g.one("requestItems", "transactStatements", "statements"), func(g *grower) {
			g.list(func(g *grower) {
				if g.maybe(8) {
					g.statement()
				} else {
					g.object(12, field{"statement", (*grower).statement})
				}
			})
		}}}
		often = 12
	case "Decrypt", "GenerateDataKey", "CreateGrant", "DisableKey", "PutKeyPolicy", "EnableKey":
		fields = []field{{"encryptionContext", (*grower).encryptionContext}, {"granteePrincipal", (*grower).word}, {"retiringPrincipal", (*grower).word},
			{"constraints", func(g *grower) {
				g.object(3, field{"encryptionContextSubset", (*grower).encryptionContext}, field{"encryptionContextEquals", (*grower).encryptionContext})
			}}}
	case "RegisterScalableTarget", "DescribeScalableTargets", "DeleteScalingPolicy", "PutScalingPolicy":
		fields = []field{{"serviceNamespace", oneOf("dynamodb", "DynamoDB", "ecs")}, {"resourceId", (*grower).resourceID},
			{"resourceIds", func(g *grower) { g.list((*grower).resourceID) }}}
	case "PutEvaluations", "PutExternalEvaluation", "GetResourceConfigHistory", "BatchGetResourceConfig", "StopConfigurationRecorder", "DeleteConfigRule":
		fields = []field{
			{"evaluations", func(g *grower) { g.list((*grower).evaluation) }}, {"externalEvaluation", (*grower).evaluation},
			{"resourceType", oneOf("AWS::DynamoDB::Table", "x")}, {"resourceId", (*grower).table}, {"resourceName", (*grower).table},
			{"resourceKeys", func(g *grower) {
				g.list(func(g *grower) {
					g.object(8, field{"resourceType", oneOf("AWS::DynamoDB::Table", "x")}, field{"resourceId", (*grower).table})
				})
			}}, {"x", (*grower).junk}}
		often = 2
	case "PutObject", "DeleteObject", "DeleteObjects", "GetObject":
		fields = []field{{"bucketName", (*grower).word}, {"key", oneOf("AWSLogs/111122223333/CloudTrail/x.json.gz", "a/AWSLogs/o-1/1/CloudTrail-Digest/x", "AWSLogs/1/Config/x",
			"AWSLogs/CloudTrail", "AWSLogs//CloudTrail", "AWSLogs/\n/CloudTrail", "/CloudTrail/AWSLogs/", "awslogs/1/CloudTrail/x", "lake/touches/table_name=orders/day=2026-01-05/part-00.parquet", "")}}
		often = 12
	case "CreateEventSourceMapping20150331", "CreateEventSourceMapping", "CreateIntegration":
		fields, often = []field{{g.one("eventSourceArn", "sourceArn"), (*grower).table}, {"functionName", (*grower).word}}, 12
	case "TagResources", "UntagResources":
		fields, often = []field{{"resourceARNList", func(g *grower) { g.list((*grower).table) }}, {"tagKeys", (*grower).attributeList}}, 12
	case "StartBackupJob", "StartRestoreJob", "StartCopyJob", "DeleteRecoveryPoint", "DescribeRecoveryPoint", "DeleteBackupVault", "DeleteBackupVaultLockConfiguration":
		fields = []field{{"resourceArn", (*grower).table}, {"metadata", (*grower).junk}}
	default:
		fields, often = tables, 2
		if g.maybe(2) {
			often = 1
		}
	}
	switch g.n(24) {
	case 21:
		g.lit("null")
	case 22:
		g.lit(`{"omitted":` + g.one("true", `"true"`, "false") + `,"reason":"too large"}`)
	case 23:
		g.junk()
	default:
		g.object(often, fields...)
	}
}

func (g *grower) encryptionContext() {
	g.object(8, field{"aws:dynamodb:tableName", (*grower).table}, field{"aws:dynamodb:subscriberId", oneOf("444455556666", "")})
}

func (g *grower) resourceID() {
	g.text(g.one("table/orders", "table/orders/index/by-state", "service/x", "table/", "table/orders/", "table/orders/index/", "table/orders/other", "table/o/index/a/b", ""))
}

func (g *grower) evaluation() {
	g.object(12, field{"complianceResourceType", oneOf("AWS::DynamoDB::Table", "AWS::DynamoDB::Table", "AWS::S3::Bucket")}, field{"complianceResourceId", (*grower).table})
}

// requestItems writes the list of a batch or transaction, in any of its shapes.
func (g *grower) requestItems() {
	if g.maybe(3) {
		g.object(6, field{"orders", (*grower).mapValue}, field{"customers", (*grower).mapValue}, field{growARN, (*grower).mapValue}, field{"Orders", (*grower).mapValue})
		return
	}
	g.list((*grower).listElement)
}

func (g *grower) mapValue() {
	if g.maybe(2) {
		g.list((*grower).listElement)
	} else {
		g.listElement()
	}
}

func (g *grower) listElement() {
	inner := []field{
		{"tableName", (*grower).table}, {"key", (*grower).key}, {"items", (*grower).attributeList}, {"item", (*grower).attributeList},
		{"updateExpression", (*grower).updateExpression}, {"projectionExpression", (*grower).projection}, {"expressionAttributeNames", (*grower).attributeNames},
	}
	operation := field{"operation", oneOf("Put", "Update", "Delete", "Get", "ConditionCheck", "PutRequest", "deleterequest", "Frobnicate", "")}
	switch g.n(6) {
	case 3:
		g.object(4, field{"tableName", (*grower).table}, operation, field{"keys", func(g *grower) { g.list((*grower).key) }}, field{"projectionExpression", (*grower).projection})
	case 4:
		wrapper := g.one("Put", "get", "update", "Delete", "ConditionCheck", "putRequest", "DeleteRequest", "other")
		g.object(12, field{wrapper, func(g *grower) { g.object(3, inner...) }}, field{"returnValues", (*grower).word})
	case 5:
		g.object(3, append(inner, operation, field{"put", (*grower).junk}, field{"keys", (*grower).junk}, field{"deleteRequest", (*grower).listElement})...)
	default:
		g.object(4, append(inner, operation)...)
	}
}

func (g *grower) attributeList() {
	if g.maybe(4) {
		g.key()
		return
	}
	g.list(oneOf("pk", "sk", "total", "", "état", "pk"))
}

func (g *grower) attributeNames() {
	g.object(3, field{"#s", oneOf("state", "", ":x")}, field{"#t", (*grower).word}, field{"#n0", oneOf("total")})
}
