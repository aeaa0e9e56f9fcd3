package tables

import (
	"strings"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

// calls are those that say something of a table's settings, by name, with what they say.
var calls = map[string]func(*call){
	"CreateTable":                        (*call).create,
	"ImportTable":                        func(c *call) { c.under("tableCreationParameters").create() },
	"RestoreTableFromBackup":             (*call).restore,
	"RestoreTableToPointInTime":          (*call).restore,
	"RestoreTableFromAwsBackup":          (*call).restore,
	"UpdateTable":                        (*call).update,
	"DeleteTable":                        func(c *call) { c.change(Existence, Deleted, "") },
	"UpdateContinuousBackups":            (*call).backups,
	"UpdateTimeToLive":                   (*call).expiry,
	"EnableKinesisStreamingDestination":  func(c *call) { c.list(Kinesis, added, c.request.At("streamArn").Text()) },
	"DisableKinesisStreamingDestination": func(c *call) { c.list(Kinesis, taken, c.request.At("streamArn").Text()) },
	"PutResourcePolicy":                  func(c *call) { c.policy(Set, c.request.At("policy").Text()) },
	"DeleteResourcePolicy":               func(c *call) { c.policy(None, "") },
	"CreateGlobalTable":                  (*call).globalTable,
	"UpdateGlobalTable":                  (*call).globalTable,
	"TagResource":                        (*call).tag,
	"TagResources":                       (*call).tag,
	"UntagResource":                      (*call).untag,
	"UntagResources":                     (*call).untag,
	"PutEvaluations":                     (*call).evaluations,
	"DescribeTable":                      func(c *call) { c.description(c.response.At("table"), nil) },
	"DescribeContinuousBackups":          func(c *call) { c.recovery(c.response.At("continuousBackupsDescription")) },
	"DescribeTimeToLive":                 (*call).expiryFound,
	"ListTagsOfResource":                 func(c *call) { c.eachTag(c.response.At("tags"), found) },
}

// call is one call on one table, on its way to facts.
type call struct {
	*detect.Event
	arn               string
	request, response detect.Value
	facts             *facts
}

// read adds what a call says of its table. Its texts are cloned.
func (f *facts) read(t *schema.Touch) {
	e := &detect.Event{Touch: t}
	c := &call{Event: e, arn: t.TableARN, request: e.Request(), response: e.Response(), facts: f}
	calls[t.EventName](c)
}

func (c *call) under(name string) *call {
	sub := *c
	sub.request = c.request.At(name)
	return &sub
}

func (c *call) say(setting, value, detail string, b bearing) {
	c.facts.add(c.arn, fact{at: c.EventTime, setting: setting, value: value, detail: detail, bearing: b, source: c.source()})
}

func (c *call) change(setting, value, detail string) { c.say(setting, value, detail, changed) }

func (c *call) source() Source {
	s := Source{
		Kind: FromEvent, EventID: c.EventID, EventName: c.EventName, Actor: c.Actor, ActorName: c.ActorName, ActorKind: c.ActorKind,
		Object: c.SourceObject, Index: c.SourceIndex,
	}
	for _, text := range []*string{&s.EventID, &s.EventName, &s.Actor, &s.ActorName, &s.ActorKind, &s.Object} {
		*text = strings.Clone(*text)
	}
	return s
}

// list is a call that adds to a list, or takes away from it.
func (c *call) list(setting string, b bearing, item string) {
	if item = oneWord(item); item != "" {
		c.say(setting, item, "", b)
	}
}

// oneWord is text as an item of a list, in which spaces separate items.
func oneWord(s string) string { return strings.Join(strings.Fields(cut(s, 2048)), "_") }

// flag says whether something is on, where the log says that.
func (c *call) flag(setting string, v detect.Value, detail string, b bearing) {
	if is, known := v.Bool(); known {
		c.say(setting, onOff(is), detail, b)
	}
}

func onOff(is bool) string {
	if is {
		return On
	}
	return Off
}

// create is a table with the settings that it was made with, and for those that the call
// does not name what DynamoDB gives a new table.
func (c *call) create() {
	c.change(Existence, Created, "")
	r := c.request
	c.newborn()
	c.encryption(r.At("sSESpecification"), AWSOwned)
	c.orElse(DeletionProtection, r.At("deletionProtectionEnabled"), Off)
	c.stream(r.At("streamSpecification"), Off)
	c.change(Billing, word(r.At("billingMode"), "PROVISIONED"), "")
	c.change(TableClass, word(r.At("tableClass"), "STANDARD"), "")
	if policy := r.At("resourcePolicy").Text(); policy != "" {
		c.change(ResourcePolicy, Set, policy)
	} else {
		c.change(ResourcePolicy, None, "")
	}
	c.eachTag(r.At("tags"), changed)
}

// newborn is what no new table has, however it was made.
func (c *call) newborn() {
	c.change(PITR, Off, "")
	c.change(TTL, Off, "")
	c.change(Kinesis, None, "")
	c.change(Replicas, None, "")
}

// restore is a table made of a backup: of its settings a restore takes over few, and those
// that it may are not known where the call does not name them.
func (c *call) restore() {
	r := c.request
	if target := r.At("targetTableName").Text(); target != c.TableName {
		return // the table that the backup is of
	}
	c.change(Existence, Created, "")
	c.newborn()
	c.change(DeletionProtection, Off, "")
	c.change(Stream, Off, "")
	c.encryption(r.At("sSESpecificationOverride"), "")
	if mode := word(r.At("billingModeOverride"), ""); mode != "" {
		c.change(Billing, mode, "")
	}
}

// update is what a call changes, and what its answer says of all else.
func (c *call) update() {
	r := c.request
	c.encryption(r.At("sSESpecification"), "")
	c.flag(DeletionProtection, r.At("deletionProtectionEnabled"), "", changed)
	c.stream(r.At("streamSpecification"), "")
	if mode := word(r.At("billingMode"), ""); mode != "" {
		c.change(Billing, mode, "")
	}
	if class := word(r.At("tableClass"), ""); class != "" {
		c.change(TableClass, class, "")
	}
	for _, one := range r.At("replicaUpdates").List() {
		c.list(Replicas, added, one.At("create", "regionName").Text())
		c.list(Replicas, taken, one.At("delete", "regionName").Text())
	}
	// The answer has the settings as they were before.
	c.description(c.response.At("tableDescription"), r.Names())
}

func (c *call) globalTable() {
	for _, one := range c.request.At("replicationGroup").List() {
		c.list(Replicas, added, one.At("regionName").Text())
	}
	for _, one := range c.request.At("replicaUpdates").List() {
		c.list(Replicas, added, one.At("create", "regionName").Text())
		c.list(Replicas, taken, one.At("delete", "regionName").Text())
	}
}

// encryption is a specification; without one it is as it is said to be by itself.
func (c *call) encryption(spec detect.Value, otherwise string) {
	enabled, known := spec.At("enabled").Bool()
	switch {
	case !spec.Exists():
		if otherwise != "" {
			c.change(Encryption, otherwise, "")
		}
	case known && !enabled:
		c.change(Encryption, AWSOwned, "")
	default:
		c.change(Encryption, KMS, cut(spec.At("kMSMasterKeyId").Text(), 2048))
	}
}

func (c *call) stream(spec detect.Value, otherwise string) {
	on, known := spec.At("streamEnabled").Bool()
	switch {
	case known:
		c.change(Stream, onOff(on), word(spec.At("streamViewType"), ""))
	case !spec.Exists() && otherwise != "":
		c.change(Stream, otherwise, "")
	}
}

func (c *call) orElse(setting string, v detect.Value, otherwise string) {
	value := otherwise
	if is, known := v.Bool(); known {
		value = onOff(is)
	}
	c.change(setting, value, "")
}

// word is one of the words of an API, whatever the log makes of it.
func word(v detect.Value, otherwise string) string {
	s := v.Text()
	if s == "" || len(s) > 64 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") != "" {
		return otherwise
	}
	return s
}

func (c *call) backups() {
	spec := c.request.At("pointInTimeRecoverySpecification")
	c.flag(PITR, spec.At("pointInTimeRecoveryEnabled"), days(spec.At("recoveryPeriodInDays")), changed)
}

func days(v detect.Value) string {
	if n, known := v.Number(); known && n > 0 && n < 10_000 {
		return v.Text() + " days"
	}
	return ""
}

func (c *call) expiry() {
	spec := c.request.At("timeToLiveSpecification")
	c.flag(TTL, spec.At("enabled"), cut(spec.At("attributeName").Text(), 255), changed)
}

func (c *call) policy(value, document string) {
	arn, ok := schema.ParseTableARN(c.request.At("resourceArn").Text())
	switch {
	case ok && strings.HasPrefix(arn.Sub, "stream"):
		c.change(StreamPolicy, value, document)
	default:
		c.change(ResourcePolicy, value, document)
	}
}
