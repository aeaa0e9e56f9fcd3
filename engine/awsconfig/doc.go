// Package awsconfig reads the files that AWS Config delivers to a bucket: snapshots and
// histories of configuration items. Of these it takes DynamoDB tables and what rules said
// of them ([schema.ConfigItem]).
//
// Where they lie, beside CloudTrail's folders; months and days are not padded:
//
//	[prefix/]AWSLogs/[o-org/]account/Config/region/2016/9/27/ConfigSnapshot/
//	    account_Config_region_ConfigSnapshot_20160927T195818Z_uuid.json.gz
//	[prefix/]AWSLogs/[o-org/]account/Config/region/2016/9/27/ConfigHistory/
//	    account_Config_region_ConfigHistory_AWS::DynamoDB::Table_20160927T195818Z_20160927T195818Z_1.json.gz
//
// Both names stand in AWS's Developer Guide (example notifications), and in many public
// listings of real buckets. What is in them, and how sure that is:
//
//   - One JSON object with a list configurationItems: documented. Names of its members are
//     found whatever their case, since ARN and arn, awsAccountId and accountId both occur.
//   - configuration and supplementaryConfiguration are objects in files. In answers of the
//     API they are JSON in strings, and people keep those in files: both are read.
//   - supplementaryConfiguration.ContinuousBackupsDescription.pointInTimeRecoveryDescription
//     has the state of point-in-time recovery: AWS's own example of a custom rule reads it
//     there. That it may be JSON in a string is likely (60 %); that is read too.
//   - ssedescription{status,ssetype,kmsmasterKeyArn}, in lower case unlike CloudTrail's
//     sSEDescription: AWS's resource schema.
//   - deletionProtectionEnabled in configuration: custom rules that people published read
//     it; the published schema is older than the setting.
//   - Items of type AWS::Config::ResourceCompliance with targetResourceType,
//     targetResourceId and configRuleList in configuration: likely (85 %). That type has
//     histories of its own (AWS's blog shows their names).
//   - An item whose resource was deleted has no configuration, and may have no ARN (70 %):
//     then account, Region and name stand for it.
package awsconfig
