package schema

import "testing"

func TestClassify(t *testing.T) {
	type group struct {
		want  Operation
		names []string
	}
	known := func(op string, mutates bool, scope string, data bool) Operation {
		return Operation{Op: op, Mutates: mutates, Scope: scope, Data: data, Known: true}
	}
	groups := []group{
		{known("READ_POINT", false, ScopeItem, true), []string{"GetItem", "BatchGetItem", "TransactGetItems"}},
		{known("WRITE_ITEM", true, ScopeItem, true), []string{"PutItem", "UpdateItem", "BatchWriteItem", "TransactWriteItems"}},
		{known("DELETE_ITEM", true, ScopeItem, true), []string{"DeleteItem"}},
		{known("READ_RANGE", false, ScopePartition, true), []string{"Query"}},
		{known("READ_RANGE", false, ScopeTable, true), []string{"SearchVectors"}},
		{known("READ_BULK", false, ScopeTable, true), []string{"Scan"}},
		{known("READ_STREAM", false, ScopeStream, true), []string{"GetRecords", "GetShardIterator"}},
		{known("OTHER", true, ScopeUnknown, true), []string{"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"}},
		{known("READ_BULK", false, ScopeTable, false), []string{"ExportTableToPointInTime"}},
		{known("WRITE_ITEM", true, ScopeTable, false), []string{"ImportTable"}},
		{known("COPY", true, ScopeTable, false), []string{"CreateBackup", "RestoreTableFromBackup", "RestoreTableToPointInTime", "StartAwsBackupJob", "RestoreTableFromAwsBackup"}},
		{known("DESTROY", true, ScopeTable, false), []string{"DeleteTable"}},
		{known("DESTROY", true, ScopeNone, false), []string{"DeleteBackup"}},
		{known("SCHEMA", true, ScopeNone, false), []string{
			"CreateTable", "UpdateTable", "UpdateTableReplicaAutoScaling", "UpdateContributorInsights", "UpdateGlobalTableSettings",
			"CreateCluster", "DeleteCluster", "UpdateCluster", "IncreaseReplicationFactor", "DecreaseReplicationFactor", "RebootNode",
			"CreateParameterGroup", "UpdateParameterGroup", "DeleteParameterGroup", "CreateSubnetGroup", "UpdateSubnetGroup", "DeleteSubnetGroup",
		}},
		{known("PROTECT", true, ScopeNone, false), []string{"UpdateContinuousBackups", "UpdateTimeToLive"}},
		{known("SHARE", true, ScopeNone, false), []string{
			"PutResourcePolicy", "DeleteResourcePolicy", "CreateGlobalTable", "UpdateGlobalTable",
			"EnableKinesisStreamingDestination", "UpdateKinesisStreamingDestination", "DisableKinesisStreamingDestination",
			"CreateTableReplica",
		}},
		{known("TAG", true, ScopeNone, false), []string{"TagResource", "UntagResource"}},
		{known("OTHER", true, ScopeNone, false), []string{"PurchaseReservedCapacityOfferings"}},
		{known("META_READ", false, ScopeNone, false), []string{
			"DescribeTable", "ListTables", "DescribeLimits", "DescribeEndpoints", "DescribeTimeToLive", "DescribeBackup", "ListBackups",
			"DescribeContinuousBackups", "DescribeExport", "ListExports", "DescribeImport", "ListImports", "DescribeGlobalTable",
			"ListGlobalTables", "DescribeGlobalTableSettings", "DescribeTableReplicaAutoScaling", "DescribeKinesisStreamingDestination",
			"DescribeContributorInsights", "ListContributorInsights", "GetResourcePolicy", "ListTagsOfResource", "DescribeReservedCapacity",
			"DescribeReservedCapacityOfferings", "DescribeStream", "ListStreams", "DescribeClusters", "ListTags",
		}},
		// Names nobody told us of.
		{Operation{Op: "META_READ", Scope: ScopeNone}, []string{"GetThing", "ListThings", "DescribeThing"}},
		{Operation{Op: "READ_RANGE", Scope: ScopeNone}, []string{"BatchGetThings", "QueryThings", "SearchThings"}},
		{Operation{Op: "READ_BULK", Scope: ScopeNone}, []string{"ScanThings"}},
		{Operation{Op: "OTHER", Mutates: true, Scope: ScopeNone}, []string{"", "FrobnicateTable", "getitem", "GETITEM"}},
	}
	for _, g := range groups {
		for _, name := range g.names {
			if got := Classify(name); got != g.want {
				t.Errorf("Classify(%q) = %+v, want %+v", name, got, g.want)
			}
		}
	}
}
