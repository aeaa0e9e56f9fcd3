package schema

import "github.com/apache/arrow/go/v15/arrow"

// Type is the type of a column.
type Type uint8

// The column types, with their Parquet and Arrow forms.
const (
	Text Type = iota // UTF-8 text; nullable
	Int              // 32-bit signed integer; never null
	Time             // timestamp in microseconds, UTC; never null
	Bool             // boolean; nullable when the field is a [Tri]
	List             // list of UTF-8 text; nullable, elements never null
)

// Encoding says how a text column's values repeat, which decides how they are held in
// memory and stored. It is fixed per column: where a file's writer looks at the data
// beside it, it looks at the rows that are in the file and at nothing else.
type Encoding uint8

const (
	// Distinct values seldom repeat within a partition: identifiers.
	Distinct Encoding = iota
	// Repeated values come from a small set: names, regions, roles.
	Repeated
	// Document values are long, seldom repeat, and are much alike: raw JSON.
	Document
)

// Column describes one column of the touches table and how to reach it in a
// [Touch]. Exactly one accessor, the one of its Type, is set (Flag or Tri for Bool).
type Column struct {
	Name     string
	Type     Type
	Encoding Encoding
	Bloom    bool // a Bloom filter covers the column's (leaf) values
	Nullable bool
	Doc      string // one line for DDL comments

	Text func(*Touch) *string
	Int  func(*Touch) *int32
	Time func(*Touch) *int64
	Flag func(*Touch) *bool
	Tri  func(*Touch) *Tri
	List func(*Touch) *[]string
}

// Columns lists the columns stored in a touches file, in file order. The
// partition columns table_name and day are in the path ([PartitionColumns]).
//
// The last two, source_object and source_index, are provenance: rows equal in all
// the others are one row.
var Columns = []Column{
	text("event_id", Distinct, "CloudTrail eventID; null when the record has none", func(t *Touch) *string { return &t.EventID }),
	integer("touch_index", "position of this touch within its event, from 0", func(t *Touch) *int32 { return &t.TouchIndex }),
	integer("touch_count", "touches of the event, over all tables", func(t *Touch) *int32 { return &t.TouchCount }),
	text("request_id", Distinct, "the service's request id: joins with application logs", func(t *Touch) *string { return &t.RequestID }),
	text("shared_event_id", Distinct, "joins the copies of one call in several accounts", func(t *Touch) *string { return &t.SharedEventID }),
	{Name: "event_time", Type: Time, Doc: "when the request completed, UTC", Time: func(t *Touch) *int64 { return &t.EventTime }},
	text("event_source", Repeated, "service that logged the event", func(t *Touch) *string { return &t.EventSource }),
	text("event_name", Repeated, "API action", func(t *Touch) *string { return &t.EventName }),
	text("plane", Repeated, "data, control, kms, config, autoscaling, trail, insight, sts, iam, storage or other", func(t *Touch) *string { return &t.Plane }),
	text("op", Repeated, "operation class of this touch", func(t *Touch) *string { return &t.Op }),
	{Name: "mutates", Type: Bool, Doc: "the call changes data, table or protection if it succeeds", Flag: func(t *Touch) *bool { return &t.Mutates }},
	text("outcome", Repeated, "ok, denied or failed", func(t *Touch) *string { return &t.Outcome }),
	text("error_code", Repeated, "errorCode; null on success", func(t *Touch) *string { return &t.ErrorCode }),
	text("error_message", Repeated, "errorMessage", func(t *Touch) *string { return &t.ErrorMessage }),
	tri("read_only", "readOnly as logged: no mutation test, see mutates", func(t *Touch) *Tri { return &t.ReadOnly }),
	text("event_version", Repeated, "record format version", func(t *Touch) *string { return &t.EventVersion }),
	text("event_type", Repeated, "eventType as logged", func(t *Touch) *string { return &t.EventType }),
	text("event_category", Repeated, "eventCategory, derived where old records lack it", func(t *Touch) *string { return &t.EventCategory }),
	text("table_arn", Repeated, "ARN of the table: tells apart equal names in several accounts or Regions", func(t *Touch) *string { return &t.TableARN }),
	text("table_account_id", Repeated, "account that owns the table", func(t *Touch) *string { return &t.TableAccountID }),
	text("aws_region", Repeated, "Region of the record", func(t *Touch) *string { return &t.AWSRegion }),
	text("recipient_account_id", Repeated, "account whose trail delivered the record", func(t *Touch) *string { return &t.RecipientAccountID }),
	text("index_name", Repeated, "secondary index read", func(t *Touch) *string { return &t.IndexName }),
	{Name: "item_key", Type: Text, Encoding: Distinct, Bloom: true, Nullable: true, Doc: "primary key touched, as canonical JSON; null when the call named no item", Text: func(t *Touch) *string { return &t.ItemKey }},
	text("key_scope", Repeated, "item, partition, index, table, stream, none or unknown: what the call could reach", func(t *Touch) *string { return &t.KeyScope }),
	{Name: "key_values", Type: List, Encoding: Distinct, Bloom: true, Nullable: true, Doc: "the key's values without their names; of a session that was opened, the access key id given and the session's ARN", List: func(t *Touch) *[]string { return &t.KeyValues }},
	{Name: "attributes", Type: List, Encoding: Repeated, Nullable: true, Doc: "names of the attributes touched", List: func(t *Touch) *[]string { return &t.Attributes }},
	text("statement", Repeated, "PartiQL statement", func(t *Touch) *string { return &t.Statement }),
	text("actor", Repeated, "who, as a stable id: role ARN, user ARN, root, service", func(t *Touch) *string { return &t.Actor }),
	text("actor_name", Repeated, "who, as a person would call it: e-mail, user, function, instance", func(t *Touch) *string { return &t.ActorName }),
	text("actor_kind", Repeated, "human, service, aws, root, external or unknown", func(t *Touch) *string { return &t.ActorKind }),
	text("principal_type", Repeated, "userIdentity.type", func(t *Touch) *string { return &t.PrincipalType }),
	text("principal_id", Repeated, "userIdentity.principalId", func(t *Touch) *string { return &t.PrincipalID }),
	text("principal_arn", Repeated, "userIdentity.arn", func(t *Touch) *string { return &t.PrincipalARN }),
	text("principal_account_id", Repeated, "userIdentity.accountId", func(t *Touch) *string { return &t.PrincipalAccountID }),
	text("issuer_arn", Repeated, "ARN of the role or user behind a temporary session", func(t *Touch) *string { return &t.IssuerARN }),
	text("session_name", Repeated, "role session name", func(t *Touch) *string { return &t.SessionName }),
	text("user_name", Repeated, "userIdentity.userName", func(t *Touch) *string { return &t.UserName }),
	text("access_key_id", Repeated, "access key that signed the request", func(t *Touch) *string { return &t.AccessKeyID }),
	text("source_identity", Repeated, "person behind chained roles, set once", func(t *Touch) *string { return &t.SourceIdentity }),
	text("invoked_by", Repeated, "AWS service that made the call for the principal", func(t *Touch) *string { return &t.InvokedBy }),
	text("on_behalf_of", Repeated, "IAM Identity Center user the call was made for", func(t *Touch) *string { return &t.OnBehalfOf }),
	text("in_scope_of", Repeated, "function, task or instance the credentials were issued to", func(t *Touch) *string { return &t.InScopeOf }),
	tri("mfa", "session was opened with MFA; null when not said", func(t *Touch) *Tri { return &t.MFA }),
	tri("console", "credentials came from a console session; null when not said", func(t *Touch) *Tri { return &t.Console }),
	text("source_ip", Repeated, "address, or the service that called", func(t *Touch) *string { return &t.SourceIP }),
	text("user_agent", Repeated, "user agent as sent by the caller", func(t *Touch) *string { return &t.UserAgent }),
	text("vpc_endpoint_id", Repeated, "VPC endpoint the request came through", func(t *Touch) *string { return &t.VPCEndpointID }),
	text("tls_version", Repeated, "TLS version of the connection", func(t *Touch) *string { return &t.TLSVersion }),
	text("request_parameters", Document, "requestParameters as JSON, or the serviceEventDetails in place of them; less any credentials", func(t *Touch) *string { return &t.RequestParameters }),
	text("response_elements", Document, "responseElements as JSON, less the session token and secret key that STS logs", func(t *Touch) *string { return &t.ResponseElements }),
	text("additional_event_data", Document, "additionalEventData as JSON", func(t *Touch) *string { return &t.AdditionalEventData }),
	text("resources", Repeated, "resources as JSON", func(t *Touch) *string { return &t.Resources }),
	text("source_object", Repeated, "object the record was read from", func(t *Touch) *string { return &t.SourceObject }),
	integer("source_index", "position of the record in its object, from 0", func(t *Touch) *int32 { return &t.SourceIndex }),
}

// Provenance is the number of trailing [Columns] that say where a row was read
// and are not part of its identity.
const Provenance = 2

// WhoFrom and WhoTo bound the [Columns] that say who acted: [WhoFrom, WhoTo).
var (
	WhoFrom = ColumnIndex("actor")
	WhoTo   = ColumnIndex("mfa") + 1
)

// PartitionColumns are the columns in a file's path rather than in the file, in
// path order.
var PartitionColumns = []string{"table_name", "day"}

// SortColumns are the columns a file is sorted by, ascending, nulls first.
var SortColumns = []string{"item_key", "event_time", "event_id", "touch_index"}

// ColumnIndex returns the position of the named column in [Columns], or -1.
func ColumnIndex(name string) int {
	for i := range Columns {
		if Columns[i].Name == name {
			return i
		}
	}
	return -1
}

// Arrow is the schema of record batches that hold touches: [Columns], in order.
// Text is utf8, lists are list<element: utf8>, times are timestamp[us, tz=UTC].
var Arrow = arrowSchema()

func arrowSchema() *arrow.Schema {
	fields := make([]arrow.Field, len(Columns))
	for i, c := range Columns {
		fields[i] = arrow.Field{Name: c.Name, Type: arrowType(c.Type), Nullable: c.Nullable}
	}
	return arrow.NewSchema(fields, nil)
}

func arrowType(t Type) arrow.DataType {
	switch t {
	case Int:
		return arrow.PrimitiveTypes.Int32
	case Time:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	case Bool:
		return arrow.FixedWidthTypes.Boolean
	case List:
		return arrow.ListOfField(arrow.Field{Name: "element", Type: arrow.BinaryTypes.String})
	default:
		return arrow.BinaryTypes.String
	}
}

func text(name string, e Encoding, doc string, at func(*Touch) *string) Column {
	return Column{Name: name, Type: Text, Encoding: e, Nullable: true, Doc: doc, Text: at}
}

func integer(name, doc string, at func(*Touch) *int32) Column {
	return Column{Name: name, Type: Int, Doc: doc, Int: at}
}

func tri(name, doc string, at func(*Touch) *Tri) Column {
	return Column{Name: name, Type: Bool, Nullable: true, Doc: doc, Tri: at}
}
