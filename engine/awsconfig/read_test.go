package awsconfig

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// kept is a sink that keeps all.
type kept struct {
	items   []schema.ConfigItem
	reasons []string
}

func (k *kept) Item(i schema.ConfigItem) error {
	k.items = append(k.items, i)
	return nil
}

func (k *kept) Quarantine(index int32, reason string, _ []byte) error {
	k.reasons = append(k.reasons, fmt.Sprintf("%d: %s", index, reason))
	return nil
}

const (
	ordersARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	head      = `"configurationItemCaptureTime":"2026-03-02T08:00:00.123Z","configurationItemStatus":"OK","awsRegion":"eu-west-1","awsAccountId":"111122223333"`
)

func table(members string) string {
	return `{"resourceType":"AWS::DynamoDB::Table","resourceId":"orders","ARN":"` + ordersARN + `",` + head + `,` + members + `}`
}

func file(items ...string) string {
	return `{"fileVersion":"1.0","configSnapshotId":"x","configurationItems":[` + strings.Join(items, ",") + `]}`
}

// orders is a row of the table with what set changes.
func orders(set func(*schema.ConfigItem)) schema.ConfigItem {
	i := schema.ConfigItem{
		Kind: schema.ConfigSettings, TableARN: ordersARN, TableName: "orders", Account: "111122223333", Region: "eu-west-1",
		CapturedAt: 1772438400123000, ItemStatus: "OK",
	}
	set(&i)
	return i
}

func TestItems(t *testing.T) {
	whole := func(i *schema.ConfigItem) {
		i.StateID, i.TableStatus, i.CreatedAt = "1772438400000", "ACTIVE", 1764576000000000
		i.SSEStatus, i.SSEType, i.KMSKey = "ENABLED", "KMS", "arn:aws:kms:eu-west-1:111122223333:key/k"
		i.PITR, i.PITRDays, i.DeletionProtection = schema.True, 35, schema.False
		i.Stream, i.StreamView, i.Replicas = schema.True, "KEYS_ONLY", []string{"eu-central-1", "us-east-1"}
		i.BillingMode, i.TableClass, i.Tags = "PAY_PER_REQUEST", "STANDARD", `{"a":"1","data-class":"pii"}`
	}
	configuration := `{"tableStatus":"ACTIVE","creationDateTime":1764576000000,"ssedescription":{"status":"ENABLED","ssetype":"KMS","kmsmasterKeyArn":"arn:aws:kms:eu-west-1:111122223333:key/k"},` +
		`"deletionProtectionEnabled":false,"streamSpecification":{"streamEnabled":true,"streamViewType":"KEYS_ONLY"},"replicas":[{"regionName":"us-east-1"},{"regionName":"eu-central-1"},{"regionName":"eu-west-1"}],` +
		`"billingModeSummary":{"billingMode":"PAY_PER_REQUEST"},"tableClassSummary":{"tableClass":"STANDARD"}}`
	backups := `{"continuousBackupsStatus":"ENABLED","pointInTimeRecoveryDescription":{"pointInTimeRecoveryStatus":"ENABLED","recoveryPeriodInDays":35}}`
	quoted := func(s string) string { return fmt.Sprintf("%q", s) }
	verdict := `{"resourceType":"AWS::Config::ResourceCompliance","resourceId":"AWS::DynamoDB::Table/orders",` + head
	compliance := func(rule, what string) func(*schema.ConfigItem) {
		return func(i *schema.ConfigItem) { i.Kind, i.Rule, i.Compliance = schema.ConfigCompliance, rule, what }
	}
	for name, c := range map[string]struct {
		item string
		want []schema.ConfigItem
	}{
		"all settings": {table(`"configurationStateId":1772438400000,"tags":{"data-class":"pii","a":"1"},"configuration":` + configuration + `,"supplementaryConfiguration":{"ContinuousBackupsDescription":` + backups + `}`), []schema.ConfigItem{orders(whole)}},
		"in strings": {table(`"configurationStateID":"1772438400000","tags":[{"key":"data-class","value":"pii"},{"Key":"a","Value":"1"}],"configuration":` + quoted(configuration) +
			`,"supplementaryConfiguration":` + quoted(`{"ContinuousBackupsDescription":`+quoted(backups)+`}`)), []schema.ConfigItem{orders(whole)}},
		"as CloudTrail spells it": {table(`"configuration":{"tableStatus":"ACTIVE","sSEDescription":{"sSEType":"KMS","status":"ENABLED"}}`), []schema.ConfigItem{orders(func(i *schema.ConfigItem) {
			i.TableStatus, i.SSEStatus, i.SSEType = "ACTIVE", "ENABLED", "KMS"
		})}},
		"nothing said": {table(`"configuration":{}`), []schema.ConfigItem{orders(func(*schema.ConfigItem) {})}},
		"deleted, without an ARN": {`{"resourceType":"AWS::DynamoDB::Table","resourceId":"orders","configuration":null,"supplementaryConfiguration":{},` + strings.Replace(head, `"OK"`, `"ResourceDeleted"`, 1) + `}`,
			[]schema.ConfigItem{orders(func(i *schema.ConfigItem) { i.ItemStatus = "ResourceDeleted" })}},
		"rules": {verdict + `,"configuration":{"targetResourceType":"AWS::DynamoDB::Table","targetResourceId":"orders","complianceType":"NON_COMPLIANT","configRuleList":[{"configRuleName":"b","complianceType":"NON_COMPLIANT"},{"configRuleName":"a","complianceType":"COMPLIANT"}]}}`,
			[]schema.ConfigItem{orders(compliance("b", "NON_COMPLIANT")), orders(compliance("a", "COMPLIANT"))}},
		"a verdict that was taken back": {verdict + `,"configuration":null}`, []schema.ConfigItem{orders(compliance("", ""))}},
		"rules of a bucket":             {`{"resourceType":"AWS::Config::ResourceCompliance","resourceId":"AWS::S3::Bucket/b",` + head + `,"configuration":{"targetResourceType":"AWS::S3::Bucket"}}`, nil},
		"another resource":              {`{"resourceType":"AWS::S3::Bucket","configuration":7}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var k kept
			sum, err := Read([]byte(file(c.item)), &k)
			if err != nil || len(k.reasons) > 0 || !reflect.DeepEqual(k.items, c.want) {
				t.Errorf("%v, %q\ngot  %+v\nwant %+v", err, k.reasons, k.items, c.want)
			}
			if in := int64(min(len(c.want), 1)); sum.Items != 1 || sum.InScope != in || sum.OutOfScope != 1-in {
				t.Errorf("counts %+v", sum)
			}
		})
	}
}

// An item that makes no sense does not take its file with it.
func TestQuarantine(t *testing.T) {
	good := table(`"configuration":{}`)
	for bad, reason := range map[string]string{
		`7`:                                     "no JSON object",
		`{}`:                                    "no resourceType",
		`{"resourceType":["x"]}`:                "no resourceType",
		table(`"configuration":"no JSON"`):      "configuration makes no sense",
		table(`"configuration":{"replicas":7}`): "configuration makes no sense",
		table(`"tags":"x"`):                     "tags are neither",
		table(`"x":"` + strings.Repeat("x", MaxItem) + `"`):                                                                             "at most",
		strings.Replace(good, ordersARN, "arn:aws:s3:::b", 1):                                                                           "no ARN of a table",
		strings.Replace(good, ordersARN, ordersARN+"/index/by-state", 1):                                                                "no ARN of a table",
		strings.Replace(good, ordersARN, ordersARN+"\\u001b[31m", 1):                                                                    "no name that a table can have",
		strings.Replace(good, "table/orders", "table/..", 1):                                                                            "no name that a table can have",
		strings.Replace(good, `"awsAccountId":"111122223333"`, `"awsAccountId":"1"`, 1):                                                 "its ARN is not",
		strings.Replace(good, `"awsRegion":"eu-west-1"`, `"awsRegion":"eu-central-1"`, 1):                                               "its ARN is not",
		strings.Replace(good, "2026-03-02T08:00:00.123Z", "today", 1):                                                                   "is no time",
		strings.Replace(good, "2026-03-02T08:00:00.123Z", "0001-01-01T00:00Z", 1):                                                       "is no time",
		strings.Replace(good, `"configurationItemCaptureTime"`, `"captured"`, 1):                                                        "is no time",
		strings.Replace(good, `"configurationItemStatus":"OK"`, `"arn":{}`, 1):                                                          "not as AWS Config writes them",
		`{"resourceType":"AWS::Config::ResourceCompliance",` + head + `,"configuration":{"targetResourceType":"AWS::DynamoDB::Table"}}`: "no ARN of a table",
	} {
		var k kept
		sum, err := Read([]byte(file(good, bad, good)), &k)
		if err != nil || len(k.items) != 2 || len(k.reasons) != 1 || sum != (Summary{3, 2, 0, 1, 1772438400123000, 1772438400123000}) {
			t.Errorf("%.80s: %v, %+v, %q", bad, err, sum, k.reasons)
			continue
		}
		if !strings.HasPrefix(k.reasons[0], "1: ") || !strings.Contains(k.reasons[0], reason) {
			t.Errorf("%.80s: %q, want %q", bad, k.reasons[0], reason)
		}
	}
}

// A file that is not read to its end is an error, and says which.
func TestNotRead(t *testing.T) {
	whole := file(table(`"configuration":{}`))
	for n := range len(whole) {
		if _, err := Read([]byte(whole[:n]), &kept{}); err == nil || errors.Is(err, io.EOF) {
			t.Fatalf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
	for text, want := range map[string]error{`[]`: ErrNoItems, `{}`: ErrNoItems, `{"Records":[]}`: ErrNoItems, `{"configurationItems":{}}`: ErrNoItems, `7`: ErrNoItems} {
		if _, err := Read([]byte(text), &kept{}); !errors.Is(err, want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := Read([]byte(whole+whole), &kept{}); err == nil {
		t.Error("two files in one are taken for one")
	}
}

// FuzzRead: whatever a file holds, its items are accounted for, and rows are of tables.
func FuzzRead(f *testing.F) {
	f.Add([]byte(file(table(`"configuration":"{}","tags":[]`), `{"resourceType":"AWS::Config::ResourceCompliance"}`)))
	f.Add([]byte("\xef\xbb\xbf{\"configurationItems\":[{\"resourceType\":\"AWS::DynamoDB::Table\"}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var k kept
		sum, err := Read(data, &k)
		if sum.Quarantined != int64(len(k.reasons)) || err == nil && sum.Items != sum.InScope+sum.OutOfScope+sum.Quarantined {
			t.Errorf("%+v, %d in quarantine", sum, len(k.reasons))
		}
		for _, i := range k.items {
			if _, ok := schema.ParseTableARN(i.TableARN); !ok || i.CapturedAt <= 0 || int64(i.SourceIndex) >= sum.Items {
				t.Errorf("row %+v", i)
			}
		}
	})
}
