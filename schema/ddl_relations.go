package schema

import "slices"

// kind is the type of a column in SQL.
type kind uint8

const (
	sqlText kind = iota
	sqlInt       // 32 bits
	sqlLong      // 64 bits
	sqlTime      // a point in time, microseconds
	sqlBool
	sqlTexts // a list of text
	sqlDay
	sqlDouble
	sqlDoubles // a list of those
	kinds
)

// field is a column of a relation.
type field struct {
	name string
	kind kind
	null bool
	doc  string
}

// relation is a table of the lake: a directory of Parquet files, partitioned by days
// and perhaps by more.
type relation struct {
	name       string // also the directory
	doc        string
	fields     []field
	partitions []field // in the path, outermost first
}

// all are the columns, those in the path last, as engines want them.
func (r *relation) all() []field { return slices.Concat(r.fields, r.partitions) }

// relations are the tables of a lake. The columns of the small ones are those that
// package lake writes, which a test holds them to.
var relations = []relation{
	{
		name: "touches", doc: "One row per DynamoDB item that one API call touched",
		fields: touchFields(),
		partitions: []field{
			{"table_name", sqlText, true, "DynamoDB table, null when the row is of no particular table"},
			{"day", sqlDay, false, "UTC day of event_time"},
		},
	},
	{
		name: "ledger", doc: "One row per CloudTrail object read: what was in it and what became of it",
		fields: []field{
			{"source_object", sqlText, false, "key of the object"},
			{"etag", sqlText, true, "ETag of the version that was read"},
			{"size", sqlLong, false, "stored bytes"},
			{"inflated_bytes", sqlLong, false, "bytes after decompression"},
			{"last_modified", sqlTime, true, "time the store gives for the version, UTC"},
			{"sha256", sqlText, true, "SHA-256 of the inflated bytes, hex"},
			{"account_id", sqlText, true, "account in the key of the object"},
			{"aws_region", sqlText, true, "Region in the key of the object"},
			{"kind", sqlText, true, "what the object is: cloudtrail, digest, insight, config, foreign and more"},
			{"status", sqlText, false, "done, skipped or failed"},
			{"error", sqlText, true, "why it is not done"},
			{"attempts", sqlLong, false, "tries so far"},
			{"records", sqlLong, false, "records read, of a done object the sum of the next three"},
			{"in_scope", sqlLong, false, "records that gave touches"},
			{"out_of_scope", sqlLong, false, "records of no concern to DynamoDB"},
			{"quarantined", sqlLong, false, "records that could not be understood"},
			{"touches", sqlLong, false, "rows the object gave, before equal rows became one"},
			{"first_event_time", sqlTime, true, "earliest event time in the object, UTC"},
			{"last_event_time", sqlTime, true, "latest event time in the object, UTC"},
			{"source", sqlText, true, "URL under which the object was found"},
			{"digest_verdict", sqlText, true, "proven, unproven, altered or missing by the signed digests, null when nobody asked"},
		},
		partitions: []field{{"delivery_day", sqlDay, true, "day in the key of the object"}},
	},
	{
		name: "rollup", doc: "Touches counted by hour, table, actor, operation class and outcome",
		fields: []field{
			{"hour", sqlTime, false, "start of the hour, UTC"},
			{"table_name", sqlText, true, "DynamoDB table, null for rows of no particular table"},
			{"table_arn", sqlText, true, "ARN of the table"},
			{"actor", sqlText, true, "who, as a stable id"},
			{"op", sqlText, true, "operation class"},
			{"outcome", sqlText, true, "ok, denied or failed"},
			{"touches", sqlLong, false, "how many"},
		},
		partitions: []field{{"day", sqlDay, false, "UTC day of the hour"}},
	},
	{
		name: "quarantine", doc: "Records that could not be understood, as they stood in their objects",
		fields: []field{
			{"source_object", sqlText, false, "object the record was read from"},
			{"source_index", sqlInt, false, "position of the record in its object, from 0"},
			{"reason", sqlText, true, "what was wrong with it"},
			{"raw", sqlText, true, "the record"},
		},
		partitions: []field{{"day", sqlDay, true, "UTC day of the record, null when it named none"}},
	},
	{
		name: "config", doc: "What AWS Config recorded of tables: their settings at a moment, and what rules said of them",
		fields:     configFields,
		partitions: []field{{"day", sqlDay, false, "UTC day of captured_at"}},
	},
	{
		name: "findings", doc: "What somebody should look at, one row per thing that was found about a day",
		fields:     findingFields,
		partitions: []field{{"day", sqlDay, false, "UTC day of what was found"}},
	},
}

var configFields = []field{
	{"kind", sqlText, false, "settings or compliance"},
	{"table_arn", sqlText, false, "ARN of the table"},
	{"table_name", sqlText, true, "DynamoDB table"},
	{"account_id", sqlText, true, "account of the table"},
	{"aws_region", sqlText, true, "Region of the table"},
	{"captured_at", sqlTime, false, "when AWS Config looked, UTC"},
	{"item_status", sqlText, true, "OK, ResourceDiscovered, ResourceDeleted and more"},
	{"state_id", sqlText, true, "number of the state, ascending"},
	{"table_status", sqlText, true, "ACTIVE and more, null where the item has no configuration"},
	{"created_at", sqlTime, true, "when the table was made, UTC"},
	{"sse_status", sqlText, true, "ENABLED with a key of KMS, null with one of AWS's own"},
	{"sse_type", sqlText, true, "KMS"},
	{"kms_key", sqlText, true, "ARN of the key"},
	{"pitr", sqlBool, true, "point-in-time recovery is on"},
	{"pitr_days", sqlInt, true, "how many days back"},
	{"deletion_protection", sqlBool, true, "the table cannot be deleted"},
	{"stream", sqlBool, true, "the table has a stream, null without one"},
	{"stream_view", sqlText, true, "what the stream shows of items"},
	{"replicas", sqlTexts, false, "other Regions with the table"},
	{"billing_mode", sqlText, true, "PROVISIONED or PAY_PER_REQUEST"},
	{"table_class", sqlText, true, "STANDARD or STANDARD_INFREQUENT_ACCESS"},
	{"tags", sqlText, true, "tags as a JSON object"},
	{"rule", sqlText, true, "rule of AWS Config, of a row of kind compliance"},
	{"compliance", sqlText, true, "what the rule said: COMPLIANT, NON_COMPLIANT and more"},
	{"source_object", sqlText, false, "object the item was read from, the least one where several say the same"},
	{"source_index", sqlInt, false, "position of the item in its object, from 0"},
}

var findingFields = []field{
	{"id", sqlText, false, "names the finding, the same whenever the same rows are judged again"},
	{"fingerprint", sqlText, false, "names what it is about, whatever the day"},
	{"detection", sqlText, false, "what found it, such as DDB-EXF-001"},
	{"version", sqlInt, false, "version of the detection"},
	{"kind", sqlText, true, "event, aggregate, sequence, statistical, coverage, unexpected or insight"},
	{"severity", sqlText, false, "info, low, medium, high or critical"},
	{"severity_rank", sqlInt, false, "the severity as a number to compare, from 1 for info to 5 for critical"},
	{"dry_run", sqlBool, false, "found by a detection that is being tried out, and told to nobody"},
	{"state", sqlText, true, "new, repeated or resolved"},
	{"suppressed", sqlText, true, "the suppression that keeps it quiet"},
	{"title", sqlText, true, "what it is, in short"},
	{"explain", sqlText, true, "what was expected and what came"},
	{"first", sqlTime, true, "earliest event time, UTC"},
	{"last", sqlTime, true, "latest event time, UTC"},
	{"count", sqlLong, false, "how many calls, or whatever explain counts"},
	{"table_name", sqlText, true, "DynamoDB table"},
	{"table_arn", sqlText, true, "ARN of the table"},
	{"principal", sqlText, true, "who, as baselines and policies name them: one for each person behind a shared role"},
	{"actor", sqlText, true, "who, as a stable id: role ARN, user ARN, root, service"},
	{"actor_name", sqlText, true, "who, as a person would call it"},
	{"actor_kind", sqlText, true, "human, service, aws, root, external or unknown"},
	{"source_ip", sqlText, true, "address, or the service that called"},
	{"user_agent", sqlText, true, "user agent as sent by the caller"},
	{"aws_region", sqlText, true, "Region of the record"},
	{"verdict", sqlText, true, "what the policy says: allowed, none, expired or denied"},
	{"rule", sqlText, true, "the rule of the policy that says so"},
	{"event_ids", sqlTexts, false, "some of the calls, by event_id of touches, the first ones"},
	{"evidence", sqlText, true, "the same calls as JSON: event id, time and name, and where the record stands"},
	{"observed", sqlDouble, true, "what was counted, of statistical findings as all that follows up to series"},
	{"expected", sqlDouble, true, "what was to be expected"},
	{"low", sqlDouble, true, "least of the middle 90 % of the days before"},
	{"high", sqlDouble, true, "greatest of the middle 90 % of the days before"},
	{"p", sqlDouble, true, "chance of as much, or as little, by itself"},
	{"series", sqlDoubles, false, "counts by day, that of the finding last, -1 for a day that nobody knows"},
	{"attack", sqlTexts, false, "ATT&CK techniques, version 18"},
	{"attack_next", sqlTexts, false, "the same techniques, version 19"},
}

func touchFields() []field {
	fields := make([]field, len(Columns))
	for i, c := range Columns {
		fields[i] = field{c.Name, sqlKind(c.Type), c.Nullable, c.Doc}
	}
	return fields
}

func sqlKind(t Type) kind {
	switch t {
	case Int:
		return sqlInt
	case Time:
		return sqlTime
	case Bool:
		return sqlBool
	case List:
		return sqlTexts
	default:
		return sqlText
	}
}
