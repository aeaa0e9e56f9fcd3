package schema

import (
	"cmp"
	"slices"
	"strings"
)

// Kinds of rows that AWS Config's files give.
const (
	ConfigSettings   = "settings"   // a table's settings at one moment
	ConfigCompliance = "compliance" // what a rule of AWS Config said of a table
)

// Statuses of a configuration item that say more than "as it was": the others are kept as
// they stand.
const (
	ConfigDiscovered = "ResourceDiscovered"
	ConfigDeleted    = "ResourceDeleted"
)

// ConfigItem is what AWS Config recorded of a table at one moment: a row of config/. Empty
// text, [Null] and a time of 0 are what the item did not say; where it has a TableStatus, a
// nil list is an empty one. Its column names are promises.
type ConfigItem struct {
	Kind       string // ConfigSettings or ConfigCompliance
	TableARN   string
	TableName  string
	Account    string
	Region     string
	CapturedAt int64 // microseconds since 1970
	ItemStatus string
	StateID    string

	// Of settings.
	TableStatus        string
	CreatedAt          int64
	SSEStatus          string // ENABLED, DISABLED, UPDATING …
	SSEType            string // KMS; AES256 is what old items say of AWS's own key
	KMSKey             string
	PITR               Tri
	PITRDays           int32 // 0: not said
	DeletionProtection Tri
	Stream             Tri
	StreamView         string
	Replicas           []string // Regions, sorted
	BillingMode        string
	TableClass         string
	Tags               string // JSON object, names sorted

	// Of compliance: one row for each rule; without a rule it is what all say together.
	Rule       string
	Compliance string // COMPLIANT, NON_COMPLIANT …

	// Where it was read: of equal items the one with the least object. Not part of a row's
	// identity.
	SourceObject string
	SourceIndex  int32
}

// Compare orders items by all they say, in the order of config/'s files. Where they were
// read does not count.
func (c *ConfigItem) Compare(o *ConfigItem) int {
	return cmp.Or(
		cmp.Compare(c.TableARN, o.TableARN), cmp.Compare(c.CapturedAt, o.CapturedAt), cmp.Compare(c.Kind, o.Kind),
		cmp.Compare(c.Rule, o.Rule), cmp.Compare(c.StateID, o.StateID), cmp.Compare(c.ItemStatus, o.ItemStatus),
		cmp.Compare(c.TableName, o.TableName), cmp.Compare(c.Account, o.Account), cmp.Compare(c.Region, o.Region),
		cmp.Compare(c.TableStatus, o.TableStatus), cmp.Compare(c.CreatedAt, o.CreatedAt),
		cmp.Compare(c.SSEStatus, o.SSEStatus), cmp.Compare(c.SSEType, o.SSEType), cmp.Compare(c.KMSKey, o.KMSKey),
		cmp.Compare(c.PITR, o.PITR), cmp.Compare(c.PITRDays, o.PITRDays), cmp.Compare(c.DeletionProtection, o.DeletionProtection),
		cmp.Compare(c.Stream, o.Stream), cmp.Compare(c.StreamView, o.StreamView), slices.Compare(c.Replicas, o.Replicas),
		cmp.Compare(c.BillingMode, o.BillingMode), cmp.Compare(c.TableClass, o.TableClass), strings.Compare(c.Tags, o.Tags),
		cmp.Compare(c.Compliance, o.Compliance),
	)
}

// CompareSource orders items by where they were read.
func (c *ConfigItem) CompareSource(o *ConfigItem) int {
	return cmp.Or(cmp.Compare(c.SourceObject, o.SourceObject), cmp.Compare(c.SourceIndex, o.SourceIndex))
}
