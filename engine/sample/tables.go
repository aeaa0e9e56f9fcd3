package sample

import "time"

// Management calls on tables: descriptions, changes, protection.
var tableKinds = []kind{
	{service: dynamodb, name: "CreateTable", make: createTable},
	{service: dynamodb, name: "UpdateTable", make: updateTable},
	{service: dynamodb, name: "UpdateTable", variant: "replica", make: updateReplica},
	{service: dynamodb, name: "DeleteTable", make: deleteTable},
	{service: dynamodb, name: "DescribeTable", read: true, make: named},
	{service: dynamodb, name: "ListTables", read: true, make: unnamed},
	{service: dynamodb, name: "DescribeLimits", read: true, make: unnamed},
	{service: dynamodb, name: "DescribeEndpoints", read: true, make: unnamed},
	{service: dynamodb, name: "UpdateTimeToLive", make: updateTTL},
	{service: dynamodb, name: "DescribeTimeToLive", read: true, make: named},
	{service: dynamodb, name: "UpdateContinuousBackups", make: updatePITR},
	{service: dynamodb, name: "DescribeContinuousBackups", read: true, make: named},
	{service: dynamodb, name: "UpdateContributorInsights", make: contributorInsights},
	{service: dynamodb, name: "DescribeContributorInsights", read: true, make: named},
	{service: dynamodb, name: "ListContributorInsights", read: true, make: named},
	{service: dynamodb, name: "DescribeTableReplicaAutoScaling", read: true, make: named},
	{service: dynamodb, name: "UpdateTableReplicaAutoScaling", make: named},
	{service: dynamodb, name: "CreateGlobalTable", make: globalNamed},
	{service: dynamodb, name: "UpdateGlobalTable", make: globalNamed},
	{service: dynamodb, name: "DescribeGlobalTable", read: true, make: globalNamed},
	{service: dynamodb, name: "UpdateGlobalTableSettings", make: globalNamed},
	{service: dynamodb, name: "DescribeGlobalTableSettings", read: true, make: globalNamed},
	{service: dynamodb, name: "ListGlobalTables", read: true, make: unnamed},
}

// named asks about the table by name and nothing else.
func named(g *gen) {
	g.call.params.open('{').member("tableName", g.table.name).close('}')
	g.touches(g.table)
}

// unnamed is about no table.
func unnamed(g *gen) {
	g.call.params.open('{').key("limit").num(100).close('}')
}

func globalNamed(g *gen) {
	w := g.call.params.open('{').member("globalTableName", g.table.name)
	if !g.call.readOnly {
		w.key("replicationGroup").open('[').open('{').member("regionName", regions[1]).close('}').close(']')
	}
	w.close('}')
}

// locale is how request and response dates look: English Java locale text.
func locale(at int64) string {
	return time.Unix(at, 0).UTC().Format("Jan 2, 2006, 3:04:05 PM")
}

func (g *gen) description(status string) {
	w := g.call.response.open('{').key("tableDescription").open('{').member("tableName", g.table.name).member("tableArn", g.arn(g.table))
	w.key("tableId").bytes(hashedUUID(nil, hash(g.arn(g.table))))
	w.member("tableStatus", status).member("creationDateTime", locale(g.call.at-90*24*hour))
	w.key("itemCount").num(g.table.items).key("tableSizeBytes").num(g.table.items * 412).close('}').close('}')
}

func createTable(g *gen) {
	w := g.call.params.open('{').member("tableName", g.table.name)
	w.key("keySchema").open('[').open('{').member("attributeName", g.table.pk).member("keyType", "HASH").close('}').close(']')
	w.key("attributeDefinitions").open('[').open('{').member("attributeName", g.table.pk).member("attributeType", "S").close('}').close(']')
	w.member("billingMode", "PAY_PER_REQUEST").key("deletionProtectionEnabled").bool(true)
	w.key("sSESpecification").open('{').key("enabled").bool(true).member("sSEType", "KMS").member("kMSMasterKeyId", keyARN(g)).close('}').close('}')
	g.description("CREATING")
	g.touches(g.table)
}

func updateTable(g *gen) {
	w := g.call.params.open('{').member("tableName", g.table.name)
	if g.oneIn(3) {
		w.key("streamSpecification").open('{').key("streamEnabled").bool(true).member("streamViewType", "NEW_AND_OLD_IMAGES").close('}')
	} else {
		w.key("provisionedThroughput").open('{').key("readCapacityUnits").num(g.between(1, 40) * 50).key("writeCapacityUnits").num(g.between(1, 20) * 50).close('}')
	}
	w.close('}')
	g.description("UPDATING")
	g.touches(g.table)
}

func updateReplica(g *gen) {
	g.call.params.open('{').member("tableName", g.table.name).key("replicaUpdates").open('[').open('{').key("create").open('{').
		member("regionName", regions[2]).close('}').close('}').close(']').close('}')
	g.description("UPDATING")
	g.touches(g.table)
}

func deleteTable(g *gen) {
	g.call.params.open('{').member("tableName", g.table.name).close('}')
	g.description("DELETING")
	g.touches(g.table)
	g.fail("ValidationException", "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	g.call.response.reset()
}

func updateTTL(g *gen) {
	w := g.call.params.open('{').member("tableName", g.table.name)
	w.key("timeToLiveSpecification").open('{').key("enabled").bool(true).member("attributeName", "expires_at").close('}').close('}')
	g.call.response.open('{').key("timeToLiveSpecification").open('{').key("enabled").bool(true).member("attributeName", "expires_at").close('}').close('}')
	g.touches(g.table)
}

func updatePITR(g *gen) {
	w := g.call.params.open('{').member("tableName", g.table.name)
	w.key("pointInTimeRecoverySpecification").open('{').key("pointInTimeRecoveryEnabled").bool(true).key("recoveryPeriodInDays").num(35).close('}').close('}')
	g.call.response.open('{').key("continuousBackupsDescription").open('{').member("continuousBackupsStatus", "ENABLED").close('}').close('}')
	g.touches(g.table)
}

func contributorInsights(g *gen) {
	g.call.params.open('{').member("tableName", g.table.name).member("contributorInsightsAction", "ENABLE").close('}')
	g.call.response.open('{').member("tableName", g.table.name).member("contributorInsightsStatus", "ENABLING").close('}')
	g.touches(g.table)
}
