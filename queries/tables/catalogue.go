package tables

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/policy"
)

// Settings that a table has. Values are words of this package, never text from a log but
// for ARNs, Regions, tags and names of rules, which stand in the log as somebody wrote them.
const (
	Existence          = "table"               // created, exists or deleted
	Encryption         = "encryption"          // aws_owned or kms; the detail is the key
	PITR               = "pitr"                // on or off; the detail is how many days back
	DeletionProtection = "deletion_protection" // on or off
	TTL                = "ttl"                 // on or off; the detail is the attribute. Expired items go without an event
	Stream             = "stream"              // on or off; the detail is the view
	Kinesis            = "kinesis"             // ARNs of data streams, or none
	Replicas           = "replicas"            // other Regions, or none
	ResourcePolicy     = "resource_policy"     // set or none; the detail is the document
	StreamPolicy       = "stream_policy"       // likewise, of the table's stream
	Billing            = "billing"             // PROVISIONED or PAY_PER_REQUEST
	TableClass         = "table_class"         // STANDARD or STANDARD_INFREQUENT_ACCESS
)

// Settings are all but those of single tags and rules, in the order they are shown.
var Settings = []string{
	Existence, Encryption, PITR, DeletionProtection, TTL, Stream, Kinesis, Replicas, ResourcePolicy, StreamPolicy, Billing, TableClass,
}

// What the name of a setting begins with that is a tag, or what a rule of AWS Config says.
const (
	TagPrefix  = "tag:"  // the value is the tag's; [None] when it was taken away
	RulePrefix = "rule:" // COMPLIANT, NON_COMPLIANT, NOT_APPLICABLE, INSUFFICIENT_DATA
)

// Values of several settings.
const (
	On       = "on"
	Off      = "off"
	None     = "none"
	Set      = "set"
	Created  = "created"
	Exists   = "exists" // it was there when somebody looked
	Deleted  = "deleted"
	Anew     = "made_anew" // of a [Conflict]: another table of that name is there
	AWSOwned = "aws_owned" // a key of AWS's own, which leaves no trace in the log
	KMS      = "kms"
)

// Kinds of a [Source].
const (
	FromEvent  = "event"  // a call that the trail logged
	FromConfig = "config" // an item of AWS Config
)

// Source is what says so.
type Source struct {
	Kind      string `json:"kind"` // FromEvent or FromConfig
	EventID   string `json:"event_id,omitempty"`
	EventName string `json:"event_name,omitempty"`
	Actor     string `json:"actor,omitempty"`
	ActorName string `json:"actor_name,omitempty"`
	ActorKind string `json:"actor_kind,omitempty"`
	Object    string `json:"source_object"`
	Index     int32  `json:"source_index"`
}

// Interval is a time in which a setting had a value. Times are microseconds since 1970.
type Interval struct {
	Setting string `json:"setting"`
	Value   string `json:"value"`
	Detail  string `json:"detail,omitempty"` // text from the log: clean it before it is shown
	From    int64  `json:"from"`
	To      int64  `json:"to,omitempty"` // 0: as far as is known it still is
	// Changed: Source made it so at From. Otherwise it was so at From when Source looked,
	// and may have been before.
	Changed bool   `json:"changed"`
	Last    int64  `json:"last"`              // the last time that something said the same
	Partial bool   `json:"partial,omitempty"` // of a list: there may be more, from before what is known
	Source  Source `json:"source"`
}

// Holds reports whether the interval has a moment.
func (i *Interval) Holds(at int64) bool { return at >= i.From && (i.To == 0 || at < i.To) }

// Conflict is a value that somebody found and nobody set: a change that the log lacks.
type Conflict struct {
	Setting string `json:"setting"`
	At      int64  `json:"at"`    // when it was found
	Since   int64  `json:"since"` // the last time that something said otherwise
	Was     string `json:"was"`
	Found   string `json:"found"`
	Before  Source `json:"before"` // says what was
	Source  Source `json:"source"` // says what was found
}

// Told is a word on a table, and who has it: "policy", "catalogue", or "tag NAME".
type Told struct {
	Value string `json:"value,omitempty"`
	By    string `json:"by,omitempty"`
}

// Table is one table.
type Table struct {
	ARN     string `json:"table_arn"`
	Name    string `json:"table_name"`
	Account string `json:"account_id"`
	Region  string `json:"aws_region"`

	// What was set at the end of the time asked about: policy first, then tags.
	Class      Told     `json:"class"` // public, internal, confidential, restricted, or empty
	Protected  bool     `json:"protected"`
	Protecting string   `json:"protected_by,omitempty"`
	Owner      Told     `json:"owner"`
	Frameworks []string `json:"frameworks,omitempty"`
	FramedBy   string   `json:"frameworks_by,omitempty"`

	// Touches in the time asked about, by the lake's hourly counts.
	Touches     int64 `json:"touches"`
	Days        int   `json:"days"` // UTC days with any
	First, Last int64 `json:"-"`    // hours, microseconds since 1970; 0 without touches

	History   []Interval `json:"history"` // by setting, then by time
	Conflicts []Conflict `json:"conflicts,omitempty"`
	Lowered   []Lowering `json:"lowered,omitempty"` // in order of time
}

// Catalogue is all tables that the lake knows of.
type Catalogue struct {
	From, To int64 // the time asked about; 0 is no bound
	Tables   []Table
	// ConfigItems is how many items of AWS Config were read: without any, only changes are
	// known, and of what was set before the log began nothing is.
	ConfigItems int64
	// Left is what could not be kept: more facts than a catalogue takes.
	Left int64
	// Unplaced are changes that name no table with an account and a Region.
	Unplaced int64
}

// Of is a table by its ARN, nil when nothing is known of it.
func (c *Catalogue) Of(arn string) *Table {
	at, ok := slices.BinarySearchFunc(c.Tables, arn, func(t Table, arn string) int { return cmp.Compare(t.ARN, arn) })
	if !ok {
		return nil
	}
	return &c.Tables[at]
}

// Tags are the tags of all tables at the end of the time asked about, by ARN and name:
// what [policy.Policy.WithTags] wants.
func (c *Catalogue) Tags() policy.Tags {
	all := policy.Tags{}
	for i := range c.Tables {
		if tags := c.Tables[i].TagsAt(c.end()); len(tags) > 0 {
			all[c.Tables[i].ARN] = tags
		}
	}
	return all
}

// end is the last moment of the time asked about.
func (c *Catalogue) end() int64 {
	if c.To == 0 {
		return forever
	}
	return c.To - 1
}

const forever = 1<<63 - 1

// At is the interval of a setting that has a moment; ok is false where nothing is known.
func (t *Table) At(setting string, at int64) (i Interval, ok bool) {
	for _, i := range t.Of(setting) {
		if i.Holds(at) {
			return i, true
		}
	}
	return Interval{}, false
}

// Of is the history of one setting, in order of time.
func (t *Table) Of(setting string) []Interval {
	from, _ := slices.BinarySearchFunc(t.History, setting, func(i Interval, s string) int { return cmp.Compare(i.Setting, s) })
	to := from
	for to < len(t.History) && t.History[to].Setting == setting {
		to++
	}
	return t.History[from:to]
}

// TagsAt are the tags at a moment, as far as they are known.
func (t *Table) TagsAt(at int64) map[string]string {
	tags := map[string]string{}
	for i := range t.History {
		if name, ok := strings.CutPrefix(t.History[i].Setting, TagPrefix); ok && t.History[i].Holds(at) && !t.History[i].taken() {
			tags[name] = t.History[i].Value
		}
	}
	return tags
}

// taken reports a tag that was taken away, which is another thing than one of value none.
func (i *Interval) taken() bool { return i.Value == None && i.Detail == removed }

const removed = "removed"

// Unknown are the settings of a table that is there of which nothing is known at a moment, in the order of
// [Settings].
func (t *Table) Unknown(at int64) (names []string) {
	if now, ok := t.At(Existence, at); ok && now.Value == Deleted {
		return nil // it has none
	}
	for _, s := range Settings {
		if _, ok := t.At(s, at); !ok && s != StreamPolicy {
			names = append(names, s)
		}
	}
	return names
}

// TTLMayDelete reports whether items may have expired in [from, to), which no log shows:
// TTL was on for some of it, or nobody knows that it was off. sure is false for the latter.
func (t *Table) TTLMayDelete(from, to int64) (may, sure bool) {
	known := from
	for _, i := range t.Of(TTL) {
		if i.From >= to || i.To != 0 && i.To <= from {
			continue
		}
		if i.Value == On {
			return true, true
		}
		if i.From <= known && (i.To == 0 || i.To > known) {
			known = i.To
			if i.To == 0 {
				known = forever
			}
		}
	}
	return known < to, false
}
