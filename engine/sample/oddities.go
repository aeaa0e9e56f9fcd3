package sample

// oddKinds are shapes that are rare and yet legal: old records, requests too large
// to be logged, ARNs in place of names.
var oddKinds = []kind{
	{service: dynamodb, name: "GetItem", variant: "arn", data: true, read: true, make: getByARN},
	{service: dynamodb, name: "GetItem", variant: "old", data: true, read: true, make: getOld},
	{service: dynamodb, name: "BatchWriteItem", variant: "omitted", data: true, make: omitted},
	{service: dynamodb, name: "Query", variant: "denied", data: true, read: true, make: deniedQuery},
}

func getByARN(g *gen) {
	g.key.draw(g.rng, g.table)
	w := g.call.params.open('{').member("tableName", g.arn(g.table))
	g.key.write(w.key("key"), g.table)
	w.close('}')
	g.touches(g.table)
}

// getOld is a record of before eventCategory and managementEvent.
func getOld(g *gen) {
	getItem(g)
	g.call.version = "1.05"
}

func omitted(g *gen) {
	g.call.params.open('{').key("omitted").bool(true).member("reason", "requestParameters too large").close('}')
	g.touches(g.table)
}

func deniedQuery(g *gen) {
	query(g)
	g.deny(false)
}
