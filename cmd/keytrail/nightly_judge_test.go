package main

import (
	"testing"

	"github.com/keytrail/keytrail/queries/anomalies"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

// Silence is a loss of the log only where digests of its Region are missing.
func TestVanished(t *testing.T) {
	const table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	silent := []schema.Finding{
		{Detection: anomalies.Silence, Day: "2026-03-20", TableARN: table, Stat: &schema.Stat{Observed: 1, Expected: 900}},
		{Detection: anomalies.Spike, Day: "2026-03-20", TableARN: table, Stat: &schema.Stat{}},
	}
	gap := func(region string) *nightDay {
		return &nightDay{found: []schema.Finding{{Detection: "DDB-COV-001", Region: region}, {Detection: "DDB-COV-004"}}}
	}
	for _, test := range []struct {
		name string
		day  *nightDay
		mode detect.Mode
		want int
	}{
		{"digests missing", gap("eu-west-1"), "", 1},
		{"somewhere else", gap("us-east-1"), "", 0},
		{"digests there", &nightDay{}, "", 0},
		{"switched off", gap("eu-west-1"), detect.Off, 0},
	} {
		f := nightFiles{settings: map[string]detect.Setting{"DDB-AUD-009": {Mode: test.mode}}}
		got := f.vanished(test.day, silent)
		if len(got) != test.want {
			t.Errorf("%s: %+v", test.name, got)
		}
		for _, one := range got {
			if one.Detection != "DDB-AUD-009" || one.Severity != schema.SeverityHigh || one.TableName != "orders" {
				t.Errorf("%s: %+v", test.name, one)
			}
		}
	}
}
