package decode

import (
	"bytes"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// keyUse takes a KMS call: one touch for each table that an encryption context names,
// one of no table if it names none.
func (d *Decoder) keyUse() {
	t := d.rec.t
	op := schema.Operation{Op: schema.OpKey, Mutates: changesKey(d.rec.name), Scope: schema.ScopeNone}
contexts:
	for _, context := range d.encryptionContexts() {
		table := named(t.memberText(context, contextTable))
		if table.name == "" {
			continue
		}
		for i := range d.reaches {
			if d.reaches[i].table.name == table.name {
				continue contexts
			}
		}
		d.reach(d.located(table, t.memberText(context, contextOwner)), op)
	}
	if len(d.reaches) == 0 {
		d.reach(tableRef{}, op)
	}
}

const scalablePrefix = "table/"

// namesScalable reports whether an auto scaling call names a table.
func (d *Decoder) namesScalable() bool {
	r := &d.rec
	if strings.HasPrefix(r.paramText(paramResourceID), scalablePrefix) {
		return true
	}
	if list := r.param(paramResourceIDs); r.t.isArray(list) {
		for i, end := list+1, r.t.next(list); i < end; i = r.t.next(i) {
			if strings.HasPrefix(r.t.text(i), scalablePrefix) {
				return true
			}
		}
	}
	return false
}

// scaling takes an auto scaling call: a touch for each table or index that is
// scaled. Their ids look like table/orders/index/by-state.
func (d *Decoder) scaling() {
	r := &d.rec
	op := schema.Operation{Op: schema.OpMetaRead, Scope: schema.ScopeNone}
	for _, prefix := range [...]string{"Register", "Deregister", "Put", "Delete"} {
		if strings.HasPrefix(r.name, prefix) {
			op.Op, op.Mutates = schema.OpScale, true
		}
	}
	d.scaled(r.paramText(paramResourceID), op)
	if list := r.param(paramResourceIDs); r.t.isArray(list) {
		for i, end := list+1, r.t.next(list); i < end; i = r.t.next(i) {
			d.scaled(r.t.text(i), op)
		}
	}
	if len(d.reaches) == 0 && !d.over {
		d.reach(tableRef{}, op)
	}
}

// scaled adds the touch of a scalable target that has none yet.
func (d *Decoder) scaled(id string, op schema.Operation) {
	path, ok := strings.CutPrefix(id, scalablePrefix)
	if !ok {
		return
	}
	table, sub, _ := strings.Cut(path, "/")
	index, ok := strings.CutPrefix(sub, "index/")
	if !ok {
		index = ""
	}
	for i := range d.reaches {
		if d.reaches[i].table.name == table && d.reaches[i].index == index {
			return
		}
	}
	d.reach(tableRef{name: table}, op).index = index
}

// namesBackedUp sets tables to those whose ARNs an AWS Backup record contains
// anywhere, and reports whether there are any.
func (d *Decoder) namesBackedUp() bool {
	r := &d.rec
	d.tables = d.tables[:0]
	if !mayContain(r.t.raw(r.root), ":dynamodb:") {
		return false
	}
	for _, slot := range [...]int{envRequestParameters, envResponseElements, envServiceEventDetails} {
		d.tables = d.arnsIn(d.tables, d.canonical(r.at(slot)))
	}
	d.mentioned = r.mentionedResources(d.mentioned[:0])
	for _, m := range d.mentioned {
		d.tables = append(d.tables, m.tableRef)
	}
	d.uniqueTables()
	return len(d.tables) > 0
}

// mayContain reports whether JSON text may contain a word, which is certain only
// where nothing is escaped.
func mayContain(raw []byte, word string) bool {
	return bytes.Contains(raw, []byte(word)) || bytes.IndexByte(raw, '\\') >= 0
}

// backup takes an AWS Backup record, for the tables that namesBackedUp found; a vault
// names none.
func (d *Decoder) backup() {
	op := metaReadOrOther(d.rec.name)
	switch d.rec.name {
	case "StartBackupJob", "StartCopyJob", "StartRestoreJob":
		op = schema.Operation{Op: schema.OpCopy, Mutates: true, Scope: schema.ScopeTable}
	case "DeleteRecoveryPoint":
		op = schema.Operation{Op: schema.OpDestroy, Mutates: true, Scope: schema.ScopeTable}
	case "DeleteBackupVault":
		op.Op = schema.OpDestroy
	case "DeleteBackupVaultLockConfiguration":
		op.Op = schema.OpProtect
	}
	for i := range d.tables {
		d.reach(d.tables[i], op)
	}
	if len(d.tables) == 0 {
		d.reach(tableRef{}, op)
	}
}

// metaReadOrOther is the operation of another service's call.
func metaReadOrOther(name string) schema.Operation {
	for _, prefix := range [...]string{"Describe", "List", "Get"} {
		if strings.HasPrefix(name, prefix) {
			return schema.Operation{Op: schema.OpMetaRead, Scope: schema.ScopeNone}
		}
	}
	return schema.Operation{Op: schema.OpOther, Mutates: true, Scope: schema.ScopeNone}
}

// namesEvaluated sets tables to those that an AWS Config call names: by verdict,
// by resource, in a list of resources, or at last by any ARN in it. It reports
// whether there are any.
func (d *Decoder) namesEvaluated() bool {
	r := &d.rec
	t := r.t
	d.tables = d.tables[:0]
	parameters := r.at(envRequestParameters)
	if raw := t.raw(parameters); !mayContain(raw, "DynamoDB") && !mayContain(raw, ":dynamodb:") {
		return false
	}
	if list := r.param(paramEvaluations); t.isArray(list) {
		for i, end := list+1, t.next(list); i < end; i = t.next(i) {
			d.addEvaluated(i)
		}
	}
	d.addEvaluated(r.param(paramExternalEvaluation))
	if len(d.tables) == 0 && r.paramText(paramResourceType) == tableType {
		d.addNamed(r.paramText(paramResourceID), r.paramText(paramResourceName))
	}
	if list := r.param(paramResourceKeys); len(d.tables) == 0 && t.isArray(list) {
		for i, end := list+1, t.next(list); i < end; i = t.next(i) {
			if t.memberText(i, "resourceType") == tableType {
				d.addNamed(t.memberText(i, "resourceId"), "")
			}
		}
	}
	if len(d.tables) == 0 {
		d.tables = d.arnsIn(d.tables, d.canonical(parameters))
		d.uniqueTables()
	}
	return len(d.tables) > 0
}

// addEvaluated adds the table that one verdict of a compliance rule is about.
func (d *Decoder) addEvaluated(evaluation int) {
	t := d.rec.t
	if t.memberText(evaluation, "complianceResourceType") == tableType {
		d.addNamed(t.memberText(evaluation, "complianceResourceId"), "")
	}
}

// addNamed adds the table of the first id that is not empty.
func (d *Decoder) addNamed(id, otherwise string) {
	if id == "" {
		id = otherwise
	}
	if id != "" {
		d.tables = append(d.tables, named(id))
	}
}

// evaluation takes an AWS Config record, for the tables that namesEvaluated found; what
// the recorder is told is about none.
func (d *Decoder) evaluation() {
	if changesRecorder(d.rec.name) {
		d.reach(tableRef{}, schema.Operation{Op: schema.OpAudit, Scope: schema.ScopeNone})
		return
	}
	op := metaReadOrOther(d.rec.name)
	if d.rec.name == "PutEvaluations" || d.rec.name == "PutExternalEvaluation" {
		op.Op = schema.OpEvaluate
	}
	op.Mutates = false
	for i := range d.tables {
		d.reach(d.tables[i], op)
	}
}
