package schema

import "strings"

// Operation classes: what kind of access a touch is.
const (
	OpReadPoint  = "READ_POINT"  // items by their full key
	OpReadRange  = "READ_RANGE"  // the items under a key or close to a vector
	OpReadBulk   = "READ_BULK"   // any item: Scan, export
	OpReadStream = "READ_STREAM" // changes
	OpWriteItem  = "WRITE_ITEM"  // put, update, insert, import
	OpDeleteItem = "DELETE_ITEM"
	OpSchema     = "SCHEMA"  // the table, its indexes, capacity; DAX clusters
	OpProtect    = "PROTECT" // recovery, expiry, deletion protection
	OpShare      = "SHARE"   // who or what else can see the table
	OpCopy       = "COPY"    // backups and restores
	OpDestroy    = "DESTROY" // tables and backups deleted
	OpTag        = "TAG"
	OpMetaRead   = "META_READ" // settings and lists, no items
	OpKey        = "KEY"       // encryption keys: used for a table, or changed
	OpScale      = "SCALE"     // auto scaling
	OpEvaluate   = "EVALUATE"  // verdicts of compliance rules
	OpAudit      = "AUDIT"     // the log, or what else keeps watch, changed
	OpGrant      = "GRANT"     // what identities may do
	OpInsight    = "INSIGHT"   // unusual activity
	OpSession    = "SESSION"   // credentials given, sign-ins
	OpOther      = "OTHER"
)

// Operation is what an event name says about a call.
type Operation struct {
	Op      string
	Mutates bool   // the call, if it succeeds, changes data, table or protection
	Scope   string // one of the Scope constants; single items still need a readable key
	Data    bool   // a data event: it reaches items, not settings
	Known   bool   // false: classified by the prefix of its name
}

// Classify returns the operation class of a DynamoDB or DAX event.
//
// Batches, transactions and PartiQL hold several operations; what stands here is
// what to assume of an element that does not say more. The three PartiQL calls
// are [OpOther]: only the statement's verb tells reads from writes.
func Classify(eventName string) Operation {
	switch eventName {
	// Data events.
	case "GetItem", "BatchGetItem", "TransactGetItems":
		return data(OpReadPoint, false, ScopeItem)
	case "PutItem", "UpdateItem", "BatchWriteItem", "TransactWriteItems":
		return data(OpWriteItem, true, ScopeItem)
	case "DeleteItem":
		return data(OpDeleteItem, true, ScopeItem)
	case "Query":
		return data(OpReadRange, false, ScopePartition)
	case "SearchVectors":
		return data(OpReadRange, false, ScopeTable)
	case "Scan":
		return data(OpReadBulk, false, ScopeTable)
	case "GetRecords", "GetShardIterator":
		return data(OpReadStream, false, ScopeStream)
	case "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction":
		return data(OpOther, true, ScopeUnknown)

	// Whole tables.
	case "ExportTableToPointInTime":
		return control(OpReadBulk, false, ScopeTable)
	case "ImportTable":
		return control(OpWriteItem, true, ScopeTable)
	case "CreateBackup", "RestoreTableFromBackup", "RestoreTableToPointInTime",
		"StartAwsBackupJob", "RestoreTableFromAwsBackup":
		return control(OpCopy, true, ScopeTable)
	case "DeleteTable":
		return control(OpDestroy, true, ScopeTable)
	case "DeleteBackup":
		return control(OpDestroy, true, ScopeNone)

	// Settings.
	case "CreateTable", "UpdateTable", "UpdateTableReplicaAutoScaling",
		"UpdateContributorInsights", "UpdateGlobalTableSettings", "UpdateGlobalTableVersion",
		"CreateCluster", "UpdateCluster", "DeleteCluster",
		"IncreaseReplicationFactor", "DecreaseReplicationFactor", "RebootNode",
		"CreateParameterGroup", "UpdateParameterGroup", "DeleteParameterGroup",
		"CreateSubnetGroup", "UpdateSubnetGroup", "DeleteSubnetGroup":
		return control(OpSchema, true, ScopeNone)
	case "UpdateContinuousBackups", "UpdateTimeToLive":
		return control(OpProtect, true, ScopeNone)
	case "PutResourcePolicy", "DeleteResourcePolicy",
		"EnableKinesisStreamingDestination", "UpdateKinesisStreamingDestination", "DisableKinesisStreamingDestination",
		"CreateGlobalTable", "UpdateGlobalTable",
		"AssociateTableReplica", "CreateTableReplica", "DeleteTableReplica":
		return control(OpShare, true, ScopeNone)
	case "TagResource", "UntagResource":
		return control(OpTag, true, ScopeNone)
	case "PurchaseReservedCapacityOfferings":
		return control(OpOther, true, ScopeNone)

	// Replication's own permissions, should they ever be logged as calls.
	case "ReadDataForReplication":
		return control(OpReadStream, false, ScopeStream)
	case "WriteDataForReplication":
		return control(OpWriteItem, true, ScopeUnknown)

	case "DescribeTable", "ListTables", "DescribeLimits", "DescribeEndpoints",
		"DescribeTimeToLive", "DescribeBackup", "ListBackups", "DescribeContinuousBackups",
		"DescribeExport", "ListExports", "DescribeImport", "ListImports",
		"DescribeGlobalTable", "ListGlobalTables", "DescribeGlobalTableSettings", "DescribeTableReplicaAutoScaling",
		"DescribeKinesisStreamingDestination", "DescribeContributorInsights", "ListContributorInsights",
		"GetResourcePolicy", "ListTagsOfResource", "DescribeReservedCapacity", "DescribeReservedCapacityOfferings",
		"DescribeStream", "ListStreams",
		"DescribeClusters", "DescribeDefaultParameters", "DescribeEvents", "DescribeParameterGroups",
		"DescribeParameters", "DescribeSubnetGroups", "ListTags":
		return control(OpMetaRead, false, ScopeNone)
	}
	return classifyByPrefix(eventName)
}

// classifyByPrefix guesses the class of a call we do not know. Anything that is
// not clearly a read is taken to change something.
func classifyByPrefix(name string) Operation {
	for _, p := range unknownReads {
		if strings.HasPrefix(name, p.prefix) {
			return Operation{Op: p.op, Scope: ScopeNone}
		}
	}
	return Operation{Op: OpOther, Mutates: true, Scope: ScopeNone}
}

var unknownReads = [...]struct{ prefix, op string }{
	{"Get", OpMetaRead},
	{"List", OpMetaRead},
	{"Describe", OpMetaRead},
	{"BatchGet", OpReadRange},
	{"Query", OpReadRange},
	{"Search", OpReadRange},
	{"Scan", OpReadBulk},
}

func data(op string, mutates bool, scope string) Operation {
	return Operation{Op: op, Mutates: mutates, Scope: scope, Data: true, Known: true}
}

func control(op string, mutates bool, scope string) Operation {
	return Operation{Op: op, Mutates: mutates, Scope: scope, Known: true}
}
