package detect

import (
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

func TestVanished(t *testing.T) {
	day, err := schema.ParseDay(fixtureDay)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)
	silence := Silence{
		Day: day, TableARN: "arn:aws:dynamodb:eu-central-1:111122223333:table/orders", Op: schema.OpReadPoint,
		From: from, To: from.Add(24 * time.Hour), Stat: schema.Stat{Observed: 0, Expected: 1210.4, P: 1e-12},
	}
	for _, tt := range []struct {
		name    string
		digests Digests
		table   policy.Table
		want    schema.Severity
		says    string
	}{
		{"log lost", DigestsMissing, policy.Table{}, schema.SeverityHigh, "part of the log was lost"},
		{"application silent", DigestsThere, policy.Table{}, schema.SeverityMedium, "the application was silent"},
		{"nobody knows", DigestsUnknown, policy.Table{}, schema.SeverityMedium, "cannot be told without digests"},
		{"restricted", DigestsThere, policy.Table{Class: "restricted"}, schema.SeverityHigh, "silent"},
		{"protected", DigestsMissing, policy.Table{Protected: true}, schema.SeverityCritical, "lost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := silence
			s.Digests, s.Table = tt.digests, tt.table
			f := Vanished(&s)
			if f.Severity != tt.want || !strings.Contains(f.Explain, tt.says) || !strings.HasPrefix(f.Explain, "0 READ_POINT calls on orders where about 1210 were expected") {
				t.Errorf("%s: %s", f.Severity, f.Explain)
			}
			if f.Detection != "DDB-AUD-009" || f.Kind != schema.FindingStatistical || f.TableName != "orders" || f.Day != fixtureDay || f.Stat.P != 1e-12 {
				t.Errorf("%+v", f)
			}
		})
	}
	next := silence
	next.Day++
	if a, b := Vanished(&silence), Vanished(&next); a.Fingerprint != b.Fingerprint || a.ID == b.ID {
		t.Error("a silence that goes on is another finding every day")
	}
	next.Op = schema.OpWriteItem
	if a, b := Vanished(&silence), Vanished(&next); a.Fingerprint == b.Fingerprint {
		t.Error("silences of two kinds of calls are one finding")
	}
}
