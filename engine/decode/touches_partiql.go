package decode

import "github.com/keytrail/keytrail/schema"

// statementCall takes the PartiQL calls: a touch for each statement.
func (d *Decoder) statementCall() {
	t := d.rec.t
	if d.rec.name == "ExecuteStatement" {
		d.statement(d.rec.paramText(paramStatement))
	} else if list := d.firstList(paramRequestItems, paramTransactStatements, paramStatements); t.isArray(list) {
		for i, end := list+1, t.next(list); i < end; i = t.next(i) {
			if t.kind(i) == kindString {
				d.statement(t.str(i))
			} else {
				d.statement(t.memberText(i, "statement"))
			}
		}
	}
	if len(d.reaches) == 0 && !d.over {
		d.onTables(d.rec.op)
	}
}

// statement adds the touch of one statement, if it has a text.
func (d *Decoder) statement(text string) {
	if text == "" {
		return
	}
	q := d.parser.parse(text)
	table := named(q.table)
	if table.name == "" {
		table = d.callTable()
	}
	op := q.operation()
	r := d.reach(table, op)
	r.statement, r.index = text, q.index
	if op.Scope != schema.ScopeUnknown && len(q.equal) > 0 {
		first := len(d.texts)
		for _, e := range q.equal {
			d.texts = append(d.texts, e.value)
		}
		r.values = span{int32(first), int32(len(d.texts))}
		if op.Scope == schema.ScopeItem {
			r.key = d.arena.keyOf(q.equal)
		}
	}
	from := len(d.texts)
	for _, name := range q.attributes {
		d.addName(name)
	}
	r.attrs = d.sortedNames(from)
}

// operation is what the statement does to what. Unlike the record's readOnly, the
// verb tells reads from writes.
func (q *statement) operation() schema.Operation {
	op := schema.Operation{Op: schema.OpOther, Mutates: true, Scope: schema.ScopeUnknown}
	switch q.verb {
	case verbSelect:
		op = schema.Operation{Op: schema.OpReadBulk, Scope: schema.ScopeTable}
		if len(q.equal) > 0 || q.parameter {
			op.Op = schema.OpReadRange
		}
		switch {
		case len(q.equal) == 0 && q.parameter:
			op.Scope = schema.ScopeUnknown
		case q.index != "":
			op.Scope = schema.ScopeIndex
		case len(q.equal) > 0:
			op.Scope = schema.ScopePartition
		}
	case verbExists:
		op = getOperation
	case verbInsert, verbUpdate:
		op = putOperation
	case verbDelete:
		op = deleteOperation
	}
	if q.table == "" || op.Scope == schema.ScopeItem && len(q.equal) == 0 {
		op.Scope = schema.ScopeUnknown
	}
	return op
}

// keyOf is the item key that equalities spell, which are in the order of names.
func (a *arena) keyOf(equal []equality) string {
	n := len("{}")
	for _, e := range equal {
		n += 2*(len(e.name)+len(e.value)) + len(`"":"",`)
	}
	b := append(a.take(n), '{')
	for i, e := range equal {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(schema.AppendCanonicalString(b, e.name), ':')
		b = schema.AppendCanonicalString(b, e.value)
	}
	return view(append(b, '}'))
}
