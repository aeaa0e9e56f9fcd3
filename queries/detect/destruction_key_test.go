package detect

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

const arnOfTables = "arn:aws:dynamodb:eu-central-1:111122223333:table/"

func arnOfKey(id string) string { return "arn:aws:kms:eu-central-1:111122223333:key/" + id }

// keyTouch is a call that has to do with keys.
func keyTouch(source, name, table, request, resources string) *schema.Touch {
	t := &schema.Touch{
		EventID: name + table + request, EventSource: source + ".amazonaws.com", EventName: name, Plane: schema.PlaneControl, Mutates: true,
		Outcome: schema.OutcomeOK, AWSRegion: "eu-central-1", TableAccountID: "111122223333", RequestParameters: request, Resources: resources, TouchCount: 1,
	}
	if source == "kms" {
		t.Plane = schema.PlaneKMS
	}
	if table != "" {
		t.TableName, t.TableARN = table, arnOfTables+table
	}
	return t
}

func TestKeyLosses(t *testing.T) {
	const day = int32(20_000)
	before := []schema.Touch{
		*keyTouch("dynamodb", "CreateTable", "orders", `{"sSESpecification":{"kMSMasterKeyId":"k1"}}`, ""),
		*keyTouch("dynamodb", "UpdateTable", "orders", `{"sSESpecification":{"kMSMasterKeyId":"`+arnOfKey("k2")+`"}}`, ""),
		*keyTouch("dynamodb", "UpdateTable", "carts", `{"sSESpecification":{"kMSMasterKeyId":"k2"}}`, ""),
		*keyTouch("dynamodb", "UpdateTable", "failed", `{"sSESpecification":{"kMSMasterKeyId":"k1"}}`, ""),
	}
	before[3].Outcome = schema.OutcomeFailed
	for i := range before {
		before[i].EventTime = int64(day-9) * 86_400e6
	}
	use := keyTouch("kms", "Decrypt", "notes", `{}`, `[{"ARN":"`+arnOfKey("k3")+`","type":"AWS::KMS::Key"}]`)
	use.InvokedBy = "dynamodb.amazonaws.com"
	for name, c := range map[string]struct {
		lost     *schema.Touch
		severity schema.Severity // 0: none is found
		tables   string
	}{
		"key that the table had once":       {keyTouch("kms", "DisableKey", "", `{"keyId":"k1"}`, ""), schema.SeverityCritical, "orders"},
		"key of two tables, by its ARN":     {keyTouch("kms", "ScheduleKeyDeletion", "", `{"keyId":"`+arnOfKey("k2")+`"}`, ""), schema.SeverityCritical, "carts, orders"},
		"key that was used later that day":  {keyTouch("kms", "DisableKey", "", `{}`, `[{"ARN":"`+arnOfKey("k3")+`"}]`), schema.SeverityCritical, "notes"},
		"key that nobody knows":             {keyTouch("kms", "DisableKey", "", `{"keyId":"k9"}`, ""), schema.SeverityHigh, ""},
		"record that does not say which":    {keyTouch("kms", "DisableKey", "", `{}`, ""), 0, ""},
		"other service's call of that name": {keyTouch("other", "DisableKey", "", `{"keyId":"k1"}`, ""), 0, ""},
	} {
		j := newJudging(day, nil, &naive{day, before}, []Detection{tableKeyDisabled}, nil)
		for _, touch := range []*schema.Touch{c.lost, use} {
			touch.EventTime = int64(day) * 86_400e6
			j.touch(touch)
		}
		all := j.end().Findings
		switch {
		case (len(all) == 1) != (c.severity != 0):
			t.Errorf("%s: %v", name, all)
		case c.severity == 0:
		case all[0].Severity != c.severity || c.tables != "" && !strings.HasSuffix(all[0].Explain, "encrypts "+c.tables):
			t.Errorf("%s: %s, %s", name, all[0].Severity, all[0].Explain)
		}
	}
}

func TestTableNames(t *testing.T) {
	var arns []string
	for i := range 7 {
		arns = append(arns, fmt.Sprint(arnOfTables, "t", 6-i))
	}
	arns = append(arns, "arn:aws:dynamodb:eu-west-1:111122223333:table/t0", "nonsense")
	if got, want := tableNames(arns), "t0, t1, t2, t3, t4 and 2 more tables"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := tableNames(arns[5:]), "t0, t1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
