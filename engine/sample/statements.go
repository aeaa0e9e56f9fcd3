package sample

// PartiQL: literals of attributes that are no key are redacted, readOnly is false
// whatever the statement does.
var statementKinds = []kind{
	{service: dynamodb, name: "ExecuteStatement", data: true, make: executeStatement},
	{service: dynamodb, name: "ExecuteStatement", variant: "insert", data: true, make: insertStatement},
	{service: dynamodb, name: "ExecuteStatement", variant: "all", data: true, make: selectAll},
	{service: dynamodb, name: "BatchExecuteStatement", data: true, make: batchStatements},
	{service: dynamodb, name: "ExecuteTransaction", data: true, make: transactStatements},
	{service: dynamodb, name: "ExecuteTransaction", variant: "api", data: true, make: transactStatementsAPI},
}

// statement writes one statement over a drawn key.
func (g *gen) statement(w *text, verb int) {
	t := g.table
	g.key.draw(g.rng, t)
	where := ` WHERE ` + t.pk + ` = '` + quoted(g.key.pk) + `'`
	if t.sk != "" {
		where += ` AND ` + t.sk + ` = '` + quoted(g.key.sk) + `'`
	}
	switch verb {
	case 0:
		w.member("statement", `SELECT * FROM "`, t.name, `"`, where)
	case 1:
		w.member("statement", `SELECT `, t.attrs[0], `, `, t.attrs[1], ` FROM "`, t.name, `"`, where, ` AND `, t.attrs[0], ` = ***(Redacted)`)
	case 2:
		w.member("statement", `UPDATE "`, t.name, `" SET `, t.attrs[1], ` = ***(Redacted)`, where)
	case 3:
		w.member("statement", `DELETE FROM "`, t.name, `"`, where)
	default:
		w.member("statement", `INSERT INTO "`, t.name, `" VALUE {'`, t.pk, `': ***(Redacted), '`, t.attrs[0], `': ***(Redacted)}`)
	}
}

// quoted doubles the single quotes of a PartiQL string.
func quoted(b []byte) string {
	var s []byte
	for _, c := range b {
		if c == '\'' {
			s = append(s, c)
		}
		s = append(s, c)
	}
	return string(s)
}

func executeStatement(g *gen) {
	verb := g.intn(10)
	switch {
	case verb < 6:
		verb %= 2
	case verb < 8:
		verb = 2
	case verb < 9:
		verb = 3
	}
	g.oneStatement(verb)
}

func insertStatement(g *gen) { g.oneStatement(4) }

func (g *gen) oneStatement(verb int) {
	w := g.call.params.open('{')
	g.statement(w, verb)
	w.close('}')
	g.touches(g.table)
}

func selectAll(g *gen) {
	g.call.params.open('{').member("statement", `SELECT * FROM "`, g.table.name, `"`).key("limit").num(100).close('}')
	g.touches(g.table)
}

func batchStatements(g *gen) { g.statements("requestItems", g.intn(2)*2) }

func transactStatements(g *gen) { g.statements("requestItems", 2) }

func transactStatementsAPI(g *gen) { g.statements("transactStatements", 3) }

func (g *gen) statements(list string, verb int) {
	w := g.call.params.open('{').key(list).open('[')
	for range g.between(2, 4) {
		w.open('{')
		g.statement(w, verb)
		w.close('}')
	}
	w.close(']').close('}')
	g.touches(g.table)
}
