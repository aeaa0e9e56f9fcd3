package compliance

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// The change log tells what was before, who changed it and what protects less now; calls that
// the catalogue of tables does not know are in it, too.
func TestSettingsLog(t *testing.T) {
	s := &story{}
	pitr := func(on string) func(*schema.Touch) {
		return asking(`{"pointInTimeRecoverySpecification":{"pointInTimeRecoveryEnabled":` + on + `},"tableName":"orders"}`)
	}
	yesterday := func(t *schema.Touch) { t.EventTime -= 24 * hourMicros }
	s.does(deploy, "UpdateContinuousBackups", "orders", pitr("true"), yesterday)
	s.does(ann, "UpdateContinuousBackups", "orders", pitr("false"))
	s.does(deploy, "UpdateTable", "orders", asking(`{"provisionedThroughput":{"readCapacityUnits":10,"writeCapacityUnits":5},"tableName":"orders"}`),
		answering(`{"tableDescription":{"provisionedThroughput":{"readCapacityUnits":1,"writeCapacityUnits":5}}}`))
	s.does(deploy, "UpdateContributorInsights", "orders", asking(`{"contributorInsightsAction":"ENABLE","tableName":"orders"}`))
	s.does(deploy, "UpdateTimeToLive", "orders", asking(`{"timeToLiveSpecification":{"enabled":true,"attributeName":"ttl"},"tableName":"orders"}`), refused)
	s.does(deploy, "CreateBackup", "orders", asking(`{"backupName":"b"}`))
	s.does(deploy, "CreateTable", "fresh", asking(`{"tableName":"fresh","billingMode":"PAY_PER_REQUEST","deletionProtectionEnabled":true}`))
	for _, call := range [][2]string{{"EnableKinesisStreamingDestination", "a"}, {"EnableKinesisStreamingDestination", "b"}, {"DisableKinesisStreamingDestination", "a"}} {
		s.does(deploy, call[0], "fresh", asking(`{"streamArn":"arn:aws:kinesis:eu-west-1:111122223333:stream/`+call[1]+`"}`))
	}
	made := s.sections(t)
	same(t, rows(t, made, Settings, "setting_changes", "table", "setting", "before", "after", "effect", "detail", "name", "event_name", "verdict"),
		"orders | pitr | on | off | protects less |  | ann@example.com | UpdateContinuousBackups | no rule",
		"fresh | kinesis | none | "+streams("a")+" | opens a way out |  | deploy | EnableKinesisStreamingDestination | no rule",
		"fresh | kinesis | "+streams("a")+" | "+streams("a", "b")+" | opens a way out |  | deploy | EnableKinesisStreamingDestination | no rule",
		"orders | throughput | 1 read, 5 write | 10 read, 5 write | changed |  | deploy | UpdateTable | no rule",
		"orders | other |  |  | changed | contributorInsightsAction=ENABLE | deploy | UpdateContributorInsights | no rule",
		"fresh | billing |  | PAY_PER_REQUEST | changed |  | deploy | CreateTable | no rule",
		"fresh | deletion_protection |  | on | changed |  | deploy | CreateTable | no rule",
		"fresh | table |  | created | changed |  | deploy | CreateTable | no rule",
		"fresh | kinesis | "+streams("a", "b")+" | "+streams("b")+" | changed |  | deploy | DisableKinesisStreamingDestination | no rule")
	if n := accessTile(t, made, Settings, "setting_changes").Int(); n != 7 {
		t.Errorf("%d calls changed settings", n)
	}
	if made[Settings].Level != report.Attention {
		t.Error(made[Settings].Level)
	}
}

func streams(names ...string) string {
	const arn = "arn:aws:kinesis:eu-west-1:111122223333:stream/"
	return arn + strings.Join(names, " "+arn)
}
