package sample

// Calls on tags, policies, streaming destinations and reserved capacity.
var settingKinds = []kind{
	{service: dynamodb, name: "TagResource", make: tagResource},
	{service: dynamodb, name: "UntagResource", make: untagResource},
	{service: dynamodb, name: "ListTagsOfResource", read: true, make: byResourceARN},
	{service: dynamodb, name: "PutResourcePolicy", make: putPolicy},
	{service: dynamodb, name: "GetResourcePolicy", read: true, make: byResourceARN},
	{service: dynamodb, name: "DeleteResourcePolicy", make: byResourceARN},
	{service: dynamodb, name: "EnableKinesisStreamingDestination", make: kinesis},
	{service: dynamodb, name: "UpdateKinesisStreamingDestination", make: kinesis},
	{service: dynamodb, name: "DisableKinesisStreamingDestination", make: kinesis},
	{service: dynamodb, name: "DescribeKinesisStreamingDestination", read: true, make: named},
	{service: dynamodb, name: "DescribeReservedCapacity", read: true, make: unnamed},
	{service: dynamodb, name: "DescribeReservedCapacityOfferings", read: true, make: unnamed},
	{service: dynamodb, name: "PurchaseReservedCapacityOfferings", make: unnamed},
}

func byResourceARN(g *gen) {
	g.call.params.open('{').member("resourceArn", g.arn(g.table)).close('}')
	g.touches(g.table)
}

func tagResource(g *gen) {
	w := g.call.params.open('{').member("resourceArn", g.arn(g.table))
	w.key("tags").open('[').open('{').member("key", "cost-centre").member("value", "shop-4711").close('}').close(']').close('}')
	g.touches(g.table)
}

func untagResource(g *gen) {
	g.call.params.open('{').member("resourceArn", g.arn(g.table)).key("tagKeys").strs("temporary").close('}')
	g.touches(g.table)
}

func putPolicy(g *gen) {
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + partner + `:role/partner-sync"},"Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":"` + g.arn(g.table) + `"}]}`
	g.call.params.open('{').member("resourceArn", g.arn(g.table)).member("policy", policy).close('}')
	g.call.response.open('{').member("revisionId", "1772440000000").close('}')
	g.touches(g.table)
}

func kinesis(g *gen) {
	w := g.call.params.open('{').member("tableName", g.table.name).member("streamArn", "arn:aws:kinesis:", g.regionName(), ":", g.acct.id, ":stream/", g.table.name, "-changes")
	w.key("enableKinesisStreamingConfiguration").open('{').member("approximateCreationDateTimePrecision", "MICROSECOND").close('}').close('}')
	g.call.response.open('{').member("tableName", g.table.name).member("destinationStatus", "ENABLING").close('}')
	g.touches(g.table)
}
