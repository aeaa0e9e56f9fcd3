package tables

import (
	"strconv"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// item adds what AWS Config recorded of a table.
func (f *facts) item(i *schema.ConfigItem) {
	say := func(setting, value, detail string) {
		one := fact{
			at: i.CapturedAt, setting: setting, value: value, detail: detail,
			source: Source{Kind: FromConfig, Object: i.SourceObject, Index: i.SourceIndex},
		}
		if value == Exists {
			one.born = i.CreatedAt
		}
		f.found(i.TableARN, one)
	}
	switch {
	case i.Kind == schema.ConfigCompliance:
		if i.Rule != "" && i.Compliance != "" {
			say(RulePrefix+i.Rule, i.Compliance, "")
		}
	case strings.HasPrefix(i.ItemStatus, schema.ConfigDeleted): // ResourceDeletedNotRecorded, too
		say(Existence, Deleted, "")
	case i.TableStatus != "":
		say(Existence, Exists, "")
		settings(i, say)
	}
}

// settings are those of an item that has the table's configuration. A description of a
// table leaves out what is off: no SSEDescription is a key of AWS's own, no
// StreamSpecification no stream.
func settings(i *schema.ConfigItem, say func(setting, value, detail string)) {
	switch {
	case i.SSEStatus == "ENABLED" && i.SSEType != "AES256":
		say(Encryption, KMS, i.KMSKey)
	case i.SSEStatus == "" || i.SSEStatus == "DISABLED" || i.SSEStatus == "ENABLED":
		say(Encryption, AWSOwned, "")
	}
	for _, flag := range []struct {
		setting string
		is      schema.Tri
		detail  string
	}{{PITR, i.PITR, recoveryDays(i.PITRDays)}, {DeletionProtection, i.DeletionProtection, ""}} {
		if flag.is != schema.Null {
			say(flag.setting, onOff(flag.is == schema.True), flag.detail)
		}
	}
	say(Stream, onOff(i.Stream == schema.True), i.StreamView)
	// Items that have deletion protection are younger than replicas: of others nobody knows
	// whether they would have named any.
	if len(i.Replicas) > 0 || i.DeletionProtection != schema.Null {
		say(Replicas, listText(i.Replicas), "")
	}
	if i.BillingMode != "" {
		say(Billing, i.BillingMode, "")
	}
	if i.TableClass != "" {
		say(TableClass, i.TableClass, "")
	}
	if i.Tags != "" {
		say(allTags, "", i.Tags)
	}
}

func recoveryDays(n int32) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(int(n)) + " days"
}
