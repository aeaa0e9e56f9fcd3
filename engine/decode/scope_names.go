package decode

import (
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// mayMatter reports whether a call of a family can be in scope, by its name alone:
// most calls of the families that are not about tables by themselves are not.
func mayMatter(f family, name string) bool {
	switch f {
	case famNone:
		return false
	case famTrail:
		return changesTrail(name)
	case famSession:
		return schema.GivesSession(name) // most calls of STS only ask who one is
	case famIAM:
		return grants(name)
	case famStorage:
		return name == readsObject || writesObject(name) || changesBucket(name)
	case famMapping:
		return strings.HasPrefix(name, "CreateEventSourceMapping") // the API's version follows
	case famIntegration:
		return name == "CreateIntegration"
	case famTagging:
		return name == "TagResources" || name == "UntagResources"
	case famDetector:
		return name == "DeleteDetector" || name == "UpdateDetector"
	}
	return true
}

// changesTrail reports the calls of CloudTrail that say what is logged, and where to.
func changesTrail(name string) bool {
	switch name {
	case "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging",
		"PutEventSelectors", "PutInsightSelectors",
		"CreateEventDataStore", "UpdateEventDataStore", "DeleteEventDataStore", "RestoreEventDataStore",
		"StartEventDataStoreIngestion", "StopEventDataStoreIngestion":
		return true
	}
	return false
}

// grants reports the calls of IAM that may widen what somebody is allowed: to take off a
// policy or a boundary does so where it denied something.
func grants(name string) bool {
	switch name {
	case "PutRolePolicy", "PutUserPolicy", "PutGroupPolicy", "CreatePolicy", "CreatePolicyVersion",
		"AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy",
		"SetDefaultPolicyVersion", "AddUserToGroup", "DetachRolePolicy", "DetachUserPolicy", "DeleteRolePolicy", "DeleteUserPolicy",
		"DeleteRolePermissionsBoundary", "DeleteUserPermissionsBoundary":
		return true
	}
	return false
}

// changesBucket reports the calls of S3 that an object's safety hangs on: how long it is
// kept, who may delete it, where copies go. That of several objects at once is
// among them, since its record names the bucket and no object.
func changesBucket(name string) bool {
	switch name {
	case "PutBucketLifecycle", "PutBucketLifecycleConfiguration", "PutBucketPolicy", "PutBucketVersioning",
		"PutBucketReplication", "PutBucketObjectLockConfiguration", "PutObjectLockConfiguration", "DeleteObjects":
		return true
	}
	return strings.HasPrefix(name, "DeleteBucket")
}

// readsObject is the call of S3 that reads an object.
const readsObject = "GetObject"

// writesObject reports the calls of S3 that replace or delete one object.
func writesObject(name string) bool { return name == "PutObject" || name == "DeleteObject" }

// changesVault reports the calls of AWS Backup that take away a vault or its lock,
// whatever tables' backups are in it.
func changesVault(name string) bool {
	return name == "DeleteBackupVault" || name == "DeleteBackupVaultLockConfiguration"
}

// changesRecorder reports the calls of AWS Config that say what it watches.
func changesRecorder(name string) bool {
	switch name {
	case "PutConfigurationRecorder", "StopConfigurationRecorder", "DeleteConfigurationRecorder",
		"DeleteDeliveryChannel", "DeleteConfigRule", "DeleteConformancePack":
		return true
	}
	return false
}

// changesKey reports the calls of KMS that change a key, which may be a table's: their
// records do not say.
func changesKey(name string) bool {
	switch name {
	case "DisableKey", "ScheduleKeyDeletion", "DeleteImportedKeyMaterial", "PutKeyPolicy", "DisableKeyRotation":
		return true
	}
	return false
}
