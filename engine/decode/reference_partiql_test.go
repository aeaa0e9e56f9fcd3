package decode_test

import (
	"encoding/json"
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// statementTouches are the rows of a PartiQL call: one for each statement.
func (rec *refRecord) statementTouches() []schema.Touch {
	var statements []string
	if rec.name == "ExecuteStatement" {
		statements = append(statements, rec.rp.get("statement").str())
	} else {
		for _, e := range rec.list("requestItems", "transactStatements", "statements").list() {
			if e.is(kindText) {
				statements = append(statements, e.text)
			} else {
				statements = append(statements, e.get("statement").str())
			}
		}
	}
	statements = slices.DeleteFunc(statements, func(s string) bool { return s == "" })
	var touches []schema.Touch
	for _, statement := range statements {
		touches = append(touches, rec.statementTouch(statement))
	}
	if touches == nil {
		return rec.onTables(schema.Classify(rec.name))
	}
	return touches
}

func (rec *refRecord) statementTouch(text string) schema.Touch {
	q := parsePartiQL(text)
	table := named(q.table)
	if table.name == "" {
		table = rec.table()
	}
	op := schema.Operation{Op: schema.OpOther, Mutates: true, Scope: schema.ScopeUnknown}
	switch q.verb {
	case "select":
		op = schema.Operation{Op: schema.OpReadBulk, Scope: schema.ScopeTable}
		if len(q.equal) > 0 || q.parameter {
			op.Op = schema.OpReadRange
		}
		if q.index != "" {
			op.Scope = schema.ScopeIndex
		}
		switch {
		case len(q.equal) > 0 && q.index == "":
			op.Scope = schema.ScopePartition
		case len(q.equal) == 0 && q.parameter:
			op.Scope = schema.ScopeUnknown
		}
	case "exists":
		op = schema.Classify("GetItem")
	case "insert", "update":
		op = schema.Classify("PutItem")
	case "delete":
		op = schema.Classify("DeleteItem")
	}
	if op.Scope == schema.ScopeItem && len(q.equal) == 0 || q.table == "" {
		op.Scope = schema.ScopeUnknown
	}
	t := rec.touch(table, op)
	t.Statement, t.IndexName, t.Attributes = text, q.index, q.attributes
	if op.Scope != schema.ScopeUnknown && len(q.equal) > 0 {
		raw, err := json.Marshal(q.equal)
		if err != nil {
			panic(err)
		}
		key, values, _ := schema.ItemKey(raw)
		t.KeyValues = values
		if op.Scope == schema.ScopeItem {
			t.ItemKey = key
		}
	}
	return t
}

// partiql is what a statement says.
type partiql struct {
	verb         string // select, exists, insert, update, delete, or empty
	table, index string
	equal        map[string]string // attribute = literal in clear
	parameter    bool              // some attribute = ?
	attributes   []string
}

// parsePartiQL reads as much of a statement as keys and names need. A statement
// that it cannot read has a verb at most.
func parsePartiQL(text string) partiql {
	tokens, ok := partiqlTokens(text)
	p := &pqlParser{tokens: tokens}
	q := partiql{equal: map[string]string{}}
	switch {
	case p.keyword("select"):
		q.verb = "select"
		q.parseSelect(p)
	case p.keyword("exists"):
		q.verb = "exists"
		if p.symbol("(") && p.keyword("select") {
			inside := p.upToClosing()
			q.parseSelect(&pqlParser{tokens: inside})
		}
	case p.keyword("insert"):
		q.verb = "insert"
		if p.keyword("into") {
			q.parseTable(p)
			q.parseItem(p)
		}
	case p.keyword("update"):
		q.verb = "update"
		q.parseTable(p)
		q.parseChanges(p)
		q.parseWhere(p)
	case p.keyword("delete"):
		q.verb = "delete"
		if p.keyword("from") {
			q.parseTable(p)
			q.parseWhere(p)
		}
	}
	if !ok || q.table == "" {
		return partiql{verb: q.verb}
	}
	q.attributes = slices.DeleteFunc(q.attributes, func(s string) bool { return s == "" })
	if len(q.attributes) == 0 {
		q.attributes = nil
	}
	q.attributes = sortedUnique(q.attributes)
	return q
}

func (q *partiql) parseSelect(p *pqlParser) {
	for {
		item := p.item("from")
		if len(item) > 0 && item[0].name() && !(len(item) > 1 && item[1].kind == '(') {
			q.attributes = append(q.attributes, item[0].text)
		}
		if !p.symbol(",") {
			break
		}
	}
	if p.keyword("from") {
		q.parseTable(p)
		q.parseWhere(p)
	}
}

// parseTable reads "table" or "table"."index".
func (q *partiql) parseTable(p *pqlParser) {
	if !p.peek().name() {
		return
	}
	q.table = p.peek().text
	p.skip()
	if p.symbol(".") && p.peek().name() {
		q.index = p.peek().text
		p.skip()
	}
}

// parseChanges reads the SET and REMOVE clauses of an UPDATE.
func (q *partiql) parseChanges(p *pqlParser) {
	for len(p.tokens) > 0 && !p.at("where", "returning") {
		if p.at("set", "remove") || p.peek().kind == ',' {
			p.skip()
			if p.peek().name() {
				q.attributes = append(q.attributes, p.peek().text)
			}
		}
		p.item("set", "remove", "where", "returning")
	}
}

// parseWhere reads the equalities that AND joins.
func (q *partiql) parseWhere(p *pqlParser) {
	for len(p.tokens) > 0 && !p.at("where") {
		p.skip()
	}
	if !p.keyword("where") {
		return
	}
	var terms [][]pqlToken
	term, depth := []pqlToken{}, 0
	for _, t := range p.tokens {
		word := ""
		if t.kind == 'w' && depth == 0 {
			word = lower(t.text)
		}
		if word == "or" {
			return // nothing is certain
		}
		if word == "returning" || word == "order" {
			break
		}
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		if word == "and" {
			terms = append(terms, term)
			term = nil
			continue
		}
		term = append(term, t)
	}
	for _, term := range append(terms, term) {
		if len(term) != 3 || !term[0].name() || term[1].kind != '=' {
			continue
		}
		switch term[2].kind {
		case 's', 'n':
			q.equal[term[0].text] = term[2].text
		case '?':
			q.parameter = true
		}
	}
}

// parseItem reads VALUE {'name': value, ...}.
func (q *partiql) parseItem(p *pqlParser) {
	for len(p.tokens) > 0 && p.peek().kind != '{' {
		p.skip()
	}
	if !p.symbol("{") {
		return
	}
	inside := &pqlParser{tokens: p.upToClosing()}
	for {
		item := inside.item()
		if len(item) >= 3 && (item[0].name() || item[0].kind == 's') && item[1].kind == ':' {
			q.attributes = append(q.attributes, item[0].text)
			if len(item) == 3 && (item[2].kind == 's' || item[2].kind == 'n') {
				q.equal[item[0].text] = item[2].text
			}
		}
		if !inside.symbol(",") {
			return
		}
	}
}
