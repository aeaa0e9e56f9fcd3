package sample

// Calls over several items, and often several tables, at once. AWS documents one
// of these shapes, TransactWriteItems; the others follow it, and the variants
// follow the API's own.
var batchKinds = []kind{
	{service: dynamodb, name: "BatchGetItem", data: true, read: true, make: batchGet},
	{service: dynamodb, name: "BatchGetItem", variant: "map", data: true, read: true, make: batchGetMap},
	{service: dynamodb, name: "BatchWriteItem", data: true, make: batchWrite},
	{service: dynamodb, name: "BatchWriteItem", variant: "map", data: true, make: batchWriteMap},
	{service: dynamodb, name: "TransactGetItems", data: true, read: true, make: transactGet},
	{service: dynamodb, name: "TransactGetItems", variant: "api", data: true, read: true, make: transactGetAPI},
	{service: dynamodb, name: "TransactWriteItems", data: true, make: transactWrite},
	{service: dynamodb, name: "TransactWriteItems", variant: "guide", data: true, make: transactWriteGuide},
}

// second is another table of the caller's, or the same one when it has no other.
func (g *gen) second() *table {
	if g.tables > 0 {
		return g.table
	}
	for range 4 {
		name := pick(g.rng, g.call.session.who.tables)
		if t := g.acct.tableNamed(name); t != nil && t != g.table && t.in(g.region) {
			return t
		}
	}
	return g.table
}

// element writes table name and a drawn key of one element.
func (g *gen) element(w *text, t *table) *text {
	w.member("tableName", t.name)
	g.key.draw(g.rng, t)
	g.key.write(w.key("key"), t)
	return w
}

// reach adds the tables of a batch to the resources.
func (g *gen) reach(a, b *table) {
	g.touches(a)
	if b != a {
		g.touches(b)
	}
}

// size draws how many items a batch has; in a month, where it counts for the day's sum,
// about as many as in others.
func (g *gen) size(least, most int) int {
	if g.month != nil {
		middle := (least + most) / 2
		return g.between(middle-1, middle+1)
	}
	return g.between(least, most)
}

func batchGet(g *gen) {
	w := g.call.params.open('{').key("requestItems").open('[')
	for range g.size(2, 12) {
		g.element(w.open('{'), g.table).close('}')
	}
	w.close(']').close('}')
	g.touches(g.table)
}

func batchGetMap(g *gen) {
	w := g.call.params.open('{').key("requestItems").open('{').key(g.table.name).open('{').key("keys").open('[')
	for range g.between(2, 6) {
		g.key.draw(g.rng, g.table)
		g.key.write(w, g.table)
	}
	w.close(']').close('}').close('}').close('}')
	g.touches(g.table)
}

func batchWrite(g *gen) {
	other := g.second()
	w := g.call.params.open('{').key("requestItems").open('[')
	for i := range g.size(2, 10) {
		t := g.table
		if i == 1 {
			t = other
		}
		w.open('{')
		if g.oneIn(5) {
			g.element(w.member("operation", "Delete"), t)
		} else {
			g.element(w.member("operation", "Put"), t)
			g.attributeNames(w.key("items"), t)
		}
		w.close('}')
	}
	w.close(']').close('}')
	g.reach(g.table, other)
}

func batchWriteMap(g *gen) {
	w := g.call.params.open('{').key("requestItems").open('{').key(g.table.name).open('[')
	for i := range 3 {
		g.key.draw(g.rng, g.table)
		action := "putRequest"
		if i == 2 {
			action = "deleteRequest"
		}
		w.open('{').key(action).open('{').key("key")
		g.key.write(w, g.table)
		w.close('}').close('}')
	}
	w.close(']').close('}').close('}')
	g.touches(g.table)
}

func transactGet(g *gen) { g.transactRead("requestItems") }

func transactGetAPI(g *gen) { g.transactRead("transactItems") }

func (g *gen) transactRead(list string) {
	other := g.second()
	w := g.call.params.open('{').key(list).open('[')
	for i := range g.between(2, 5) {
		t := g.table
		if i == 0 {
			t = other
		}
		g.element(w.open('{').member("operation", "Get"), t).close('}')
	}
	w.close(']').close('}')
	g.reach(other, g.table)
}

// transactWrite writes one table on condition of another: one record that reads
// the one and changes the other.
func transactWrite(g *gen) {
	other := g.second()
	w := g.call.params.open('{').key("requestItems").open('[')
	g.element(w.open('{').member("operation", "Put"), g.table)
	g.attributeNames(w.key("items"), g.table)
	w.close('}')
	g.element(w.open('{').member("operation", "Update"), g.table)
	g.updateExpression(w, g.table)
	w.close('}')
	if g.oneIn(3) {
		g.element(w.open('{').member("operation", "Delete"), g.table).close('}')
	}
	g.element(w.open('{').member("operation", "ConditionCheck"), other).member("conditionExpression", "attribute_exists(", other.pk, ")").close('}')
	w.close(']').member("returnConsumedCapacity", "TOTAL").close('}')
	g.reach(g.table, other)
	if g.oneIn(40) {
		g.fail("TransactionCanceledException", "Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, None]")
	}
}

// transactWriteGuide mixes the casing of members as the Developer Guide's example does.
func transactWriteGuide(g *gen) {
	w := g.call.params.open('{').key("requestItems").open('[')
	g.element(w.open('{').member("operation", "Put"), g.table)
	g.attributeNames(w.key("items"), g.table)
	w.close('}').open('{').member("operation", "ConditionCheck").member("TableName", g.table.name)
	g.key.draw(g.rng, g.table)
	g.key.write(w.key("Key"), g.table)
	w.member("ConditionExpression", "attribute_exists(#p)").key("ExpressionAttributeNames").open('{').member("#p", g.table.pk).close('}')
	w.close('}').close(']').member("returnItemCollectionMetrics", "NONE").close('}')
	g.touches(g.table)
}

// fail makes the call one that was refused or went wrong.
func (g *gen) fail(code, message string) {
	g.call.errorCode, g.call.errorText = code, message
}
