package tables

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/detect"
)

// description takes what an answer says of a table, but for what a request is about to
// change. CloudTrail leaves out most answers of calls that only look; what is not in one
// is not known.
func (c *call) description(d detect.Value, but []string) {
	if !d.Exists() {
		return
	}
	asked := func(name string) bool {
		return slices.ContainsFunc(but, func(s string) bool { return strings.EqualFold(s, name) })
	}
	if status := d.At("tableStatus").Text(); status == "ACTIVE" || status == "UPDATING" {
		c.say(Existence, Exists, "", found)
	}
	if v := d.At("deletionProtectionEnabled"); !asked("deletionProtectionEnabled") {
		c.flag(DeletionProtection, v, "", found)
	}
	if s := d.At("sSEDescription"); !asked("sSESpecification") {
		switch s.At("status").Text() {
		case "ENABLED":
			c.say(Encryption, KMS, cut(s.At("kMSMasterKeyArn").Text(), 2048), found)
		case "DISABLED":
			c.say(Encryption, AWSOwned, "", found)
		}
	}
	if s := d.At("streamSpecification"); !asked("streamSpecification") {
		c.flag(Stream, s.At("streamEnabled"), word(s.At("streamViewType"), ""), found)
	}
	if mode := word(d.At("billingModeSummary", "billingMode"), ""); mode != "" && !asked("billingMode") {
		c.say(Billing, mode, "", found)
	}
	if class := word(d.At("tableClassSummary", "tableClass"), ""); class != "" && !asked("tableClass") {
		c.say(TableClass, class, "", found)
	}
	c.replicasFound(d.At("replicas"), asked("replicaUpdates"))
}

func (c *call) replicasFound(list detect.Value, asked bool) {
	if asked || !list.Exists() {
		return
	}
	var regions []string
	for _, one := range list.List() {
		regions = append(regions, oneWord(one.At("regionName").Text()))
	}
	c.say(Replicas, listText(regions), "", found)
}

// recovery takes an answer about backups.
func (c *call) recovery(d detect.Value) {
	p := d.At("pointInTimeRecoveryDescription")
	switch p.At("pointInTimeRecoveryStatus").Text() {
	case "ENABLED":
		c.say(PITR, On, days(p.At("recoveryPeriodInDays")), found)
	case "DISABLED":
		c.say(PITR, Off, "", found)
	}
}

func (c *call) expiryFound() {
	d := c.response.At("timeToLiveDescription")
	switch d.At("timeToLiveStatus").Text() {
	case "ENABLED":
		c.say(TTL, On, cut(d.At("attributeName").Text(), 255), found)
	case "DISABLED":
		c.say(TTL, Off, "", found)
	}
}

// tag takes the tags of DynamoDB's own call, which are a list, and those of the tagging
// service's, which are an object.
func (c *call) tag() {
	tags := c.request.At("tags")
	c.eachTag(tags, changed)
	for _, name := range tags.Names() {
		c.setTag(name, tags.At(name).Text(), changed)
	}
}

// Limits of tags in AWS.
const (
	maxTagName  = 128 * 4
	maxTagValue = 256 * 4
)

func (c *call) eachTag(list detect.Value, b bearing) {
	for _, one := range list.List() {
		c.setTag(one.At("key").Text(), one.At("value").Text(), b)
	}
}

func (c *call) setTag(name, value string, b bearing) {
	if name != "" && len(name) <= maxTagName && len(value) <= maxTagValue {
		c.say(TagPrefix+name, value, "", b)
	}
}

func (c *call) untag() {
	for _, key := range c.request.At("tagKeys").List() {
		if name := key.Text(); name != "" && len(name) <= maxTagName {
			c.say(TagPrefix+name, None, removed, changed)
		}
	}
}

// evaluations takes verdicts of a custom rule. The call does not name the rule: who made
// it stands for that.
func (c *call) evaluations() {
	if test, _ := c.request.At("testMode").Bool(); test {
		return
	}
	for _, one := range c.request.At("evaluations").List() {
		verdict := word(one.At("complianceType"), "")
		if verdict != "" && one.At("complianceResourceType").Text() == "AWS::DynamoDB::Table" && c.means(one.At("complianceResourceId").Text()) {
			c.say(RulePrefix+"of "+cut(c.ActorName, 256), verdict, cut(one.At("annotation").Text(), 256), changed)
		}
	}
}

// means reports whether an id is the table's: its name, or its ARN.
func (c *call) means(id string) bool {
	return id == c.arn || id == c.arn[strings.LastIndexByte(c.arn, '/')+1:]
}
