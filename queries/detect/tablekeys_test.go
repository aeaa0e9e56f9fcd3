package detect

import (
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

const (
	keyOfTables   = "arn:aws:kms:eu-central-1:111122223333:key/1111aaaa-0000-4000-8000-000000000001"
	aliasOfKey    = "arn:aws:kms:eu-central-1:111122223333:alias/tables"
	tablesARN     = "arn:aws:dynamodb:eu-central-1:111122223333:table/"
	decryptRecord = `{"eventSource":"kms.amazonaws.com","eventName":"Decrypt","requestParameters":{"encryptionContext":{"aws:dynamodb:tableName":"TABLE","aws:dynamodb:subscriberId":"111122223333"}},` +
		`"resources":[{"ARN":"KEY","type":"AWS::KMS::Key"}],"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/app/s","accountId":"111122223333","invokedBy":"BY"}}`
)

func TestTableKeys(t *testing.T) {
	used := func(table, key, by string) string {
		return strings.NewReplacer("TABLE", table, "KEY", key, "BY", by).Replace(decryptRecord)
	}
	spec := func(event, table, key string) string {
		return `{"eventName":"` + event + `","requestParameters":{"tableName":"` + table + `","sSESpecification":{"enabled":true,"kMSMasterKeyId":"` + key + `"}}}`
	}
	touches := func(lines string) []schema.Touch {
		if lines == "" {
			return nil
		}
		return fixtureTouches(t, []byte(lines))
	}
	day, err := schema.ParseDay(fixtureDay)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, before, day string
		ask               string
		want              []string
	}{
		{"use", "", used("orders", keyOfTables, "dynamodb.amazonaws.com"), keyOfTables, []string{"orders"}},
		{"use, asked by id", "", used("orders", keyOfTables, "dynamodb.amazonaws.com"), "1111aaaa-0000-4000-8000-000000000001", []string{"orders"}},
		{"use by somebody", "", used("orders", keyOfTables, "athena.amazonaws.com"), keyOfTables, nil},
		{"two tables, twice", "", used("orders", keyOfTables, "dynamodb.amazonaws.com") + "\n" + used("baskets", keyOfTables, "dynamodb.amazonaws.com") + "\n" + used("orders", keyOfTables, "dynamodb.amazonaws.com"), keyOfTables, []string{"baskets", "orders"}},
		{"setting", "", spec("UpdateTable", "orders", keyOfTables), keyOfTables, []string{"orders"}},
		{"setting by id", "", spec("CreateTable", "orders", "1111aaaa-0000-4000-8000-000000000001"), keyOfTables, []string{"orders"}},
		{"setting by alias", "", spec("CreateTable", "orders", "alias/tables"), aliasOfKey, []string{"orders"}},
		{"another key", "", spec("UpdateTable", "orders", keyOfTables), "arn:aws:kms:eu-central-1:111122223333:key/2", nil},
		{"answer", "", `{"eventName":"UpdateTable","requestParameters":{"tableName":"orders"},"responseElements":{"tableDescription":{"sSEDescription":{"kMSMasterKeyArn":"` + keyOfTables + `"}}}}`, keyOfTables, []string{"orders"}},
		{"failed", "", strings.TrimSuffix(spec("UpdateTable", "orders", keyOfTables), "}") + `,"errorCode":"ValidationException"}`, keyOfTables, nil},
		{"restore", "", `{"eventName":"RestoreTableToPointInTime","requestParameters":{"sourceTableName":"orders","targetTableName":"copy","sSESpecificationOverride":{"kMSMasterKeyId":"` + keyOfTables + `"}}}`, keyOfTables, []string{"copy"}},
		{"long ago", `{"at":"-300d 08:00:00",` + spec("CreateTable", "orders", keyOfTables)[1:], "", keyOfTables, []string{"orders"}},
		{"long ago, and its old key", `{"at":"-300d 08:00:00",` + spec("CreateTable", "orders", keyOfTables)[1:], spec("UpdateTable", "orders", "arn:aws:kms:eu-central-1:111122223333:key/2"), keyOfTables, []string{"orders"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := &naive{day, touches(tt.before)}
			keys := newTableKeys(&Run{Day: h.day, History: h})
			for _, touch := range touches(tt.day) {
				keys.learn(&Event{Touch: &touch})
			}
			var want []string
			for _, name := range tt.want {
				want = append(want, tablesARN+name)
			}
			if got := keys.tables(tt.ask); !slices.Equal(got, want) {
				t.Errorf("tables of the key: %v, want %v", got, want)
			}
		})
	}
}
