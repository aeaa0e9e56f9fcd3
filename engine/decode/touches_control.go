package decode

import "github.com/keytrail/keytrail/schema"

// controlCall takes a call that names no item: settings, streams, whole tables,
// and calls nobody knows yet.
func (d *Decoder) controlCall() {
	r := &d.rec
	op := r.op
	if r.name == "UpdateTable" && r.t.kind(r.param(paramDeletionProtection)) != kindNull {
		op.Op = schema.OpProtect
	}
	if r.plane == schema.PlaneData && (!op.Known || d.omitted()) {
		op.Scope = schema.ScopeUnknown
	}
	d.onTables(op)
}

// restoreCall takes a restore: a touch of the new table, then one of the table
// its data comes from.
func (d *Decoder) restoreCall() {
	r := &d.rec
	target := named(r.paramText(paramTargetTableName))
	if target.name == "" {
		d.controlCall()
		return
	}
	op := r.op
	d.reach(target, op)
	if source := d.restoredFrom(target); source.name != "" {
		op.Mutates = false
		d.reach(source, op)
	}
}

func (d *Decoder) restoredFrom(target tableRef) tableRef {
	r := &d.rec
	for _, slot := range [...]int{paramBackupARN, paramSourceTableARN} {
		if arn, ok := schema.ParseTableARN(r.paramText(slot)); ok {
			return refOf(arn)
		}
	}
	if name := r.paramText(paramSourceTableName); name != "" {
		return named(name)
	}
	// The first resource that is another table; of type table, if there are such.
	where := inResource
	for _, m := range d.mentions() {
		if m.where == inTableResource {
			where = inTableResource
			break
		}
	}
	for _, m := range d.mentions() {
		if m.where == where && m.name != target.name {
			return m.tableRef
		}
	}
	return tableRef{}
}
