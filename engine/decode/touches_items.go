package decode

import "github.com/keytrail/keytrail/schema"

// action is what is done with items, which says where their attributes stand.
type action uint8

const (
	actNone   action = iota
	actPut           // attribute names in items or item
	actUpdate        // in an update expression
	actDelete        // none
	actGet           // in a projection
	actCheck         // as actGet, of ConditionCheck
	actSearch        // in a projection and a filter
)

// actionOf is the action of an event.
func actionOf(eventName string) action {
	switch eventName {
	case "GetItem", "BatchGetItem", "TransactGetItems":
		return actGet
	case "Query", "Scan":
		return actSearch
	case "PutItem", "BatchWriteItem", "TransactWriteItems":
		return actPut
	case "UpdateItem":
		return actUpdate
	case "DeleteItem":
		return actDelete
	}
	return actNone
}

// itemCall takes a call on one table: by key, Query, Scan or vector search.
func (d *Decoder) itemCall() {
	r := &d.rec
	op := r.op
	key, values := d.itemKey(r.param(paramKey))
	switch hasKey := key != ""; r.name {
	case "Scan", "SearchVectors":
		key, values = "", span{}
		if r.paramText(paramIndexName) != "" {
			op.Scope = schema.ScopeIndex
		}
	case "Query":
		key = "" // the partition's, or of an index: no item's
		switch {
		case !hasKey:
			op.Scope = schema.ScopeUnknown
		case r.paramText(paramIndexName) != "":
			op.Scope = schema.ScopeIndex
		}
	default:
		if !hasKey {
			op.Scope = schema.ScopeUnknown
		}
	}
	if d.omitted() {
		op.Scope = schema.ScopeUnknown
	}
	attrs := d.attributes(&r.rp, actionOf(r.name))
	reaches := d.onTables(op)
	for i := range reaches {
		reaches[i].attrs = attrs
	}
	if len(reaches) == 1 && op.Scope != schema.ScopeUnknown && values.from != values.to {
		// A key that was named is kept even where no table was.
		reaches[0].op.Scope, reaches[0].key, reaches[0].values = op.Scope, key, values
	}
}

// omitted reports parameters that were too large to log.
func (d *Decoder) omitted() bool {
	return d.rec.t.tri(d.rec.param(paramOmitted)) == schema.True
}
