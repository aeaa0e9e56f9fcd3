package sample

// Calls that name items, partitions or tables one at a time.
var itemKinds = []kind{
	{service: dynamodb, name: "GetItem", data: true, read: true, make: getItem},
	{service: dynamodb, name: "PutItem", data: true, make: putItem},
	{service: dynamodb, name: "UpdateItem", data: true, make: updateItem},
	{service: dynamodb, name: "UpdateItem", variant: "lease", data: true, make: updateLease},
	{service: dynamodb, name: "DeleteItem", data: true, make: deleteItem},
	{service: dynamodb, name: "Query", data: true, read: true, make: query},
	{service: dynamodb, name: "Query", variant: "index", data: true, read: true, make: queryIndex},
	{service: dynamodb, name: "Scan", data: true, read: true, make: scan},
	{service: dynamodb, name: "Scan", variant: "segment", data: true, read: true, make: scanSegment},
	{service: dynamodb, name: "SearchVectors", data: true, read: true, make: searchVectors},
}

// item starts a request that names the table and one drawn key.
func (g *gen) item() *text {
	g.key.draw(g.rng, g.table)
	w := g.call.params.open('{').member("tableName", g.table.name)
	g.key.write(w.key("key"), g.table)
	g.touches(g.table)
	return w
}

func getItem(g *gen) {
	w := g.item()
	if g.oneIn(5) {
		w.key("consistentRead").bool(g.oneIn(2))
	}
	if g.oneIn(3) {
		g.projection(w)
	}
	w.close('}')
}

// projection asks for one plain and one aliased attribute.
func (g *gen) projection(w *text) {
	i := g.intn(len(g.table.attrs))
	a, b := g.table.attrs[i], g.table.attrs[(i+1)%len(g.table.attrs)]
	w.member("projectionExpression", a, ", #p").key("expressionAttributeNames").open('{').member("#p", b).close('}')
}

func putItem(g *gen) {
	w := g.item()
	g.attributeNames(w.key("items"), g.table)
	if g.oneIn(4) {
		w.member("conditionExpression", "attribute_not_exists(", g.table.pk, ")")
	}
	w.close('}')
}

// attributeNames writes the names of a whole item, keys included, in any order.
func (g *gen) attributeNames(w *text, t *table) {
	from := g.intn(len(t.attrs))
	w.open('[')
	for i := range t.attrs {
		if i == 1 {
			w.str(t.pk)
			if t.sk != "" {
				w.str(t.sk)
			}
		}
		w.str(t.attrs[(from+i)%len(t.attrs)])
	}
	w.close(']')
}

func updateItem(g *gen) {
	w := g.item()
	g.updateExpression(w, g.table)
	if g.oneIn(5) {
		w.member("conditionExpression", "attribute_exists(", g.table.pk, ")")
	}
	w.close('}')
}

func (g *gen) updateExpression(w *text, t *table) {
	i := g.intn(len(t.attrs))
	a, b := t.attrs[i], t.attrs[(i+1)%len(t.attrs)]
	switch g.intn(4) {
	case 0:
		w.member("updateExpression", "SET ", a, " = :a, #b.history[0] = :b").key("expressionAttributeNames").open('{').member("#b", b).close('}')
	case 1:
		w.member("updateExpression", "SET #a = if_not_exists(#a, :zero) + :one REMOVE ", b).key("expressionAttributeNames").open('{').member("#a", a).close('}')
	case 2:
		w.member("updateExpression", "ADD ", a, " :n")
	default:
		w.member("updateExpression", "SET ", a, " = :v")
	}
}

// updateLease is the legacy form that stream consumers renew their leases with.
func updateLease(g *gen) {
	if lease := g.acct.tableNamed("orders-stream-consumer"); lease != nil && lease.in(g.region) {
		g.table = lease
	}
	w := g.item()
	w.key("attributeUpdates").open('{')
	for _, a := range g.table.attrs[:2] {
		w.key(a).open('{').member("action", "PUT").close('}')
	}
	w.close('}').key("expected").open('{').key(g.table.attrs[0]).open('{').close('}').close('}').close('}')
}

func deleteItem(g *gen) { g.item().close('}') }

func query(g *gen) {
	g.key.draw(g.rng, g.table)
	w := g.call.params.open('{').member("tableName", g.table.name)
	w.key("key").open('{').key(g.table.pk).bytes(g.key.pk).close('}')
	if g.table.sk != "" && g.oneIn(2) {
		w.member("keyConditionExpression", "#n0 = :v0 AND begins_with(#n1, :v1)")
		w.key("expressionAttributeNames").open('{').member("#n0", g.table.pk).member("#n1", g.table.sk).close('}')
	} else {
		w.member("keyConditionExpression", g.table.pk, " = :pk")
	}
	if g.oneIn(2) {
		w.key("limit").num(pick(g.rng, []int{1, 10, 25, 50, 100})).key("scanIndexForward").bool(g.oneIn(2))
	}
	w.close('}')
	g.touches(g.table)
}

// queryIndex reads a secondary index: the key holds the index's attribute.
func queryIndex(g *gen) {
	if len(g.table.indexes) == 0 || g.table.indexes[0].values == nil {
		query(g)
		return
	}
	ix := g.table.indexes[0]
	w := g.call.params.open('{').member("tableName", g.table.name).member("indexName", ix.name)
	w.key("key").open('{').member(ix.attr, pick(g.rng, ix.values)).close('}')
	w.member("keyConditionExpression", "#n0 = :v0").key("expressionAttributeNames").open('{').member("#n0", ix.attr).close('}').close('}')
	g.touches(g.table)
}

func scan(g *gen) {
	w := g.call.params.open('{').member("tableName", g.table.name)
	switch {
	case g.call.console && g.oneIn(4):
		w.key("limit").num(1).key("consistentRead").bool(false)
	case g.call.console:
		w.key("limit").num(50).member("select", "ALL_ATTRIBUTES").member("returnConsumedCapacity", "TOTAL")
	case g.oneIn(2):
		w.member("filterExpression", "attribute_exists(#f) AND ", g.table.attrs[0], " > :v").key("expressionAttributeNames").open('{').member("#f", g.table.attrs[1]).close('}')
	}
	w.close('}')
	g.touches(g.table)
}

func scanSegment(g *gen) {
	g.call.params.open('{').member("tableName", g.table.name).key("segment").num(g.intn(8)).key("totalSegments").num(8).member("returnConsumedCapacity", "TOTAL").close('}')
	g.touches(g.table)
}

func searchVectors(g *gen) {
	w := g.call.params.open('{').member("tableName", g.table.name)
	if len(g.table.indexes) > 0 {
		w.member("indexName", g.table.indexes[0].name)
	}
	w.key("limit").num(g.between(5, 50)).close('}')
	g.touches(g.table)
}
