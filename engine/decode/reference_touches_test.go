package decode_test

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// tableRef is a table as some part of a record names it.
type tableRef struct {
	name, arn string
}

// touches are the rows of the record, in order.
func (rec *refRecord) touches() []schema.Touch {
	switch rec.plane {
	case schema.PlaneInsight:
		return []schema.Touch{rec.touch(tableRef{}, schema.Operation{Op: schema.OpInsight, Scope: schema.ScopeNone})}
	case schema.PlaneTrail:
		return []schema.Touch{rec.touch(tableRef{}, schema.Operation{Op: schema.OpAudit, Scope: schema.ScopeNone})}
	case schema.PlaneSTS:
		return []schema.Touch{rec.sessionTouch()}
	case schema.PlaneIAM:
		return []schema.Touch{rec.touch(tableRef{}, schema.Operation{Op: schema.OpGrant, Scope: schema.ScopeNone})}
	case schema.PlaneStorage, schema.PlaneOther:
		return rec.otherTouches()
	case schema.PlaneKMS:
		return rec.keyTouches()
	case schema.PlaneAutoscaling:
		return rec.scaleTouches()
	case schema.PlaneConfig:
		if slices.Contains(refRecorders, rec.name) {
			return []schema.Touch{rec.touch(tableRef{}, schema.Operation{Op: schema.OpAudit, Scope: schema.ScopeNone})}
		}
		return rec.forTables(rec.evaluated(), rec.configOperation())
	}
	if rec.source == "backup" {
		tables := rec.backedUp()
		if tables == nil {
			tables = []tableRef{{}} // a vault
		}
		return rec.forTables(tables, rec.backupOperation())
	}
	switch rec.name {
	case "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "SearchVectors":
		return rec.itemTouches()
	case "BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems":
		return rec.listTouches()
	case "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction":
		return rec.statementTouches()
	case "RestoreTableFromBackup", "RestoreTableToPointInTime", "RestoreTableFromAwsBackup":
		return rec.restoreTouches()
	}
	return rec.wholeTouches()
}

// sessionTouch is the row of an event that gave somebody a session: by the access
// key id and the ARN in its response, or, of a sign-in, by the ARN of who signed in.
func (rec *refRecord) sessionTouch() schema.Touch {
	t := rec.touch(tableRef{}, schema.Operation{Op: schema.OpSession, Scope: schema.ScopeNone})
	response := rec.node.get("responseElements")
	arn := response.get("assumedRoleUser", "arn").str()
	if arn == "" {
		arn = response.get("federatedUser", "arn").str()
	}
	switch rec.name {
	case "ConsoleLogin", "SwitchRole", "RenewRole", "GetSigninToken":
		if arn == "" && t.Outcome == schema.OutcomeOK {
			arn = t.PrincipalARN
		}
	}
	for _, value := range []string{response.get("credentials", "accessKeyId").str(), arn} {
		if value != "" {
			t.KeyValues = append(t.KeyValues, value)
		}
	}
	return t
}

// touch is a row of the record, on a table.
func (rec *refRecord) touch(table tableRef, op schema.Operation) schema.Touch {
	t := rec.common
	t.Op, t.Mutates, t.KeyScope = op.Op, op.Mutates, op.Scope
	t.TableName = table.name
	if table.name != "" {
		if table.arn == "" {
			table.arn = rec.arnOf(table.name, "")
		}
		t.TableARN = table.arn
		arn, _ := schema.ParseTableARN(table.arn)
		t.TableAccountID = arn.Account
	}
	return t
}

func (rec *refRecord) forTables(tables []tableRef, op schema.Operation) []schema.Touch {
	var touches []schema.Touch
	for _, table := range tables {
		touches = append(touches, rec.touch(table, op))
	}
	return touches
}

// wholeTouches are the rows of a call that names no item.
func (rec *refRecord) wholeTouches() []schema.Touch {
	op := schema.Classify(rec.name)
	if rec.name == "UpdateTable" && rec.rp.get("deletionProtectionEnabled").present() {
		op.Op = schema.OpProtect
	}
	if rec.plane == schema.PlaneData && (!op.Known || rec.omitted()) {
		op.Scope = schema.ScopeUnknown
	}
	return rec.onTables(op)
}

// onTables are the rows of a call whose table is found by the general rule: one,
// or one for each when only resources names tables and names several.
func (rec *refRecord) onTables(op schema.Operation) []schema.Touch {
	tables := rec.tables()
	if len(tables) != 1 || tables[0].name == "" {
		op.Scope = rec.nothingKnown()
	}
	touches := rec.forTables(tables, op)
	for i := range touches {
		touches[i].IndexName = rec.rp.get("indexName").str()
	}
	return touches
}

// nothingKnown is the scope of a call when nothing says what it reached.
func (rec *refRecord) nothingKnown() string {
	if rec.plane == schema.PlaneData {
		return schema.ScopeUnknown
	}
	return schema.ScopeNone
}

// omitted reports parameters that were too large to log.
func (rec *refRecord) omitted() bool { return rec.rp.get("omitted").tri() == schema.True }

// restoreTouches: the new table, then the one its data comes from.
func (rec *refRecord) restoreTouches() []schema.Touch {
	op := schema.Classify(rec.name)
	target := named(rec.rp.get("targetTableName").str())
	if target.name == "" {
		return rec.wholeTouches()
	}
	touches := []schema.Touch{rec.touch(target, op)}
	if source := rec.restoredFrom(target); source.name != "" {
		op.Mutates = false
		touches = append(touches, rec.touch(source, op))
	}
	return touches
}

func (rec *refRecord) restoredFrom(target tableRef) tableRef {
	for _, name := range []string{"backupArn", "sourceTableArn"} {
		if arn, ok := schema.ParseTableARN(rec.rp.get(name).str()); ok {
			return tableRef{arn.Table, arn.ARN}
		}
	}
	if source := named(rec.rp.get("sourceTableName").str()); source.name != "" {
		return source
	}
	for _, table := range rec.resourceTables() {
		if table.name != target.name {
			return table
		}
	}
	return tableRef{}
}

// keyTouches are the rows of a KMS call: one for each table named as encryption context.
func (rec *refRecord) keyTouches() []schema.Touch {
	op := schema.Operation{Op: schema.OpKey, Mutates: slices.Contains(refKeyChanges, rec.name), Scope: schema.ScopeNone}
	var touches []schema.Touch
	seen := map[string]bool{}
	for _, context := range rec.encryptionContexts() {
		table := named(context.get("aws:dynamodb:tableName").str())
		if table.name == "" || seen[table.name] {
			continue
		}
		seen[table.name] = true
		if table.arn == "" {
			table.arn = rec.arnOf(table.name, context.get("aws:dynamodb:subscriberId").str())
		}
		touches = append(touches, rec.touch(table, op))
	}
	if touches == nil {
		touches = append(touches, rec.touch(tableRef{}, op))
	}
	return touches
}

type scalable struct{ table, index string }

// scalables are the tables and indexes that an auto scaling call names.
func (rec *refRecord) scalables() []scalable {
	ids := append([]*node{rec.rp.get("resourceId")}, rec.rp.get("resourceIds").list()...)
	var found []scalable
	for _, id := range ids {
		path, ok := strings.CutPrefix(id.str(), "table/")
		if !ok {
			continue
		}
		table, sub, _ := strings.Cut(path, "/")
		index, _ := strings.CutPrefix(sub, "index/")
		if index == sub {
			index = ""
		}
		if s := (scalable{table, index}); !slices.Contains(found, s) {
			found = append(found, s)
		}
	}
	return found
}

func (rec *refRecord) scaleTouches() []schema.Touch {
	op := schema.Operation{Op: schema.OpMetaRead, Scope: schema.ScopeNone}
	for _, prefix := range []string{"Register", "Deregister", "Put", "Delete"} {
		if strings.HasPrefix(rec.name, prefix) {
			op.Op, op.Mutates = schema.OpScale, true
		}
	}
	var touches []schema.Touch
	for _, s := range rec.scalables() {
		t := rec.touch(tableRef{name: s.table}, op)
		t.IndexName = s.index
		touches = append(touches, t)
	}
	if touches == nil {
		touches = append(touches, rec.touch(tableRef{}, op))
	}
	return touches
}

// backedUp are the tables an AWS Backup record names, anywhere.
func (rec *refRecord) backedUp() []tableRef {
	found := map[string]tableRef{}
	for _, part := range []string{"requestParameters", "responseElements", "serviceEventDetails"} {
		rec.node.get(part).strings(func(s string) { addARN(found, s) })
	}
	for _, resource := range rec.node.get("resources").list() {
		addARN(found, resource.get("ARN").str())
	}
	return byARN(found)
}

func (rec *refRecord) backupOperation() schema.Operation {
	switch rec.name {
	case "StartBackupJob", "StartCopyJob", "StartRestoreJob":
		return schema.Operation{Op: schema.OpCopy, Mutates: true, Scope: schema.ScopeTable}
	case "DeleteRecoveryPoint":
		return schema.Operation{Op: schema.OpDestroy, Mutates: true, Scope: schema.ScopeTable}
	case "DeleteBackupVault":
		return schema.Operation{Op: schema.OpDestroy, Mutates: true, Scope: schema.ScopeNone}
	case "DeleteBackupVaultLockConfiguration":
		return schema.Operation{Op: schema.OpProtect, Mutates: true, Scope: schema.ScopeNone}
	}
	return metaReadOrOther(rec.name)
}

func metaReadOrOther(name string) schema.Operation {
	for _, prefix := range []string{"Describe", "List", "Get"} {
		if strings.HasPrefix(name, prefix) {
			return schema.Operation{Op: schema.OpMetaRead, Scope: schema.ScopeNone}
		}
	}
	return schema.Operation{Op: schema.OpOther, Mutates: true, Scope: schema.ScopeNone}
}

const tableType = "AWS::DynamoDB::Table"

// evaluated are the tables a Config call names: by verdict, by resource, by list of
// resources, or at last by any ARN in it.
func (rec *refRecord) evaluated() []tableRef {
	var tables []tableRef
	add := func(resourceType string, ids ...*node) {
		if resourceType != tableType {
			return
		}
		for _, id := range ids {
			if id.str() != "" {
				tables = append(tables, named(id.str()))
				return
			}
		}
	}
	evaluations := append(rec.rp.get("evaluations").list(), rec.rp.get("externalEvaluation"))
	for _, e := range evaluations {
		add(e.get("complianceResourceType").str(), e.get("complianceResourceId"))
	}
	if tables == nil {
		add(rec.rp.get("resourceType").str(), rec.rp.get("resourceId"), rec.rp.get("resourceName"))
	}
	if tables == nil {
		for _, key := range rec.rp.get("resourceKeys").list() {
			add(key.get("resourceType").str(), key.get("resourceId"))
		}
	}
	if tables == nil {
		found := map[string]tableRef{}
		rec.rp.strings(func(s string) { addARN(found, s) })
		tables = byARN(found)
	}
	return tables
}

func (rec *refRecord) configOperation() schema.Operation {
	op := metaReadOrOther(rec.name)
	if rec.name == "PutEvaluations" || rec.name == "PutExternalEvaluation" {
		op.Op = schema.OpEvaluate
	}
	op.Mutates = false
	return op
}

// reached are the tables that a call of Lambda, Glue, Redshift or the tagging service
// lets something else into, or tags.
func (rec *refRecord) reached() []tableRef {
	var arns []*node
	switch call := rec.source + " " + rec.name; {
	case strings.HasPrefix(call, "lambda CreateEventSourceMapping"):
		arns = append(arns, rec.rp.get("eventSourceArn"))
	case call == "glue CreateIntegration", call == "redshift CreateIntegration":
		arns = append(arns, rec.rp.get("sourceArn"))
	case call == "tagging TagResources", call == "tagging UntagResources":
		arns = rec.rp.get("resourceARNList").list()
	}
	found := map[string]tableRef{}
	for _, arn := range arns {
		addARN(found, arn.str())
	}
	return byARN(found)
}

// otherTouches are the rows of S3, GuardDuty, and the services that reached is for.
func (rec *refRecord) otherTouches() []schema.Touch {
	op := schema.Operation{Op: schema.OpShare, Mutates: true, Scope: schema.ScopeNone}
	switch rec.source {
	case "tagging":
		op.Op = schema.OpTag
	case "guardduty":
		op = schema.Operation{Op: schema.OpAudit, Scope: schema.ScopeNone}
	case "s3":
		op = schema.Operation{Op: schema.OpOther, Scope: schema.ScopeNone}
		if rec.name == "PutObject" || rec.name == "DeleteObject" {
			op.Op = schema.OpAudit
		}
	}
	if tables := rec.reached(); tables != nil {
		return rec.forTables(tables, op)
	}
	return []schema.Touch{rec.touch(tableRef{}, op)}
}
