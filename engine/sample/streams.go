package sample

// Reads of a table's stream.
var streamKinds = []kind{
	{service: dynamodb, name: "GetRecords", data: true, read: true, make: getRecords},
	{service: dynamodb, name: "GetShardIterator", data: true, read: true, make: getShardIterator},
	{service: dynamodb, name: "DescribeStream", read: true, make: describeStream},
	{service: dynamodb, name: "ListStreams", read: true, make: named},
}

func getRecords(g *gen) {
	w := g.call.params.open('{').key("shardIterator")
	w.b = append(w.b, '"')
	w.b = append(w.b, g.arn(g.table)...)
	w.b = append(w.b, "/stream/"+streamLabel+"|1|AAAAAAAAAAE"...)
	w.b = append(g.appendFrom(w.b, base62, 60), "=="...)
	w.b = append(w.b, '"')
	w.key("limit").num(1000).close('}')
	g.touches(g.table)
}

func (g *gen) shard(w *text) {
	g.tmp = appendPadded(append(g.tmp[:0], "shardId-0000000177"...), g.intn(9999), 4)
	g.tmp = append(g.tmp, "8812345678-a1b2c3d4"...)
	w.key("shardId").bytes(g.tmp)
}

func getShardIterator(g *gen) {
	w := g.call.params.open('{').member("streamArn", g.arn(g.table), "/stream/", streamLabel)
	g.shard(w)
	w.member("shardIteratorType", pick(g.rng, []string{"LATEST", "TRIM_HORIZON", "AFTER_SEQUENCE_NUMBER"})).close('}')
	g.touches(g.table)
}

func describeStream(g *gen) {
	g.call.params.open('{').member("streamArn", g.arn(g.table), "/stream/", streamLabel).key("limit").num(100).close('}')
	g.touches(g.table)
}
