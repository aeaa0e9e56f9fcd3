package decode

import "github.com/keytrail/keytrail/schema"

// The operations of single items, which batches are made of.
var (
	putOperation    = schema.Classify("PutItem")
	deleteOperation = schema.Classify("DeleteItem")
	getOperation    = schema.Classify("GetItem")
)

func (a action) operation() schema.Operation {
	switch a {
	case actPut, actUpdate:
		return putOperation
	case actDelete:
		return deleteOperation
	}
	return getOperation
}

// actionNamed understands what an element calls its operation: "Put",
// "PutRequest", "ConditionCheck".
func actionNamed(s string) action {
	const suffix = "request"
	if n := len(s) - len(suffix); n >= 0 && equalFold(s[n:], suffix) {
		s = s[:n]
	}
	switch {
	case equalFold(s, "put"):
		return actPut
	case equalFold(s, "get"):
		return actGet
	case equalFold(s, "update"):
		return actUpdate
	case equalFold(s, "delete"):
		return actDelete
	case equalFold(s, "conditionCheck"):
		return actCheck
	}
	return actNone
}

// wrappers are the members of an element that may hold its action, the way the
// API writes it, with what they stand for.
var wrappers = [...]struct {
	slot int
	act  action
}{
	{paramPut, actPut},
	{paramGet, actGet},
	{paramUpdate, actUpdate},
	{paramDelete, actDelete},
	{paramConditionCheck, actCheck},
	{paramPutRequest, actPut},
	{paramDeleteRequest, actDelete},
}

// batchCall takes a batch or transaction: a list of actions, or lists by table.
// CloudTrail documents the shape of TransactWriteItems only, so anything like it
// or like the API's own shape is understood.
func (d *Decoder) batchCall() {
	t := d.rec.t
	list := d.firstList(paramRequestItems, paramTransactItems)
	switch t.kind(list) {
	case kindArray:
		for i, end := list+1, t.next(list); i < end; i = t.next(i) {
			d.batchElement(i, tableRef{})
		}
	case kindObject:
		from := len(d.members)
		d.members = t.sorted(d.members, list)
		for _, m := range d.members[from:] {
			d.tableElements(named(m.name), m.value())
		}
		d.members = d.members[:from]
	}
	if !d.namesTable() && !d.over {
		tables := d.callTables()
		if len(d.reaches) > 0 && tables[0].name == "" {
			return // keys without any table, even in resources
		}
		d.reaches, d.texts = d.reaches[:0], d.texts[:0]
		op := d.rec.op
		op.Scope = schema.ScopeUnknown
		d.onTables(op)
	}
}

// namesTable reports whether any touch found so far is of a table we know. A
// key whose table is not told stays a touch beside such ones; alone it leaves us
// with what resources names.
func (d *Decoder) namesTable() bool {
	for i := range d.reaches {
		if d.reaches[i].table.name != "" {
			return true
		}
	}
	return false
}

// firstList is the first of the parameters that holds several things, or 0.
func (d *Decoder) firstList(slots ...int) int {
	for _, slot := range slots {
		if i := d.rec.param(slot); d.rec.t.isArray(i) || d.rec.t.isObject(i) {
			return i
		}
	}
	return 0
}

// tableElements takes what a map of tables has for one of them.
func (d *Decoder) tableElements(table tableRef, value int) {
	t := d.rec.t
	before := len(d.reaches)
	if t.isArray(value) {
		for i, end := value+1, t.next(value); i < end; i = t.next(i) {
			d.batchElement(i, table)
		}
	} else {
		d.batchElement(value, table)
	}
	if len(d.reaches) == before {
		d.batchReach(table, actionOf(d.rec.name), 0, span{})
	}
}

// batchElement takes one action, on one key or, in reads, on several. table is
// known when the list is a map.
func (d *Decoder) batchElement(e int, table tableRef) {
	t := d.rec.t
	if !t.isObject(e) {
		return
	}
	p := &d.inner
	t.fill(e, paramNames, p[:])
	act := actionNamed(t.text(p.at(paramOperation)))
	if name := t.text(p.at(paramTableName)); name != "" {
		table = named(name)
	}
	if !t.isObject(p.at(paramKey)) && !t.isArray(p.at(paramKeys)) {
		for _, w := range wrappers {
			inner := p.at(w.slot)
			if !t.isObject(inner) {
				continue
			}
			if act == actNone {
				act = w.act
			}
			t.fill(inner, paramNames, p[:])
			if name := t.text(p.at(paramTableName)); name != "" {
				table = named(name)
			}
			break
		}
	}
	if act == actNone {
		act = actionOf(d.rec.name)
	}
	key, keys := p.at(paramKey), p.at(paramKeys)
	several := !t.isObject(key) && t.isArray(keys) && t.next(keys) > keys+1
	first := key
	if several {
		first = keys + 1
	}
	if table.name == "" {
		if !t.hasMembers(first) {
			return // no action that we know
		}
		table = d.callTable()
	}
	attrs := d.attributes(p, act)
	if !several {
		d.batchReach(table, act, key, attrs)
		return
	}
	for i, end := keys+1, t.next(keys); i < end; i = t.next(i) {
		d.batchReach(table, act, i, attrs)
	}
}

// batchReach adds the touch of one key, which need not be readable.
func (d *Decoder) batchReach(table tableRef, act action, node int, attrs span) {
	op := act.operation()
	key, values := d.itemKey(node)
	if key == "" {
		op.Scope = schema.ScopeUnknown
	}
	r := d.reach(table, op)
	r.key, r.values, r.attrs = key, values, attrs
}
