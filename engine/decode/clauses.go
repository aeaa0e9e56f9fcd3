package decode

// parseSelect reads from behind SELECT.
func (p *parser) parseSelect() {
	for {
		item := p.item("FROM")
		if len(item) > 0 && item[0].isName() && !(len(item) > 1 && item[1].kind == '(') {
			p.out.attributes = append(p.out.attributes, item[0].text)
		}
		if !p.symbol(',') {
			break
		}
	}
	if p.keyword("FROM") {
		p.parseTable()
		p.parseWhere()
	}
}

// parseTable reads "table" or "table"."index".
func (p *parser) parseTable() {
	if !p.peek().isName() {
		return
	}
	p.out.table = p.peek().text
	p.at++
	if p.symbol('.') && p.peek().isName() {
		p.out.index = p.peek().text
		p.at++
	}
}

// parseChanges reads the SET and REMOVE clauses of an UPDATE.
func (p *parser) parseChanges() {
	for p.at < p.end && !p.peek().isKeyword("WHERE") && !p.peek().isKeyword("RETURNING") {
		if p.symbol(',') || p.keyword("SET") || p.keyword("REMOVE") {
			if l := p.peek(); l.isName() {
				p.out.attributes = append(p.out.attributes, l.text)
			}
		}
		p.item("SET", "REMOVE", "WHERE", "RETURNING")
	}
}

// parseWhere reads the equalities that AND joins. With an OR among them nothing
// is certain.
func (p *parser) parseWhere() {
	for p.at < p.end && !p.peek().isKeyword("WHERE") {
		p.at++
	}
	if !p.keyword("WHERE") {
		return
	}
	equal, depth, from := len(p.out.equal), 0, p.at
	parameter := p.out.parameter
	for ; p.at < p.end; p.at++ {
		l := p.lexemes[p.at]
		if depth == 0 && l.kind == lexWord {
			if l.isKeyword("OR") {
				p.out.equal, p.out.parameter = p.out.equal[:equal], parameter
				return
			}
			if l.isKeyword("RETURNING") || l.isKeyword("ORDER") {
				break
			}
			if l.isKeyword("AND") {
				p.term(p.lexemes[from:p.at])
				from = p.at + 1
			}
		}
		depth += nesting(l)
	}
	p.term(p.lexemes[from:p.at])
}

// term takes one condition of a WHERE: name = literal.
func (p *parser) term(l []lexeme) {
	if len(l) != 3 || !l[0].isName() || l[1].kind != '=' {
		return
	}
	switch {
	case l[2].isClear():
		p.out.equal = append(p.out.equal, equality{l[0].text, l[2].text})
	case l[2].kind == '?':
		p.out.parameter = true
	}
}

// parseItem reads VALUE {'name': value, ...}.
func (p *parser) parseItem() {
	for p.at < p.end && p.peek().kind != '{' {
		p.at++
	}
	if !p.symbol('{') {
		return
	}
	p.end = p.closing()
	for {
		item := p.item()
		if len(item) >= 3 && (item[0].isName() || item[0].kind == lexString) && item[1].kind == ':' {
			p.out.attributes = append(p.out.attributes, item[0].text)
			if len(item) == 3 && item[2].isClear() {
				p.out.equal = append(p.out.equal, equality{item[0].text, item[2].text})
			}
		}
		if !p.symbol(',') {
			return
		}
	}
}
