package decode

import "slices"

// verb is what a PartiQL statement does.
type verb uint8

const (
	verbNone verb = iota
	verbSelect
	verbExists
	verbInsert
	verbUpdate
	verbDelete
)

// statement is what a PartiQL statement says about tables, keys and attributes.
// Of one that cannot be read only the verb is known.
type statement struct {
	verb         verb
	table, index string
	equal        []equality // attribute = literal in clear, in the order of names
	parameter    bool       // some attribute = ?
	attributes   []string   // names selected, set, removed or inserted; never those in WHERE
}

type equality struct{ name, value string }

// parser reads PartiQL as far as the keys and names in it; DynamoDB Developer
// Guide, PartiQL for DynamoDB. What it returns is good until the next call.
type parser struct {
	arena   *arena // for text with doubled quotes
	lexemes []lexeme
	at, end int // the lexemes still to be read
	out     statement
}

// release lets go of the last statement, and of much memory.
func (p *parser) release() {
	p.lexemes = kept(p.lexemes)
	p.out = statement{equal: kept(p.out.equal), attributes: kept(p.out.attributes)}
}

// parse reads a statement.
func (p *parser) parse(text string) *statement {
	q := &p.out
	*q = statement{equal: q.equal[:0], attributes: q.attributes[:0]}
	lexemes, ok := lex(p.lexemes[:0], text, p.arena)
	p.lexemes, p.at, p.end = lexemes, 0, len(lexemes)
	switch {
	case p.keyword("SELECT"):
		q.verb = verbSelect
		p.parseSelect()
	case p.keyword("EXISTS"):
		q.verb = verbExists
		if p.symbol('(') && p.keyword("SELECT") {
			p.end = p.closing()
			p.parseSelect()
		}
	case p.keyword("INSERT"):
		q.verb = verbInsert
		if p.keyword("INTO") {
			p.parseTable()
			p.parseItem()
		}
	case p.keyword("UPDATE"):
		q.verb = verbUpdate
		p.parseTable()
		p.parseChanges()
		p.parseWhere()
	case p.keyword("DELETE"):
		q.verb = verbDelete
		if p.keyword("FROM") {
			p.parseTable()
			p.parseWhere()
		}
	}
	if !ok || q.table == "" {
		*q = statement{verb: q.verb, equal: q.equal[:0], attributes: q.attributes[:0]}
		return q
	}
	q.sortEqual()
	return q
}

// sortEqual sorts the equalities by name; of several with one name the last stays.
func (q *statement) sortEqual() {
	if len(q.equal) < 2 {
		return
	}
	slices.SortStableFunc(q.equal, func(a, b equality) int {
		switch {
		case a.name < b.name:
			return -1
		case a.name > b.name:
			return 1
		}
		return 0
	})
	n := 0
	for i, e := range q.equal {
		if i+1 < len(q.equal) && q.equal[i+1].name == e.name {
			continue
		}
		q.equal[n] = e
		n++
	}
	q.equal = q.equal[:n]
}

// peek is the next lexeme, or none.
func (p *parser) peek() lexeme {
	if p.at < p.end {
		return p.lexemes[p.at]
	}
	return lexeme{}
}

func (l lexeme) isKeyword(word string) bool { return l.kind == lexWord && equalFold(l.text, word) }

func (p *parser) keyword(word string) bool {
	if p.peek().isKeyword(word) {
		p.at++
		return true
	}
	return false
}

func (p *parser) symbol(c byte) bool {
	if p.peek().kind == c {
		p.at++
		return true
	}
	return false
}

// nesting is how a lexeme changes the depth of brackets.
func nesting(l lexeme) int {
	switch l.kind {
	case '(', '[', '{':
		return 1
	case ')', ']', '}':
		return -1
	}
	return 0
}

// closing is the place of the bracket that closes the one just read, or the end
// when there is none.
func (p *parser) closing() int {
	depth := 1
	for i := p.at; i < p.end; i++ {
		if depth += nesting(p.lexemes[i]); depth == 0 {
			return i
		}
	}
	return p.end
}

// item moves to the next comma or stop word outside brackets, and returns what it
// passed.
func (p *parser) item(stops ...string) []lexeme {
	depth, from := 0, p.at
	for ; p.at < p.end; p.at++ {
		l := p.lexemes[p.at]
		depth += nesting(l)
		if depth != 0 {
			continue
		}
		if l.kind == ',' {
			break
		}
		if l.kind == lexWord && slices.ContainsFunc(stops, l.isKeyword) {
			break
		}
	}
	return p.lexemes[from:p.at]
}
