package decode_test

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// itemTouches is the row of a call on one table: by key, Query, Scan or vector search.
func (rec *refRecord) itemTouches() []schema.Touch {
	op := schema.Classify(rec.name)
	index := rec.rp.get("indexName").str()
	key, values, hasKey := keyOf(rec.rp.get("key"))
	switch rec.name {
	case "Scan", "SearchVectors":
		key, values = "", nil
		if index != "" {
			op.Scope = schema.ScopeIndex
		}
	case "Query":
		key = ""
		if index != "" {
			op.Scope = schema.ScopeIndex
		}
		if !hasKey {
			op.Scope = schema.ScopeUnknown
		}
	default:
		if !hasKey {
			op.Scope = schema.ScopeUnknown
		}
	}
	if rec.omitted() {
		op.Scope = schema.ScopeUnknown
	}
	touches := rec.onTables(op)
	if len(touches) == 1 && op.Scope != schema.ScopeUnknown && len(values) > 0 {
		touches[0].KeyScope, touches[0].ItemKey, touches[0].KeyValues = op.Scope, key, values
	}
	for i := range touches {
		touches[i].Attributes = attributesOf(rec.rp, actionOf(rec.name))
	}
	return touches
}

// keyOf reads a key; ok is false when there is none to read.
func keyOf(n *node) (key string, values []string, ok bool) {
	if !n.is(kindObject) {
		return "", nil, false
	}
	return schema.ItemKey(n.raw)
}

// action is what is done with an item.
type action string

const (
	actionNone   action = ""
	actionPut    action = "put"
	actionGet    action = "get"
	actionUpdate action = "update"
	actionDelete action = "delete"
	actionCheck  action = "conditioncheck"
	actionSearch action = "search" // Query, Scan: reads with a filter
)

func actionOf(eventName string) action {
	switch eventName {
	case "GetItem", "BatchGetItem", "TransactGetItems":
		return actionGet
	case "Query", "Scan":
		return actionSearch
	case "PutItem", "BatchWriteItem", "TransactWriteItems":
		return actionPut
	case "UpdateItem":
		return actionUpdate
	case "DeleteItem":
		return actionDelete
	}
	return actionNone
}

// actionNamed understands an element's operation: "Put", "PutRequest", "ConditionCheck".
func actionNamed(s string) action {
	switch a := action(strings.TrimSuffix(lower(s), "request")); a {
	case actionPut, actionGet, actionUpdate, actionDelete, actionCheck:
		return a
	}
	return actionNone
}

func (a action) operation() schema.Operation {
	switch a {
	case actionPut, actionUpdate:
		return schema.Classify("PutItem")
	case actionDelete:
		return schema.Classify("DeleteItem")
	}
	return schema.Classify("GetItem")
}

// listTouches are the rows of a batch or transaction: one for each key.
func (rec *refRecord) listTouches() []schema.Touch {
	w := refWalk{rec: rec, action: actionOf(rec.name)}
	list := rec.list("requestItems", "transactItems")
	switch {
	case list.is(kindArray):
		for _, e := range list.elems {
			w.element(e, tableRef{})
		}
	case list.is(kindObject):
		for _, name := range list.names() {
			table, value := named(name), list.exactly(name)
			before := len(w.touches)
			if value.is(kindArray) {
				for _, e := range value.elems {
					w.element(e, table)
				}
			} else {
				w.element(value, table)
			}
			if len(w.touches) == before {
				w.unknown(table, w.action, nil)
			}
		}
	}
	known := slices.ContainsFunc(w.touches, func(t schema.Touch) bool { return t.TableName != "" })
	if !known && (len(w.touches) == 0 || rec.tables()[0].name != "") {
		op := schema.Classify(rec.name)
		op.Scope = schema.ScopeUnknown
		return rec.onTables(op)
	}
	return w.touches
}

// list is the first of the named parameters that holds several things.
func (rec *refRecord) list(names ...string) *node {
	for _, name := range names {
		if n := rec.rp.get(name); n.is(kindArray) || n.is(kindObject) {
			return n
		}
	}
	return nil
}

type refWalk struct {
	rec     *refRecord
	action  action // of an element that does not say
	touches []schema.Touch
}

var wrappers = []string{"put", "get", "update", "delete", "conditionCheck", "putRequest", "deleteRequest"}

// element takes one action of a list. table is known when the list is a map.
func (w *refWalk) element(e *node, table tableRef) {
	if !e.is(kindObject) {
		return
	}
	act, inner := actionNamed(e.get("operation").str()), e
	if name := e.get("tableName").str(); name != "" {
		table = named(name)
	}
	if !e.get("key").is(kindObject) && !e.get("keys").is(kindArray) {
		for _, wrapper := range wrappers {
			if wrapped := e.get(wrapper); wrapped.is(kindObject) {
				inner = wrapped
				if act == actionNone {
					act = actionNamed(wrapper)
				}
				if name := inner.get("tableName").str(); name != "" {
					table = named(name)
				}
				break
			}
		}
	}
	if act == actionNone {
		act = w.action
	}
	keys := []*node{inner.get("key")}
	if !keys[0].is(kindObject) && len(inner.get("keys").list()) > 0 {
		keys = inner.get("keys").list()
	}
	if table.name == "" {
		table = w.rec.table()
		if _, _, ok := keyOf(keys[0]); !ok {
			return // no action that we know
		}
	}
	for _, n := range keys {
		key, values, ok := keyOf(n)
		if !ok {
			w.unknown(table, act, inner)
			continue
		}
		t := w.rec.touch(table, act.operation())
		t.ItemKey, t.KeyValues, t.Attributes = key, values, attributesOf(inner, act)
		w.touches = append(w.touches, t)
	}
}

func (w *refWalk) unknown(table tableRef, act action, inner *node) {
	op := act.operation()
	op.Scope = schema.ScopeUnknown
	t := w.rec.touch(table, op)
	t.Attributes = attributesOf(inner, act)
	w.touches = append(w.touches, t)
}
