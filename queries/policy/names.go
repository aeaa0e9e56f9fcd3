package policy

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/yamlfile"
	"github.com/keytrail/keytrail/schema"
)

// opClasses are the operation classes that a rule can name.
var opClasses = []string{
	schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk, schema.OpReadStream, schema.OpWriteItem, schema.OpDeleteItem,
	schema.OpSchema, schema.OpProtect, schema.OpShare, schema.OpCopy, schema.OpDestroy, schema.OpTag, schema.OpMetaRead,
	schema.OpKey, schema.OpScale, schema.OpEvaluate, schema.OpAudit, schema.OpGrant, schema.OpInsight, schema.OpSession, schema.OpOther,
}

var (
	effects  = []string{"allow", "deny"}
	kinds    = []string{schema.ActorHuman, schema.ActorService, schema.ActorAWS, schema.ActorRoot, schema.ActorExternal, schema.ActorUnknown}
	cadences = []string{"hourly", "daily", "weekly", "monthly", "quarterly", "yearly"}
)

// calls are the names of calls that typing errors are told from. Those that change data
// or settings, and those of DynamoDB's that read items, come first.
var calls = []string{
	"GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
	"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction", "GetRecords", "GetShardIterator", "SearchVectors",
	"ExportTableToPointInTime", "ImportTable", "CreateBackup", "DeleteBackup", "RestoreTableFromBackup", "RestoreTableToPointInTime",
	"CreateTable", "UpdateTable", "DeleteTable", "UpdateContinuousBackups", "UpdateTimeToLive", "PutResourcePolicy", "DeleteResourcePolicy",
	"EnableKinesisStreamingDestination", "UpdateKinesisStreamingDestination", "DisableKinesisStreamingDestination",
	"CreateGlobalTable", "UpdateGlobalTable", "TagResource", "UntagResource", "DescribeTable", "ListTables", "DescribeStream", "ListStreams",
	"UpdateTableReplicaAutoScaling", "UpdateContributorInsights", "UpdateGlobalTableSettings",
	"Decrypt", "Encrypt", "GenerateDataKey", "CreateGrant", "RevokeGrant", "RetireGrant", "DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy", "DescribeKey",
	"RegisterScalableTarget", "DeregisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy",
	"StartBackupJob", "StartRestoreJob", "DeleteRecoveryPoint", "StopLogging", "PutEventSelectors", "UpdateTrail", "DeleteTrail",
}

// otherWords are names that people use for what is called otherwise here.
var otherWords = map[string]string{"workload": schema.ActorService, "ci": schema.ActorService, "aws_service": schema.ActorAWS, "partner": schema.ActorExternal, "person": schema.ActorHuman}

// knownCall reports whether keytrail knows a call by that name.
func knownCall(name string) bool { return slices.Contains(calls, name) || schema.Classify(name).Known }

// callShaped reports whether a text looks like the name of a call: GetItem.
func callShaped(name string) bool {
	if name == "" || name[0] < 'A' || name[0] > 'Z' || strings.ToUpper(name) == name {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

// meant guesses which of some names was meant, or lists them.
func meant(name string, names []string) string {
	if near := nearest(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	const listed = 25
	if len(names) > listed {
		return "such as " + strings.Join(names[:listed], ", ")
	}
	return "there are " + strings.Join(names, ", ")
}

// nearest is the name most like a mistyped one; empty when none is.
func nearest(name string, names []string) string {
	if word, ok := otherWords[strings.ToLower(name)]; ok && slices.Contains(names, word) {
		return word
	}
	for _, n := range names {
		if len(n) == 3 && len(name) <= 100 && strings.HasPrefix(strings.ToLower(name), n) { // monday
			return n
		}
	}
	return yamlfile.Nearest(name, names)
}
