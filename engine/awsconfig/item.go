package awsconfig

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// item is what all items have. encoding/json finds members whatever their case.
type item struct {
	Captured      string   `json:"configurationItemCaptureTime"`
	Status        string   `json:"configurationItemStatus"`
	State         scalar   `json:"configurationStateId"`
	Account       scalar   `json:"awsAccountId"`
	OtherAccount  scalar   `json:"accountId"`
	Region        string   `json:"awsRegion"`
	ID            string   `json:"resourceId"`
	Name          string   `json:"resourceName"`
	ARN           string   `json:"arn"`
	Tags          tags     `json:"tags"`
	Configuration embedded `json:"configuration"`
	Supplementary embedded `json:"supplementaryConfiguration"`
}

// rowsOf makes rows of an item of a type that is ours. ours is false for what rules say of
// resources that are no tables.
func rowsOf(kind string, raw []byte) (rows []schema.ConfigItem, ours bool, err error) {
	var i item
	if err := json.Unmarshal(raw, &i); err != nil {
		return nil, true, fmt.Errorf("the item is not as AWS Config writes them: %w", err)
	}
	row := schema.ConfigItem{Kind: schema.ConfigSettings, ItemStatus: i.Status, StateID: string(i.State)}
	if kind == typeCompliance {
		return i.compliance(row)
	}
	if err := i.place(&row, i.ARN, first(i.Name, i.ID)); err != nil {
		return nil, true, err
	}
	if err := i.settings(&row); err != nil {
		return nil, true, err
	}
	return []schema.ConfigItem{row}, true, nil
}

// place says of which table a row is, and of what time.
func (i *item) place(row *schema.ConfigItem, arn, name string) error {
	at, err := instant(i.Captured)
	if err != nil {
		return fmt.Errorf("configurationItemCaptureTime: %w", err)
	}
	account := first(string(i.Account), string(i.OtherAccount))
	if arn == "" && name != "" && digits(account) && len(account) == 12 && i.Region != "" {
		arn = fmt.Sprintf("arn:%s:dynamodb:%s:%s:table/%s", partition(i.Region), i.Region, account, name)
	}
	table, ok := schema.ParseTableARN(arn)
	switch {
	case !ok || table.ARN != arn || len(arn) > maxText:
		return errors.New("the item has no ARN of a table, and not account, Region and name instead")
	case !schema.LegalTableName(table.Table):
		return fmt.Errorf("%.80q is no name that a table can have", table.Table)
	case account != "" && account != table.Account, i.Region != "" && i.Region != table.Region:
		return fmt.Errorf("the item is of account %.20q and Region %.40q, and its ARN is not", account, i.Region)
	}
	row.CapturedAt = at
	row.TableARN, row.TableName, row.Account, row.Region = table.ARN, table.Table, table.Account, table.Region
	return nil
}

// partition is the part of AWS that a Region belongs to.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// configuration is what an item says of a table itself.
type configuration struct {
	TableStatus string
	Created     moment `json:"creationDateTime"`
	SSE         struct {
		Status, SSEType string
		Key             string `json:"kmsmasterKeyArn"`
	} `json:"ssedescription"`
	DeletionProtection *bool `json:"deletionProtectionEnabled"`
	Stream             struct {
		Enabled *bool  `json:"streamEnabled"`
		View    string `json:"streamViewType"`
	} `json:"streamSpecification"`
	Replicas []struct {
		Region string `json:"regionName"`
	}
	Billing struct {
		Mode string `json:"billingMode"`
	} `json:"billingModeSummary"`
	Class struct {
		Name string `json:"tableClass"`
	} `json:"tableClassSummary"`
}

// supplement is what it says of what belongs to the table.
type supplement struct {
	Backups embedded `json:"continuousBackupsDescription"`
}

type backups struct {
	Recovery struct {
		Status string  `json:"pointInTimeRecoveryStatus"`
		Days   float64 `json:"recoveryPeriodInDays"`
	} `json:"pointInTimeRecoveryDescription"`
}

func (i *item) settings(row *schema.ConfigItem) error {
	var c configuration
	var s supplement
	var b backups
	err := errors.Join(i.Configuration.into(&c), i.Supplementary.into(&s))
	if err == nil {
		err = s.Backups.into(&b)
	}
	if err != nil {
		return fmt.Errorf("the table's configuration makes no sense: %w", err)
	}
	row.TableStatus, row.CreatedAt = c.TableStatus, int64(c.Created)
	row.SSEStatus, row.SSEType, row.KMSKey = c.SSE.Status, c.SSE.SSEType, c.SSE.Key
	row.DeletionProtection, row.Stream, row.StreamView = tri(c.DeletionProtection), tri(c.Stream.Enabled), c.Stream.View
	row.BillingMode, row.TableClass = c.Billing.Mode, c.Class.Name
	for _, r := range c.Replicas {
		if r.Region != "" && r.Region != row.Region {
			row.Replicas = append(row.Replicas, r.Region)
		}
	}
	row.Replicas = slices.Compact(slices.Sorted(slices.Values(row.Replicas)))
	switch b.Recovery.Status {
	case "ENABLED":
		row.PITR = schema.True
	case "DISABLED":
		row.PITR = schema.False
	}
	if days := b.Recovery.Days; days >= 1 && days < 10_000 {
		row.PITRDays = int32(days)
	}
	row.Tags, err = i.Tags.text()
	return err
}

// verdicts is what rules say of a resource.
type verdicts struct {
	Type       string `json:"targetResourceType"`
	ID         string `json:"targetResourceId"`
	Compliance string `json:"complianceType"`
	Rules      []struct {
		Name       string `json:"configRuleName"`
		Compliance string `json:"complianceType"`
	} `json:"configRuleList"`
}

// maxRules bounds the rows of one item; AWS allows 1,000 rules in an account and Region.
const maxRules = 2000

// compliance makes a row of what each rule says; one of all together where none is named.
func (i *item) compliance(row schema.ConfigItem) (rows []schema.ConfigItem, ours bool, err error) {
	var v verdicts
	if err := i.Configuration.into(&v); err != nil {
		return nil, true, fmt.Errorf("the verdict makes no sense: %w", err)
	}
	if v.Type == "" { // a deleted one: its id is AWS::DynamoDB::Table/orders
		v.Type, v.ID, _ = strings.Cut(i.ID, "/")
	}
	if v.Type != typeTable {
		return nil, false, nil
	}
	if len(v.Rules) > maxRules {
		return nil, true, fmt.Errorf("the item has %d rules; at most %d are read", len(v.Rules), maxRules)
	}
	arn := ""
	if strings.HasPrefix(v.ID, "arn:") {
		arn = v.ID
	}
	row.Kind = schema.ConfigCompliance
	if err := i.place(&row, arn, v.ID); err != nil {
		return nil, true, err
	}
	if len(v.Rules) == 0 {
		row.Compliance = v.Compliance
		return []schema.ConfigItem{row}, true, nil
	}
	for _, rule := range v.Rules {
		row.Rule, row.Compliance = rule.Name, rule.Compliance
		rows = append(rows, row)
	}
	return rows, true, nil
}

// maxText bounds an ARN; DynamoDB's are 283 bytes at most.
const maxText = 2048

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func tri(b *bool) schema.Tri {
	if b == nil {
		return schema.Null
	}
	return schema.TriOf(*b)
}

// instant reads a time of an item, in microseconds since 1970.
func instant(s string) (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 2000 || t.Year() > 9998 {
		return 0, fmt.Errorf("%.40q is no time", s)
	}
	return t.UnixMicro(), nil
}

// moment is a time that matters less: one that makes no sense is not known. Numbers are
// milliseconds or, when they are small, seconds.
type moment int64

func (m *moment) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		at, _ := instant(text)
		*m = moment(at)
		return nil
	}
	if n, err := strconv.ParseFloat(string(data), 64); err == nil && n > 0 && n < 1e14 {
		if n < 1e11 {
			n *= 1000
		}
		*m = moment(n * 1000)
	}
	return nil
}
